"""Sparse rows from travel times, against plain NumPy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from apl_engine import kernels

sizes = st.integers(1, 8)
seeds = st.integers(0, 2**32 - 1)


@given(
    st.lists(st.floats(0, 100) | st.integers(0, 100), max_size=30),
    st.sets(st.floats(0.1, 90) | st.integers(1, 90), min_size=1, max_size=6),
)
def test_time_bands(minutes: list[float], ends: set[float]) -> None:
    edges, times = np.array(sorted(ends), float), np.array(minutes, float)
    below = np.searchsorted(edges, np.arange(np.floor(edges[-1]) + 1)).astype(np.int64)
    out = np.empty(len(times), dtype=np.uint8)
    kernels.time_bands(times, edges, below, len(times), len(edges), out)
    lower, upper = (np.searchsorted(edges, times, side=side) for side in ("left", "right"))
    assert out.tolist() == (lower + upper).tolist()


@given(
    st.lists(st.floats(0, 1e7) | st.integers(0, 130) | st.floats(0, 22), max_size=30),
    st.integers(1, 127),
)
def test_bands_of_whole_minutes_are_those_of_any_edges(minutes: list[float], last: int) -> None:
    edges, times = np.arange(1.0, last + 1), np.array(minutes, float)
    out = np.empty(len(times), dtype=np.uint8)
    kernels.whole_minute_bands(times, len(times), last, out)
    lower, upper = (np.searchsorted(edges, times, side=side) for side in ("left", "right"))
    assert out.tolist() == (lower + upper).tolist()


@settings(deadline=None)
@given(sizes, seeds, st.booleans())
def test_rows_have_the_pairs_within_reach(n: int, seed: int, in_order: bool) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, 4, (n, n)).astype(np.uint8)
    beyond = 3
    order = np.arange(dense.size) if in_order else rng.permutation(dense.size)
    rows, places = (a.ravel()[order].astype(np.uint32) for a in np.indices(dense.shape))
    bands = dense.ravel()[order]

    counts = np.zeros((2, n), np.int64)
    descents, middle = np.zeros(1, np.int64), dense.size // 2
    given_pairs = (rows, places, bands, beyond)
    shares = [(a, b) for a, b in ((0, middle), (middle, dense.size)) if a < b]
    for start, stop in reversed(shares):
        kernels.count_pairs(*given_pairs, start, stop, counts[0], counts[1], descents)
    assert counts.tolist() == [(dense != beyond).sum(axis=axis).tolist() for axis in (1, 0)]
    assert descents[0] == np.count_nonzero(np.diff(order) < 0)

    pointers = np.zeros((2, n + 1), np.int64)
    np.cumsum(counts, axis=1, out=pointers[:, 1:])
    pairs, columns = np.empty((2, pointers[0, -1]), np.uint32)
    cursors = pointers[:, :-1].copy()
    for start, stop in shares:
        kernels.fill_both_ways(*given_pairs, start, stop, *cursors, pairs, columns)
    assert cursors.tolist() == pointers[:, 1:].tolist()

    alone, cursors = np.empty_like(pairs), pointers[:, :-1].copy()
    for start, stop in shares:
        kernels.fill_rows(*given_pairs, start, stop, cursors[0], alone)
    assert alone.tolist() == pairs.tolist()
    if not in_order:
        half = n // 2
        for start, stop in ((half, n), (0, half)):
            kernels.transpose_rows(pointers[0], pairs, n, start, stop, cursors[1], columns)
        back = pointers[0, :-1].copy()
        kernels.transpose_rows(pointers[1], columns, n, 0, n, back, pairs)
    for ends, words, expected in zip(pointers, (pairs, columns), (dense, dense.T), strict=True):
        for row, (start, stop) in enumerate(pairwise(ends)):
            there = np.flatnonzero(expected[row] != beyond)
            assert (words[start:stop] & 0xFFFFFF).tolist() == there.tolist()
            assert (words[start:stop] >> 24).tolist() == expected[row][there].tolist()


@given(st.lists(st.lists(st.integers(0, 9), unique=True, max_size=8), min_size=1, max_size=5))
def test_the_last_pair_of_a_row_is_inserted(drawn: list[list[int]]) -> None:
    pointers = np.cumsum([0, *(len(row) for row in drawn)], dtype=np.int64)
    words = [place | place << 24 for row in drawn for place in [*sorted(row[:-1]), *row[-1:]]]
    pairs, rows = np.array(words, np.uint32), np.arange(len(drawn), dtype=np.uint32)
    kernels.insert_last(rows, len(rows), pointers, pairs)
    assert pairs.tolist() == [place | place << 24 for row in drawn for place in sorted(row)]


def test_repeated_pairs_are_counted_and_located() -> None:
    pairs = np.array([1, 1 | 1 << 24, 2, 0, 0, 0, 5], dtype=np.uint32)
    out = np.zeros(4, np.int64)
    kernels.find_repeats(np.array([0, 3, 7]), pairs, 2, out)
    assert out.tolist() == [3, 1, 4, 5]
