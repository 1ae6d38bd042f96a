"""Inhabitants by age band, against plain Python."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_bands_are_added_in_order_of_communes_and_weighted_in_their_own(
    n_communes: int, n_bands: int, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    named = draw.permutation(n_communes * n_bands)[: draw.integers(n_communes * n_bands + 1)]
    communes, bands = (part.astype(np.uint32) for part in np.divmod(named, n_bands))
    people, weights = draw.random(len(named)), draw.random(n_bands)
    cells = np.zeros((n_communes, n_bands))
    kernels.fill_bands(communes, bands, people, len(named), n_bands, cells)
    expected = [[0.0] * n_bands for _ in range(n_communes)]
    for commune, band, value in zip(communes, bands, people.tolist(), strict=True):
        expected[commune][band] = value
    assert cells.tolist() == expected

    totals, sums, weighted = np.empty(n_bands), np.empty(n_communes), np.empty(n_communes)
    kernels.sum_bands(cells, n_communes, n_bands, totals)
    kernels.weight_bands(cells, weights, n_communes, n_bands, sums, weighted)
    assert totals.tolist() == [reduce(add, band) for band in zip(*expected, strict=True)]
    assert sums.tolist() == [reduce(add, row) for row in expected]
    products = [[v * w for v, w in zip(row, weights.tolist(), strict=True)] for row in expected]
    assert weighted.tolist() == [reduce(add, row) for row in products]
