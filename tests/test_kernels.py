"""The loops alone, against plain NumPy; run compiled and interpreted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apl_engine import kernels

sizes = st.integers(1, 8)
seeds = st.integers(0, 2**32 - 1)


@given(st.lists(st.floats(0, 100), max_size=30), st.lists(st.floats(0.1, 100), max_size=4))
def test_step_classes(minutes: list[float], edges: list[float]) -> None:
    edges = sorted(edges)
    out = np.empty(len(minutes), dtype=np.uint8)
    sizes = (len(minutes), len(edges))
    kernels.step_classes(np.array(minutes, float), np.array(edges, float), *sizes, out)
    assert out.tolist() == np.searchsorted(edges, minutes, side="right").tolist()


@settings(deadline=None)
@given(sizes, sizes, seeds)
def test_rows_hold_the_pairs_kept(n_rows: int, n_columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, 4, (n_rows, n_columns)).astype(np.uint8)
    beyond = 3
    order = rng.permutation(dense.size)
    rows, columns = (a.ravel()[order].astype(np.uint32) for a in np.indices(dense.shape))
    classes = dense.ravel()[order]

    counts = np.zeros(n_rows + 1, dtype=np.int64)
    kernels.count_pairs(rows, classes, beyond, dense.size, counts)
    pointers = np.cumsum(counts)
    assert np.diff(pointers).tolist() == (dense != beyond).sum(axis=1).tolist()

    kept_columns = np.empty(pointers[-1], dtype=np.uint32)
    kept_classes = np.empty(pointers[-1], dtype=np.uint8)
    cursors = pointers[:-1].copy()
    kernels.fill_rows(
        rows, columns, classes, beyond, dense.size, cursors, kept_columns, kept_classes
    )
    assert cursors.tolist() == pointers[1:].tolist()

    turned = np.concatenate(([0], np.cumsum((dense != beyond).sum(axis=0)))).astype(np.int64)
    out_columns, out_classes = np.empty_like(kept_columns), np.empty_like(kept_classes)
    kernels.transpose_rows(
        pointers, kept_columns, kept_classes, n_rows, turned[:-1].copy(), out_columns, out_classes
    )
    again = np.full((n_columns, n_rows), beyond, dtype=np.uint8)
    for column in range(n_columns):
        part = slice(turned[column], turned[column + 1])
        assert out_columns[part].tolist() == sorted(out_columns[part].tolist())
        again[column, out_columns[part]] = out_classes[part]
    assert again.T.tolist() == dense.tolist()


@settings(deadline=None)
@given(sizes, seeds)
def test_gather_is_a_sparse_product(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, 3, (size, size)).astype(np.uint8)
    weights, values = rng.random(3), rng.random(size)
    pointers = np.arange(size + 1, dtype=np.int64) * size
    columns = np.tile(np.arange(size, dtype=np.uint32), size)
    out = np.full(size, -1.0)
    half = size // 2
    for start, stop in ((half, size), (0, half)):
        kernels.gather(pointers, columns, dense.ravel(), weights, values, start, stop, out)
    assert out == pytest.approx(weights[dense] @ values)


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
