"""Numbers, dates and names as they are written in a French order."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction

from ..page import FRENCH

# Between thousands and before %, where a line must not break.
NBSP = "\u00a0"
_NUMBERS = replace(FRENCH, thousands=NBSP, minus="-")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
# Characters that XML 1.0 cannot hold or that readers misinterpret; no name needs them.
_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

number = _NUMBERS.write


def percent(value: float | Fraction, decimals: int = 2) -> str:
    """Write a percentage: 12,34 %."""
    return _NUMBERS.share(value, decimals)


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
