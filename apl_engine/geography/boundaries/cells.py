"""Cells around points, in place of outlines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_fill_holes
from scipy.spatial import Voronoi, cKDTree

from .boundaries import Boundaries, Level
from .chains import Ints
from .frames import FRAMES, Floats, frame_of, project
from .insets import INSETS, nearest_inset
from .topology import join_edges

Corners: TypeAlias = npt.NDArray[np.int32]

STEP = 20.0
# Beyond so many times the spacing of points lies the sea or another country.
_REACH = 1.5
_NEIGHBOURS = 4
# The spacing is capped at this quantile, so that the land of a remote island does not grow.
_MOST = 0.97
_LEAST, _ALONE, _FAR = 500.0, 1_000.0, 1e8
# How far apart the points of the sea lie, in reaches; how wide their strip is, in such steps; how
# far apart points are set that coincide, metres.
_SEA, _SHORE, _APART = 0.5, 2.5, 150.0
_TURN = 2.4


def cells_around(
    units: Sequence[str], lon: Floats, lat: Floats, source: str, level: Level = "commune"
) -> Boundaries:
    """Return cells around points: what is nearer to one than to any other, up to its reach.

    Parameters
    ----------
    units : sequence of str
        Codes.
    lon, lat : float64 (units,)
        Degrees, WGS 84. A point outside France, or NaN, has no cell.
    source : str
        Of the points.
    level : "commune" or "territory"
        What the units are.

    Returns
    -------
    Boundaries
        Approximate.
    """
    frame = frame_of(lon, lat)
    plane = project(lon, lat, frame)
    arcs = []
    for number in range(len(FRAMES)):
        rows = np.flatnonzero(frame == number)
        if len(rows):
            room = _room(plane[rows], frame[rows])
            corners, first, last, sides = _edges(plane[rows], room)
            left, right = np.append(rows, -1)[sides].T
            arcs.append(join_edges(corners, first, last, left, right))
    points, starts, lefts, rights = zip(*arcs, strict=True) if arcs else ((),) * 4
    offsets = np.cumsum([0, *(len(each) for each in points)])
    start = [each[:-1] + offset for each, offset in zip(starts, offsets[:-1], strict=True)]
    return Boundaries(
        tuple(units), level, np.maximum(frame, 0).astype(np.int8),
        np.concatenate([np.empty((0, 2), np.int32), *points]),
        np.concatenate([*start, offsets[-1:]]).astype(np.int64),
        np.concatenate([np.empty(0, np.int32), *lefts]),
        np.concatenate([np.empty(0, np.int32), *rights]),
        STEP, source, approximate=True,
    )  # fmt: skip


def _edges(points: Floats, room: Floats) -> tuple[Corners, Ints, Ints, Ints]:
    """Return the corners of cells on the grid, and their edges with the cells beside them."""
    points = _set_apart(points)
    around = _sea(points, np.maximum(np.minimum(_reach(points), room), _LEAST))
    cells = Voronoi(np.concatenate([points, around]))
    # Corners of the outermost sea may lie anywhere.
    corners = np.round(cells.vertices.clip(-_FAR, _FAR) / STEP).astype(np.int32)
    first, last = np.array(cells.ridge_vertices, np.int64).T
    sides = np.where(cells.ridge_points < len(points), cells.ridge_points, -1).astype(np.int64)
    # Edges to infinity lie between points of the sea.
    inner = (sides[:, 0] != sides[:, 1]) & (first >= 0) & (last >= 0)
    first, last, sides = first[inner], last[inner], sides[inner]
    way = cells.vertices[last] - cells.vertices[first]
    to = cells.points[cells.ridge_points[inner, 0]] - cells.vertices[first]
    on_right = way[:, 0] * to[:, 1] - way[:, 1] * to[:, 0] < 0
    sides[on_right] = sides[on_right, ::-1]
    # Corners less than a step apart are one.
    corners, same = np.unique(corners, axis=0, return_inverse=True)
    first, last = same.ravel()[first], same.ravel()[last]
    long = first != last
    return corners, first[long], last[long], sides[long]


def _room(points: Floats, frame: npt.NDArray[np.int8]) -> Floats:
    """Return how far each point is from the edge of the inset that shows it."""
    room = np.full(len(points), np.inf)
    inset = nearest_inset(frame, points)
    for number, one in enumerate(INSETS):
        there = inset == number
        left, bottom, right, top = one.shows
        x, y = points[there].T
        room[there] = np.min([x - left, right - x, y - bottom, top - y], axis=0)
    return room


def _reach(points: Floats) -> Floats:
    """Return how far the cell of each point may reach, metres."""
    count = min(_NEIGHBOURS + 1, len(points))
    if count == 1:
        return np.full(1, _ALONE)
    spacing = cKDTree(points).query(points, k=count)[0][:, 1:].mean(axis=1)
    reach: Floats = _REACH * np.minimum(spacing, np.quantile(spacing, _MOST))
    return reach


def _set_apart(points: Floats) -> Floats:
    """Return points of which no two are the same."""
    _, same, sizes = np.unique(
        np.round(points / STEP), axis=0, return_inverse=True, return_counts=True
    )
    order = np.argsort(same.ravel(), kind="stable")
    begins = np.cumsum(sizes) - sizes
    rank = np.empty(len(points), np.int64)
    rank[order] = np.arange(len(points)) - np.repeat(begins, sizes)
    moved: Floats = points + _APART * np.sqrt(rank)[:, None] * np.stack(
        [np.cos(_TURN * rank), np.sin(_TURN * rank)], axis=1
    )
    return moved


def _sea(points: Floats, reach: Floats) -> Floats:
    """Return points of the sea: their cells begin at the reach of those of the land."""
    step = _SEA * float(np.median(reach))
    low, high = points.min(axis=0) - 3 * reach.max(), points.max(axis=0) + 3 * reach.max()
    counts = np.ceil((high - low) / step).astype(int) + 1
    across, up = (low[k] + step * np.arange(counts[k]) for k in range(2))
    lattice = np.stack(np.meshgrid(across, up), axis=-1)
    apart, nearest = cKDTree(points).query(lattice)
    beyond = 2 * reach[nearest]
    # A gap within the land is no sea, and points far out bound no cell.
    sea = ~binary_fill_holes(apart <= beyond) & (apart < beyond + _SHORE * step)
    far = high - low
    corners = [low - far, high + far, low + far * (-1, 2), low + far * (2, -1)]
    return np.concatenate([lattice[sea], corners])
