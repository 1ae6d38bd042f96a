"""From the rings of areas that cover a plane to arcs between them, each once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .chains import Ints, join

_HALF = 1 << 28


def pack(points: npt.NDArray[np.int32], frame: npt.NDArray[np.int8]) -> Ints:
    """Return one number for each point, the same for equal points of the same frame."""
    x, y = points.astype(np.int64).T + _HALF
    packed: Ints = (frame.astype(np.int64) << 58) | (x << 29) | y
    return packed


def arcs_of(
    points: npt.NDArray[np.int32], start: Ints, owner: Ints, frame: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.int32], Ints, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the arcs between areas that share their edges.

    Parameters
    ----------
    points : int32 (n, 2)
        The points of the rings, the first repeated as the last; areas lie on the left.
    start : int64 (rings + 1,)
        The first point of each ring.
    owner : int64 (rings,)
        The area of each ring.
    frame : int8 (rings,)
        The plane of each ring.

    Returns
    -------
    points : int32 (m, 2)
    start : int64 (arcs + 1,)
    left, right : int32 (arcs,)
        The areas beside each arc; -1 for none.

    Raises
    ------
    ValueError
        Two areas overlap: they lie on the same side of an edge.
    """
    size = np.diff(start)
    key = pack(points, np.repeat(frame, size))
    corners, first_at, corner = np.unique(key, return_index=True, return_inverse=True)
    ring = np.repeat(np.arange(len(size)), size)
    inside = ring[1:] == ring[:-1]
    tail, head, of = corner[:-1][inside], corner[1:][inside], owner[ring[:-1][inside]]
    moves = tail != head
    tail, head, of = tail[moves], head[moves], of[moves]
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    edges, edge = np.unique(low * len(corners) + high, return_inverse=True)
    sides = np.full((len(edges), 2), -1, np.int64)
    side = (tail > head).astype(np.int64)
    if len(np.unique(edge * 2 + side)) < len(edge):
        raise ValueError("areas overlap")
    sides[edge, side] = of
    # The areas on both sides may be parts of one.
    between = sides[:, 0] != sides[:, 1]
    edges, sides = edges[between], sides[between]
    first, last = edges // len(corners), edges % len(corners)
    return join_edges(points[first_at], first, last, *sides.T)


def join_edges(
    corners: npt.NDArray[np.int32], first: Ints, last: Ints, left: Ints, right: Ints
) -> tuple[npt.NDArray[np.int32], Ints, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the arcs that edges between areas make up.

    Parameters
    ----------
    corners : int32 (n, 2)
        Points.
    first, last : int64 (edges,)
        The numbers of the points of each edge.
    left, right : int64 (edges,)
        The areas beside it, -1 for none.

    Returns
    -------
    points, start, left, right
        As of `arcs_of`.
    """
    ends, sides = np.stack([first, last], axis=1), np.stack([left, right], axis=1)
    order, begins = join(first, last)
    count = len(begins) - 1
    tails, heads = ends[order // 2, order % 2], ends[order // 2, 1 - order % 2]
    # One point more than edges in each arc.
    at = np.arange(len(order)) + np.repeat(np.arange(count), np.diff(begins))
    line = np.empty(len(order) + count, np.int64)
    line[at] = tails
    line[begins[1:] + np.arange(count)] = heads[begins[1:] - 1]
    lead = order[begins[:-1]]
    of_left, of_right = sides[lead // 2, lead % 2], sides[lead // 2, 1 - lead % 2]
    starts = begins + np.arange(count + 1)
    return corners[line], starts, of_left.astype(np.int32), of_right.astype(np.int32)
