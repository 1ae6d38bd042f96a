"""The loops alone, against plain NumPy; run compiled and interpreted."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
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
def test_rows_hold_the_pairs_kept(n_rows: int, n_places: int, seed: int, in_order: bool) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, 4, (n_rows, n_places)).astype(np.uint8)
    beyond = 3
    order = np.arange(dense.size) if in_order else rng.permutation(dense.size)
    rows, places = (a.ravel()[order].astype(np.uint32) for a in np.indices(dense.shape))
    bands = dense.ravel()[order]

    of_row, of_place = np.zeros(n_rows + 1, np.int64), np.zeros(n_places + 1, np.int64)
    descents, middle = np.zeros(1, np.int64), dense.size // 2
    kept = (rows, places, bands, beyond)
    for start, stop in ((middle, dense.size), (0, middle)):
        kernels.count_pairs(*kept, start, stop, of_row, of_place, descents)
    assert of_row[1:].tolist() == (dense != beyond).sum(axis=1).tolist()
    assert of_place[1:].tolist() == (dense != beyond).sum(axis=0).tolist()
    assert descents[0] == np.count_nonzero(np.diff(order) < 0)

    pointers, turned = np.cumsum(of_row), np.cumsum(of_place)
    pairs, cursors, middle = np.empty(pointers[-1], np.uint32), pointers[:-1].copy(), n_rows // 2
    for start, stop in ((middle, n_rows), (0, middle)):
        kernels.fill_rows(*kept, dense.size, start, stop, cursors, pairs)
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


def sparse(size: int, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Return pointers and pairs of rows of any length, and the same as a dense matrix of bands."""
    dense = rng.integers(0, 4, (size, size))
    places = [np.flatnonzero(row) for row in dense]
    pointers = np.cumsum([0, *(len(part) for part in places)]).astype(np.int64)
    words = [row[part] << 24 | part for row, part in zip(dense, places, strict=True)]
    return pointers, np.concatenate(words).astype(np.uint32), dense


@settings(deadline=None)
@given(sizes, seeds)
def test_gather_is_a_sparse_product_added_up_in_order(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pointers, pairs, dense = sparse(size, rng)
    weights, values = np.array([0, *rng.random(3)]), rng.random(size)
    out = np.full(size, -1.0)
    half = size // 2
    for start, stop in ((half, size), (0, half)):
        kernels.gather(pointers, pairs, weights, values, start, stop, out)
    # Absent pairs weigh 0 here, which changes no bit of a sum.
    assert out.tolist() == [sum((weights[row] * values).tolist()) for row in dense]


@settings(deadline=None)
@given(sizes, st.integers(1, 40), seeds)
def test_blocks_and_single_rows_have_the_bits_of_gather(size: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pointers, pairs, _ = sparse(size, rng)
    weights, values, divisors = rng.random(4), rng.random((size, width)), rng.random(size)
    divisors[rng.random(size) < 0.3] = 0
    first = 16 * rng.integers(0, (width + 15) // 16)
    packed, odd = np.full((size, 16), -1.0), np.zeros(1, np.int64)
    kernels.pack_block(values, divisors, size, width, first, packed, odd)
    assert odd[0] == 0
    ratios = np.divide(
        values, divisors[:, None], np.zeros_like(values), where=divisors[:, None] > 0
    )
    there = min(16, width - first)
    assert packed[:, :there].tolist() == ratios[:, first : first + there].tolist()
    assert not packed[:, there:].any()

    wide, factor = np.full((size, 20), -1.0), np.array([7.0])
    half = size // 2
    for start, stop in ((half, size), (0, half)):
        kernels.gather_block(pointers, pairs, weights, packed, factor, start, stop, 3, 20, wide)
    assert (wide[:, [0, 1, 2, 19]] == -1).all()
    rows = rng.permutation(size)[: size // 2].astype(np.uint32)
    for column in range(16):
        out, few = np.empty(size), np.empty(len(rows))
        single = np.ascontiguousarray(packed[:, column])
        kernels.gather(pointers, pairs, weights, single, 0, size, out)
        assert wide[:, 3 + column].tolist() == (7.0 * out).tolist()
        kernels.gather_some(pointers, pairs, weights, single, rows, len(rows), few)
        assert few.tolist() == out[rows].tolist()


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_packing_counts_what_is_no_quantity(value: float) -> None:
    values, odd = np.ones((3, 17)), np.zeros(1, np.int64)
    values[1, 16] = value
    kernels.pack_block(values, np.ones(3), 3, 17, 16, np.empty((3, 16)), odd)
    assert odd[0] == 1


@given(st.lists(st.integers(0, 5), min_size=1, max_size=10), seeds)
def test_segment_sums(lengths: list[int], seed: int) -> None:
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    values = np.random.default_rng(seed).random(starts[-1])
    out = np.empty(len(lengths))
    kernels.segment_sums(starts, values, len(out), out)
    parts = [sum(values[a:b].tolist()) for a, b in pairwise(starts)]
    assert out.tolist() == parts


def test_kernels_are_imported_by_name_only() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scatter'"):
        kernels.scatter  # type: ignore[attr-defined] # noqa: B018
    kernels.prepare()
    assert all(callable(getattr(kernels, name)) for name in kernels.__all__)
