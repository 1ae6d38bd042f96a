"""The values of a methodology that are more than a number or a word."""

# Annotations are evaluated with the classes: later, as text, they would take Python many times as
# long.

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter
from typing import Annotated, Any

from .parsers import choice, flag, items, matching, number, refused, table, text, whole

# The whole country, beside the two-digit codes of regions.
COUNTRY = "FR"

# Every step ends on one of the 127 edges that a network can tell apart.
_MOST_STEPS = 100


@dataclass(frozen=True)
class Step:
    """Travel times below `to` minutes (or equal to it if `included`) weigh `weight`."""

    to: Annotated[Fraction, number(above=0), "End of the step, minutes"]
    included: Annotated[bool, flag, "Whether the end itself belongs to the step"]
    weight: Annotated[Fraction, number(0, 1), "Weight of a journey within it"]


@dataclass(frozen=True)
class ZoneClass:
    """A class of territories and its share of the population, in %; None is the remainder."""

    id: Annotated[str, text, "Its id, in tables"]
    label: Annotated[str, text, "Its name in the text"]
    share: Annotated[
        Fraction | None, number(0, 100), "Share of the population, %; absent for the last"
    ] = None


@dataclass(frozen=True)
class Imposed:
    """A region whose territories take `zone` whatever their data, and why."""

    region: Annotated[str, matching(r"\d{2}", "not_a_region"), "INSEE code of the region"]
    zone: Annotated[str, text, "Id of the class"]
    reason: Annotated[str, text, "Why"]


@dataclass(frozen=True)
class ForcedUnit:
    """An urban unit whose bassins de vie are split, or left whole, whatever its population."""

    unit: Annotated[
        str, matching(r"(?!..000)[0-9A-Z]{5}", "not_an_urban_unit"), "INSEE code of the urban unit"
    ]
    name: Annotated[str, text, "Its name"]
    reason: Annotated[str, text, "Why"]


@dataclass(frozen=True)
class NoCanton:
    """INSEE's code of communes without a canton, and which territories they are."""

    code: Annotated[
        str,
        matching(r"(\d\d|2[AB]|97\d)ZZ", "not_a_no_canton"),
        "INSEE's code of communes without a canton",
    ]
    name: Annotated[str, text, "Where that is"]
    territories: Annotated[
        str, choice("by_commune", "whole"), "Whether they are divided by commune or one territory"
    ]


def _shares(value: Any) -> Mapping[str, Fraction]:
    if not isinstance(value, Mapping):
        raise refused("not_shares", value)
    shares = {text(zone): number(0, 100)(share) for zone, share in value.items()}
    _check_total(sum(shares.values(), Fraction(0)))
    return shares


def _check_total(total: Fraction) -> None:
    if total > 100:
        raise refused("shares_above_100", total=float(total))


@dataclass(frozen=True)
class Misprint:
    """The shares that a misprinted row is taken to mean, and why."""

    shares: Annotated[Mapping[str, Fraction], _shares, "What the row is taken to mean, % by class"]
    reason: Annotated[str, text, "Why"]


@dataclass(frozen=True)
class RegionalShare:
    """A row of the regional table that the text publishes; shares in % by class, as printed."""

    region: Annotated[
        str,
        matching(rf"\d{{2}}|{COUNTRY}", "not_a_region"),
        "INSEE code of the region; FR for the country",
    ]
    name: Annotated[str, text, "Its name"]
    shares: Annotated[Mapping[str, Fraction], _shares, "Shares as printed, % by class"]
    misprint: Annotated[
        Misprint | None, table(Misprint), "What a misprinted row is taken to mean"
    ] = None


@dataclass(frozen=True)
class RegionalTable:
    """The words and the decimals of the regional table that the text publishes."""

    title: Annotated[str, text, "Title of the table"]
    region: Annotated[str, text, "Heading of its regions"]
    category: Annotated[str, text, "Heading of its classes"]
    share: Annotated[str, text, "Heading of its shares"]
    total: Annotated[str, text, "Name of its totals"]
    decimals: Annotated[int, whole(0), "Decimals of its shares"]


def steps(value: Any) -> tuple[Step, ...]:
    """Parse travel-time steps: bounds rise, weights never do."""
    parsed: tuple[Step, ...] = items(table(Step), least=1, most=_MOST_STEPS)(value)
    for before, after in pairwise(parsed):
        if after.to <= before.to:
            raise refused("steps_not_rising", before=float(before.to), after=float(after.to))
        if after.weight > before.weight:
            raise refused("weights_rising", before=str(before.weight), after=str(after.weight))
    return parsed


def classes(value: Any) -> tuple[ZoneClass, ...]:
    """Parse classes of territories: shares of at most 100 %, the last one the remainder."""
    parsed: tuple[ZoneClass, ...] = items(table(ZoneClass), least=1, unique=attrgetter("id"))(value)
    if [c.share is None for c in parsed] != [False] * (len(parsed) - 1) + [True]:
        raise refused("no_remainder")
    _check_total(sum((c.share for c in parsed if c.share is not None), Fraction(0)))
    return parsed


forced_units = items(table(ForcedUnit), unique=attrgetter("unit"))
no_cantons = items(table(NoCanton), unique=attrgetter("code"))
imposed = items(table(Imposed), unique=attrgetter("region"))
regional_shares = items(table(RegionalShare), unique=attrgetter("region"))
regional_table = table(RegionalTable)


def plain(value: Any) -> Any:
    """Return a value as JSON has it.

    Exact decimals become numbers, fractions texts as they are written, and objects what their
    `as_dict` returns, or else their fields.
    """
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return plain_fields(value, *vars(value))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def plain_fields(item: object, *names: str) -> dict[str, Any]:
    """Return some attributes of an object as plain values, by name."""
    return {name: plain(getattr(item, name)) for name in names}
