"""Columns, chains and tours of places, against plain NumPy."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels
from apl_engine.kernels.types import Index, Pointers

seeds = st.integers(0, 2**32 - 1)
LEVELS = np.array([2, 2, 1, 0], dtype=np.uint8)
NO_PAIR = len(LEVELS)


class Columns:
    """A matrix of bands as rows both ways, and what the kernels say of its columns."""

    def __init__(self, bands: npt.NDArray[np.int64], width: int = 4) -> None:
        n = len(bands)
        self.width, self.bands = width, bands
        self.rows = (*_rows(self.bands), *_rows(self.bands.T))
        self.levels = np.append(LEVELS, [0] * 3)[self.bands].astype(np.int64)
        self.totals = np.empty(n, np.int64)
        self.near, self.costs = np.empty((n, width), np.uint32), np.empty((n, width), np.int64)
        self.marks, half = np.zeros(2 * n, np.uint8), n // 2
        for start, stop in ((half, n), (0, half)):
            kernels.column_totals(*self.rows, LEVELS, start, stop, self.totals)
        for start, stop in ((half, n), (0, half)):
            kernels.neighbour_costs(
                *self.rows, LEVELS, self.totals, n, width, start, stop,
                self.marks, np.empty(256, np.int64), self.near, self.costs,
            )  # fmt: skip

    @property
    def columns(self) -> npt.NDArray[np.int64]:
        """The levels of each place in the rows by origin and by destination."""
        return np.concatenate([self.levels, self.levels.T], axis=1)

    def cost(self, a: int, b: int) -> int:
        """Return the cost of two places in succession, as far as it is known."""
        for one, other in ((a, b), (b, a)):
            for at in np.flatnonzero(self.near[one] == other):
                return int(self.costs[one, at])
        return int(self.totals[a] + self.totals[b])


def _random(seed: int, n: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, NO_PAIR + 3, (n, n))


def _rows(bands: npt.NDArray[np.int64]) -> tuple[Pointers, Index]:
    row, place = np.nonzero(bands < NO_PAIR)
    pairs = (bands[row, place].astype(np.uint32) << np.uint32(24)) | place.astype(np.uint32)
    return np.append(0, np.cumsum((bands < NO_PAIR).sum(axis=1))), pairs


@given(seeds, st.integers(1, 12), st.integers(1, 6))
def test_neighbour_costs(seed: int, n: int, width: int) -> None:
    given = Columns(_random(seed, n), width)
    columns = given.columns
    assert given.totals.tolist() == columns.sum(axis=1).tolist()
    assert not given.marks.any()
    for a in range(n):
        neighbours: list[int] = []
        for bands in (given.bands, given.bands.T):
            ranked = sorted((bands[a, c], c) for c in range(n) if c != a and bands[a, c] < 3)
            new = [c for _, c in ranked if c not in neighbours]
            neighbours += new[: width - len(neighbours)]
        cost = {c: int(np.abs(columns[a] - columns[c]).sum()) for c in neighbours}
        near = given.near[a, : len(neighbours)].tolist()
        assert sorted(near) == sorted(neighbours)
        assert given.costs[a, : len(near)].tolist() == [cost[c] for c in near]
        assert sorted(cost.values()) == [cost[c] for c in near]
        assert (given.near[a, len(near) :] == n).all()


def test_the_costs_of_very_different_places_are_not_computed() -> None:
    """A place that all others reach would cost a pass over its row for each of them."""
    n = 80
    bands = np.full((n, n), NO_PAIR)
    bands[0], bands[:, 0], bands[1:60, 1:60] = 0, 0, 0
    given = Columns(bands)
    assert set(given.near[60:].ravel().tolist()) == {0, n}
    assert given.costs[60:, 0].tolist() == [given.totals[0] + given.totals[60]] * 20
    assert given.costs[1].tolist() == [0, 0, 0, np.abs(given.columns[0] - given.columns[1]).sum()]


@given(seeds, st.integers(1, 20))
def test_chains_are_of_the_nearest_and_come_whole(seed: int, n: int) -> None:
    given = Columns(_random(seed, n))
    tried = np.flatnonzero(given.near < n)
    ranked = tried[np.argsort(given.costs.ravel()[tried], kind="stable")]
    roots, degrees = np.arange(n, dtype=np.uint32), np.zeros(n, np.uint8)
    links, done, order = np.empty((n, 2), np.uint32), np.zeros(n, np.uint8), np.empty(n, np.uint32)
    kernels.join_nearest(ranked, len(ranked), given.near, given.width, roots, degrees, links)
    kernels.join_chains(given.near, given.width, n, degrees, links, done, order)

    chain, taken = list(range(n)), np.zeros(n, int)
    expected: set[frozenset[int]] = set()
    for a, b in zip(
        (ranked // given.width).tolist(), given.near.ravel()[ranked].tolist(), strict=True
    ):
        if max(taken[a], taken[b]) < 2 and chain[a] != chain[b]:
            chain = [chain[a] if c == chain[b] else c for c in chain]
            taken[[a, b]] += 1
            expected.add(frozenset((a, b)))
    linked = {frozenset((a, int(b))) for a in range(n) for b in links[a, : degrees[a]]}
    assert linked == expected
    assert sorted(order.tolist()) == list(range(n))
    assert linked <= {frozenset(pair) for pair in pairwise(order.tolist())}


@given(seeds, st.integers(3, 20), st.integers(0, 25), st.integers(0, 2_000))
def test_improve_order(seed: int, n: int, reach: int, budget: int) -> None:
    given = Columns(_random(seed, n))
    order = np.random.default_rng(seed).permutation(n).astype(np.uint32)
    before = order.tolist()
    positions = np.argsort(order).astype(np.uint32)
    steps = np.array([given.cost(a, b) for a, b in pairwise(before)])
    whole = int(steps.sum())
    kernels.improve_order(
        given.near, given.costs, given.width, given.totals, n, reach, budget, steps,
        np.empty(n, np.uint32), np.empty(n, np.uint8), np.empty(6, np.int64), positions, order,
    )  # fmt: skip
    after = order.tolist()
    assert sorted(after) == list(range(n))
    assert (after[0], after[-1]) == (before[0], before[-1])
    assert positions[order].tolist() == list(range(n))
    assert steps.tolist() == [given.cost(a, b) for a, b in pairwise(after)]
    if after == before:
        assert reach == 0 or budget == 0 or _is_shortest(given, after, reach)
    else:
        assert steps.sum() < whole


def _is_shortest(given: Columns, order: list[int], reach: int) -> bool:
    """Return whether no section can be reversed for a step to one of the nearest."""
    for i, j in combinations(range(len(order) - 1), 2):
        a, b, c, d = order[i], order[i + 1], order[j], order[j + 1]
        broken = given.cost(a, b), given.cost(c, d)
        if j - i <= reach and given.cost(a, c) + given.cost(b, d) < sum(broken):
            for one, other, step in ((a, c, broken[0]), (c, a, broken[1])):
                assert other not in given.near[one] or given.cost(one, other) >= step
    return True
