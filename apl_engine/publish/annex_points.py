"""Where the communes of a map are: a table of points, without those that cannot be right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ..errors import Fault, InputDataError
from ..geography.estimate_places import read_places
from ..sources.files import find_table
from ..sources.formats.places import read_places_file
from ..stored import Stored
from .annex_grid import flat
from .annex_words import counted, line

# Of communes, none lies further from the middle of its département than so many times the
# distance within which nine in ten of them do; points of a homonym elsewhere do.
_OUTLYING, _NINE_IN_TEN = 3.0, 0.9
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
        source += f" ({counted(lost, 'point')} hors de son département, omis)" if lost < 2 else (
            f" ({counted(lost, 'point')} hors de leur département, omis)"
        )  # fmt: skip
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
        km = flat(lat, lon, float(np.median(lat)))
        apart = np.hypot(*(km - np.median(km, axis=0)).T)
        near = apart <= _OUTLYING * max(np.quantile(apart, _NINE_IN_TEN), 1.0)
        kept.append(rows.filter(pl.Series(near)))
    return pl.concat(kept).sort("commune") if kept else table
