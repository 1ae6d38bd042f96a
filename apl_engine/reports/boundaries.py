"""The outlines of the communes or territories of a result."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from ..comparison.matching import commune_vintage
from ..errors import Fault, InputDataError, check_arguments, first
from ..geography.boundaries.boundaries import Boundaries
from ..geography.boundaries.cells import cells_around
from ..geography.history.guess_vintage import guess_vintage
from ..geography.history.passage import SPLIT
from ..imports import VintageChange
from ..readers.boundaries.read import read_boundaries
from ..readers.boundaries.shipped import shipped_boundaries
from ..readers.common.match import Named
from ..results.read import StoredResult
from .french import day
from .page import Language
from .points import Points, find_points

TABLE = "boundaries"
# The year of the communes whose outlines the package ships.
_SHIPPED_YEAR = 2023
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DATE = re.compile(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})")


@check_arguments(path=(str, Path, None), change=(VintageChange, None))
def boundaries_of(
    zones: StoredResult,
    path: str | Path | None = None,
    *,
    change: VintageChange | None = None,
    vintage: int | None = None,
    columns: Named = None,
    around: bool = False,
) -> Boundaries:
    """Return the outlines of the communes of a result, in its order.

    Without a file they are the outlines that the package ships, if those have every commune;
    otherwise cells around the points of the inputs.

    Parameters
    ----------
    zones : StoredResult
        As from `read_result`.
    path : str or Path, optional
        A file of the outlines of communes or territories, see `read_boundaries`.
    change : VintageChange, optional
        What became of the communes of the file, or of the outlines of the package, if they are not
        those of the year of the result. Its year does not matter.
    vintage : int, optional
        The year of the communes of the file. Default: the latest that its codes fit.
    columns : mapping of str to str, optional
        The column of the codes, if it is not recognised, as ``commune`` or ``territory``.
    around : bool
        Whether other communes that the file or the package has are returned as well, all in the
        order of that source.

    Returns
    -------
    Boundaries
        Of communes; or of territories, in the order of that table, if the file has these.
        `approximate` if they are cells.

    Raises
    ------
    InputDataError
        The file is wrong, or has no outline for some communes; without a file, neither the package
        has one nor the inputs points.
    """
    given = shipped_boundaries() if path is None else read_boundaries(path, columns=columns)
    if change is not None and given.level == "commune":
        given = _converted(given, zones, change, vintage or (None if path else _SHIPPED_YEAR))
    communes, territories = (
        table[key].cast(pl.String).to_list()
        for table, key in ((zones.communes, "commune"), (zones.territories, "territory"))
    )
    missing = sorted(set(communes) - set(given.units))
    if not missing:
        return given if around else given.select(communes)
    # A bassin de vie may have the code of the commune that names it.
    of_communes = set(given.units).intersection(communes).difference(territories)
    if not of_communes and set(territories) <= set(given.units):
        areas = replace(given, level="territory")
        return areas if around else areas.select(territories)
    if path is not None:
        raise InputDataError(_unmatched(given, missing, communes, territories, change))
    try:
        return cells_of(zones, find_points(zones))
    except InputDataError as error:
        details = {"reason": error.faults[0].problem}
        fault = Fault(
            "boundaries.none_fit", TABLE, count=len(missing), values=first(missing, 3),
            details=details,
        )  # fmt: skip
        raise InputDataError(fault) from error


def _unmatched(
    given: Boundaries,
    missing: list[str],
    communes: list[str],
    territories: list[str],
    change: VintageChange | None,
) -> Fault:
    """Return the fault of a file that lacks communes or territories of a result."""
    level = given.level
    if level == "territory" or len(missing) == len(communes):
        others = sorted(set(territories) - set(given.units))
        if len(others) < len(territories):
            missing, level = others, "territory"
        else:
            kind = "nothing_matches"
            return Fault(f"boundaries.{kind}", TABLE, values=first(given.units, 3))
    kind = "no_outline" if change is None else "no_outline_after_passage"
    return Fault(
        f"boundaries.{kind}", TABLE, count=len(missing), values=first(missing, 3),
        details={"level": level},
    )  # fmt: skip


def _converted(
    given: Boundaries, zones: StoredResult, change: VintageChange, vintage: int | None
) -> Boundaries:
    """Return outlines of the communes of the year of a result."""
    codes = zones.communes["commune"].cast(pl.String)
    year = vintage or max(guess_vintage(given.units, change.source), default=None)
    to = commune_vintage(zones) or max(guess_vintage(codes, change.source), default=None)
    if year is None or to is None:
        raise InputDataError(Fault("boundaries.unknown_vintage", TABLE))
    passage = replace(change, to=to).passage_from(year)
    links = passage.links.filter(pl.col("before").is_in(list(given.units)))
    wanted = links.filter(pl.col("after").is_in(codes.implode()))
    split = wanted.filter(kind=SPLIT)["before"].unique().sort()
    # What the result has is one of the parts, of which no outline is known.
    if len(split) and set(wanted.filter(kind=SPLIT)["after"]) - set(given.units):
        details = {"year_from": year, "year_to": to}
        fault = Fault(
            "boundaries.split", TABLE, count=len(split), values=first(split, 3), details=details
        )
        raise InputDataError(fault)
    became = dict(wanted.filter(pl.col("kind") != SPLIT).select("before", "after").iter_rows())
    return given.united([became.get(code, code) for code in given.units], "commune")


def cells_of(zones: StoredResult, points: Points) -> Boundaries:
    """Return cells around the points of the communes of a result; one without a point has none."""
    communes = zones.communes.select(pl.col("commune").cast(pl.String))
    placed = communes.join(points.table, on="commune", how="left", maintain_order="left")
    lon, lat = (
        placed[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("lon", "lat")
    )
    return cells_around(communes["commune"].to_list(), lon, lat, points.file)


def source_of(boundaries: Boundaries, lang: Language) -> str:
    """Return the source of outlines; in French, with its date as the French write it."""
    if lang != "fr":
        return boundaries.source

    def written(found: re.Match[str]) -> str:
        return day(date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1])))

    return _DATE.sub(written, boundaries.source)


def english_day(value: date) -> str:
    """Write a date: 19 May 2021."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
