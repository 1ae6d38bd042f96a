"""Networks of a world: the one place where measurements make them, and what building takes.

Beside it, SciPy's way from the same indexed pairs to compressed rows both ways.
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
from apl_engine.method.network import TravelNetwork, connect, edges_of, own_pairs
from apl_engine.method.sparse_rows import PlacePairs, Rows, rows_both_ways, time_bands


@functools.cache
def rules() -> apl_engine.Methodology:
    return apl_engine.load_methodology("mk-2024")


def connected(codes: pl.Series, parts: list[PlacePairs]) -> TravelNetwork:
    """Make a network of pairs that are indexed; the place to change how large ones are built."""
    travel = rules().travel
    edges = edges_of(travel)
    return connect(codes, [*parts, own_pairs(parts, len(codes), travel, edges)], travel, edges)


def network_of(world: World) -> TravelNetwork:
    return connected(world.codes, [mapped(world)])


def mapped(world: World, *, shuffled: bool = False) -> PlacePairs:
    """Return the pairs by index and band of minutes, in order or in none."""
    bands = time_bands(world.minutes.astype(np.float64), edges_of(rules().travel))
    given = PlacePairs(world.origin, world.destination, bands)
    if not shuffled:
        return given
    order = np.random.default_rng(0).permutation(len(bands))
    columns = (given.origin, given.destination, given.bands)
    return PlacePairs(*(column[order] for column in columns))


def ours(
    pairs: PlacePairs, size: int, threads: int | None = None
) -> Callable[[], tuple[Rows, Rows]]:
    beyond = 2 * len(edges_of(rules().travel))
    return lambda: rows_both_ways([pairs], size, beyond, threads)


def scipys(pairs: PlacePairs, size: int) -> dict[str, Callable[[], tuple[Any, Any]]]:
    """Return SciPy's ways: from coo to both, or to one and from it to the other.

    It is given one byte a pair, as we are: weights of eight would take it longer.
    """
    index = (pairs.origin.astype(np.int32), pairs.destination.astype(np.int32))
    given = coo_array((pairs.bands, index), shape=(size, size))

    def twice() -> tuple[Any, Any]:
        return given.tocsr(), given.T.tocsr()

    def through() -> tuple[Any, Any]:
        first = given.tocsr()
        return first, first.T.tocsr()

    return {"SciPy, coo to csr twice": twice, "SciPy, coo to csr, then csr": through}


def check(pairs: PlacePairs, size: int) -> None:
    """Stop unless SciPy's rows are ours."""
    mine = ours(pairs, size)()
    for name, work in scipys(pairs, size).items():
        for rows, matrix in zip(mine, work(), strict=True):
            same = (
                np.array_equal(rows.pointers, matrix.indptr)
                and np.array_equal(rows.places, matrix.indices)
                and np.array_equal(rows.bands, matrix.data)
            )
            if not same:
                raise SystemExit(f"{name}: other rows")


def bytes_per_pair(network: TravelNetwork) -> float:
    """Return what the file of a network holds for each pair, head, codes and pointers included."""
    from apl_engine.networks.file import network_bytes

    head, parts = network_bytes(network)
    return (len(head) + sum(len(part) for part in parts)) / network.pairs
