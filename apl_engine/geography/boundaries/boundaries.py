"""Outlines of communes or territories as one topology of arcs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ...errors import Fault, InputDataError, Note
from .chains import Ints, join
from .coarser import simplify
from .encode import encode_arcs
from .insets import INSETS, Inset, nearest_inset
from .rings import Floats, Polygon, Sides, assemble, trace
from .topology import pack

Level: TypeAlias = Literal["commune", "territory"]
Int32s: TypeAlias = npt.NDArray[np.int32]

_EXAMPLES = 3


@dataclass(frozen=True)
class Boundaries:
    """Outlines of communes or territories.

    Every arc has a unit on its left and one on its right, or none: the sea, or what is not covered.
    So no line is there twice, and the outlines of groups of units follow from those of the units.

    Attributes
    ----------
    units : tuple of str
        Codes of the communes or territories.
    level : "commune" or "territory"
    frame : int8 (units,)
        The plane of each unit, as an index into `FRAMES`.
    points : int32 (n, 2)
        x and y, in steps, in the plane of the units.
    start : int64 (arcs + 1,)
        The first point of each arc.
    left, right : int32 (arcs,)
        The units beside each arc; -1 for none.
    step : float
        Length of a step, metres.
    source : str
        Whose data they are, of which day and under which licence.
    approximate : bool
        Whether they are cells around points, not outlines.
    insets : tuple of Inset
        Where the overseas departements are shown, once all is in the plane of the metropole.
    notes : tuple of Note
        What was mended or left out as they were read.
    """

    units: tuple[str, ...]
    level: Level
    frame: npt.NDArray[np.int8]
    points: Int32s
    start: Ints
    left: Int32s
    right: Int32s
    step: float
    source: str
    approximate: bool = False
    insets: tuple[Inset, ...] = ()
    notes: tuple[Note, ...] = ()

    def select(self, units: Sequence[str]) -> Boundaries:
        """Return the outlines of some units, in the order given.

        Parameters
        ----------
        units : sequence of str
            Codes, each once.

        Raises
        ------
        InputDataError
            A code has no outline.
        """
        number = {code: k for k, code in enumerate(self.units)}
        if missing := sorted(code for code in units if code not in number):
            details = {"level": self.level}
            fault = Fault(
                "boundaries.no_outline", "boundaries", count=len(missing),
                values=tuple(missing[:_EXAMPLES]), details=details,
            )  # fmt: skip
            raise InputDataError(fault)
        chosen = np.array([number[code] for code in units], np.int64)
        renumbered = np.full(len(self.units) + 1, -1, np.int32)
        renumbered[chosen] = np.arange(len(chosen))
        left, right = renumbered[self.left], renumbered[self.right]
        arcs = np.flatnonzero((left >= 0) | (right >= 0))
        points, start = self._points_of(arcs)
        return replace(
            self, units=tuple(units), frame=self.frame[chosen], points=points, start=start,
            left=left[arcs], right=right[arcs],
        )  # fmt: skip

    def united(self, codes: Sequence[str | None], level: Level) -> Boundaries:
        """Return outlines of units that are unions of these.

        Parameters
        ----------
        codes : sequence of str or None (units,)
            The new unit of each; None for none.
        level : "commune" or "territory"
            What the new units are. They are sorted by code.
        """
        units = sorted({code for code in codes if code is not None})
        number: dict[str | None, int] = {code: k for k, code in enumerate(units)}
        of = np.array([*(number.get(code, -1) for code in codes), -1], np.int32)
        left, right = of[self.left], of[self.right]
        arcs = np.flatnonzero(left != right)
        points, start = self._points_of(arcs)
        frame = np.zeros(len(units) + 1, np.int8)
        frame[of[:-1]] = self.frame
        return replace(
            self, units=tuple(units), level=level, frame=frame[:-1], points=points, start=start,
            left=left[arcs], right=right[arcs],
        )  # fmt: skip

    def rings(self, group: npt.ArrayLike) -> list[list[Polygon]]:
        """Return the polygons of groups of units.

        Parameters
        ----------
        group : int (units,)
            The group of each unit, from 0; -1 for none.

        Returns
        -------
        list of list of list of float64 (m, 2)
            For each group its polygons, the largest first. The first ring of a polygon is its outer
            one, counterclockwise, the others are its holes; metres, closed.
        """
        area = np.asarray(group, np.int64)
        beside = np.stack([self._of(area, self.left), self._of(area, self.right)], axis=1)
        beside[beside[:, 0] == beside[:, 1]] = -1
        half = np.flatnonzero(beside.ravel() >= 0)
        nodes, (first, last) = self._nodes()
        ends = np.stack([first, last], axis=1)
        directions = self._directions()
        arc, back = half // 2, half % 2
        sides = Sides(
            half, beside.ravel()[half], ends[arc, back], ends[arc, 1 - back],
            directions[arc, back], directions[arc, 1 - back],
        )  # fmt: skip
        order, start = trace(sides)
        lines = self._lines(half[order], start)
        lead = order[start[:-1]]
        plane = nodes[sides.tail[lead]] >> 58
        return assemble(lines, sides.area[lead], plane, int(area.max(initial=-1)) + 1)

    def lines(self, group: npt.ArrayLike) -> list[Floats]:
        """Return the lines between groups of units, or between a group and none, each once.

        Parameters
        ----------
        group : int (units,)
            The group of each unit, from 0; -1 for none.

        Returns
        -------
        list of float64 (m, 2)
            Metres. Lines end where three or more groups meet, unless they are closed.
        """
        area = np.asarray(group, np.int64)
        arcs = np.flatnonzero(self._of(area, self.left) != self._of(area, self.right))
        _, (first, last) = self._nodes()
        order, start = join(first[arcs], last[arcs])
        return self._lines(2 * arcs[order // 2] + order % 2, start)

    def coarser(self, group: npt.ArrayLike, times: int, tolerance: float) -> Boundaries:
        """Return the borders of groups alone, on a coarser grid and with fewer points.

        Parameters
        ----------
        group : int (units,)
            The group of each unit, from 0.
        times : int
            Steps of this grid in one of the new.
        tolerance : float
            How far a point that is left out may lie from the new line, metres.

        Returns
        -------
        Boundaries
            Beside each arc is one unit of each group. Outlines still meet.
        """
        area = np.asarray(group, np.int64)
        arcs = np.flatnonzero(self._of(area, self.left) != self._of(area, self.right))
        _, (first, last) = self._nodes()
        order, start = join(first[arcs], last[arcs])
        half = 2 * arcs[order // 2] + order % 2
        lines = [
            np.round(simplify(line, tolerance) / (self.step * times)).astype(np.int32)
            for line in self._lines(half, start)
        ]
        lead = half[start[:-1]]
        arc, back = lead // 2, lead % 2 == 1
        groups, units = np.unique(area, return_index=True)
        one = np.full(area.max(initial=-1) + 2, -1, np.int32)
        one[groups] = units
        beside = [one[self._of(area, side[arc])] for side in (self.left, self.right)]
        return replace(
            self,
            points=np.concatenate(lines) if lines else self.points[:0],
            start=np.append(0, np.cumsum([len(line) for line in lines])).astype(np.int64),
            left=np.where(back, beside[1], beside[0]),
            right=np.where(back, beside[0], beside[1]),
            step=self.step * times,
        )

    def placed(self) -> Boundaries:
        """Return all outlines in one plane, the overseas departements in insets."""
        units = np.where(self.left >= 0, self.left, self.right)
        # Guadeloupe and Martinique are in one plane.
        metres = self.points.astype(np.float64) * self.step
        inset_of = nearest_inset(self.frame[units], metres[self.start[:-1]])
        inset = np.repeat(inset_of, np.diff(self.start))
        for number, one in enumerate(INSETS):
            there = np.flatnonzero(inset == number)
            metres[there] = one.place(metres[there])
        used = tuple(one for number, one in enumerate(INSETS) if (inset_of == number).any())
        points = np.round(metres / self.step).astype(np.int32)
        return replace(
            self, frame=np.zeros_like(self.frame), points=points, insets=self.insets + used
        )

    def encode(self, group: npt.ArrayLike) -> tuple[bytes, bytes]:
        """Return the arcs between different groups, then all others, as compact bytes.

        Parameters
        ----------
        group : int (units,)
            The group of each unit.

        Returns
        -------
        bytes, bytes
            As `encode_arcs` writes them: points in steps, units by number.
        """
        area = np.asarray(group, np.int64)
        outer = self._of(area, self.left) != self._of(area, self.right)
        return self._encode(np.flatnonzero(outer)), self._encode(np.flatnonzero(~outer))

    def _encode(self, arcs: Ints) -> bytes:
        first = self.points[self.start[arcs]]
        order = arcs[np.lexsort((first[:, 1], first[:, 0], self.right[arcs], self.left[arcs]))]
        points, start = self._points_of(order)
        left, right = (side[order].astype(np.int64) for side in (self.left, self.right))
        return encode_arcs(points.astype(np.int64), start, left, right)

    @staticmethod
    def _of(area: Ints, units: Int32s) -> Ints:
        """Return the groups of some units; -1 for none."""
        return np.append(area, -1)[units]

    def _nodes(self) -> tuple[Ints, tuple[Ints, Ints]]:
        """Return the points where arcs end, packed, and the numbers of both ends of each arc."""
        units = np.where(self.left >= 0, self.left, self.right)
        firsts, lasts = self.points[self.start[:-1]], self.points[self.start[1:] - 1]
        both = np.concatenate([pack(firsts, self.frame[units]), pack(lasts, self.frame[units])])
        nodes, number = np.unique(both, return_inverse=True)
        return nodes, (number[: len(units)], number[len(units) :])

    def _directions(self) -> Floats:
        """Return the directions of both ends of each arc, away from them, radians."""
        begins, ends = self.start[:-1], self.start[1:] - 1
        steps = np.stack(
            [
                self.points[begins + 1] - self.points[begins],
                self.points[ends - 1] - self.points[ends],
            ],
            axis=1,
        )
        angles: Floats = np.arctan2(steps[..., 1], steps[..., 0])
        return angles

    def _points_of(self, arcs: Ints) -> tuple[Int32s, Ints]:
        """Return the points of some arcs, and where each begins."""
        size = np.diff(self.start)[arcs]
        start = np.append(0, np.cumsum(size))
        at = np.arange(start[-1]) + np.repeat(self.start[arcs] - start[:-1], size)
        return self.points[at], start

    def _lines(self, half: Ints, start: Ints) -> list[Floats]:
        """Return chains of arcs as lines: 2 k for arc k as it is, 2 k + 1 if it is reversed."""
        if not len(half):
            return []
        arc, back = half // 2, half % 2
        size = np.diff(self.start)[arc]
        # The last point of an arc is the first of the next.
        last = np.zeros(len(half), np.bool_)
        last[start[1:] - 1] = True
        taken = size - 1 + last
        ends = np.append(0, np.cumsum(taken))
        place = np.arange(ends[-1]) - np.repeat(ends[:-1], taken)
        begin = np.where(back == 1, self.start[arc + 1] - 1, self.start[arc])
        at = np.repeat(begin, taken) + place * np.repeat(1 - 2 * back, taken)
        metres = self.points[at] * float(self.step)
        cuts = ends[start].tolist()
        return [metres[begin:end] for begin, end in itertools.pairwise(cuts)]
