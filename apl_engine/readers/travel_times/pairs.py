"""Kept pairs of a distancier: codes repaired or left out, each pair once, in one order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from ...errors import Fault, InputDataError
from ...notes import Note, first
from ...schemas import COMMUNE_CODE
from .layout import Layout, Roles
from .scan import NOT_COMPUTED, PAIR, Pass, batches, doubtful, repaired, scan_of

_FIRST = 3
# Above this share of the pairs within reach, unknown codes mean another geography.
_FEW = 0.01


@dataclass
class Settled:
    """What became of pairs whose codes are not as they should be."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    repaired: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    dropped: int = 0

    def notes(self) -> list[Note]:
        """Return what there is to say of them."""
        told = []
        if self.repaired:
            count = sum(self.repaired.values())
            text = f"distancier: {count} codes of communes are repaired"
            shown = first(sorted(self.repaired))
            told.append(Note("codes_repaired", count, shown, warning=True, details={"text": text}))
        if self.unknown:
            text = (
                f"distancier: {self.dropped} pairs within reach are dropped, for "
                f"{len(self.unknown)} codes are not among the communes"
            )
            shown = first(sorted(self.unknown))
            told.append(
                Note(
                    "unknown_communes",
                    len(self.unknown),
                    shown,
                    warning=True,
                    details={"text": text},
                )
            )
        return told

    def too_many(self, within: int) -> list[Fault]:
        """Return the fault of more unknown communes than a movement or two explains."""
        if self.dropped <= _FEW * within:
            return []
        return [
            Fault(
                code="legacy.fault",
                table="distancier",
                values=first(sorted(self.unknown)),
                details={
                    "problem": f"{len(self.unknown)} codes are not among the communes, in {self.dropped} of "
                    f"{within} pairs within reach",
                    "hint": "Its codes may be of another vintage of the geography, or have Paris, Lyon "
                    "and Marseille as one commune each in place of their arrondissements.",
                },
            )
        ]


def settle(layout: Layout, roles: Roles, done: Pass, known: pl.Enum | None, into: Settled) -> None:
    """Repair the odd codes of a file, or say what is wrong with them.

    Parameters
    ----------
    layout, roles, done : the file, its columns and what was found in it.
    known : the commune codes; None where all are taken.
    into : takes the pairs that are sound now, the faults and counts.
    """
    if not done.odd:
        return
    odd = pl.concat(done.odd).with_columns(
        repaired(name).fill_null("").alias(f"{name}_code") for name in PAIR
    )
    shaped = [pl.col(f"{name}_code").str.contains(COMMUNE_CODE) for name in PAIR]
    for name, sound in zip(PAIR, shaped, strict=True):
        place = None if layout.square and name == "destination" else getattr(roles, name)
        wrong = odd.filter(~sound)[name]
        if len(wrong):
            into.faults.append(_not_codes(layout, roles, name, place, wrong))
    odd = odd.filter(pl.all_horizontal(shaped))
    codes = pl.col("origin_code", "destination_code")
    if known is not None:
        there = known.categories.implode()
        for name in PAIR:
            _count(into.unknown, odd.filter(~pl.col(f"{name}_code").is_in(there))[f"{name}_code"])
        before = odd.height
        odd = odd.filter(pl.all_horizontal(codes.is_in(there)))
        into.dropped += before - odd.height
    for name in PAIR:
        _count(into.repaired, odd.filter(pl.col(name) != pl.col(f"{name}_code"))[name])
    into.frames.append(
        odd.select(
            *(pl.col(f"{name}_code").cast(known or pl.String).alias(name) for name in PAIR),
            "minutes",
        )
    )


def _count(counts: dict[str, int], values: pl.Series) -> None:
    for value, count in values.value_counts().iter_rows():
        counts[value] = counts.get(value, 0) + count


def _not_codes(
    layout: Layout, roles: Roles, name: str, place: int | None, wrong: pl.Series
) -> Fault:
    hint = "Write codes as text of five characters, such as 01001 or 2A004."
    shown = [text for text in wrong.drop_nulls().unique().sort().head(_FIRST) if text]
    if any(text.count('"') % 2 for text in shown):
        hint = "A quotation mark is opened and never closed, or stands alone: remove it."
    rows: tuple[int, ...] = ()
    if place is not None and not layout.square:
        values = wrong.unique().implode()
        there = scan_of(layout, roles, text=True, row="row").filter(
            pl.col(name).is_in(values, nulls_equal=True)
        )
        rows = tuple(there.select("row").head(_FIRST).collect()["row"])
    column = layout.names[place] if place is not None else None
    problem = "not a code of a commune, among the pairs within reach"
    return Fault(
        code="legacy.fault",
        table=layout.path.name,
        column=column,
        count=len(wrong),
        rows=rows,
        values=tuple(shown),
        details={"problem": problem, "hint": hint},
    )


def once(table: pl.DataFrame) -> tuple[pl.DataFrame, list[Note]]:
    """Sort pairs by their codes, and keep each once.

    Parameters
    ----------
    table : origin, destination (one Enum, sorted), minutes.

    Returns
    -------
    pl.DataFrame, list of Note

    Raises
    ------
    InputDataError
        Where a pair has two different times.
    """
    size = len(_enum(table).categories)
    one, two = (pl.col(name).to_physical().cast(pl.UInt64) for name in PAIR)
    key = table.select(key=one * size + two).to_series()
    if not key.is_sorted():
        table = table.with_columns(key).sort("key", "minutes")
        key = table["key"]
        table = table.drop("key")
    twice = (key == key.shift()).fill_null(False)
    if not twice.any():
        return table, []
    table = table.with_columns(key).sort("key", "minutes").drop("key")
    differs = twice & (table["minutes"] != table["minutes"].shift()).fill_null(False)
    if differs.any():
        raise InputDataError([_disagreeing(table, differs)])
    count = int(twice.sum())
    shown = first(f"{o} to {d}" for o, d, _ in table.filter(twice).head(_FIRST).iter_rows())
    text = f"distancier: {count} pairs stand twice with the same time, and are kept once"
    return table.filter(~twice), [Note("pairs_twice", count, shown, details={"text": text})]


def _disagreeing(table: pl.DataFrame, differs: pl.Series) -> Fault:
    before = table.with_columns(before=pl.col("minutes").shift()).filter(differs).head(_FIRST)
    values = tuple(f"{o} to {d}: {b:g} and {m:g} minutes" for o, d, m, b in before.iter_rows())
    hint = "Keep the time that is right; off-peak and peak times belong in two columns."
    problem = "pairs stand twice with different times"
    return Fault(
        code="legacy.fault",
        table="distancier",
        count=int(differs.sum()),
        values=values,
        details={"problem": problem, "hint": hint},
    )


def remarks(table: pl.DataFrame) -> list[Note]:
    """Count pairs that are there one way only, and communes without a time to themselves.

    Parameters
    ----------
    table : as `once` returns it.

    Returns
    -------
    list of Note
    """
    size = len(_enum(table).categories)
    one, two = (pl.col(name).to_physical().cast(pl.UInt64) for name in PAIR)
    either = pl.when(one < two).then(one * size + two).otherwise(two * size + one)
    told = table.select(either=either, own=one == two)
    # Sorted, both ways of a pair stand side by side: faster than counting distinct ones.
    pairs, own = told["either"].sort(), int(told["own"].sum())
    alone = table.height - own - 2 * int((pairs == pairs.shift()).sum())
    notes = []
    if alone:
        text = f"distancier: {alone} pairs within reach are there one way only"
        notes.append(Note("one_way", alone, details={"text": text}))
    if size > own:
        text = f"distancier: {size - own} communes have no time to themselves"
        notes.append(Note("no_own_time", size - own, details={"text": text}))
    return notes


def _enum(table: pl.DataFrame) -> pl.Enum:
    dtype = table.schema["origin"]
    assert isinstance(dtype, pl.Enum)
    return dtype


def wrong_times(layout: Layout, roles: Roles) -> list[Fault]:
    """Find the rows whose time is none, in a second look at a file.

    Parameters
    ----------
    layout, roles : the file and its columns.

    Returns
    -------
    list of Fault
        By kind: no value, not a number, not finite, negative.
    """
    found: dict[tuple[int, str], _Wrong] = {}
    scan = scan_of(layout, roles, text=True, row="row")
    for batch in batches(scan.filter(doubtful(roles))):
        for k in range(len(roles.times)):
            for kind, (_, test) in _KINDS.items():
                time, given = pl.col(f"time_{k}"), pl.col(f"given_{k}").fill_null("")
                blank = pl.all_horizontal(pl.col(PAIR).is_null()) & (given == "")
                sentinel = (time == NOT_COMPUTED).fill_null(False)
                here = batch.filter(test(time, given) & ~blank & ~sentinel)
                if here.height:
                    found.setdefault((k, kind), _Wrong()).add(here, f"given_{k}")
    return [
        Fault(code="legacy.fault", table=layout.path.name, column=layout.names[roles.times[k]], count=wrong.count, rows=tuple(wrong.rows), values=tuple(filter(None, wrong.values)), details={"problem": kind, "hint": _KINDS[kind][0]})
        for (k, kind), wrong in found.items()
    ]  # fmt: skip


@dataclass
class _Wrong:
    """Rows that are wrong: how many, the first, and what stands there."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def add(self, batch: pl.DataFrame, given: str) -> None:
        self.count += batch.height
        self.rows = [*self.rows, *batch["row"].head(_FIRST)][:_FIRST]
        self.values = [*self.values, *batch[given].head(_FIRST).fill_null("")][:_FIRST]


_KINDS: dict[str, tuple[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "no value": ("Fill it in, or leave the row out.", lambda t, g: t.is_null() & (g == "")),
    "not a number": (
        "Write digits with a point, or with a comma where ; separates columns.",
        lambda t, g: t.is_null() & (g != ""),
    ),
    "NaN or infinite": (
        "Write -999999 for a pair that was not computed.",
        lambda t, _: ~t.is_finite(),
    ),
    "negative times": (
        "METRIC writes -999999 for a pair it did not compute; no other is known.",
        lambda t, _: t < 0,
    ),
}
