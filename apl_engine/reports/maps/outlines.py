"""What a window shows of outlines, no finer than it can show, as paths of Matplotlib."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.path import Path

from ...geography.boundaries import Boundaries
from ...geography.boundaries.chains import follow

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Box: TypeAlias = tuple[float, float, float, float]

_NONE = -1


@dataclass(frozen=True)
class Outlines:
    """The outlines of a map, prepared for its windows.

    Attributes
    ----------
    boundaries : Boundaries
        As they were read, overseas in its own planes.
    """

    boundaries: Boundaries

    @cached_property
    def metres(self) -> Floats:
        """Return the points of the arcs, float64 (n, 2)."""
        return self.boundaries.points.astype(np.float64) * self.boundaries.step

    @cached_property
    def plane(self) -> Ints:
        """Return the plane of each arc."""
        left, right = self.boundaries.left, self.boundaries.right
        return self.boundaries.frame[np.where(left >= 0, left, right)].astype(np.int64)

    @cached_property
    def boxes(self) -> Floats:
        """Return the left, bottom, right and top of each unit, float64 (units, 4)."""
        low, high = self._extremes
        boxes = np.empty((len(self.boundaries.units), 4))
        boxes[:, :2], boxes[:, 2:] = np.inf, -np.inf
        for side in (self.boundaries.left, self.boundaries.right):
            there = side >= 0
            np.minimum.at(boxes[:, :2], side[there], low[there])
            np.maximum.at(boxes[:, 2:], side[there], high[there])
        return boxes

    @cached_property
    def _extremes(self) -> tuple[Floats, Floats]:
        begins = self.boundaries.start[:-1]
        return np.minimum.reduceat(self.metres, begins), np.maximum.reduceat(self.metres, begins)

    @cached_property
    def moments(self) -> Floats:
        """Return the area and the first moments of each unit, float64 (units, 3).

        Moments add up: the centre of several units is the sum of theirs by that of their areas.
        """
        xy, start = self.metres, self.boundaries.start
        if not len(xy):
            return np.zeros((len(self.boundaries.units), 3))
        inner = np.ones(len(xy) - 1, np.bool_)
        inner[start[1:-1] - 1] = False
        one, two = xy[:-1][inner], xy[1:][inner]
        arc = np.repeat(np.arange(len(start) - 1), np.diff(start) - 1)
        cross = one[:, 0] * two[:, 1] - two[:, 0] * one[:, 1]
        parts = np.stack([cross / 2, *((one + two) * cross[:, None] / 6).T], axis=1)
        sums = np.zeros((len(self.boundaries.units), 3))
        of_arc = np.stack([np.bincount(arc, part, len(start) - 1) for part in parts.T], axis=1)
        for side, sign in ((self.boundaries.left, 1), (self.boundaries.right, -1)):
            there = side >= 0
            np.add.at(sums, side[there], sign * of_arc[there])
        return sums

    def box_of(self, units: Flags | Ints) -> Box:
        """Return the box around some units, metres."""
        chosen = self.boxes[units]
        left, bottom = chosen[:, :2].min(axis=0)
        right, top = chosen[:, 2:].max(axis=0)
        return float(left), float(bottom), float(right), float(top)

    def seen_in(self, frame: int, box: Box) -> Flags:
        """Return the units that a box of a plane shows, bool (units,)."""
        left, bottom, right, top = box
        here = self.boxes
        seen: Flags = (
            (self.boundaries.frame == frame)
            & (here[:, 0] < right) & (here[:, 2] > left)
            & (here[:, 1] < top) & (here[:, 3] > bottom)
        )  # fmt: skip
        return seen

    def piece(self, frame: int, box: Box, parts: Ints, tolerance: float) -> Piece:
        """Return the arcs that a window shows.

        Parameters
        ----------
        frame : int
            Its plane.
        box : tuple of float
            What it shows: left, bottom, right, top (metres).
        parts : int64 (units,)
            The finest areas that are drawn: arcs within one are left out.
        tolerance : float
            Details of this size are left out, metres.
        """
        in_part = np.bincount(parts, self.seen_in(frame, box)) > 0
        seen = np.append(in_part[parts], False)
        part = np.append(parts, _NONE)
        left, right = self.boundaries.left, self.boundaries.right
        wanted = (seen[left] | seen[right]) & (self.plane == frame) & (part[left] != part[right])
        arcs = np.flatnonzero(wanted)
        points, start = take(self.metres, self.boundaries.start, arcs)
        ends = np.concatenate([points[start[:-1]], points[start[1:] - 1]])
        _, node = np.unique(ends[:, 0] + 1j * ends[:, 1], return_inverse=True)
        points, start = simplify(points, start, tolerance)
        hidden = ~seen
        return Piece(
            points, start,
            np.where(hidden[left[arcs]], _NONE, left[arcs]).astype(np.int64),
            np.where(hidden[right[arcs]], _NONE, right[arcs]).astype(np.int64),
            node.reshape(2, -1),
        )  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """The arcs that a window shows.

    Attributes
    ----------
    points : float64 (n, 2)
        Metres.
    start : int64 (arcs + 1,)
        The first point of each arc.
    left, right : int64 (arcs,)
        The units beside each; -1 for none that the window shows.
    nodes : int64 (2, arcs)
        Where each begins and ends.
    """

    points: Floats
    start: Ints
    left: Ints
    right: Ints
    nodes: Ints

    def sides(self, values: npt.NDArray[Any], none: int | bool) -> tuple[Any, Any]:
        """Return the values of the units beside each arc; `none` where there is no unit."""
        padded = np.append(values, np.array([none], values.dtype))
        return padded[self.left], padded[self.right]

    def areas(self, group: Ints, count: int) -> list[Path | None]:
        """Return the outlines of groups of units, to be filled by the rule of winding numbers.

        Parameters
        ----------
        group : int64 (units,)
            From 0; -1 for none.
        count : int
            The number of groups.

        Returns
        -------
        list of Path or None
            None for a group that the window does not show.
        """
        one, other = self.sides(group, _NONE)
        apart = one != other
        halves = [np.flatnonzero(apart & (one >= 0)), np.flatnonzero(apart & (other >= 0))]
        arc = np.concatenate(halves)
        back = np.repeat([0, 1], [len(half) for half in halves])
        area = np.where(back == 1, other[arc], one[arc])
        tail, head = self.nodes[back, arc], self.nodes[1 - back, arc]
        # Which of the sides that leave a node follows one that arrives does not matter: the winding
        # numbers depend on the sides alone.
        leaving, arriving = np.lexsort((tail, area)), np.lexsort((head, area))
        following = np.empty(len(arc), np.int64)
        following[arriving] = leaving
        order, begins = follow(following) if len(arc) else (arc, np.zeros(1, np.int64))
        points, start = take(self.points, self.start, arc[order], back[order])
        of_loop = area[order[begins[:-1]]]
        opens = np.zeros(len(points), np.bool_)
        opens[start[begins[:-1]]] = True
        size = np.diff(start[begins])
        of_point = np.repeat(of_loop, size)
        return [_path(points[of_point == k], opens[of_point == k]) for k in range(count)]

    def lines(self, arcs: Flags) -> Path | None:
        """Return some of the arcs as lines."""
        points, start = take(self.points, self.start, np.flatnonzero(arcs))
        opens = np.zeros(len(points), np.bool_)
        opens[start[:-1]] = True
        return _path(points, opens)


def _path(points: Floats, opens: Flags) -> Path | None:
    if not len(points):
        return None
    return Path(points, np.where(opens, Path.MOVETO, Path.LINETO))


def take(points: Floats, start: Ints, arcs: Ints, back: Ints | None = None) -> tuple[Floats, Ints]:
    """Return the points of some arcs, reversed where `back` is 1, and where each begins."""
    size = np.diff(start)[arcs]
    begins = np.append(0, np.cumsum(size))
    place = np.arange(begins[-1]) - np.repeat(begins[:-1], size)
    if back is None:
        return points[place + np.repeat(start[arcs], size)], begins
    first = np.where(back == 1, start[arcs + 1] - 1, start[arcs])
    return points[np.repeat(first, size) + place * np.repeat(1 - 2 * back, size)], begins


def simplify(points: Floats, start: Ints, tolerance: float) -> tuple[Floats, Ints]:
    """Leave out points until no triangle of three in a row is smaller than half a square.

    Both ends of each arc stay, so that arcs still meet. In each round the points of the smallest
    triangles go, no two neighbours at once.

    Parameters
    ----------
    points : float64 (n, 2)
    start : int64 (arcs + 1,)
    tolerance : float
        The side of the square.

    Returns
    -------
    points : float64 (m, 2)
    start : int64 (arcs + 1,)
    """
    limit = tolerance**2
    arc = np.repeat(np.arange(len(start) - 1), np.diff(start))
    while len(points) > 2:
        one, two, three = points[:-2], points[1:-1], points[2:]
        size = np.abs(
            (two[:, 0] - one[:, 0]) * (three[:, 1] - one[:, 1])
            - (three[:, 0] - one[:, 0]) * (two[:, 1] - one[:, 1])
        )
        size[(arc[1:-1] != arc[:-2]) | (arc[1:-1] != arc[2:])] = np.inf
        around = np.concatenate([[np.inf], size, [np.inf]])
        gone = (size < limit) & (size <= around[:-2]) & (size < around[2:])
        if not gone.any():
            break
        stays = np.concatenate([[True], ~gone, [True]])
        points, arc = points[stays], arc[stays]
    count = np.bincount(arc, minlength=len(start) - 1)
    return points, np.append(0, np.cumsum(count))
