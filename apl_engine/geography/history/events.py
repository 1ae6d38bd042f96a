"""Events of communes, day by day: mergers, splits, changes of code, and which codes lived when.

INSEE lists them since 1943 (code officiel géographique, « événements de communes »). Only what
happens to communes and arrondissements municipaux matters here: rows about communes associées and
déléguées tell what a commune became inside another one, and change no code of a commune.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby, islice
from operator import attrgetter
from typing import NamedTuple

import polars as pl

from ...errors import Fault, InputDataError

COLUMNS = {
    "mod": pl.Int64,
    "date": pl.Date,
    "type_before": pl.String,
    "code_before": pl.String,
    "label_before": pl.String,
    "type_after": pl.String,
    "code_after": pl.String,
    "label_after": pl.String,
}

# Kinds of events, as INSEE numbers them in its column MOD.
_SPLITS = {"20", "21", "30"}  # creation, re-establishment, suppression (shared out)
_INTO_ANOTHER = {"30", "31", "33"}  # suppression, simple merger, fusion-association
_MERGERS = {"31", "32", "33"}  # the same, and commune nouvelle
_RECODES = {"41", "50"}  # change of departement, transfer of the chef-lieu

_LEVEL = ("COM", "ARM")


class Change(NamedTuple):
    """One commune that becomes, or becomes part of, another one on one day.

    Attributes
    ----------
    before, after : codes before and after the day; the same where it keeps its code.
    mod : kind of event, as INSEE numbers it.
    label_before, label_after : the names; None where the file has none.
    """

    before: str
    after: str
    mod: str
    label_before: str | None
    label_after: str | None


@dataclass(frozen=True)
class Day:
    """What happens on one day, all at once.

    Attributes
    ----------
    date : the day.
    steps : the codes that become others, sorted by both codes.
    """

    date: date
    steps: tuple[Change, ...]

    @cached_property
    def receivers(self) -> frozenset[str]:
        """Return the codes into which others merge and that stay as they are, listed nowhere."""
        into = {s.after for s in self.steps if s.mod in _INTO_ANOTHER and s.after != s.before}
        return frozenset(into.difference(step.before for step in self.steps))

    @cached_property
    def before(self) -> frozenset[str]:
        """Return the codes that it touches."""
        return self.receivers.union(step.before for step in self.steps)

    @cached_property
    def after(self) -> frozenset[str]:
        """Return the codes that live when it is over, of those it touches."""
        return frozenset(step.after for step in self.steps)

    # Made for days that are played only, few of all: some 20 000 tuples less to keep.
    @cached_property
    def changes(self) -> dict[str, tuple[Change, ...]]:
        """Return what each code that it touches becomes."""
        labels = {step.after: step.label_after for step in self.steps}
        stay = [Change(code, code, "31", labels[code], labels[code]) for code in self.receivers]
        by_code = attrgetter("before")
        steps = sorted([*self.steps, *stay], key=by_code)
        return {code: tuple(found) for code, found in groupby(steps, by_code)}


def days_of(movements: pl.DataFrame) -> list[Day]:
    """Gather the events at the level of communes by day, in order.

    Events of one day are one step, so that two communes may exchange their codes. But a code that
    a commune takes only to be merged on the same day (first into another departement, then into
    its commune nouvelle), or a commune nouvelle that changes its code on the day of its creation,
    is followed to its end.

    Parameters
    ----------
    movements : ``mod`` (Int64), ``date`` (Date), ``type_before``, ``code_before``,
        ``label_before``, ``type_after``, ``code_after``, ``label_after`` (String), as in INSEE's
        ``v_mvt_commune``.

    Returns
    -------
    list of Day
        In the order of time, without the rows that move no code.

    Raises
    ------
    InputDataError
        Columns are missing, or rows lack date, kind or code.
    """
    table = _checked(movements)
    rows = table.filter(
        pl.col("type_before").is_in(_LEVEL),
        pl.col("type_after").is_in(_LEVEL),
        # A commune that stays where it is only matters where something is taken from or added to it
        (pl.col("code_before") != pl.col("code_after")) | pl.col("mod").is_in(_SPLITS | _MERGERS),
    ).drop("type_before", "type_after")
    # The same step stands under several kinds of events: one row of each is kept.
    rows = rows.sort(rows.columns).unique(rows.columns[:3], keep="first", maintain_order=True)
    alive: set[str] = set()
    days = []
    every = map(Change._make, rows.drop("date").iter_rows())
    for day, count in rows.group_by("date", maintain_order=True).len().iter_rows():
        steps = list(islice(every, count))
        if any(step.mod in _RECODES for step in steps):
            steps = _chained_in(_chained_out(steps), alive)
        days.append(Day(day, tuple(steps)))
        alive -= days[-1].before
        alive |= days[-1].after
    return days


def _checked(movements: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that matter in their order, codes of events as text."""
    missing = [name for name in COLUMNS if name not in movements.columns]
    if missing:
        problem = f"columns are missing: {', '.join(missing)}"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="movements",
                    details={"problem": problem, "hint": "Read INSEE's v_mvt_commune."},
                )
            ]
        )
    faults = []
    for name in ("mod", "date", "type_before", "code_before", "type_after", "code_after"):
        empty = movements[name].is_null()
        if empty.any():
            rows = tuple(int(row) + 1 for row in empty.arg_true().head(5))
            hint = "Each event needs it: take the file as INSEE publishes it."
            faults.append(
                Fault(
                    code="legacy.fault",
                    table="movements",
                    column=name,
                    count=int(empty.sum()),
                    rows=rows,
                    details={"problem": "no value", "hint": hint},
                )
            )
    if faults:
        raise InputDataError(faults)
    return movements.select(
        "date", "code_before", "code_after", pl.col("mod").cast(pl.String), "label_before",
        "label_after", "type_before", "type_after",
    )  # fmt: skip


def _distinct(rows: Iterable[Change]) -> list[Change]:
    """Keep one row per pair of codes, sorted by both."""
    found: dict[tuple[str, str], Change] = {}
    for row in rows:
        found.setdefault((row.before, row.after), row)
    return [found[pair] for pair in sorted(found)]


def _chained_in(rows: Sequence[Change], alive: Set[str]) -> list[Change]:
    """Follow a new code that is merged on the day it is taken: 41, then 32."""
    recoded = {r.after for r in rows if r.mod in _RECODES and r.before != r.after}
    passing = {
        r.before
        for r in rows
        if r.before in recoded and r.mod not in _RECODES and r.before not in alive
    }
    # A commune cannot pass through a code under which another one is known to stay.
    passing -= {r.before for r in rows if r.before == r.after}
    onward = {code: [r for r in rows if r.before == code] for code in passing}
    found = [r for r in rows if r.after not in passing and r.before not in passing]
    for row in rows:
        if row.after in passing and row.before not in passing:
            found += [
                step._replace(before=row.before, label_before=row.label_before)
                for step in onward[row.after]
            ]
    return _distinct(found)


def _chained_out(rows: Sequence[Change]) -> list[Change]:
    """Follow a commune nouvelle that changes its code on the day of its creation: 32, then 50."""
    split = {r.before for r in rows if r.mod in _SPLITS}
    merged = {r.after for r in rows if r.mod in _MERGERS and r.after != r.before} - split
    recoded = {r.before: r for r in rows if r.mod in _RECODES and r.before in merged}
    found = []
    for row in rows:
        step = recoded.get(row.after) if row.mod in _MERGERS else None
        if step is None:
            found.append(row)
        else:
            found.append(row._replace(after=step.after, label_after=step.label_after))
    return _distinct(found)


def first_of_january(year: int) -> date:
    """Return the day of which the geography of a year is."""
    return date(year, 1, 1)


def living_by_year(days: Sequence[Day], years: Iterable[int]) -> dict[int, frozenset[str]]:
    """Say which of the codes that events touch are in use in the geography of each year.

    The geography of a year are the codes of 1 January, events of that day included.

    Parameters
    ----------
    days : as from `days_of`.
    years : the years.

    Returns
    -------
    dict of int to frozenset of str
        The codes in use; those that no event touches are not told.
    """
    seen: set[str] = set()
    alive: set[str] = set()
    for day in days:
        # The first event that touches a code tells how it was before.
        alive |= day.before - seen
        seen |= day.before | day.after
    found, past = {}, 0
    for year in sorted(years):
        while past < len(days) and days[past].date <= first_of_january(year):
            alive -= days[past].before
            alive |= days[past].after
            past += 1
        found[year] = frozenset(alive)
    return found


def touched(days: Sequence[Day]) -> frozenset[str]:
    """Return every code that events touch, as from `days_of`."""
    return frozenset[str]().union(*(day.before | day.after for day in days))
