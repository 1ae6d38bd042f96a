"""Numbers, dates, names, and what results state, as a French order or letter writes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..method.result import Zoning
from ..method.zoning import NO_DEMAND, NOBODY
from ..regional.region import ADAPTED, UNJUSTIFIED
from ..results.lookup import region_names
from ..schemas import parse_age_band
from .page import FRENCH

# Where a line must not break.
NBSP = "\u00a0"
_TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_REASONS: Mapping[str, str] = _TEXTS["reasons"]
_READINGS: Mapping[str, Mapping[str, str]] = _TEXTS["readings"]
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
# Characters that XML 1.0 cannot hold or that readers misinterpret; no name needs them.
_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# The parts of a reference to a text, and what French texts call them.
_SEPARATE = re.compile(r"\s*;\s*(?![^«]*»)")
_REFERENCE = re.compile(r"(?:annexe|articles?|avenant|convention|p\.|[IVX]+\b|\d)[^:(«]*")
_QUOTED = re.compile("«[^»]*»")

number = FRENCH.write


def percent(value: float | Fraction, decimals: int = 2) -> str:
    """Write a percentage: 12,34 %."""
    return FRENCH.share(value, decimals)


def points(value: float | Fraction) -> str:
    """Write a difference of percentages: +2,31 points."""
    plural = "s" if abs(float(value)) >= 2 else ""
    return f"{number(value, 2, sign=True)}{NBSP}point{plural}"


def day(value: date | None) -> str:
    """Write a date: 1er mai 2024; None is still to be filled in."""
    if value is None:
        return "à compléter"
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first} {_MONTHS[value.month - 1]} {value.year}"


def line(text: str) -> str:
    """Return a text on one line, without characters that XML cannot hold."""
    return _INVALID.sub("", re.sub(r"[\t\n\r\u2028\u2029]+", " ", text)).strip()


def lines(text: str) -> list[str]:
    """Return the lines of a text, each as from `line`."""
    return [line(part) for part in re.split(r"[\n\r\u2028\u2029]+", text) if line(part)]


def counted(count: int, singular: str, plural: str = "") -> str:
    """Write a count with its noun: 1 commune, 12 communes."""
    return f"{number(count)}{NBSP}{singular if count < 2 else plural or singular + 's'}"


def citation(article: str) -> str:
    """Return a reference to a text, with what it quotes; empty if it is in English."""
    parts = []
    for part in _SEPARATE.split(article):
        if reference := _REFERENCE.match(part):
            quoted = ", ".join(_QUOTED.findall(part))
            text = reference[0].strip().rstrip(",").replace(" and ", " et ")
            parts.append(f"{text} : {quoted}" if quoted else text)
    return " ; ".join(parts)


def age_band(text: str) -> str:
    """Write an age band: 0 à 4 ans, 95 ans et plus."""
    band = parse_age_band(text)
    if band is None:
        return text
    return f"{band.low} ans et plus" if band.high is None else f"{band.low} à {band.high} ans"


def zone_reason(zones: Zoning, territory: Mapping[str, Any]) -> str:
    """Return why a territory has its zone, or no rank."""
    reason = str(territory["zone_reason"])
    if reason in (NOBODY, NO_DEMAND):
        return _REASONS["nobody" if reason == NOBODY else "no_demand"]
    names = region_names(zones)
    if reason.startswith(ADAPTED):
        code, _, why = reason.removeprefix(ADAPTED).strip().partition(": ")
        motive = "unjustified" if why == UNJUSTIFIED else "justified"
        why = _REASONS[motive].format(justification=why)
        return _REASONS["adapted"].format(region=names.get(code, code), why=why)
    rules = zones.methodology
    article = next(one.article for one in rules.parameters if one.key == "zoning.imposed")
    region = str(territory["region"])
    return _REASONS["imposed"].format(
        region=names.get(region, region), article=citation(article) or rules.title
    )


def parameter(key: str) -> str:
    """Return the name of a parameter of a methodology; its key if it has none here."""
    return _READINGS.get(key, {}).get("name", key)


def value(key: str, value: Any) -> str:
    """Return what a value of a parameter means; as it is written if it has no words here."""
    words = _READINGS.get(key, {})
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text in words:
        return words[text]
    if isinstance(value, str):
        try:
            return day(date.fromisoformat(value))
        except ValueError:
            return value
    return number(value) if isinstance(value, int) else text
