"""Rows both ways against SciPy: any order, any parts, any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array

from apl_engine.kernels import threads as sharing
from apl_engine.method.sparse_rows import CommunePairs, rows_both_ways

BEYOND = 6


def draw(size: int, seed: int, order: str) -> CommunePairs:
    """Draw pairs of distinct or equal communes, asymmetric, some beyond reach."""
    rng = np.random.default_rng(seed)
    cells = np.flatnonzero(rng.random(size * size) < 0.6)
    if order == "shuffled":
        rng.shuffle(cells)
    elif order == "by destination":
        cells = cells[np.argsort(cells % size, kind="stable")]
    origin, destination = (index.astype(np.uint32) for index in np.divmod(cells, size))
    bands = rng.integers(0, BEYOND + 1, len(cells)).astype(np.uint8)
    return CommunePairs(origin, destination, bands)


def split(pairs: CommunePairs, cuts: list[int]) -> list[CommunePairs]:
    parts = zip(
        *(np.split(column, sorted(cuts)) for column in (pairs.origin, pairs.destination)),
        np.split(pairs.bands, sorted(cuts)),
        strict=True,
    )
    return [CommunePairs(*part) for part in parts]


@pytest.fixture(autouse=True)
def _small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "PAIRS_PER_THREAD", 7)


@given(
    st.integers(1, 12),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["sorted", "shuffled", "by destination"]),
    st.lists(st.integers(0, 80), max_size=3),
    st.booleans(),
    st.integers(1, 5),
)
def test_rows_are_those_of_scipy(
    size: int, seed: int, order: str, cuts: list[int], with_own: bool, threads: int
) -> None:
    pairs = draw(size, seed, order)
    parts = split(pairs, cuts)
    if with_own:
        own = np.setdiff1d(np.arange(size), pairs.origin[pairs.origin == pairs.destination])
        bands = np.full(len(own), seed % (BEYOND + 1), np.uint8)
        parts.append(CommunePairs(own.astype(np.uint32), own.astype(np.uint32), bands))
    origin, destination, bands = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("origin", "destination", "bands")
    )
    near = bands != BEYOND
    # A band of 0 is a value too.
    index = (origin[near].astype(np.int64), destination[near].astype(np.int64))
    matrix = coo_array((bands[near] + 1, index), shape=(size, size)).tocsr()
    rows = rows_both_ways(parts, size, BEYOND, threads)
    for found, expected in zip(rows, (matrix, matrix.T.tocsr()), strict=True):
        expected.sort_indices()
        assert found.pointers.tolist() == expected.indptr.tolist()
        assert found.communes.tolist() == expected.indices.tolist()
        assert (found.bands + 1).tolist() == expected.data.tolist()


def test_no_pair_at_all() -> None:
    for rows in rows_both_ways([], 3, BEYOND):
        assert rows.pointers.tolist() == [0, 0, 0, 0]
        assert len(rows.pairs) == 0
