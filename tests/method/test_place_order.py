"""Orders of places: any network has one, and it makes for few runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tables import SAMPLES

from apl_engine import build_network, load_methodology, read_inputs
from apl_engine.kernels.types import Index
from apl_engine.method.place_order import order_places
from apl_engine.method.runs import runs_of
from apl_engine.method.sparse_rows import CommunePairs, Rows, rows_both_ways

WEIGHTS = np.array([3, 3, 2, 1, 1, 0], dtype=np.int64)
BEYOND = len(WEIGHTS)


def _rows(bands: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> tuple[Rows, Rows]:
    origin, destination = (a.ravel().astype(np.uint32) for a in np.indices(bands.shape))
    pairs = CommunePairs(origin, destination, bands.ravel().astype(np.uint8))
    return rows_both_ways([pairs], len(bands), BEYOND)


def _count_runs(rows: tuple[Rows, Rows], weights: np.ndarray, order: Index) -> int:
    """Return the number of runs by origin."""
    derived = runs_of(rows[0], weights, order)
    return 0 if derived is None else len(derived.starts)


def _check(rows: tuple[Rows, Rows], weights: np.ndarray = WEIGHTS) -> Index:
    """Order places with several numbers of threads; return their order."""
    orders = [order_places(*rows, weights, threads=threads) for threads in (1, 2, 3, 7, None)]
    assert sorted(orders[0].tolist()) == list(range(len(rows[0].pointers) - 1))
    assert orders[0].dtype == np.uint32
    for order in orders[1:]:
        assert order.tolist() == orders[0].tolist()
    return orders[0]


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_any_network_has_an_order(n: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    bands = rng.integers(0, BEYOND + 1, (n, n))
    bands[rng.random((n, n)) > share] = BEYOND
    _check(_rows(bands))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50])
@pytest.mark.parametrize("band", [0, BEYOND - 1, BEYOND])
def test_places_that_are_all_alike(n: int, band: int) -> None:
    empty = Rows(np.zeros(n + 1, np.int64), np.empty(0, np.uint32))
    rows = _rows(np.full((n, n), band)) if n else (empty, empty)
    order = _check(rows)
    if n and band == 0:
        assert _count_runs(rows, WEIGHTS, order) == 3 * n


@pytest.mark.parametrize("one_way", [False, True])
def test_places_along_a_road_are_ordered_along_it(one_way: bool) -> None:
    """Also if it is several roads, with isolated places."""
    rng = np.random.default_rng(5)
    n, road = 300, 60
    along = rng.permutation(n)
    gaps = np.subtract.outer(along, along)
    apart = (np.subtract.outer(along // road, along // road) != 0) | (along >= n - 9)
    bands = np.minimum(np.abs(gaps), BEYOND)
    bands[apart | (one_way & (gaps < 0))] = BEYOND
    rows = _rows(bands)
    order = _check(rows)
    best = _count_runs(rows, WEIGHTS, np.argsort(along).astype(np.uint32))
    assert _count_runs(rows, WEIGHTS, order) <= 1.02 * best


def test_no_place_has_weight() -> None:
    _check(_rows(np.zeros((8, 8), int)), np.zeros(BEYOND, dtype=np.int64))


@pytest.mark.parametrize(
    "name", ["pays-de-la-loire", pytest.param("france", marks=pytest.mark.slow)]
)
def test_the_samples_have_few_runs(name: str) -> None:
    rules = load_methodology("mk-2024")
    inputs = read_inputs(SAMPLES / name, rules)
    network = build_network(inputs.travel_times, inputs.communes, rules)
    rows, weights = (network.by_origin, network.by_destination), network.weights(rules)
    order = _check(rows, weights.astype(np.int64))
    for ways in (rows, rows[::-1]):
        by_code = _count_runs(ways, weights, np.arange(len(order), dtype=np.uint32))
        assert _count_runs(ways, weights, order) < by_code / 3
