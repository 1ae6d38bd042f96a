"""Which year a table is of, told by its codes; cities that must go by arrondissement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import polars as pl

from ...errors import Fault
from ...notes import first
from .events import days_of, living_by_year, touched
from .passage import arrondissements_among, years_of

Reference = Mapping[int, Set[str]]


def fit_of_years(
    codes: Iterable[str], source: pl.DataFrame, reference: Reference | None = None
) -> pl.DataFrame:
    """Say how well codes fit the geography of each year.

    Parameters
    ----------
    codes : the codes of a table.
    source : events of communes (see `days_of`), or a table de passage (see `passage_from_table`).
    reference : every code of some years; without it, a code that no event touches fits any year
        of events.

    Returns
    -------
    pl.DataFrame
        One row per year: ``year``; ``unknown``, how many of the codes were not in use then;
        ``missing``, how many in use then are not among the codes, of those that tell years apart.
    """
    given = frozenset(codes)
    wholes = _in_use(given, source, reference)
    # A code in use in all years tells nothing when it is missing: the table may be of one region.
    always = frozenset.intersection(*map(frozenset, wholes.values())) if wholes else frozenset()
    rows = [
        (year, len(given - whole), len(whole - given - always))
        for year, whole in sorted(wholes.items())
    ]
    schema = {"year": pl.Int64, "unknown": pl.Int64, "missing": pl.Int64}
    return pl.DataFrame(rows, schema, orient="row")


def _in_use(
    given: frozenset[str], source: pl.DataFrame, reference: Reference | None
) -> dict[int, frozenset[str]]:
    """Return the codes in use in each year; those that no event touches count as in use."""
    known = {year: frozenset(codes) for year, codes in (reference or {}).items()}
    if "mod" not in source.columns:
        columns = years_of(source)
        more = arrondissements_among(given)
        in_use = {y: frozenset(source[name].drop_nulls()) for y, name in columns.items()}
        return {year: codes | more for year, codes in in_use.items()} | known
    days = days_of(source)
    if not days:
        return known
    years = range(days[0].date.year - 1, days[-1].date.year + 2)
    untouched = given - touched(days)
    alive = living_by_year(days, years)
    return {year: codes | untouched for year, codes in alive.items()} | known


def guess_vintage(
    codes: Iterable[str], source: pl.DataFrame, reference: Reference | None = None
) -> list[int]:
    """Say of which years' geography codes may be.

    Parameters
    ----------
    codes, source, reference : as for `fit_of_years`.

    Returns
    -------
    list of int
        The years in which fewest of the codes are unknown, in order.
    """
    fit = fit_of_years(codes, source, reference)
    return fit.filter(pl.col("unknown") == pl.col("unknown").min())["year"].to_list()


def vintage_fault(
    table: str,
    codes: Iterable[str],
    year: int,
    source: pl.DataFrame,
    reference: Reference | None = None,
    *,
    private: bool = False,
) -> Fault | None:
    """Tell of codes that were not in use in a year, and of which year the table may be.

    Parameters
    ----------
    table : name of the table or file.
    codes, source, reference : as for `fit_of_years`.
    year : the year that the table is said to be of.
    private : whether the codes are those of practitioners, and so not to be shown.

    Returns
    -------
    Fault or None
        None where every code fits, or nothing is known about that year.
    """
    given = frozenset(codes)
    wholes = _in_use(given, source, reference)
    strange = given - wholes.get(year, given)
    if not strange:
        return None
    fewest = min(len(given - whole) for whole in wholes.values())
    years = [other for other, whole in wholes.items() if len(given - whole) == fewest]
    hint = "Check them: no year known here has more of them."
    if fewest < len(strange):
        nearest = min(years, key=lambda other: (abs(other - year), other))
        verb = "exist from" if nearest > year else "existed in"
        hint = f"They {verb} {nearest}: is this a file of vintage {nearest}?"
    examples = () if private else first(sorted(strange))
    plural = "s" if len(strange) > 1 else ""
    return Fault(code="legacy.fault", table=table, values=examples, details={"problem": f"{len(strange)} commune code{plural} unknown in {year}", "hint": hint})  # fmt: skip


def whole_cities(
    table: str, codes: Iterable[str], arrondissements: pl.DataFrame, *, private: bool = False
) -> list[Fault]:
    """Find cities that stand whole in a table that must give their arrondissements.

    Paris, Lyon and Marseille go by arrondissement municipal: the zoning works there so.

    Parameters
    ----------
    table : name of the table or file.
    codes : its commune codes.
    arrondissements : ``arrondissement`` (or ``commune``) and ``city``, codes.
    private : whether the codes are those of practitioners, and so not to be shown.

    Returns
    -------
    list of Fault
        One where cities stand whole, one more where some stand beside their own arrondissements.
    """
    given = frozenset(codes)
    name = "arrondissement" if "arrondissement" in arrondissements.columns else "commune"
    parts: dict[str, set[str]] = {}
    for code, city in arrondissements.select(name, "city").iter_rows():
        parts.setdefault(city, set()).add(code)
    whole = sorted(given & parts.keys())
    both = [city for city in whole if given & parts[city]]
    only = [city for city in whole if city not in both]
    faults = []
    if only:
        arrondissement = "" if private else f", such as {min(parts[only[0]])}"
        faults.append(
            Fault(code="legacy.fault", table=table, column="commune", count=len(only), values=() if private else first(only), details={"problem": "cities stand whole that go by arrondissement municipal", "hint": f"Give one row per arrondissement{arrondissement}."})
        )  # fmt: skip
    if both:
        faults.append(
            Fault(code="legacy.fault", table=table, column="commune", count=len(both), values=() if private else first(both), details={"problem": "cities stand whole beside their own arrondissements", "hint": "Drop the city: its people count twice."})
        )  # fmt: skip
    return faults
