"""Events of communes, day by day: mergers, splits, changes of code, and the codes in use.

INSEE lists them since 1943 (code officiel géographique, « événements de communes »), in a file
named « mouvements ». Only events of communes and arrondissements municipaux matter here: rows about
communes associées and déléguées describe parts of a commune, and change no code of a commune.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, NamedTuple

import polars as pl

from ...errors import Fault, InputDataError
from ...schemas import Kind, typed_columns

_TEXTS = ("type_before", "code_before", "label_before", "type_after", "code_after", "label_after")
COLUMNS = {"mod": pl.Int64, "date": pl.Date, **dict.fromkeys(_TEXTS, pl.String)}
_KINDS: dict[str, Kind] = {"mod": "integer", "date": "date", **dict.fromkeys(_TEXTS, "text")}
_REQUIRED = ("mod", "date", "type_before", "code_before", "type_after", "code_after")
_AFTER = ("type_after", "code_after")

# Kinds of events, as INSEE numbers them in its column MOD.
_SUPPRESSION = 30
_SPLITS = {"20", "21", "30"}  # creation, re-establishment, suppression (divided among others)
_INTO_ANOTHER = {"30", "31", "33"}  # suppression, simple merger, fusion-association
_MERGERS = {"31", "32", "33"}  # the same, and commune nouvelle
_RECODES = {"41", "50"}  # change of departement, transfer of the chef-lieu

_LEVEL = ("COM", "ARM")


class Event(NamedTuple):
    """One commune that becomes another one, or part of it, on one day.

    Attributes
    ----------
    before, after : str
        Codes before and after the day; equal if the commune keeps its code.
    mod : str
        Kind of event, as INSEE numbers it.
    label_before, label_after : str or None
        The names; None if the file has none.
    """

    before: str
    after: str
    mod: str
    label_before: str | None
    label_after: str | None


@dataclass(frozen=True)
class EventDay:
    """The events of one day, which take effect together.

    Attributes
    ----------
    date : date
        The day.
    events : tuple of Event
        Sorted by both codes.
    suppressed : frozenset of str
        Codes that have no successor, such as those of Saint-Barthélemy and Saint-Martin.
    """

    date: date
    events: tuple[Event, ...]
    suppressed: frozenset[str] = frozenset()

    @cached_property
    def receivers(self) -> frozenset[str]:
        """The codes that others merge into and that have no row of their own."""
        into = {e.after for e in self.events if e.mod in _INTO_ANOTHER and e.after != e.before}
        return frozenset(into.difference(event.before for event in self.events))

    @cached_property
    def before(self) -> frozenset[str]:
        """The codes that the events affect."""
        return self.receivers.union(self.suppressed, (event.before for event in self.events))

    @cached_property
    def after(self) -> frozenset[str]:
        """Of the codes affected, those in use at the end of the day."""
        return frozenset(event.after for event in self.events)

    # Only built for the few days that are replayed: it would add some 20 000 tuples to the others.
    @cached_property
    def by_code(self) -> dict[str, tuple[Event, ...]]:
        """The events of each code affected; none of a code without a successor."""
        labels = {event.after: event.label_after for event in self.events}
        stay = [Event(code, code, "31", labels[code], labels[code]) for code in self.receivers]
        before = attrgetter("before")
        events = sorted([*self.events, *stay], key=before)
        grouped = {code: tuple(group) for code, group in groupby(events, before)}
        return {**dict.fromkeys(self.suppressed, ()), **grouped}


def group_by_day(movements: pl.DataFrame) -> list[EventDay]:
    """Group the events that change codes of communes by day, in chronological order.

    Events of one day take effect together, so that two communes may exchange their codes. Two
    chains within a day are followed to their end: a code that a commune takes only to be merged on
    the same day (first into another departement, then into its commune nouvelle), and a commune
    nouvelle that changes its code on the day of its creation.

    Parameters
    ----------
    movements : pl.DataFrame
        ``mod`` (Int64), ``date`` (Date), ``type_before``, ``code_before``, ``label_before``,
        ``type_after``, ``code_after``, ``label_after`` (String), as in INSEE's
        ``v_mvt_commune``. A suppression (30) without an after ends a commune.

    Returns
    -------
    list of EventDay

    Raises
    ------
    InputDataError
        Columns are missing, or rows lack a date, a kind or a code.
    """
    table = _validated(movements)
    rows = table.filter(
        pl.col("type_before").is_in(_LEVEL),
        pl.col("type_after").is_in(_LEVEL) | pl.col("code_after").is_null(),
        # A commune that keeps its code only matters if something is taken from it or added to it.
        (pl.col("code_before") != pl.col("code_after")) | pl.col("mod").is_in(_SPLITS | _MERGERS),
    ).drop("type_before", "type_after")
    # INSEE repeats a change under several kinds of events: keep one row.
    rows = rows.sort(rows.columns).unique(rows.columns[:3], keep="first", maintain_order=True)
    in_use: set[str] = set()
    days = []
    remaining = map(Event._make, rows.drop("date").iter_rows())
    for day, count in rows.group_by("date", maintain_order=True).len().iter_rows():
        rows_of_day = list(islice(remaining, count))
        events = [event for event in rows_of_day if event.after]
        ended = {event.before for event in rows_of_day} - {event.before for event in events}
        if any(event.mod in _RECODES for event in events):
            events = _follow_merged_codes(_follow_recoded_mergers(events), in_use)
        days.append(EventDay(day, tuple(events), frozenset(ended)))
        in_use -= days[-1].before
        in_use |= days[-1].after
    return days


def typed_movements(given: object) -> pl.DataFrame:
    """Return the events of communes with columns of the types of `COLUMNS`.

    Raises
    ------
    InputDataError
        It is no table, or columns are absent or of another type.
    """
    table = typed_columns(given, "movements", _KINDS, nullable=_KINDS, cast_numbers=False)
    return table.with_columns(pl.col("mod").cast(pl.Int64))


def _validated(movements: pl.DataFrame) -> pl.DataFrame:
    """Return the columns needed, in their order, with kinds of events as text."""
    movements = typed_movements(movements)
    faults = []
    end = (pl.col("mod") == _SUPPRESSION) & pl.col("code_after").is_null()
    for name in _REQUIRED:
        empty = pl.col(name).is_null() & ~(end if name in _AFTER else pl.lit(False))
        rows = tuple(movements.select(empty.fill_null(value=True)).to_series().arg_true() + 1)
        if rows:
            facts: dict[str, Any] = {"column": name, "count": len(rows), "rows": rows[:5]}
            faults.append(Fault("movements.no_value", "movements", **facts))
    if faults:
        raise InputDataError(faults)
    return movements.select(
        "date", "code_before", "code_after", pl.col("mod").cast(pl.String), "label_before",
        "label_after", "type_before", "type_after",
    )  # fmt: skip


def _distinct(events: Iterable[Event]) -> list[Event]:
    """Keep the first event of each pair of codes, sorted by both."""
    by_codes: dict[tuple[str, str], Event] = {}
    for event in events:
        by_codes.setdefault((event.before, event.after), event)
    return [by_codes[pair] for pair in sorted(by_codes)]


def _follow_merged_codes(events: Sequence[Event], in_use: Set[str]) -> list[Event]:
    """Follow a new code that is merged on the day it is taken: 41, then 32."""
    recoded = {e.after for e in events if e.mod in _RECODES and e.before != e.after}
    merged = {e.before for e in events if e.mod not in _RECODES}
    # A code that another commune is known to keep cannot be transient.
    retained = {e.before for e in events if e.before == e.after}
    transient = (recoded & merged) - in_use - retained
    onward = {code: [e for e in events if e.before == code] for code in transient}
    followed = [e for e in events if e.after not in transient and e.before not in transient]
    for event in events:
        if event.after in transient and event.before not in transient:
            followed += [
                later._replace(before=event.before, label_before=event.label_before)
                for later in onward[event.after]
            ]
    return _distinct(followed)


def _follow_recoded_mergers(events: Sequence[Event]) -> list[Event]:
    """Follow a commune nouvelle that changes its code on the day of its creation: 32, then 50."""
    split = {e.before for e in events if e.mod in _SPLITS}
    merged = {e.after for e in events if e.mod in _MERGERS and e.after != e.before} - split
    recoded = {e.before: e for e in events if e.mod in _RECODES and e.before in merged}
    followed = []
    for event in events:
        later = recoded.get(event.after) if event.mod in _MERGERS else None
        if later:
            event = event._replace(after=later.after, label_after=later.label_after)
        followed.append(event)
    return _distinct(followed)


def first_of_january(year: int) -> date:
    """Return the reference day of the geography of a year."""
    return date(year, 1, 1)


def codes_in_use(days: Sequence[EventDay], years: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return which of the codes affected by events are in use in the geography of each year.

    The geography of a year has the codes of 1 January, events of that day included.

    Parameters
    ----------
    days : sequence of EventDay
        As from `group_by_day`.
    years : iterable of int
        The years.

    Returns
    -------
    dict of int to frozenset of str
        By year; without codes that no event affects.
    """
    known: set[str] = set()
    current: set[str] = set()
    for day in days:
        # A code was in use before its first event if that event starts from it.
        current |= day.before - known
        known |= day.before | day.after
    by_year, past = {}, 0
    for year in sorted(years):
        while past < len(days) and days[past].date <= first_of_january(year):
            current -= days[past].before
            current |= days[past].after
            past += 1
        by_year[year] = frozenset(current)
    return by_year


def affected_codes(days: Sequence[EventDay]) -> frozenset[str]:
    """Return every code that an event affects."""
    return frozenset[str]().union(*(day.before | day.after for day in days))
