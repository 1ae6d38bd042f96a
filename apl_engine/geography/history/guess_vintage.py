"""The vintages that a list of commune codes may have, and codes that do not fit a vintage."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ...errors import Fault, first
from .events import affected_codes, codes_in_use, group_by_day
from .passage import columns_by_year, select_arrondissements


def guess_vintage(codes: Iterable[str], source: pl.DataFrame) -> list[int]:
    """Return the vintages in which the fewest of some commune codes are unknown.

    Parameters
    ----------
    codes : iterable of str
        The codes of a table.
    source : pl.DataFrame
        Events of communes (see `group_by_day`) or a passage table (see `passage_from_table`). A
        code that no event affects fits every year of events.

    Returns
    -------
    list of int
        In chronological order; empty if the source has no year.
    """
    unknown = _unknown_by_year(frozenset(codes), source)
    fewest = min(map(len, unknown.values()), default=0)
    return [year for year in sorted(unknown) if len(unknown[year]) == fewest]


def vintage_fault(
    table: str, codes: Iterable[str], year: int, source: pl.DataFrame, *, private: bool = False
) -> Fault | None:
    """Report codes that were not in use in a year, and the vintage they fit best.

    Parameters
    ----------
    table : str
        Name of the table or file.
    codes, source
        As for `guess_vintage`.
    year : int
        The stated vintage of the table.
    private : bool
        Whether the codes are those of practitioners, which must not be shown.

    Returns
    -------
    Fault or None
        None if every code fits, or the source does not cover the year.
    """
    by_year = _unknown_by_year(frozenset(codes), source)
    unknown = by_year.get(year)
    if not unknown:
        return None
    fewest = min(map(len, by_year.values()))
    fitting = [other for other, codes in by_year.items() if len(codes) == fewest]
    nearest = min(fitting, key=lambda other: (abs(other - year), other))
    kind = "unknown_codes" if fewest == len(unknown) else "other_vintage"
    values = () if private else first(sorted(unknown))
    details = {"codes": len(unknown), "year": year, "fitting_year": nearest}
    return Fault(f"commune_codes.{kind}", table, values=values, details=details)


def _unknown_by_year(given: frozenset[str], source: pl.DataFrame) -> dict[int, frozenset[str]]:
    """Return the codes that were not in use in each year; unaffected by events counts as in use."""
    if "mod" not in source.columns:
        more = select_arrondissements(given)
        columns = columns_by_year(source)
        return {year: given - more - set(source[name]) for year, name in columns.items()}
    days = group_by_day(source)
    if not days:
        return {}
    affected = given & affected_codes(days)
    years = range(days[0].date.year - 1, days[-1].date.year + 2)
    return {year: affected - codes for year, codes in codes_in_use(days, years).items()}
