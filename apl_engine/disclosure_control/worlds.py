"""Other worlds: supplies that give the same published figures as the true one.

A group of practitioners is protected if two possible worlds, with the same publication, differ in
its ETP by more than the attacker may know. A linear program (HiGHS) searches for them among the
neighbours of the group, all else as it truly is; what it returns is rounded to whole acts and
checked against every figure, so that the proof does not rest on the solver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..columns import Flags, Float, Indices
from .figures import Figures, Unknowns

# Unknowns that may change: the nearest, of those that share a figure with a neighbour of the group.
_NEIGHBOURS = 120
# Part of its interval that a figure of another world stays away from its ends.
_CLEARANCE = 1e-7
# Presolving programs of this size takes longer than it saves.
_OPTIONS = {"time_limit": 60.0, "presolve": False}
# The linear program that hides is solved again with costs by what it hid: it then hides less.
_REWEIGHTINGS = 2


class World(NamedTuple):
    """Another possible world: changes of some of the unknowns.

    Attributes
    ----------
    columns : int64 (n,)
        Sorted.
    change : float64 (n,)
        To be added to their true ETP; not 0.
    """

    columns: Indices
    change: Float


class Proof(NamedTuple):
    """Two worlds in which the ETP of a group is so far apart that it is protected.

    Attributes
    ----------
    high, low : World
        One of them may be the true one, without changes.
    """

    high: World
    low: World

    @property
    def moved(self) -> Indices:
        """The unknowns that are not as they truly are."""
        return np.unique(np.concatenate([world.columns for world in self]))


TRUE = World(np.empty(0, dtype=np.int64), np.empty(0))


class Group(NamedTuple):
    """Practitioners to protect: unknowns whose sum is theirs.

    Attributes
    ----------
    columns : int64 (n,)
        Sorted.
    weights : float64 (n,)
        Of each in the sum.
    value : float
        The sum.
    """

    columns: Indices
    weights: Float
    value: float

    def change_in(self, world: World) -> float:
        """Return how much the sum changes in another world."""
        common, own, others = np.intersect1d(
            self.columns, world.columns, assume_unique=True, return_indices=True
        )
        return float(self.weights[own] @ world.change[others]) if len(common) else 0.0


@dataclass(frozen=True)
class _Problem:
    """The figures that some unknowns are part of, and the group in them."""

    columns: Indices
    rows: Indices
    # (n_rows, n_columns)
    matrix: Any
    # How far each figure may fall and rise.
    fall: Float
    rise: Float
    # Room of the unknowns, and the group.
    low: Float
    high: Float
    target: Float

    # The ETP of one act in each unknown.
    act: Float

    def reserve(self) -> Float:
        """Return what rounding to acts and rounding of numbers can change each figure at most."""
        halves: Float = abs(self.matrix) @ self.act / 2
        return halves * (1 + _CLEARANCE) + 2 * _CLEARANCE

    def lost(self) -> float:
        """Return what rounding to acts can take of the group at most."""
        return float(np.abs(self.target) @ self.act)


class Worlds:
    """A search for other worlds.

    Attributes
    ----------
    figures : Figures
    unknowns : Unknowns
    hidden : bool (n_figures,)
        Which figures are not published.
    """

    def __init__(
        self,
        figures: Figures,
        unknowns: Unknowns,
        same_zones: Callable[[World], bool],
        *,
        protection: float,
    ) -> None:
        self.figures = figures
        self.unknowns = unknowns
        self.hidden: Flags = np.zeros(len(figures.values), dtype=np.bool_)
        self._same_zones = same_zones
        self._protection = protection

    def wanted(self, group: Group) -> float:
        """Return how far apart the ETP of a protected group is in two worlds: an act at least."""
        act = float(self.unknowns.act[group.columns].min())
        return max(2 * self._protection * group.value, act) * (1 + 1e-9)

    def prove(self, group: Group, fixed: Indices) -> tuple[Proof | None, list[World]]:
        """Return a proof that a group is protected, None if there is none, and all worlds met.

        Parameters
        ----------
        group : Group
        fixed : int64 (n,)
            Unknowns that the attacker knows.
        """
        met: list[World] = []
        return self._prove(self._problem(group, fixed), group, met), met

    def surroundings(self, group: Group) -> Indices:
        """Return the figures that can be hidden and that proofs for a group may depend on."""
        columns = self._near(group)
        rows: Indices = np.unique(self.figures.columns[:, columns].indices).astype(np.int64)
        return rows[np.isfinite(self.figures.cost[rows])]

    def hide_for(self, group: Group, fixed: Indices) -> Indices | None:
        """Return the figures that hide a group at the least cost, as far as a linear program knows.

        None if it is not protected whatever is hidden.
        """
        return self._least_hidden(self._problem(group, fixed), group)

    def holds(self, world: World) -> bool:
        """Return whether a world gives every published figure, each zone and each bound."""
        columns, change = world
        low, high = (room[columns] for room in self.unknowns.room)
        slack = self.unknowns.act[columns] * 1e-6
        if (change < low - slack).any() or (change > high + slack).any():
            return False
        changes = self.figures.columns[:, columns] @ change
        rows = np.flatnonzero(~self.hidden & (changes != 0))
        return self._within(rows, changes[rows]) and self._same_zones(world)

    def _within(self, rows: Indices, changes: Float) -> bool:
        figures = self.figures
        lower, upper = figures.lower[rows], figures.upper[rows]
        free = _CLEARANCE * np.minimum(upper - lower, 1.0)
        other = figures.values[rows] + changes
        return bool(((other >= lower + free) & (other <= upper - free)).all())

    def _near(self, group: Group) -> Indices:
        """Return the group and its nearest neighbours, sorted."""
        nearness = self.figures.nearness
        first = nearness[group.columns].sum(axis=0)
        some = np.flatnonzero(first)
        near = first[some] @ nearness[some]
        near[group.columns] = np.inf
        some = np.flatnonzero(near)
        if len(some) > _NEIGHBOURS:
            most = max(_NEIGHBOURS, len(group.columns))
            some = some[np.argsort(-near[some], kind="stable")[:most]]
        return np.sort(some)

    def _problem(self, group: Group, fixed: Indices) -> _Problem:
        from scipy import sparse

        columns = self._near(group)
        if len(fixed):
            columns = np.setdiff1d(columns, fixed, assume_unique=True)
        part = self.figures.columns[:, columns]
        rows = np.unique(part.indices).astype(np.int64)
        rows = rows[~self.hidden[rows]]
        matrix = sparse.csc_array(part.tocsr()[rows])
        figures = self.figures
        low, high = self.unknowns.room
        target = np.zeros(len(columns))
        target[np.searchsorted(columns, group.columns)] = group.weights
        return _Problem(
            columns,
            rows,
            matrix,
            figures.values[rows] - figures.lower[rows],
            figures.upper[rows] - figures.values[rows],
            low[columns],
            high[columns],
            target,
            self.unknowns.act[columns],
        )

    def _prove(self, problem: _Problem, group: Group, met: list[World]) -> Proof | None:
        wanted, apart, high, low = self.wanted(group), 0.0, TRUE, TRUE
        # First towards the bound that is further away.
        for sign in (1.0, -1.0) if self._is_upward(problem) else (-1.0, 1.0):
            world = self._farthest(problem, sign, wanted - apart)
            if world is None:
                continue
            met.append(world)
            apart += sign * group.change_in(world)
            high, low = (world, low) if sign > 0 else (high, world)
            if apart >= wanted:
                return Proof(high, low)
        return None

    @staticmethod
    def _is_upward(problem: _Problem) -> bool:
        weights = problem.target
        return bool(weights @ problem.high >= -(weights @ problem.low))

    def _farthest(self, problem: _Problem, sign: float, wanted: float) -> World | None:
        """Return a world with more (or less) of the group: as much as is wanted, or as can be."""
        kept = problem.reserve()
        # Rounding to acts takes some of it again.
        enough = wanted + problem.lost()
        change = _solve(
            -sign * problem.target,
            np.vstack([problem.low, problem.high]),
            [
                (problem.matrix, -(problem.fall - kept), problem.rise - kept),
                (sign * problem.target[None], np.array([-np.inf]), np.array([enough])),
            ],
        )
        if change is None:
            return None
        whole = self.unknowns.in_whole_acts(problem.columns, change)
        world = World(problem.columns[whole != 0], whole[whole != 0])
        return world if self.holds(world) else None

    def _least_hidden(self, problem: _Problem, group: Group) -> Indices | None:
        """Solve for two worlds far enough apart, each figure free to be wrong at its cost."""
        from scipy import sparse

        size, number = len(problem.columns), len(problem.rows)
        cost = self.figures.cost[problem.rows]
        soft = np.flatnonzero(np.isfinite(cost))
        kept = problem.reserve()
        rise, fall = problem.rise - kept, problem.fall - kept
        errors = sparse.csr_array(
            (np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=(number, len(soft))
        )
        nothing = sparse.csr_array((number, size))
        blocks = []
        infinite = np.full(number, np.inf)
        for sides in ((problem.matrix, nothing), (nothing, problem.matrix)):
            blocks.append((sparse.hstack([*sides, -errors]), -infinite, rise))
            blocks.append((sparse.hstack([*sides, errors]), -fall, infinite))
        apart = np.concatenate([problem.target, -problem.target, np.zeros(len(soft))])
        wanted = self.wanted(group) + 2 * problem.lost()
        blocks.append((apart[None], np.array([wanted]), np.array([np.inf])))
        bounds = np.vstack(
            [
                np.concatenate([problem.low, problem.low, np.zeros(len(soft))]),
                np.concatenate([problem.high, problem.high, np.full(len(soft), np.inf)]),
            ]
        )
        largest = np.asarray(abs(problem.matrix).max(axis=1).todense()).ravel()[soft]
        scale = np.maximum(largest * group.value * self._protection, 1e-9)
        weights = cost[soft] / scale
        for _ in range(_REWEIGHTINGS + 1):
            solved = _solve(np.concatenate([np.zeros(2 * size), weights]), bounds, blocks)
            if solved is None:
                return None
            error = solved[2 * size :]
            weights = cost[soft] / (error + 0.05 * scale)
        return problem.rows[soft[error > 1e-6 * scale]]


def _solve(objective: Float, bounds: Float, blocks: list[tuple[Any, Float, Float]]) -> Float | None:
    """Minimise a linear function; return None if there is no solution, or none in time."""
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix = sparse.vstack([sparse.csr_array(block[0]) for block in blocks]).tocsc()
    lower, upper = (np.concatenate([block[k] for block in blocks]) for k in (1, 2))
    # Without whole unknowns it is a linear program; here constraints have two sides.
    solved = milp(
        objective,
        constraints=LinearConstraint(matrix, lower, upper),
        bounds=Bounds(*bounds),
        options=_OPTIONS,
    )
    return np.clip(solved.x, *bounds) if solved.status == 0 else None
