"""The points of the communes of a map, without implausible ones."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.spatial import cKDTree

from ..errors import Fault, InputDataError
from ..geography.estimate.points import read_points
from ..inputs.named_columns import NamedColumns
from ..inputs.tables import find_table
from ..readers.common.match import Named
from ..readers.coordinates import read_coordinates
from ..results.read import StoredResult
from ..schemas import COMMUNES
from .french import line, number

Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

# A point is implausible if its distance to the nearest ones of its département, or to their median,
# is so many times that of nine communes in ten: that of a homonym, for instance. The islands of
# France and the Pays basque stay below 5 and 2.7.
_APART, _OFF, _NINE_IN_TEN = 6.0, 3.2, 0.9
_NEAREST, _LEAST_KM = 2, 10.0
# Longitudes that lost their sign may lie near each other: they are implausible if they are so many
# times farther from the median of their territory than half of its communes. If a territory has too
# few communes for a median, one of the nearest neighbours must be of the same département.
_FROM_TERRITORY, _LEAST_FROM_TERRITORY_KM, _FEWEST, _AROUND = 4.0, 35.0, 3, 8
_KM_A_DEGREE = 111.2


@dataclass(frozen=True)
class Points:
    """The points of communes.

    Attributes
    ----------
    table : pl.DataFrame
        ``commune``, ``lat``, ``lon`` (degrees, WGS 84), sorted by code.
    file : str
        Name of the file they were read from.
    omitted : frozenset of str
        The communes whose point is omitted, because it lies too far from its neighbours.
    """

    table: pl.DataFrame
    file: str
    omitted: frozenset[str]

    def source(self, communes: Iterable[str]) -> str:
        """Return the file of the points, and how many of some communes are omitted, in French."""
        lost = len(self.omitted.intersection(communes))
        omitted = f" (points omis, car loin de leurs voisins : {number(lost)})" if lost else ""
        return line(self.file) + omitted


def find_points(zones: StoredResult, given: Path | None = None, columns: Named = None) -> Points:
    """Read the points of communes.

    Parameters
    ----------
    zones : StoredResult
        A result.
    given : Path or None
        A table of commune codes, ``lat`` and ``lon``; None for the table communes of the inputs of
        the result.
    columns : mapping of str to str, optional
        Columns of `given` that are not recognised, by field.

    Returns
    -------
    Points

    Raises
    ------
    InputDataError
        There is no such table, or it has no valid coordinates.
    """
    path = given or _among_inputs(zones)
    columns = columns if given else _recorded_columns(zones)
    try:
        read = read_coordinates(path, columns=columns).tables["places"]
    except InputDataError as error:
        if given:
            raise
        details = {"reason": error.faults[0].problem}
        raise InputDataError(Fault("annex.no_points", "points", details=details)) from error
    points = read_points(read)
    table = pl.DataFrame({"commune": points.codes, "lat": points.lat, "lon": points.lon})
    plausible = _near_their_territory(_without_outlying(table), zones.communes)
    return Points(
        plausible, path.name, frozenset(read["commune"]) - frozenset(plausible["commune"])
    )


def _among_inputs(zones: StoredResult) -> Path:
    folder = zones.located("inputs")
    table = find_table(folder, "communes") if folder and os.path.isdir(folder) else None
    if isinstance(table, Path):
        return table
    raise InputDataError(Fault("annex.no_inputs", "points"))


def _recorded_columns(zones: StoredResult) -> NamedColumns:
    entries = [entry for entry in zones.record["inputs"] if entry["table"] == COMMUNES.name]
    return NamedColumns({k: v for entry in entries for k, v in entry.get("columns", {}).items()})


def _departement() -> pl.Expr:
    code = pl.col("commune")
    return pl.when(code.str.starts_with("97")).then(code.str.head(3)).otherwise(code.str.head(2))


def _without_outlying(table: pl.DataFrame) -> pl.DataFrame:
    """Remove points that cannot be in the département of their commune."""
    plausible = []
    for (_,), rows in table.group_by(_departement(), maintain_order=True):
        if rows.height > _NEAREST:
            km = _km(rows)
            apart = cKDTree(km).query(km, k=_NEAREST + 1)[0][:, -1]
            off = np.hypot(*(km - np.median(km, axis=0)).T)
            plausible.append(rows.filter(pl.Series(_usual(apart, _APART) & _usual(off, _OFF))))
        else:
            plausible.append(rows)
    return pl.concat(plausible).sort("commune") if plausible else table


def _near_their_territory(table: pl.DataFrame, communes: pl.DataFrame) -> pl.DataFrame:
    """Remove points far from those of their territory, or among those of other départements."""
    rows = table.join(communes.select("commune", "territory"), on="commune", how="left")
    rows = rows.sort("commune").with_columns(departement=_departement())
    middle = rows.group_by("territory").agg(
        pl.len().alias("points"), pl.col("lat", "lon").median().name.prefix("middle_")
    )
    rows = rows.join(middle, on="territory", how="left", maintain_order="left")
    north = (pl.col("lat") - pl.col("middle_lat")) * _KM_A_DEGREE
    east = (pl.col("lon") - pl.col("middle_lon")) * _KM_A_DEGREE * pl.col("lat").radians().cos()
    rows = rows.with_columns(off=(north**2 + east**2).sqrt())
    usual = (pl.col("off").median().over("territory") * _FROM_TERRITORY).clip(
        lower_bound=_LEAST_FROM_TERRITORY_KM
    )
    whole = (pl.col("points") >= _FEWEST) & pl.col("territory").is_not_null()
    far = rows.select((whole & (pl.col("off") > usual)).fill_null(False)).to_series()
    return table.filter(~far & (rows.select(whole).to_series().fill_null(False) | _among_own(rows)))


def _among_own(rows: pl.DataFrame) -> pl.Series:
    """Return whether one of the nearest neighbours of each point is of its département."""
    own = rows["departement"].rank("dense").to_numpy()
    radians = np.deg2rad(rows.select("lat", "lon").to_numpy())
    lat, lon = radians.T
    xyz = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    around = min(_AROUND + 1, len(xyz))
    near = cKDTree(xyz).query(xyz, k=around)[1].reshape(len(xyz), around)
    alike = (own[near] == own[:, None]).sum(axis=1) > 1
    # The only commune of its département cannot be judged.
    alone = rows.select(pl.len().over("departement") == 1).to_series()
    return pl.Series(alike) | alone


def _km(rows: pl.DataFrame) -> Floats:
    lat, lon = (rows[name].to_numpy().astype(np.float64) for name in ("lat", "lon"))
    across = np.cos(np.radians(np.median(lat)))
    return np.stack([lon * across, lat], axis=1) * _KM_A_DEGREE


def _usual(km: Floats, times: float) -> Mask:
    """Return whether each distance is plausible beside nine in ten of them."""
    usual: Mask = km <= max(times * float(np.quantile(km, _NINE_IN_TEN)), _LEAST_KM)
    return usual
