"""The rings of areas, from the arcs beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .chains import Ints, follow

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Polygon: TypeAlias = list[Floats]
_IN, _OUT = 0, 1


@dataclass(frozen=True)
class Sides:
    """The two sides of arcs, each of an area.

    Attributes
    ----------
    half : int64 (n,)
        2 k for arc k as it is, 2 k + 1 if it is reversed; the area lies on the left.
    area : int64 (n,)
        The area.
    tail, head : int64 (n,)
        The nodes where the side begins and ends.
    leaves, arrives : float64 (n,)
        The directions of both ends, away from the node, radians.
    """

    half: Ints
    area: Ints
    tail: Ints
    head: Ints
    leaves: Floats
    arrives: Floats


def trace(sides: Sides) -> tuple[Ints, Ints]:
    """Return the rings of all areas.

    Two parts of an area that meet in a point are two rings, and so are a ring and a hole in it that
    touch, as the standards of geodata have it.

    Returns
    -------
    order : int64 (n,)
        Numbers of sides, ring by ring.
    start : int64 (rings + 1,)
    """
    nodes = int(max(sides.tail.max(initial=0), sides.head.max(initial=0))) + 1
    out_key, in_key = sides.area * nodes + sides.tail, sides.area * nodes + sides.head
    by_out, by_in = np.argsort(out_key, kind="stable"), np.argsort(in_key, kind="stable")
    following = np.empty(len(by_out), np.int64)
    following[by_in] = by_out
    keys = out_key[by_out]
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else keys
    ends = np.append(begins[1:], len(keys))
    several = np.flatnonzero(ends - begins > 1)
    for k in several.tolist():
        place = slice(begins[k], ends[k])
        _pair(sides, by_in[place], by_out[place], following)
    order, start = follow(following)
    touched = np.zeros(len(keys), np.bool_)
    for k in several.tolist():
        touched[by_out[begins[k] : ends[k]]] = True
    return _split(order, start, sides.tail, touched)


def _pair(sides: Sides, arriving: Ints, leaving: Ints, following: Ints) -> None:
    """Let each side that arrives at a node go on along the same wedge of its area."""
    around = [(angle, _OUT, side) for angle, side in _with(sides.leaves, leaving)]
    around += [(angle, _IN, side) for angle, side in _with(sides.arrives, arriving)]
    around.sort(key=lambda one: (one[0], -one[1]))
    # Counterclockwise, an area lies between a side that leaves and one that arrives. Those still
    # open at the end of a turn are closed in a second one.
    opened: list[int] = []
    left, arrived = set[int](), set[int]()
    for _, kind, side in around * 2:
        if kind == _OUT and side not in left:
            left.add(side)
            opened.append(side)
        elif kind == _IN and side not in arrived and opened:
            arrived.add(side)
            following[side] = opened.pop()


def _with(angles: Floats, sides: Ints) -> Iterator[tuple[float, int]]:
    return zip(angles[sides].tolist(), sides.tolist(), strict=True)


def _split(order: Ints, start: Ints, tail: Ints, touched: Flags) -> tuple[Ints, Ints]:
    """Part the rings that pass twice through a node."""
    size = np.diff(start)
    ring = np.repeat(np.arange(len(size)), size)
    odd = np.zeros(len(size), np.bool_)
    odd[ring[touched[order]]] = True
    parts = [
        part for k in np.flatnonzero(odd) for part in _loops(order[start[k] : start[k + 1]], tail)
    ]
    whole = order[~odd[ring]]
    sizes = np.concatenate([size[~odd], np.array([len(part) for part in parts], np.int64)])
    rings = np.concatenate([whole, *(np.array(part, np.int64) for part in parts)])
    return rings, np.append(0, np.cumsum(sizes))


def _loops(ring: Ints, tail: Ints) -> list[list[int]]:
    """Return the loops of a ring, none of which passes twice through a node."""
    loops: list[list[int]] = []
    path: list[int] = []
    nodes: dict[int, int] = {}
    tails = tail[ring].tolist()
    for side, node in zip(ring.tolist(), tails, strict=True):
        if node in nodes:
            place = nodes[node]
            loops.append(path[place:])
            for gone in path[place:]:
                del nodes[int(tail[gone])]
            del path[place:]
        nodes[node] = len(path)
        path.append(side)
    return [*loops, path]


def assemble(rings: Sequence[Floats], area: Ints, plane: Ints, count: int) -> list[list[Polygon]]:
    """Return the polygons of each area.

    Parameters
    ----------
    rings : sequence of float64 (m, 2)
        Closed rings: outer ones counterclockwise, holes clockwise.
    area : int64 (rings,)
        The area of each.
    plane : int64 (rings,)
        The plane in which it lies.
    count : int
        The number of areas.

    Returns
    -------
    list of list of list of float64 (m, 2)
        For each area its polygons, the largest first, each of an outer ring and its holes.
    """
    sizes = signed_areas(rings)
    size, areas = sizes.tolist(), area.tolist()
    polygons: list[list[Polygon]] = [[] for _ in range(count)]
    outers: list[list[int]] = [[] for _ in range(count)]
    for k in np.argsort(-sizes, kind="stable").tolist():
        of = areas[k]
        if size[k] > 0:
            outers[of].append(k)
            polygons[of].append([rings[k]])
        elif size[k] < 0:
            outer = _around(rings, [n for n in outers[of] if plane[n] == plane[k]], rings[k])
            if outer is not None:
                polygons[of][outers[of].index(outer)].append(rings[k])
    return polygons


def signed_areas(rings: Sequence[Floats]) -> Floats:
    """Return the areas of closed rings, negative where they run clockwise."""
    if not rings:
        return np.empty(0)
    size = np.array([len(ring) for ring in rings])
    start = np.append(0, np.cumsum(size)[:-1])
    points = np.concatenate(rings)
    # Seen from its first point, a ring begins and ends at 0: nothing is added between two rings.
    x, y = (points - np.repeat(points[start], size, axis=0)).T
    crossed = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    areas: Floats = np.add.reduceat(crossed, start) / 2
    return areas


def _around(rings: Sequence[Floats], outers: list[int], hole: Floats) -> int | None:
    """Return the smallest of some rings that encloses a hole; they come by falling area."""
    if len(outers) == 1:
        return outers[0]
    # No outer ring passes through the middle of an edge of a hole.
    point = (hole[0] + hole[1]) / 2
    return next((k for k in reversed(outers) if _encloses(rings[k], point)), None)


def _encloses(ring: Floats, point: Floats) -> bool:
    x, y = (ring - point).T
    crosses = (y[:-1] > 0) != (y[1:] > 0)
    x, y, next_x, next_y = x[:-1][crosses], y[:-1][crosses], x[1:][crosses], y[1:][crosses]
    return bool(np.count_nonzero(x - y * (next_x - x) / (next_y - y) > 0) % 2)
