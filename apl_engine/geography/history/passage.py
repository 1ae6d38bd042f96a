"""From the communes of one year to those of another: who became whom."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ...errors import Fault, InputDataError
from .events import days_of, first_of_january, living_by_year, touched
from .replay import replay

LINKS = {
    "before": pl.String,
    "after": pl.String,
    "kind": pl.String,
    "label_before": pl.String,
    "label_after": pl.String,
    "date": pl.Date,
    "mod": pl.Int64,
    "share": pl.Float64,
}

UNCHANGED, RECODED, MERGED, SPLIT = "unchanged", "recoded", "merged", "split"

_YEAR = re.compile(r"((?:19|20)\d\d)$")
_INITIAL = re.compile(r"_INI$", re.IGNORECASE)

# Arrondissements municipaux: INSEE's table de passage holds their cities in their place.
_ARRONDISSEMENT = re.compile(r"^(?:751|132|693)\d\d$")


@dataclass(frozen=True)
class Passage:
    """How the codes of one year become those of another.

    Attributes
    ----------
    year_from, year_to : the two geographies.
    links : one row per old code and new code that it became or became part of: ``before``,
        ``after``, ``kind`` (recoded, merged, split), ``label_before``,
        ``label_after``, ``date`` and ``mod`` of the last event (null where not known), ``share``
        of the people of a split code (null where not given). Sorted by both codes. A code that is
        not there is as it was.
    valid_before, valid_after : every code in use in the two years; None where the source lists
        only those that events touch.
    absent_before, absent_after : codes that the source knows not to be in use in them.
    """

    year_from: int
    year_to: int
    links: pl.DataFrame
    valid_before: frozenset[str] | None
    valid_after: frozenset[str] | None
    absent_before: frozenset[str]
    absent_after: frozenset[str]


def passage(movements: pl.DataFrame, year_from: int, year_to: int) -> Passage:
    """Follow communes from the geography of one year to that of another.

    The geography of a year holds the codes in use on 1 January: events after 1 January of the
    earlier year, up to 1 January of the later one, lie between. A merger that is undone between
    the two leaves its communes as they were. Where a commune splits that was one in the earlier
    year, it becomes all of its parts.

    Parameters
    ----------
    movements : as for `days_of`.
    year_from, year_to : the two years; backward in time where the second is smaller.

    Returns
    -------
    Passage

    Raises
    ------
    InputDataError
        See `days_of`.
    """
    days = days_of(movements)
    early, late = sorted((year_from, year_to))
    played = replay(days, first_of_january(early), first_of_january(late))
    forward = [
        (before, after, step.label, played.names[after], step.date, int(step.mod))
        for (before, after), step in played.links.items()
    ]
    if year_from > year_to:
        forward = [(b, a, after, before, day, mod) for a, b, before, after, day, mod in forward]
    names_of = ["before", "after", "label_before", "label_after", "date", "mod"]
    table = pl.DataFrame(forward, {name: LINKS[name] for name in names_of}, orient="row")
    alive, every = living_by_year(days, (year_from, year_to)), touched(days)
    return Passage(
        year_from, year_to, _links(table), None, None,
        every - alive[year_from], every - alive[year_to],
    )  # fmt: skip


def _links(table: pl.DataFrame) -> pl.DataFrame:
    """Say of each pair of codes what kind of step it is."""
    if "share" not in table.columns:
        table = table.with_columns(share=pl.lit(None, pl.Float64))
    ways, parts = pl.len().over("before"), pl.len().over("after")
    kind = (
        pl.when(ways > 1).then(pl.lit(SPLIT))
        .when(parts > 1).then(pl.lit(MERGED))
        .when(pl.col("before") != pl.col("after")).then(pl.lit(RECODED))
        .otherwise(pl.lit(UNCHANGED))
    )  # fmt: skip
    return (
        table.unique(["before", "after"], maintain_order=True)
        .with_columns(kind=kind)
        .filter(pl.col("kind") != UNCHANGED)
        .select(pl.col(name).cast(dtype) for name, dtype in LINKS.items())
        .sort("before", "after")
    )


def passage_from_table(table: pl.DataFrame, year_from: int, year_to: int) -> Passage:
    """Read a passage off INSEE's table de passage.

    Parameters
    ----------
    table : one column of codes per year, named by it (``COM2021``, ``CODGEO_2023``); a column
        ``CODGEO_INI`` stands for the year that has none. A commune that was split stands on
        several rows; a column ``RATIO``, if there, gives the share of its people on each.
    year_from, year_to : the two years.

    Returns
    -------
    Passage
        Knows every code of both years.

    Raises
    ------
    InputDataError
        The table has no column for a year.
    """
    columns = years_of(table)
    if initial := next((name for name in table.columns if _INITIAL.search(name)), None):
        columns = {year: initial for year in (year_from, year_to) if year not in columns} | columns
    missing = [year for year in (year_from, year_to) if year not in columns]
    if missing or len({columns[year_from], columns[year_to]}) < len({year_from, year_to}):
        problem = f"no column for {' nor '.join(map(str, missing or [year_from]))}"
        hint = f"Years it holds: {', '.join(map(str, sorted(years_of(table)))) or 'none'}."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="table de passage",
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
    before, after = pl.col(columns[year_from]), pl.col(columns[year_to])
    ratio = next((name for name in table.columns if name.upper() == "RATIO"), None)
    if columns[year_from] != initial:
        ratio = None  # it tells the shares of the initial communes only
    pairs = table.select(
        before=before,
        after=after,
        share=pl.lit(None, pl.Float64) if ratio is None else pl.col(ratio).cast(pl.Float64),
    ).drop_nulls(["before", "after"])
    unknown = [
        pl.lit(None, LINKS[name]).alias(name)
        for name in ("label_before", "label_after", "date", "mod")
    ]
    valid_before, valid_after = frozenset(pairs["before"]), frozenset(pairs["after"])
    return Passage(
        year_from, year_to, _links(pairs.with_columns(unknown)), valid_before, valid_after,
        valid_after - valid_before, valid_before - valid_after,
    )  # fmt: skip


def years_of(table: pl.DataFrame) -> dict[int, str]:
    """Return the columns of a table de passage by their years."""
    return {int(m[1]): name for name in table.columns if (m := _YEAR.search(name))}


def arrondissements_among(codes: Iterable[str]) -> frozenset[str]:
    """Return the codes that are arrondissements municipaux, in use in every year since 1982."""
    return frozenset(code for code in codes if _ARRONDISSEMENT.match(code))
