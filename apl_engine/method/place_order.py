"""An order of places in which the neighbours of each are a few runs of consecutive positions.

Runs are counted over the nested sets of neighbours: those of the highest weight, those of the two
highest, and so on. Their number is half the length of a tour through all places, where a step from
one place to the next costs the sum, over all rows, of the difference between the ranks of their
weights. So the order is a short tour, as of a travelling salesman: links between the nearest places
first, then local search. It needs no coordinates.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .. import kernels
from ..kernels.order import (
    COMPARED,
    FEWEST_NEIGHBOURS,
    MOST_NEIGHBOURS,
    PLACE_PAIRS,
    REACH,
    REVERSED,
)
from ..kernels.threads import share_out
from ..kernels.types import Bands, Index, Pointers
from .sparse_rows import Rows


def order_places(
    by_origin: Rows,
    by_destination: Rows,
    weights: npt.NDArray[np.int64],
    *,
    threads: int | None = None,
) -> Index:
    """Return an order of places in which the neighbours of each are in few runs.

    Parameters
    ----------
    by_origin, by_destination : Rows
        The same pairs, in rows of either end.
    weights : int64 (n_bands,)
        Weight of each band, 0 or more; only their ranks matter.
    threads : int, optional
        Number of threads; the result is the same for any number.

    Returns
    -------
    uint32 (n_places,)
        The place at each position.
    """
    n = len(by_origin.pointers) - 1
    levels, totals = _levels(weights), np.empty(n, dtype=np.int64)
    columns = (by_origin.pointers, by_origin.pairs, by_destination.pointers, by_destination.pairs)

    def add_up(start: int, stop: int) -> None:
        kernels.column_totals(*columns, levels, start, stop, totals)

    share_out(add_up, by_origin.pointers, threads)
    width = _neighbours(n, len(by_origin.pairs))
    near, costs = np.empty((n, width), np.uint32), np.empty((n, width), np.int64)

    def search(start: int, stop: int) -> None:
        kernels.neighbour_costs(
            *columns, levels, totals, n, width, start, stop,
            np.zeros(2 * n, np.uint8), np.empty(256, np.int64), near, costs,
        )  # fmt: skip

    share_out(search, by_origin.pointers, threads, passes=width)
    order = _chain(near, costs)
    if n > 2:
        _improve(order, near, costs, totals)
    return order


def _neighbours(places: int, pairs: int) -> int:
    """Return how many candidates each place has for the places beside it in the order."""
    affordable = COMPARED // (pairs + PLACE_PAIRS * places + 1)
    return min(MOST_NEIGHBOURS, max(FEWEST_NEIGHBOURS, affordable))


def _levels(weights: npt.NDArray[np.int64]) -> Bands:
    """Return the rank of each weight among those above 0, and 0 for 0."""
    return np.searchsorted(np.unique(weights[weights > 0]), weights, side="right").astype(np.uint8)


def _positions(order: Index) -> Index:
    positions = np.empty_like(order)
    positions[order] = np.arange(len(order), dtype=np.uint32)
    return positions


def _chain(near: Index, costs: Pointers) -> Index:
    """Link places at the lowest costs first, then put the resulting chains in a row.

    No place has more than two links, and no links form a ring.
    """
    n, width = near.shape
    links, degrees = np.empty((n, 2), dtype=np.uint32), np.zeros(n, dtype=np.uint8)
    tried = np.flatnonzero(near < n)
    # A stable sort, so that ties have one order. NumPy sorts 16 bits by digits, in a quarter of the
    # time; places at higher costs than that are far apart in any order.
    ranks = np.minimum(costs.ravel()[tried], 0xFFFF).astype(np.uint16)
    ranked = tried[np.argsort(ranks, kind="stable")]
    roots, order = np.arange(n, dtype=np.uint32), np.empty(n, dtype=np.uint32)
    kernels.join_nearest(ranked, len(ranked), near, width, roots, degrees, links)
    kernels.join_chains(near, width, n, degrees, links, np.zeros(n, dtype=np.uint8), order)
    return order


def _improve(order: Index, near: Index, costs: Pointers, totals: Pointers) -> None:
    """Change `order` to a shorter tour."""
    n, width = near.shape
    first, second = order[:-1], order[1:]
    steps = totals[first] + totals[second]
    for one, other in ((first, second), (second, first)):
        row, column = np.nonzero(near[one] == other[:, None])
        steps[row] = costs[one[row], column]
    kernels.improve_order(
        near, costs, width, totals, n, REACH, REVERSED * n, steps,
        np.empty(n, np.uint32), np.empty(n, np.uint8), np.empty((3, 2), np.int64),
        _positions(order), order,
    )  # fmt: skip
