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


@settings(deadline=None)
@given(sizes, sizes, seeds, st.booleans())
def test_rows_have_the_pairs_within_reach(
    n_rows: int, n_places: int, seed: int, in_order: bool
) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, 4, (n_rows, n_places)).astype(np.uint8)
    beyond = 3
    order = np.arange(dense.size) if in_order else rng.permutation(dense.size)
    rows, places = (a.ravel()[order].astype(np.uint32) for a in np.indices(dense.shape))
    bands = dense.ravel()[order]

    of_row, of_place = np.zeros(n_rows + 1, np.int64), np.zeros(n_places + 1, np.int64)
    descents, middle = np.zeros(1, np.int64), dense.size // 2
    given_pairs = (rows, places, bands, beyond)
    for start, stop in ((middle, dense.size), (0, middle)):
        kernels.count_pairs(*given_pairs, start, stop, of_row, of_place, descents)
    assert of_row[1:].tolist() == (dense != beyond).sum(axis=1).tolist()
    assert of_place[1:].tolist() == (dense != beyond).sum(axis=0).tolist()
    assert descents[0] == np.count_nonzero(np.diff(order) < 0)

    pointers, turned = np.cumsum(of_row), np.cumsum(of_place)
    pairs, cursors, middle = np.empty(pointers[-1], np.uint32), pointers[:-1].copy(), n_rows // 2
    for start, stop in ((middle, n_rows), (0, middle)):
        kernels.fill_rows(*given_pairs, dense.size, start, stop, cursors, pairs)
    assert cursors.tolist() == pointers[1:].tolist()

    out, half = np.empty_like(pairs), n_places // 2
    cursors = turned[:-1].copy()
    for start, stop in ((half, n_places), (0, half)):
        kernels.transpose_rows(pointers, pairs, n_rows, start, stop, cursors, out)
    kernels.settle_rows(pointers, 0, n_rows, pairs)
    for ends, words, expected in ((pointers, pairs, dense), (turned, out, dense.T)):
        for row, (start, stop) in enumerate(pairwise(ends)):
            there = np.flatnonzero(expected[row] != beyond)
            assert (words[start:stop] & 0xFFFFFF).tolist() == there.tolist()
            assert (words[start:stop] >> 24).tolist() == expected[row][there].tolist()


def test_repeated_pairs_are_counted_and_located() -> None:
    pairs = np.array([1, 1 | 1 << 24, 2, 0, 0, 0, 5], dtype=np.uint32)
    out = np.zeros(4, np.int64)
    kernels.find_repeats(np.array([0, 3, 7]), pairs, 2, out)
    assert out.tolist() == [3, 1, 4, 5]
