"""Requests to a table service: compact blocks of communes within the server's largest table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..estimate.points import CommunePoints, Ints, near_pairs
from ..hilbert import hilbert_order


@dataclass(frozen=True)
class Block:
    """One request.

    Attributes
    ----------
    sources, destinations : ndarray of int64
        Row numbers of the communes.
    wanted : ndarray of bool, shape (n_sources, n_destinations)
        The pairs that can be within reach.
    """

    sources: Ints
    destinations: Ints
    wanted: NDArray[np.bool_]


def blocks_of(points: CommunePoints, reach_km: float, largest_table: int) -> list[Block]:
    """Divide the pairs within `reach_km` into requests of at most `largest_table` points each.

    Consecutive sources on a Hilbert curve share most of their destinations.

    Parameters
    ----------
    points : CommunePoints
    reach_km : float
        Straight distance.
    largest_table : int
        Points in one request, sources and destinations together.

    Returns
    -------
    list of Block
    """
    start, end = near_pairs(points, reach_km)
    size = max(1, len(points.codes))
    both = np.sort(np.concatenate([start * size + end, end * size + start]))
    origin, destination = np.divmod(both, size)
    near = np.split(destination, np.searchsorted(origin, np.arange(1, size)))
    curve = hilbert_order(points.lat, points.lon)
    position = np.argsort(curve, kind="stable")
    group = max(1, largest_table // 2)
    groups = (curve[first : first + group] for first in range(0, len(curve), group))
    return [block for rows in groups for block in _blocks(rows, near, position, largest_table)]


def _blocks(sources: Ints, near: list[Ints], position: Ints, largest_table: int) -> Iterator[Block]:
    """Divide the pairs of some sources; `position` is that of each row on the curve."""
    sources = np.array([row for row in sources if len(near[row])], dtype=np.int64)
    if not len(sources):
        return
    # Destinations follow the curve too, so that a block is near few sources.
    destinations = np.unique(np.concatenate([near[row] for row in sources]))
    destinations = destinations[np.argsort(position[destinations])]
    column = np.empty(len(position), dtype=np.int64)
    column[destinations] = np.arange(len(destinations))
    wanted = np.zeros((len(sources), len(destinations)), dtype=bool)
    for k, row in enumerate(sources):
        wanted[k, column[near[row]]] = True
    width = largest_table - len(sources)
    for first in range(0, len(destinations), width):
        part = wanted[:, first : first + width]
        used = part.any(axis=1)
        yield Block(sources[used], destinations[first : first + width], part[used])
