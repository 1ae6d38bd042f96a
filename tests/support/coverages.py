"""Coverages of a plane, as Hypothesis draws them, and shapes of Shapely from outlines."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st

from apl_engine.geography.boundaries import Boundaries
from apl_engine.geography.boundaries.topology import arcs_of

STEP = 10.0


def squares(owner: np.ndarray) -> Boundaries:
    """Return areas made of the squares of a grid; -1 belongs to none."""
    rings, of = [], []
    for (row, column), area in np.ndenumerate(owner):
        if area >= 0:
            corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
            rings.append([(column + x, row + y) for x, y in corners])
            of.append(area)
    return outlines(rings, of, int(owner.max(initial=-1)) + 1)


def outlines(rings: list[Any], of: list[int], units: int) -> Boundaries:
    """Return outlines from closed rings in steps, each of one area, all in the metropole."""
    points = np.array([point for ring in rings for point in ring], np.int32).reshape(-1, 2)
    start = np.append(0, np.cumsum([len(ring) for ring in rings])).astype(np.int64)
    frame = np.zeros(len(rings), np.int8)
    arcs = arcs_of(points, start, np.array(of, np.int64), frame)
    codes = tuple(f"{k:05d}" for k in range(units))
    return Boundaries(codes, "commune", np.zeros(units, np.int8), *arcs, STEP, "drawn")


@st.composite
def grids(draw: st.DrawFn, areas: int = 6, side: int = 7) -> np.ndarray:
    """Draw owners of the squares of a grid."""
    rows, columns = draw(st.integers(1, side)), draw(st.integers(1, side))
    owners = draw(
        st.lists(st.integers(-1, areas - 1), min_size=rows * columns, max_size=rows * columns)
    )
    return np.array(owners, np.int64).reshape(rows, columns)


def shape_of(polygons: list[list[np.ndarray]]) -> shapely.MultiPolygon:
    """Return the shape of the polygons of a group."""
    return shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in polygons])
