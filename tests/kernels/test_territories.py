"""Territories of sixteen columns, against one column at a time in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels
from apl_engine.kernels.blocks import LANES
from apl_engine.kernels.territories import BUCKETS

seeds = st.integers(0, 2**32 - 1)


@given(st.integers(1, 9), st.integers(0, 3), seeds)
def test_rows_taken_are_divided(n: int, first: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, divisors = rng.random((n, LANES + 3)), rng.uniform(1, 2, n)
    rows = rng.permutation(n)[: 1 + n // 2].astype(np.uint32)
    out = np.empty((len(rows), LANES))
    kernels.divide_block(values, divisors, rows, len(rows), LANES + 3, first, out)
    for i, row in enumerate(rows):
        assert out[i].tolist() == (values[row, first : first + LANES] / divisors[row]).tolist()


@given(st.integers(1, 9), st.integers(1, 9), seeds)
def test_a_sparse_matrix_is_multiplied(n: int, columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.where(rng.random((n, columns)) < 0.4, rng.random((n, columns)), 0.0)
    values = rng.random((columns, LANES))
    row, column = np.nonzero(matrix)
    at = np.searchsorted(row, np.arange(n)).astype(np.int64)
    counts = np.bincount(row, minlength=n)
    out = np.full((n, LANES), np.nan)
    kernels.multiply_block(
        at, counts, column.astype(np.uint32), matrix[row, column], values, n, out
    )  # fmt: skip
    for r in range(n):
        for b in range(LANES):
            # Added in the order of the entries.
            total = 0.0
            for c in np.flatnonzero(matrix[r]):
                total += matrix[r, c] * values[c, b]
            assert out[r, b] == total


@given(st.integers(1, 12), seeds)
def test_rows_of_pairs_are_added_up_by_group(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = np.array([3, 0, 2], dtype=np.int64)
    bands = rng.choice([0, 1, 2, 9], (n, n))
    row, other = np.nonzero(bands < 9)
    pairs = (bands[row, other].astype(np.uint32) << 24) | other.astype(np.uint32)
    pointers = np.searchsorted(row, np.arange(n + 1)).astype(np.int64)
    places = rng.permutation(n).astype(np.uint32)
    groups = np.array([0, n // 3, n // 3, n], dtype=np.int64)
    taken = np.flatnonzero(rng.random(n) < 0.6)
    column_of = np.full(n, len(taken), dtype=np.uint32)
    column_of[taken] = np.arange(len(taken))
    shares = rng.integers(1, 9, n).astype(float)
    at = np.concatenate(([0], np.cumsum(np.diff(pointers)[places])))[groups]
    counts, columns = np.empty(3, dtype=np.int64), np.empty(len(pairs), dtype=np.uint32)
    values = np.empty(len(pairs))
    for start, stop in ((1, 3), (0, 1)):
        slots = np.full(len(taken), -1, dtype=np.int64)
        kernels.group_rows(
            groups, places, shares, pointers, pairs, weights, column_of, len(taken), start, stop,
            at, slots, counts, columns, values,
        )  # fmt: skip
    matrix = np.where(bands < 9, np.append(weights, [0] * 7)[bands], 0)
    for g in range(3):
        own = slice(groups[g], groups[g + 1])
        expected = (shares[own, None] * matrix[places[own]]).sum(axis=0)[taken]
        found = slice(at[g], at[g] + counts[g])
        assert sorted(columns[found].tolist()) == np.flatnonzero(expected).tolist()
        assert values[found].tolist() == expected[columns[found]].tolist()


def cut(apl: Any, population: Any, limits: Any, straddling: int, lane: int) -> tuple[Any, Any]:
    """Return the classes of rows by the kernel, and the gaps at the cuts."""
    n, cuts = len(population), len(limits)
    keys, members = np.empty((2, n), dtype=np.uint32)
    classes, gaps = np.full((n, LANES), 99, dtype=np.uint8), np.empty((LANES, cuts))
    kernels.cut_block(
        apl, population, np.full(cuts, 100.0), np.asarray(limits, dtype=np.float64), cuts,
        straddling, n, keys, np.empty(BUCKETS), members, classes, gaps,
    )  # fmt: skip
    return classes[:, lane], gaps[lane]


def plain_cut(apl: Any, population: Any, limits: Any, straddling: int) -> tuple[list[int], Any]:
    """Return the same, one row after the other by rising APL."""
    order = np.argsort(apl, kind="stable")
    classes, gaps = [len(limits)] * len(apl), np.full(len(limits), np.inf)
    for k in reversed(range(len(limits))):
        total, inside = 0.0, 0
        for r in order:
            start, end = 100 * total, 100 * (total + population[r])
            crossing = start < limits[k] and (
                straddling == 1 or (straddling == 2 and end - limits[k] < limits[k] - start)
            )
            if end > limits[k] and not crossing:
                break
            inside, total = inside + 1, total + population[r]
            if end > limits[k]:
                break
        for r in order[:inside]:
            classes[r] = k
        if 0 < inside < len(apl):
            low, high = apl[order[inside - 1]], apl[order[inside]]
            gaps[k] = (high - low) / high
    return classes, gaps


@given(st.integers(1, 40), seeds, st.integers(0, 2), st.integers(0, LANES - 1))
def test_rows_are_cut_by_cumulative_population(
    n: int, seed: int, straddling: int, lane: int
) -> None:
    rng = np.random.default_rng(seed)
    apl = rng.random((n, LANES)) ** rng.choice([1, 8])
    population = rng.integers(1, 30, n).astype(float)
    limits = np.sort(rng.integers(0, 100, 3)) * population.sum()
    classes, gaps = cut(apl, population, limits, straddling, lane)
    expected = plain_cut(apl[:, lane], population, limits, straddling)
    assert classes.tolist() == expected[0]
    assert gaps.tolist() == expected[1].tolist()


@pytest.mark.parametrize("straddling", [0, 1, 2])
@pytest.mark.parametrize("n", [1, 2, 50])
def test_equal_apls_at_a_cut_leave_no_gap(n: int, straddling: int) -> None:
    apl, population = np.full((n, LANES), 3.5), np.ones(n)
    classes, gaps = cut(apl, population, [50.0 * n], straddling, 7)
    # No row is wholly below half of one.
    inside = n // 2 + (n == 1 and straddling == 1)
    assert np.count_nonzero(classes == 0) == inside
    assert gaps.tolist() == [0.0 if 0 < inside < n else np.inf]


def test_a_cut_beyond_all_rows_has_no_gap() -> None:
    apl = np.arange(1.0, 6.0)[:, None] * np.ones(LANES)
    classes, gaps = cut(apl, np.ones(5), [-1.0, 1e9], 0, 0)
    assert classes.tolist() == [1] * 5
    assert gaps.tolist() == [np.inf, np.inf]


def test_close_apls_far_from_others_share_a_bucket() -> None:
    """All but one row are in the first of the buckets."""
    apl = np.append(np.arange(200.0)[::-1] + 1, 1e9)[:, None] * np.ones(LANES)
    population = np.ones(201)
    classes, gaps = cut(apl, population, [100 * 20.5, 100 * 199.5], 0, 3)
    expected = plain_cut(apl[:, 3], population, [100 * 20.5, 100 * 199.5], 0)
    assert classes.tolist() == expected[0]
    assert gaps.tolist() == expected[1].tolist()
