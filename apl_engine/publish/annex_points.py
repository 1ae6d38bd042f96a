"""Where the communes of a map are: a table of points, without those that cannot be right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from ..errors import Fault, InputDataError
from ..geography.estimate_places import read_places
from ..sources.files import find_table
from ..sources.formats.places import read_places_file
from ..stored import Stored
from .annex_grid import Floats, Mask, flat
from .annex_words import line, number

# A point further from the two nearest of its département than so many times what nine in ten
# communes are from theirs is that of a homonym, say; so is one so many times further from the
# middle than nine in ten are. The islands of France and the Pays basque lie below 5, and 2.7.
_APART, _OFF, _NINE_IN_TEN = 6.0, 3.2, 0.9
_NEAREST, _LEAST_KM = 2, 10.0
_HINT = "Give a table of commune, lat and lon with --points, or leave the map out with --no-map."


@dataclass(frozen=True)
class Points:
    """The points of communes.

    Attributes
    ----------
    table : ``commune``, ``lat``, ``lon`` (degrees, WGS 84), sorted by code.
    source : what they were read from, and how many were left out, in French.
    """

    table: pl.DataFrame
    source: str


def find_points(zones: Stored, given: Path | None = None) -> Points:
    """Read the points of communes.

    Parameters
    ----------
    zones : a result whose inputs may still lie where they were.
    given : any table of a code of commune, ``lat`` and ``lon``; by default the table communes of
        the inputs.

    Returns
    -------
    Points

    Raises
    ------
    InputDataError
        There is no such table, or what it holds are no coordinates.
    """
    path = given or _among_inputs(zones)
    try:
        read = read_places_file(path).tables["places"]
    except InputDataError as error:
        if given:
            raise
        problem = f"the inputs of the result have no points ({error.faults[0].problem})"
        raise InputDataError([Fault("points", problem, hint=_HINT)]) from error
    places = read_places(read)
    table = pl.DataFrame({"commune": places.codes, "lat": places.lat, "lon": places.lon})
    kept = _without_outlying(table)
    lost = read.height - kept.height
    source = line(path.name)
    if lost:
        source += f" (points omis, car hors de leur département : {number(lost)})"
    return Points(kept, source)


def _among_inputs(zones: Stored) -> Path:
    folder = zones.located("inputs")
    found = find_table(folder, "communes") if folder and folder.is_dir() else None
    if isinstance(found, Path):
        return found
    problem = "the inputs of the result are not beside it: no commune has a point"
    raise InputDataError([Fault("points", problem, hint=_HINT)])


def _without_outlying(table: pl.DataFrame) -> pl.DataFrame:
    """Take away points that are not in the département of their commune."""
    code = pl.col("commune")
    departement = pl.when(code.str.starts_with("97")).then(code.str.head(3)).otherwise(
        code.str.head(2)
    )  # fmt: skip
    kept = []
    for (_,), rows in table.group_by(departement, maintain_order=True):
        lat, lon = (rows[name].to_numpy().astype(np.float64) for name in ("lat", "lon"))
        if rows.height > _NEAREST:
            km = flat(lat, lon, float(np.median(lat)))
            apart = cKDTree(km).query(km, k=_NEAREST + 1)[0][:, -1]
            off = np.hypot(*(km - np.median(km, axis=0)).T)
            kept.append(rows.filter(pl.Series(_usual(apart, _APART) & _usual(off, _OFF))))
        else:
            kept.append(rows)
    return pl.concat(kept).sort("commune") if kept else table


def _usual(km: Floats, times: float) -> Mask:
    """Tell the distances that are not many times what nine in ten are."""
    usual: Mask = km <= max(times * float(np.quantile(km, _NINE_IN_TEN)), _LEAST_KM)
    return usual
