"""From the communes of one year to those of another: which code became which."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ...errors import Fault, InputDataError
from ...schemas import Kind, to_frame, typed_columns
from .events import affected_codes, codes_in_use, first_of_january, group_by_day
from .replay import replay

_TEXTS = ("before", "after", "kind", "label_before", "label_after")
_OTHERS: dict[str, Kind] = {"date": "date", "mod": "count", "share": "quantity"}
_LINK_KINDS: dict[str, Kind] = {**dict.fromkeys(_TEXTS, "text"), **_OTHERS}
LINKS = {**dict.fromkeys(_TEXTS, pl.String), "date": pl.Date, "mod": pl.Int64, "share": pl.Float64}

UNCHANGED, RECODED, MERGED, SPLIT = "unchanged", "recoded", "merged", "split"

_YEAR = re.compile(r"((?:19|20)\d\d)$")
_INITIAL = re.compile(r"_INI$", re.IGNORECASE)

# Arrondissements municipaux: INSEE's passage table only has their cities.
_ARRONDISSEMENT = re.compile(r"^(?:751|132|693)\d\d$")


@dataclass(frozen=True)
class Passage:
    """How the commune codes of one year become those of another.

    Attributes
    ----------
    year_from, year_to : int
        The vintages of both geographies.
    links : pl.DataFrame
        One row per old code and new code that it became, or became part of, sorted by both:
        ``before``, ``after``, ``kind`` (recoded, merged, split), ``label_before``,
        ``label_after``, ``date`` and ``mod`` of the last event (null if unknown), ``share`` of the
        population of a split code (null if not given). Codes without a row are unchanged.
    valid_before, valid_after : frozenset of str or None
        All codes in use in each year; None if the source only lists codes affected by events.
    absent_before, absent_after : frozenset of str
        Codes that the source knows not to be in use in each year.
    """

    year_from: int
    year_to: int
    links: pl.DataFrame
    valid_before: frozenset[str] | None
    valid_after: frozenset[str] | None
    absent_before: frozenset[str]
    absent_after: frozenset[str]

    def __post_init__(self) -> None:
        """Take links of another library; refuse columns absent or of another type."""
        kinds, others = _LINK_KINDS, _LINK_KINDS.keys() - {"before", "after", "kind"}
        links = typed_columns(self.links, "passage", kinds, nullable=others, cast_numbers=False)
        if unknown := int((~links["kind"].cast(pl.String).is_in([RECODED, MERGED, SPLIT])).sum()):
            details = {
                "expected": f"{RECODED}, {MERGED} or {SPLIT}",
                "doc": "what became of a code",
            }
            code = "passage.unexpected_value"
            raise InputDataError(
                Fault(code, "passage", column="kind", count=unknown, details=details)
            )
        object.__setattr__(self, "links", links.with_columns(pl.col("mod").cast(LINKS["mod"])))

    @property
    def years(self) -> dict[str, int]:
        """Both vintages, as details of a fault or note."""
        return {"year_from": self.year_from, "year_to": self.year_to}


def passage_from_events(movements: pl.DataFrame, year_from: int, year_to: int) -> Passage:
    """Derive the passage between two vintages from events of communes.

    The geography of a year has the codes in use on 1 January: the events in between are those after
    1 January of the earlier year, up to 1 January of the later one. A merger that is undone in
    between leaves its communes unchanged. If one commune of the earlier year was a merger that
    splits, it becomes all of the parts.

    Parameters
    ----------
    movements : pl.DataFrame
        As for `group_by_day`.
    year_from, year_to : int
        The two vintages; the passage is backward in time if the second is smaller.

    Returns
    -------
    Passage

    Raises
    ------
    InputDataError
        See `group_by_day`.
    """
    days = group_by_day(movements)
    early, late = sorted((year_from, year_to))
    replayed = replay(days, first_of_january(early), first_of_january(late))
    rows = [
        (before, after, last.label, replayed.names[after], last.date, int(last.mod))
        for (before, after), last in replayed.links.items()
    ]
    if year_from > year_to:
        rows = [(b, a, after, before, day, mod) for a, b, before, after, day, mod in rows]
    columns = ["before", "after", "label_before", "label_after", "date", "mod"]
    pairs = pl.DataFrame(rows, {name: LINKS[name] for name in columns}, orient="row")
    in_use, affected = codes_in_use(days, (year_from, year_to)), affected_codes(days)
    return Passage(
        year_from, year_to, _links(pairs), None, None,
        affected - in_use[year_from], affected - in_use[year_to],
    )  # fmt: skip


def _links(pairs: pl.DataFrame) -> pl.DataFrame:
    """Classify pairs of codes and complete their columns, without unchanged codes."""
    parts, origins = pl.len().over("before"), pl.len().over("after")
    kind = (
        pl.when(parts > 1).then(pl.lit(SPLIT))
        .when(origins > 1).then(pl.lit(MERGED))
        .when(pl.col("before") != pl.col("after")).then(pl.lit(RECODED))
        .otherwise(pl.lit(UNCHANGED))
    )  # fmt: skip
    return (
        pl.concat([pl.DataFrame(schema=LINKS), pairs], how="diagonal_relaxed")
        .unique(["before", "after"], maintain_order=True)
        .with_columns(kind=kind)
        .filter(pl.col("kind") != UNCHANGED)
        .sort("before", "after")
    )


def passage_from_table(table: pl.DataFrame, year_from: int, year_to: int) -> Passage:
    """Read the passage between two vintages from INSEE's passage table (table de passage).

    Parameters
    ----------
    table : pl.DataFrame
        One column of codes per year, named after it (``COM2021``, ``CODGEO_2023``); a column
        ``CODGEO_INI`` stands for the year that has none. A commune that was split has several
        rows; the optional column ``RATIO`` gives the share of its population in each.
    year_from, year_to : int
        The two vintages.

    Returns
    -------
    Passage
        With all codes in use in both years.

    Raises
    ------
    InputDataError
        The table has no column for a year.
    """
    table = typed_passage_table(table)
    by_year = columns_by_year(table)
    initial = next((name for name in table.columns if _INITIAL.search(name)), None)
    both = dict.fromkeys((year_from, year_to), initial) if initial else {}
    columns = both | by_year
    missing = [year for year in (year_from, year_to) if year not in columns]
    if not missing and year_from != year_to and columns[year_from] == columns[year_to]:
        missing = [year_from]
    if missing:
        kind = "year_missing" if by_year else "no_years"
        details = {"years": tuple(missing), "available": tuple(sorted(by_year))}
        raise InputDataError(Fault(f"passage.{kind}", "table de passage", details=details))
    ratios = [name for name in table.columns if name.upper() == "RATIO"]
    # The column only has the shares of the initial codes.
    known = ratios and columns[year_from] == initial
    pairs = table.select(
        before=columns[year_from],
        after=columns[year_to],
        share=pl.col(ratios[0]).cast(pl.Float64) if known else pl.lit(None, pl.Float64),
    )
    valid_before, valid_after = (
        frozenset(pairs[name].drop_nulls()) for name in ("before", "after")
    )
    pairs = pairs.drop_nulls(["before", "after"])
    return Passage(
        year_from, year_to, _links(pairs), valid_before, valid_after,
        valid_after - valid_before, valid_before - valid_after,
    )  # fmt: skip


def typed_passage_table(given: object) -> pl.DataFrame:
    """Return a passage table with codes as text and shares as numbers.

    Raises
    ------
    InputDataError
        It is no table, or a column is of another type.
    """
    table = to_frame(given, "passage")
    ratios = [name for name in table.columns if name.upper() == "RATIO"]
    codes = [name for name in table.columns if _YEAR.search(name) or _INITIAL.search(name)]
    kinds: dict[str, Kind] = {
        **dict.fromkeys(codes, "text"),
        # Numbers may be read from text.
        **{name: "text" if table.schema[name] == pl.String else "number" for name in ratios},
    }
    typed = typed_columns(table, "passage", kinds, nullable=kinds)
    parsed = typed.with_columns(pl.col(ratios).cast(pl.Float64, strict=False))
    faults = [
        Fault("passage.not_a_number", "passage", column=name, count=wrong)
        for name in ratios
        if (wrong := parsed[name].null_count() - typed[name].null_count())
    ]
    if faults:
        raise InputDataError(faults)
    return parsed


def columns_by_year(table: pl.DataFrame) -> dict[int, str]:
    """Return the columns of a passage table by the year in their names."""
    return {int(m[1]): name for name in table.columns if (m := _YEAR.search(name))}


def select_arrondissements(codes: Iterable[str]) -> frozenset[str]:
    """Select the codes of arrondissements municipaux, in use in every year since 1982."""
    return frozenset(code for code in codes if _ARRONDISSEMENT.match(code))
