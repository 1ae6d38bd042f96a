"""Rows to runs of consecutive positions, against plain sets."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels

BEYOND = 255
LEVELS = np.array([0, 1, BEYOND, 2, 0], dtype=np.uint8)

seeds = st.integers(0, 2**32 - 1)


def turned(dense: Any, order: Any, parts: int = 1) -> tuple[Any, Any, Any]:
    """Return rows of positions of a matrix of bands (-1 without a pair), made in some parts."""
    size = len(dense)
    row, place = np.nonzero(dense >= 0)
    pointers = np.searchsorted(row, np.arange(size + 1)).astype(np.int64)
    pairs = (dense[row, place] << 24 | place).astype(np.uint32)
    position = np.empty(size, dtype=np.uint32)
    position[order] = np.arange(size, dtype=np.uint32)
    lengths = (dense >= 0).sum(axis=0)[order]
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    stops, out = starts[:-1].copy(), np.zeros(len(pairs), dtype=np.uint32)
    for start, stop in pairwise(np.linspace(0, size, parts + 1).astype(int).tolist()):
        kernels.turn_rows(
            pointers, pairs, LEVELS, order.astype(np.uint32), position, size, BEYOND,
            start, stop, stops, out,
        )  # fmt: skip
    return starts[:-1].copy(), stops, out


def runs(starts: Any, stops: Any, pairs: Any, sets: list[int]) -> list[list[tuple[int, int]]]:
    """Return the runs of each row, as first position and length."""
    size, chosen = len(starts), np.array(sets, dtype=np.uint8)
    counts = np.empty(size, dtype=np.int64)
    kernels.count_runs(starts, stops, pairs, chosen, len(chosen), 0, size, counts)
    at = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    first, lengths = np.empty(at[-1], dtype=np.uint32), np.empty(at[-1], dtype=np.uint8)
    for low, high in ((size // 2, size), (0, size // 2)):
        kernels.write_runs(
            starts, stops, pairs, chosen, len(chosen), at[:-1].copy(), low, high, first, lengths
        )
    found = list(zip(first.tolist(), lengths.tolist(), strict=True))
    return [found[start:stop] for start, stop in pairwise(at)]


def plain_runs(members: list[int]) -> list[tuple[int, int]]:
    """Return the runs of ascending positions, none longer than 255."""
    found: list[tuple[int, int]] = []
    for member in members:
        if found and sum(found[-1]) == member and found[-1][1] < 255:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((member, 1))
    return found


@given(st.integers(1, 30), seeds, st.floats(0, 1), st.integers(1, 4))
def test_rows_are_turned_and_cut_into_runs(n: int, seed: int, share: float, parts: int) -> None:
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((n, n)) < share, rng.integers(0, len(LEVELS), (n, n)), -1)
    order = rng.permutation(n)
    starts, stops, pairs = turned(dense, order, parts)
    # Level of each pair, by the position of its column and of its row; 255 without one.
    level = np.append(LEVELS, BEYOND)[dense].T[order][:, order]
    for h in range(n):
        members = np.flatnonzero(level[h] != BEYOND)
        expected = [int(level[h, m]) << 24 | int(m) for m in members]
        assert pairs[starts[h] : stops[h]].tolist() == expected
    for sets in ([0], [0, 1, 2], [2], [1, 2]):
        found = runs(starts, stops, pairs, sets)
        for h in range(n):
            wanted = [plain_runs(np.flatnonzero(level[h] <= s).tolist()) for s in sets]
            assert found[h] == [run for each in wanted for run in each]


@pytest.mark.parametrize("length", [254, 255, 256, 509, 510, 511, 600])
def test_long_runs_are_cut(length: int) -> None:
    size = 620
    dense = np.full((size, 2), -1)
    dense[5 : 5 + length, 1] = 0
    dense[100, 1] = 3
    square = np.full((size, size), -1)
    square[:, :2] = dense
    found = runs(*turned(square, np.arange(size)), [0, 2])[1]
    inner = [k for k in range(5, 5 + length) if k != 100]
    assert found == [*plain_runs(inner), *plain_runs(list(range(5, 5 + length)))]
    assert max(run[1] for run in found) <= 255
    assert runs(*turned(square, np.arange(size)), [0, 2])[0] == []
