"""Networks of a world, raw and prepared, and what it takes to build them.

For comparison, SciPy builds compressed rows in both directions from the same indexed pairs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from synthetic import World

import apl_engine
from apl_engine.kernels.types import Index
from apl_engine.method.network import TravelNetwork, connect, edges_of, own_pairs
from apl_engine.method.place_order import order_places
from apl_engine.method.runs import runs_of
from apl_engine.method.sparse_rows import CommunePairs, Rows, rows_both_ways, time_bands
from apl_engine.method.weighted_rows import RunRows


@functools.cache
def rules() -> apl_engine.Methodology:
    return apl_engine.load_methodology("mk-2024")


def network_from(codes: pl.Series, parts: list[CommunePairs]) -> TravelNetwork:
    """Build a network from indexed pairs."""
    travel = rules().travel
    edges = edges_of(travel)
    own, _ = own_pairs(parts, len(codes), travel, edges)
    return connect(codes, [*parts, own], travel, edges)


def network_of(world: World) -> TravelNetwork:
    """Return the network of a world as from raw travel times: pairs only."""
    return network_from(world.codes, [indexed_pairs(world)])


@functools.lru_cache(maxsize=3)
def prepared(world: World) -> TravelNetwork:
    """Return the network of a world with its layout in runs, as in a file."""
    return network_of(world).laid_out()


def derive_runs(world: World, threads: int | None = None) -> Callable[[], list[RunRows | None]]:
    """Return the task of deriving the runs of both directions, given the order of places."""
    network = prepared(world)
    assert network.layout
    order, weights = network.layout.order, network.built_for
    ways = (network.by_origin, network.by_destination)
    return lambda: [runs_of(way, weights, order, threads) for way in ways]


def order(world: World, threads: int | None = None) -> Callable[[], Index]:
    """Return the task of finding the order of places."""
    network = network_of(world)
    ways = (network.by_origin, network.by_destination)
    return lambda: order_places(*ways, network.built_for, threads=threads)


def indexed_pairs(world: World, *, shuffled: bool = False) -> CommunePairs:
    """Return the pairs by index and time band, sorted or shuffled."""
    bands = time_bands(world.minutes.astype(np.float64), edges_of(rules().travel))
    pairs = CommunePairs(world.origin, world.destination, bands)
    if not shuffled:
        return pairs
    order = np.random.default_rng(0).permutation(len(bands))
    columns = (pairs.origin, pairs.destination, pairs.bands)
    return CommunePairs(*(column[order] for column in columns))


def build_rows(
    pairs: CommunePairs, size: int, threads: int | None = None
) -> Callable[[], tuple[Rows, Rows]]:
    beyond = 2 * len(edges_of(rules().travel))
    return lambda: rows_both_ways([pairs], size, beyond, threads)


def scipy_ways(pairs: CommunePairs, size: int) -> dict[str, Callable[[], tuple[Any, Any]]]:
    """Return SciPy's two ways: both directions from coo, or the second from the first.

    SciPy gets one byte per pair, as the engine does; weights of eight bytes would take longer.
    """
    index = (pairs.origin.astype(np.int32), pairs.destination.astype(np.int32))
    matrix = coo_array((pairs.bands, index), shape=(size, size))

    def twice() -> tuple[Any, Any]:
        return matrix.tocsr(), matrix.T.tocsr()

    def through() -> tuple[Any, Any]:
        first = matrix.tocsr()
        return first, first.T.tocsr()

    return {"SciPy, coo to csr twice": twice, "SciPy, coo to csr, then csr": through}


def check(pairs: CommunePairs, size: int) -> None:
    """Exit unless SciPy builds the same rows."""
    expected = build_rows(pairs, size)()
    for name, task in scipy_ways(pairs, size).items():
        for rows, matrix in zip(expected, task(), strict=True):
            same = (
                np.array_equal(rows.pointers, matrix.indptr)
                and np.array_equal(rows.communes, matrix.indices)
                and np.array_equal(rows.bands, matrix.data)
            )
            if not same:
                raise SystemExit(f"{name}: different rows")


def touched_bytes(network: TravelNetwork) -> int:
    """Return the bytes of rows that both steps of a run read."""
    ways = network.ways(rules())
    return ways.by_origin.nbytes + ways.by_destination.nbytes


def file_bytes_per_pair(network: TravelNetwork) -> float:
    """Return the size of the network file per pair, with head, codes, runs and pairs."""
    from apl_engine.networks.file import network_bytes

    head, parts = network_bytes(network)
    return (len(head) + sum(len(part) for part in parts)) / network.pairs
