"""Sums over sparse rows, against plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apl_engine import kernels

sizes = st.integers(1, 8)
seeds = st.integers(0, 2**32 - 1)


def sparse(size: int, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Return pointers and pairs of rows of any length, and the same as a dense matrix of bands."""
    dense = rng.integers(0, 4, (size, size))
    places = [np.flatnonzero(row) for row in dense]
    pointers = np.cumsum([0, *(len(part) for part in places)]).astype(np.int64)
    words = [row[part] << 24 | part for row, part in zip(dense, places, strict=True)]
    return pointers, np.concatenate(words).astype(np.uint32), dense


@settings(deadline=None)
@given(sizes, seeds)
def test_gather_is_a_sparse_product_summed_in_order(size: int, seed: int) -> None:
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
def test_packing_counts_values_that_are_no_quantity(value: float) -> None:
    values, odd = np.ones((3, 17)), np.zeros(1, np.int64)
    values[1, 16] = value
    kernels.pack_block(values, np.ones(3), 3, 17, 16, np.empty((3, 16)), odd)
    assert odd[0] == 1
