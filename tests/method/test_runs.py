"""Layouts in runs: the sums of pairs, for any network, order and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine.kernels import threads as kernel_threads
from apl_engine.method.runs import lay_out, runs_of
from apl_engine.method.sparse_rows import CommunePairs, Rows, rows_both_ways
from apl_engine.method.weighted_rows import PairRows, RunRows

WEIGHTS = np.array([3, 3, 2, 1, 0], dtype=np.int64)
BEYOND = 250


def network(origin: Any, destination: Any, bands: Any, size: int) -> tuple[Rows, Rows]:
    pairs = CommunePairs(
        np.asarray(origin, dtype=np.uint32),
        np.asarray(destination, dtype=np.uint32),
        np.asarray(bands, dtype=np.uint8),
    )
    return rows_both_ways([pairs], size, BEYOND)


def dense_network(bands: Any) -> tuple[Rows, Rows]:
    origin, destination = np.indices(bands.shape).reshape(2, -1)
    return network(origin, destination, bands.ravel(), len(bands))


def check_sums(rows: Rows, runs: RunRows | None, weights: Any, seed: int = 0) -> None:
    """Assert that words of 64 bits have the same sums over runs as over pairs."""
    assert runs is not None
    rng, size = np.random.default_rng(seed), len(rows.pointers) - 1
    words = rng.integers(-(2**63), 2**63, size)
    pairs = PairRows(rows, weights)
    sums, widths = pairs.add(pairs.terms(words), None)
    for threads in (1, 3):
        found = runs.add(runs.terms(words), threads)
        assert found[0].tobytes() == sums.tobytes()
        assert found[1].tobytes() == widths.tobytes()
    some = rng.permutation(size)[: 1 + size // 3]
    assert runs.add_at(runs.terms(words), some).tobytes() == sums[some].tobytes()
    assert runs.heaviest == pairs.heaviest


@given(
    st.integers(1, 30),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 16_384), min_size=1, max_size=5).filter(any),
    st.floats(0, 1),
)
def test_any_network_has_the_sums_of_its_pairs(
    n: int, seed: int, drawn: list[int], share: float
) -> None:
    rng, weights = np.random.default_rng(seed), np.array(drawn)
    bands = np.where(rng.random((n, n)) < share, rng.integers(0, len(weights), (n, n)), BEYOND)
    one, two = dense_network(bands)
    order = rng.permutation(n).astype(np.uint32)
    check_sums(one, runs_of(one, weights, order), weights, seed)
    check_sums(two, runs_of(two, weights, order), weights, seed)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_a_complete_network(size: int) -> None:
    """Rows of more than 255 neighbours are several runs; windows of 256 rows may be cut short."""
    one, _two = dense_network(np.zeros((size, size), dtype=np.int64))
    order = np.arange(size, dtype=np.uint32)
    runs = runs_of(one, WEIGHTS, order)
    assert runs is not None
    check_sums(one, runs, WEIGHTS)
    # A set for each of the weights 3, 2 and 1.
    assert len(runs.starts) == 3 * size * -(-size // 255)
    assert runs.factors.tolist() == [1]


def chain(size: int) -> tuple[Rows, Rows]:
    """Return a line of places, each with those next to it; the ends also reach each other."""
    here = np.arange(size)
    origin = np.concatenate((here, here[1:], here[:-1], [0, size - 1]))
    destination = np.concatenate((here, here[:-1], here[1:], [size - 1, 0]))
    bands = np.concatenate((np.zeros(size), np.repeat([2, 3], size - 1), [3, 3]))
    return network(origin, destination, bands, size)


@pytest.mark.parametrize(("size", "dtype"), [(65_536, np.uint16), (65_537, np.uint32)])
def test_starts_take_16_bits_up_to_a_number_of_places(size: int, dtype: Any) -> None:
    one, _two = chain(size)
    order = np.random.default_rng(1).permutation(size).astype(np.uint32)
    runs = runs_of(one, WEIGHTS, order)
    assert runs is not None
    assert runs.starts.dtype == dtype
    assert int(runs.starts.max()) == size - 1
    check_sums(one, runs, WEIGHTS)


def test_a_row_of_too_many_runs_has_no_layout() -> None:
    """A star: one place that reaches every second one."""
    size = 2**17 + 2
    for spokes, found in ((2**16 - 1, True), (2**16, False)):
        ends = 2 * np.arange(spokes)
        one, two = network(np.full(spokes, 1), ends, np.full(spokes, 3), size)
        order = np.arange(size, dtype=np.uint32)
        runs = runs_of(one, WEIGHTS, order)
        assert (runs is not None) == found
        if found:
            check_sums(one, runs, WEIGHTS)
        assert runs_of(two, WEIGHTS, order) is not None


@pytest.mark.parametrize(("count", "found"), [(255, True), (256, False)])
def test_a_layout_has_up_to_255_weights(count: int, found: bool) -> None:
    weights = np.arange(count, 0, -1)
    size = 16
    one, _two = dense_network(np.arange(size * size).reshape(size, size) % min(count, BEYOND))
    runs = runs_of(one, weights, np.arange(size, dtype=np.uint32))
    assert (runs is not None) == found
    if found:
        check_sums(one, runs, weights)


@pytest.mark.parametrize("weights", [(5, 3, 1), (3, 2, 1), (1,), (2, 2, 1), (4, 0, 1), (1, 7)])
def test_weights_of_any_pattern(weights: tuple[int, ...]) -> None:
    """Steps of other sizes than 1 are factors; weights need not fall."""
    rng, size, chosen = np.random.default_rng(0), 40, np.array(weights)
    one, _two = dense_network(rng.integers(0, len(chosen), (size, size)))
    runs = runs_of(one, chosen, rng.permutation(size).astype(np.uint32))
    assert runs is not None
    steps = -np.diff(np.append(np.unique(chosen[chosen > 0])[::-1], 0))
    assert runs.factors.tolist() == sorted(set(steps.tolist()))
    assert runs.is_simple == (set(steps.tolist()) == {1})
    check_sums(one, runs, chosen)


def near_places(size: int) -> tuple[Rows, Rows]:
    place = np.arange(size)
    apart = np.abs(place[:, None] - place)
    return dense_network(np.where(apart < 40, apart // 12, BEYOND))


def test_a_layout_is_the_same_for_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = near_places(300)
    monkeypatch.setattr(kernel_threads, "PAIRS_PER_THREAD", 50)
    alone = lay_out(one, two, WEIGHTS, 1)
    assert alone is not None
    assert alone.nbytes < PairRows(one, WEIGHTS).nbytes + PairRows(two, WEIGHTS).nbytes
    assert 3 <= alone.runs_per_row < 6
    for rows, way in ((one, "by_origin"), (two, "by_destination")):
        check_sums(rows, getattr(alone, way), WEIGHTS)
    for threads in (2, 3, 7):
        shared = lay_out(one, two, WEIGHTS, threads)
        assert shared is not None
        for way in ("by_origin", "by_destination"):
            a, b = getattr(alone, way), getattr(shared, way)
            for name in ("order", "pointers", "members", "counts", "starts", "lengths", "widths"):
                assert getattr(a, name).tobytes() == getattr(b, name).tobytes()


def test_no_layout_where_runs_take_more_than_pairs() -> None:
    rng = np.random.default_rng(0)
    one, two = dense_network(np.where(rng.random((300, 300)) < 0.02, 0, BEYOND))
    assert lay_out(one, two, WEIGHTS) is None
