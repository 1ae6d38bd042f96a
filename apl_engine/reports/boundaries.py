"""The outlines of the communes or territories of a result."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..errors import Fault, InputDataError
from ..geography.boundaries.boundaries import Boundaries
from ..geography.boundaries.cells import cells_around
from ..readers.boundaries.shipped import shipped_boundaries
from ..results.read import StoredResult
from .annex.points import Points, find_points


def boundaries_of(zones: StoredResult) -> Boundaries:
    """Return the outlines of the communes of a result, in its order.

    They are the outlines that the package ships, if those have every commune; otherwise cells
    around the points of the inputs.

    Parameters
    ----------
    zones : StoredResult
        As from `read_result`.

    Returns
    -------
    Boundaries
        Of communes; `approximate` if they are cells.

    Raises
    ------
    InputDataError
        The result has other communes than those of the outlines, and its inputs no points.
    """
    shipped = shipped_boundaries()
    communes = zones.communes["commune"].cast(pl.String)
    if missing := sorted(set(communes) - set(shipped.units)):
        try:
            return cells_of(zones, find_points(zones))
        except InputDataError as error:
            details = {"reason": error.faults[0].problem}
            fault = Fault(
                "boundaries.none_fit", "boundaries", count=len(missing),
                values=tuple(missing[:3]), details=details,
            )  # fmt: skip
            raise InputDataError(fault) from error
    return shipped.select(communes.to_list())


def cells_of(zones: StoredResult, points: Points) -> Boundaries:
    """Return cells around the points of the communes of a result; one without a point has none."""
    communes = zones.communes.select(pl.col("commune").cast(pl.String))
    placed = communes.join(points.table, on="commune", how="left", maintain_order="left")
    lon, lat = (
        placed[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("lon", "lat")
    )
    return cells_around(communes["commune"].to_list(), lon, lat, points.file)
