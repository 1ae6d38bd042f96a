"""The values of the rules on aids that are more than a number or a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Annotated, Any

from ...methodology.parsers import day, items, matching, number, refused, table, text, whole
from ...methodology.rulebook import CitedValue
from ...methodology.values import plain_fields

KINDS = ("CACCMK", "CAIMK", "CAMMK")
CONFIDENCES = ("read", "secondary", "recalled", "inferred")

# A leap year, so that 29 February is a day of it.
_LEAP_YEAR = 2000


@dataclass(frozen=True, kw_only=True)
class DatedValue(CitedValue):
    """A value of the rules, the day it is in force from, and where it comes from.

    Attributes
    ----------
    since : date
        First day in force.
    parsed : object
        The value as the rules use it.
    confidence : str
        ``read``, ``secondary``, ``recalled`` or ``inferred``.
    others : tuple of object
        The other readings of a silent point, as written in the file.
    """

    since: date
    parsed: Any
    confidence: str
    others: tuple[Any, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether the text itself was read, and settles the point."""
        return self.confidence == "read" and not self.silent

    @property
    def shown(self) -> str:
        """The value as a person reads it."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        words = self.value
        if isinstance(words, Mapping):
            form = [words["form"]] if "form" in words else []
            words = words.get("zones") or [*form, *words.get("informed", ())]
        if not isinstance(words, list):
            return str(words)
        return ", ".join(
            " ".join(str(part) for name, part in word.items() if name != "article")
            if isinstance(word, Mapping)
            else str(word)
            for word in words
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the value and its source as plain values, for JSON."""
        names = ("value", "unit", "source", "article", "confidence", "silent", "others", "reason")
        return {
            "key": self.key,
            "from": self.since.isoformat(),
            **plain_fields(self, *names, "file"),
        }


@dataclass(frozen=True)
class Measure:
    """An aid or a regulation that zones open: its title, and the ids of the zones."""

    title: Annotated[str, text]
    zones: Annotated[tuple[str, ...], items(text, unique=str)]


@dataclass(frozen=True)
class Notice:
    """How a step of a procedure is made known, and who is informed of it; empty if not stated."""

    form: Annotated[str, text] = ""
    informed: Annotated[tuple[str, ...], items(text, unique=str)] = ()

    @property
    def described(self) -> str:
        """The form and who is informed, in words; empty if neither is stated."""
        informed = self.informed and f"informed: {', '.join(self.informed)}"
        return "; ".join(part for part in (self.form and f"by {self.form}", informed) if part)


@dataclass(frozen=True)
class Effect:
    """The day from which the first zoning of a methodology is in force in a region."""

    region: Annotated[str, matching(r"\d{2}", "not_a_region")]
    methodology: Annotated[str, text]
    on: Annotated[date, day]
    article: Annotated[str, text]


@dataclass(frozen=True)
class MonthDay:
    """A day of any year."""

    month: int
    day: int

    def of(self, year: int) -> date:
        """Return the day in a year."""
        return date(year, self.month, self.day)


@dataclass(frozen=True)
class Derogation:
    """A ground on which conventionnement may be granted without a succession."""

    id: Annotated[str, text]
    title: Annotated[str, text]


effects = items(table(Effect), unique=lambda effect: (effect.region, effect.methodology))
derogations = items(table(Derogation), unique=attrgetter("id"))
amounts = items(number(0), least=1)
study_years = items(whole(1), least=1)


def delays(value: Any) -> tuple[int, ...]:
    """Parse the civil years of payments, counted from that of the signature; they rise."""
    parsed: tuple[int, ...] = items(whole(0), least=1)(value)
    if parsed[0] != 0 or list(parsed) != sorted(set(parsed)):
        raise refused("not_rising_from_0", ", ".join(map(str, parsed)))
    return parsed


def month_day(value: Any) -> MonthDay:
    """Parse a day of every year, written "04-30"."""
    try:
        on = date.fromisoformat(f"{_LEAP_YEAR}-{value}")
    except ValueError:
        on = None
    if on is None or not isinstance(value, str) or (on.month, on.day) == (2, 29):
        raise refused("not_a_day_of_every_year", value)
    return MonthDay(on.month, on.day)
