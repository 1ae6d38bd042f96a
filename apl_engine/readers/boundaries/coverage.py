"""Polygons to a topology: a clean coverage, simplified with its shared edges, on a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ...geography.boundaries.boundaries import Boundaries, Level
from ...geography.boundaries.frames import FRAMES, METROPOLE
from ...geography.boundaries.topology import arcs_of

# Metres. Overseas is shown larger, and its communes are few.
TOLERANCE, OVERSEAS_TOLERANCE, STEP = 300.0, 100.0, 20.0


@dataclass(frozen=True)
class Coverage:
    """Areas that cover a plane.

    Attributes
    ----------
    units : tuple of str
        Codes.
    frame : int8 (units,)
        Index of the plane of each unit.
    shapes : array of shapely.Geometry (units,)
        Polygons and multipolygons, in the planes of their frames, metres.
    """

    units: tuple[str, ...]
    frame: npt.NDArray[np.int8]
    shapes: npt.NDArray[Any]


def to_boundaries(coverage: Coverage, level: Level, source: str) -> Boundaries:
    """Return the outlines of areas, simplified.

    Edges that do not match are mended first, so that no areas overlap; lines of neighbours are
    simplified as one; then all is put on a grid, and what crosses there is cut anew, so that
    outlines are valid on the grid as well.
    """
    points, starts, owners, frames = [], [np.zeros(1, np.int64)], [], []
    total = 0
    for number in range(len(FRAMES)):
        rows = np.flatnonzero(coverage.frame == number)
        if not len(rows):
            continue
        tolerance = TOLERANCE if number == METROPOLE else OVERSEAS_TOLERANCE
        clean = shapely.coverage_clean(coverage.shapes[rows])
        simple = shapely.coverage_simplify(clean, tolerance)
        faces, owner = _on_grid(simple)
        xy, index = shapely.get_coordinates(faces, return_index=True)
        points.append(np.round(xy / STEP).astype(np.int32))
        size = np.bincount(index, minlength=len(faces))
        starts.append(total + np.cumsum(size))
        total += len(xy)
        owners.append(rows[owner])
        frames.append(np.full(len(faces), number, np.int8))
    arcs = arcs_of(
        np.concatenate(points), np.concatenate(starts), np.concatenate(owners),
        np.concatenate(frames),
    )  # fmt: skip
    return Boundaries(coverage.units, level, coverage.frame, *arcs, step=STEP, source=source)


def _on_grid(shapes: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the rings of the faces that areas have on the grid, and the area of each ring."""
    lines = shapely.union_all(shapely.boundary(shapes), grid_size=STEP)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = shapely.point_on_surface(faces)
    face, area = shapely.STRtree(shapes).query(inside, predicate="intersects")
    face, first = np.unique(face, return_index=True)
    rings, of = shapely.get_rings(shapely.orient_polygons(faces[face]), return_index=True)
    return rings, area[first][of]
