"""The values that a file of aids may hold, and the parsers that refuse the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ...methodology.values import Parser, number, text, whole

KINDS = ("CACCMK", "CAIMK", "CAMMK")
CONFIDENCES = ("read", "secondary", "recalled", "inferred")

# A leap year, so that 29 February is a day of it.
_LEAP_YEAR = 2000


@dataclass(frozen=True)
class Dated:
    """A value, the day it is in force from, and where it comes from.

    Attributes
    ----------
    key : section and name, such as ``CAMMK.yearly_amount``.
    since : first day in force.
    value : as written in the file.
    parsed : as the rules use it.
    unit, source, article : of the value; `source` is a key of the file's sources.
    confidence : read, secondary, recalled or inferred.
    silent : whether no text read settles the point.
    reason : what was chosen and why.
    file : where it stands.
    """

    key: str
    since: date
    value: Any
    parsed: Any
    unit: str
    source: str
    article: str
    confidence: str
    silent: bool
    reason: str
    file: str

    @property
    def sure(self) -> bool:
        """Whether the text itself was read, and settles the point."""
        return self.confidence == "read" and not self.silent

    @property
    def shown(self) -> str:
        """The value as a person reads it."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        words = self.value
        if isinstance(words, Mapping):
            words = words["zones"]
        if not isinstance(words, list):
            return str(words)
        return ", ".join(
            f"{word['id']} {word['title']}" if isinstance(word, Mapping) else str(word)
            for word in words
        )


@dataclass(frozen=True)
class Measure:
    """Something that zones open: its title, and the ids of the zones."""

    title: str
    zones: tuple[str, ...]


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
    """A ground on which conventionnement may be granted beside a succession."""

    id: str
    title: str


def texts(*allowed: str) -> Parser:
    """Make a parser of a list of words, each once; any word where none is named."""

    def parse(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError("expected a list of texts")
        found = tuple(text(word) for word in value)
        if unknown := sorted(set(found) - set(allowed)) if allowed else []:
            raise ValueError(f"'{unknown[0]}' is none of {', '.join(allowed)}")
        if len(set(found)) < len(found):
            raise ValueError("a word is there twice")
        return found

    return parse


def measure(value: Any) -> Measure:
    """Parse a title and the zones that open it."""
    if not isinstance(value, Mapping) or value.keys() != {"title", "zones"}:
        raise ValueError("expected { title = ..., zones = [...] }")
    return Measure(text(value["title"]), texts()(value["zones"]))


def amounts(value: Any) -> tuple[Fraction, ...]:
    """Parse a list of payments in EUR."""
    if not isinstance(value, list) or not value:
        raise ValueError("expected a list of amounts")
    return tuple(number(0)(amount) for amount in value)


def delays(value: Any) -> tuple[int, ...]:
    """Parse the civil years of payments, counted from that of the signature; they rise."""
    if not isinstance(value, list) or not value:
        raise ValueError("expected a list of whole numbers")
    found = tuple(whole(0)(years) for years in value)
    if found[0] != 0 or list(found) != sorted(set(found)):
        raise ValueError("expected whole numbers that rise from 0")
    return found


def study_years(value: Any) -> tuple[int, ...]:
    """Parse a list of years of study."""
    if not isinstance(value, list) or not value:
        raise ValueError("expected a list of whole numbers")
    return tuple(whole(1)(year) for year in value)


def month_day(value: Any) -> MonthDay:
    """Parse a day of any year, written "04-30"."""
    found = re.fullmatch(r"(\d\d)-(\d\d)", value) if isinstance(value, str) else None
    try:
        day = date(_LEAP_YEAR, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None or (day.month, day.day) == (2, 29):
        raise ValueError('expected a day of every year, written "04-30"')
    return MonthDay(day.month, day.day)


def derogations(value: Any) -> tuple[Derogation, ...]:
    """Parse the grounds of derogation."""
    if not isinstance(value, list) or not all(
        isinstance(row, Mapping) and row.keys() == {"id", "title"} for row in value
    ):
        raise ValueError("expected a list of { id = ..., title = ... }")
    found = tuple(Derogation(text(row["id"]), text(row["title"])) for row in value)
    if len({row.id for row in found}) < len(found):
        raise ValueError("two grounds have the same id")
    return found
