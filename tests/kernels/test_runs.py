"""Rows to runs of consecutive positions, against plain sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine.method.runs import runs_of
from apl_engine.method.sparse_rows import Rows
from apl_engine.method.weighted_rows import RunRows

# Weights of 5 bands: steps of 1 and 3 between 0, 1, 4 and 5.
WEIGHTS = np.array([5, 4, 0, 1, 5])
seeds = st.integers(0, 2**32 - 1)


def rows_of(dense: Any) -> Rows:
    """Return rows of a matrix of bands, -1 without a pair."""
    row, place = np.nonzero(dense >= 0)
    pointers = np.searchsorted(row, np.arange(len(dense) + 1)).astype(np.int64)
    return Rows(pointers, (dense[row, place] << 24 | place).astype(np.uint32))


def runs_by_row(runs: RunRows) -> list[list[list[tuple[int, int]]]]:
    """Return the runs of each position by factor, as first position and length."""
    found: list[Any] = [None] * len(runs.order)
    at = 0
    for row, counts in enumerate(runs.counts.tolist()):
        if row % 256 == 0:
            assert at == runs.pointers[row // 256]
        parts = []
        for count in counts:
            pieces = zip(runs.starts[at : at + count], runs.lengths[at : at + count], strict=True)
            parts.append([(int(start), int(length)) for start, length in pieces])
            at += count
        found[(row & -256) + int(runs.members[row])] = parts
    assert at == runs.pointers[-1] == len(runs.starts)
    return found


def plain_runs(members: list[int]) -> list[tuple[int, int]]:
    """Return the runs of ascending positions, none longer than 255."""
    found: list[tuple[int, int]] = []
    for member in members:
        if found and sum(found[-1]) == member and found[-1][1] < 255:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((member, 1))
    return found


@given(st.integers(1, 70), seeds, st.floats(0, 1))
def test_rows_are_cut_into_runs(n: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((n, n)) < share, rng.integers(0, len(WEIGHTS), (n, n)), -1)
    order = rng.permutation(n).astype(np.uint32)
    derived = runs_of(rows_of(dense), WEIGHTS, order)
    assert derived is not None
    weights = np.append(WEIGHTS, 0)[dense][order][:, order]
    assert derived.factors.tolist() == [1, 3]
    for h, (ones, threes) in enumerate(runs_by_row(derived)):
        sets = {least: np.flatnonzero(weights[h] >= least).tolist() for least in (1, 4, 5)}
        assert sorted(ones) == sorted([*plain_runs(sets[1]), *plain_runs(sets[5])])
        assert sorted(threes) == sorted(plain_runs(sets[4]))
    lengths = derived.counts.sum(axis=1).tolist()
    assert lengths == sorted(lengths, reverse=True)
    assert derived.widths[order].tolist() == weights.sum(axis=1).tolist()


@pytest.mark.parametrize("length", [254, 255, 256, 509, 510, 511, 600])
def test_long_runs_are_cut(length: int) -> None:
    size = 620
    dense = np.full((size, size), -1)
    dense[1, 5 : 5 + length] = 0
    dense[1, 100] = 3
    derived = runs_of(rows_of(dense), np.array([2, 0, 0, 1]), np.arange(size, dtype=np.uint32))
    assert derived is not None
    (found,) = runs_by_row(derived)[1]
    inner = [k for k in range(5, 5 + length) if k != 100]
    assert sorted(found) == sorted([*plain_runs(inner), *plain_runs(list(range(5, 5 + length)))])
    assert runs_by_row(derived)[0] == [[]]


def test_places_of_several_words_of_bits() -> None:
    """Positions beyond 4 096 are in another word of the summary."""
    size = 9_000
    origin = np.zeros(6, dtype=np.int64)
    place = np.array([0, 63, 64, 4_095, 4_096, 8_999])
    pointers = np.concatenate(([0], np.full(size, 6))).astype(np.int64)
    rows = Rows(pointers, (origin << 24 | place).astype(np.uint32))
    derived = runs_of(rows, np.array([1]), np.arange(size, dtype=np.uint32))
    assert derived is not None
    assert runs_by_row(derived)[0] == [[(0, 1), (63, 2), (4_095, 2), (8_999, 1)]]
