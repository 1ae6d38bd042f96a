"""Which communes to ask for together: compact blocks within the server's largest table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..estimate.points import Ints, Places, near_pairs

_BITS = 16


@dataclass(frozen=True)
class Block:
    """One request.

    Attributes
    ----------
    sources, destinations : rows of the places.
    wanted : bool (sources, destinations), the pairs that can be within reach.
    """

    sources: Ints
    destinations: Ints
    wanted: NDArray[np.bool_]


def blocks_of(places: Places, reach_km: float, largest_table: int) -> list[Block]:
    """Cut the pairs within `reach_km` into requests of at most `largest_table` points each.

    Sources that follow one another on a Hilbert curve share most of their destinations.
    """
    start, end = near_pairs(places, reach_km)
    size = max(1, len(places.codes))
    both = np.sort(np.concatenate([start * size + end, end * size + start]))
    origin, destination = np.divmod(both, size)
    bounds = np.searchsorted(origin, np.arange(len(places.codes) + 1))
    near = [destination[bounds[row] : bounds[row + 1]] for row in range(len(places.codes))]
    curve = hilbert_order(places)
    at = np.argsort(curve, kind="stable")
    at_once = max(1, largest_table // 2)
    return [
        block
        for first in range(0, len(curve), at_once)
        for block in _blocks(curve[first : first + at_once], near, at, largest_table)
    ]


def _blocks(sources: Ints, near: list[Ints], at: Ints, largest_table: int) -> Iterator[Block]:
    """Cut what some sources need; `at` is where each row is on the curve."""
    sources = np.array([row for row in sources if len(near[row])], dtype=np.int64)
    if not len(sources):
        return
    # Destinations in the order of the curve too, so that a chunk is near few sources.
    destinations = np.unique(np.concatenate([near[row] for row in sources]))
    destinations = destinations[np.argsort(at[destinations])]
    column = np.argsort(destinations)
    wanted = np.zeros((len(sources), len(destinations)), dtype=bool)
    for number, row in enumerate(sources):
        wanted[number, column[np.searchsorted(destinations, near[row], sorter=column)]] = True
    room = largest_table - len(sources)
    for first in range(0, len(destinations), room):
        marks = wanted[:, first : first + room]
        used = marks.any(axis=1)
        yield Block(sources[used], destinations[first : first + room], marks[used])


def hilbert_order(places: Places) -> Ints:
    """Return the rows along a Hilbert curve over latitude and longitude; ties by code."""
    if not places.codes:
        return np.empty(0, dtype=np.int64)
    x, y = _grid(places.lon), _grid(places.lat)
    key = np.zeros(len(places.codes), dtype=np.int64)
    for bit in range(_BITS - 1, -1, -1):
        side = 1 << bit
        right, upper = (x & side) > 0, (y & side) > 0
        key += side * side * ((3 * right) ^ upper)
        flip = ~upper & right
        x, y = np.where(flip, side - 1 - x, x), np.where(flip, side - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        x, y = x & (side - 1), y & (side - 1)
    return np.argsort(key, kind="stable")


def _grid(degrees: NDArray[np.float64]) -> Ints:
    low, high = degrees.min(), degrees.max()
    scaled = (degrees - low) / max(high - low, 1e-9) * ((1 << _BITS) - 1)
    result: Ints = scaled.astype(np.int64)
    return result
