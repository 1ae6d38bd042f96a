"""The values a methodology file may hold: their types, and the parsers that refuse the rest.

A parser takes a TOML value and returns a typed one, or raises ValueError saying what it expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

Parser = Callable[[Any], Any]

# The whole country, beside the two-figure codes of regions.
COUNTRY = "FR"

_LARGEST_DENOMINATOR = 1_000_000
# Every step ends on one of the 127 edges that a network can tell apart.
_MOST_STEPS = 100
_LARGEST = 1_000_000_000_000_000


@dataclass(frozen=True)
class Step:
    """Travel times below `to` minutes (or equal to it where `included`) weigh `weight`."""

    to: Fraction
    included: bool
    weight: Fraction


@dataclass(frozen=True)
class ZoneClass:
    """A class of territories and its share of the population, in %; None is the remainder."""

    id: str
    label: str
    share: Fraction | None


@dataclass(frozen=True)
class Imposed:
    """A region whose territories take `zone` whatever their data, and why."""

    region: str
    zone: str
    reason: str


@dataclass(frozen=True)
class RegionalShare:
    """A row of the regional table that the text publishes; shares in % by class."""

    region: str
    name: str
    shares: Mapping[str, Fraction]


@dataclass(frozen=True)
class Parameter:
    """Where a value of the methodology comes from.

    `others` are the other readings of a point that the text leaves open, as `value` is written.
    """

    key: str
    value: Any
    unit: str
    source: str
    article: str
    silent: bool
    reason: str
    file: str
    others: tuple[Any, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the parameter as plain values, for JSON."""
        return {
            "key": self.key,
            "value": plain(self.value),
            "unit": self.unit,
            "source": self.source,
            "article": self.article,
            "silent": self.silent,
            "reason": self.reason,
            "others": plain(self.others),
            "file": self.file,
        }


def plain(value: Any) -> Any:
    """Return a TOML value as JSON knows it; exact decimals become numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _number(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("expected a number, or a fraction written '2/3'")
    try:
        number = Fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError("expected a number, or a fraction written '2/3'") from None
    if abs(number) > _LARGEST:
        raise ValueError(f"expected at most {_LARGEST:.0e}")
    if number.denominator > _LARGEST_DENOMINATOR:
        raise ValueError(f"expected a fraction of denominator {_LARGEST_DENOMINATOR} or less")
    return number


def number(low: int | None = None, high: int | None = None, *, above: int | None = None) -> Parser:
    """Make a parser of exact numbers between bounds."""

    def parse(value: Any) -> Fraction:
        result = _number(value)
        if low is not None and result < low:
            raise ValueError(f"expected {low} or more")
        if above is not None and result <= above:
            raise ValueError(f"expected more than {above}")
        if high is not None and result > high:
            raise ValueError(f"expected {high} or less")
        return result

    return parse


def choice(*allowed: str) -> Parser:
    """Make a parser of one word among several."""

    def parse(value: Any) -> str:
        if value not in allowed:
            raise ValueError("expected one of " + ", ".join(f'"{word}"' for word in allowed))
        return str(value)

    return parse


def flag(value: Any) -> bool:
    """Parse true or false."""
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def day(value: Any) -> date:
    """Parse a date."""
    if not isinstance(value, date):
        raise ValueError("expected a date, written 2022-12-31 without quotes")
    return value


def text(value: Any) -> str:
    """Parse a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected a text that is not empty")
    return value


def _rows(value: Any, required: set[str], optional: frozenset[str] = frozenset()) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise ValueError("expected a list of tables, [{...}, {...}]")
    for place, row in enumerate(value, 1):
        if missing := sorted(required - row.keys()):
            raise ValueError(f"entry {place} lacks '{missing[0]}'")
        if unknown := sorted(row.keys() - required - optional):
            raise ValueError(f"entry {place} has an unknown key '{unknown[0]}'")
    return value


def steps(value: Any) -> tuple[Step, ...]:
    """Parse travel-time steps: rising bounds, weights that never rise."""
    weight, bound = number(0, 1), number(above=0)
    found = tuple(
        Step(bound(row["to"]), flag(row["included"]), weight(row["weight"]))
        for row in _rows(value, {"to", "included", "weight"})
    )
    if not found:
        raise ValueError("expected at least one step")
    if len(found) > _MOST_STEPS:
        raise ValueError(f"expected at most {_MOST_STEPS} steps")
    for before, after in pairwise(found):
        if after.to <= before.to:
            raise ValueError(
                f"steps must rise: {float(after.to):g} follows {float(before.to):g} minutes"
            )
        if after.weight > before.weight:
            raise ValueError(
                f"weights must not rise with time: {after.weight} follows {before.weight}"
            )
    return found


def classes(value: Any) -> tuple[ZoneClass, ...]:
    """Parse classes of territories: shares of at most 100 %, the last one the remainder."""
    share = number(0, 100)
    rows = _rows(value, {"id", "label"}, frozenset({"share"}))
    found = tuple(
        ZoneClass(
            text(row["id"]), text(row["label"]), share(row["share"]) if "share" in row else None
        )
        for row in rows
    )
    if not found or [c.share is None for c in found] != [False] * (len(found) - 1) + [True]:
        raise ValueError("every class but the last needs a share; the last takes the remainder")
    if len({c.id for c in found}) < len(found):
        raise ValueError("two classes have the same id")
    _at_most_100(sum((c.share for c in found if c.share is not None), Fraction(0)), "shares")
    return found


def _at_most_100(total: Fraction, what: str) -> None:
    if total > 100:
        raise ValueError(f"{what} add up to {float(total):g} %, more than 100 %")


def imposed(value: Any) -> tuple[Imposed, ...]:
    """Parse the zones imposed on regions."""
    rows = _rows(value, {"region", "zone", "reason"})
    found = tuple(
        Imposed(_region(row["region"]), text(row["zone"]), text(row["reason"])) for row in rows
    )
    _once([row.region for row in found])
    return found


def regional_shares(value: Any) -> tuple[RegionalShare, ...]:
    """Parse a published table of shares by region."""
    share = number(0, 100)
    result = []
    for row in _rows(value, {"region", "name", "shares"}):
        if not isinstance(row["shares"], Mapping):
            raise ValueError("shares are a table, { class = share, ... }")
        shares = {text(zone): share(part) for zone, part in row["shares"].items()}
        _at_most_100(sum(shares.values(), Fraction(0)), f"shares of {row['name']}")
        region = row["region"] if row["region"] == COUNTRY else _region(row["region"])
        result.append(RegionalShare(region, text(row["name"]), shares))
    _once([row.region for row in result])
    return tuple(result)


def _region(value: Any) -> str:
    """Parse the code of a region, two figures as in the table communes."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{2}", value):
        raise ValueError(f"expected a region code of two figures in quotes, got {value!r}")
    return value


def _once(regions: list[str]) -> None:
    if len(set(regions)) < len(regions):
        raise ValueError("a region is there twice")


def whole(low: int) -> Parser:
    """Make a parser of whole numbers from `low` on."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise ValueError(f"expected a whole number of {low} or more")
        return value

    return parse


def rule(parser: Parser) -> Any:
    """Declare a parameter and the parser of its value."""
    return field(metadata={"parse": parser})
