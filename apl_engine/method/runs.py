"""Rows of a network as runs of consecutive places: what a prepared network adds up by.

Within 10, 15 and 20 minutes, neighbours are nested sets; with places in a good order, each set is a
few runs of consecutive positions. The sum over a run is the difference of two running sums. The
weighted sum of a row adds its runs, each times the step between two weights: with weights 3, 2 and
1 all steps are 1, and a place of weight 3 is in a run of each of the three sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import kernels
from ..kernels.catchment import WINDOW
from ..kernels.threads import share_out
from ..kernels.types import Bands, Index, Pairs, Pointers, Words
from .place_order import order_places
from .sparse_rows import Rows
from .weighted_rows import PairRows, RunRows

# Starts of runs take 16 bits up to this many places.
_SHORT = 2**16
# Runs of a row and factor are counted in 16 bits.
_MOST_RUNS = 2**16 - 1
# The level of pairs of weight 0.
_BEYOND = 2**8 - 1


@dataclass(frozen=True)
class Layout:
    """Both directions of a network as runs, for one reading of the steps.

    Attributes
    ----------
    weights : int64 (n_bands,)
        Weight of each band of minutes.
    order : uint32 (n_communes,)
        The commune at each position.
    by_origin, by_destination : RunRows
        The rows of `TravelNetwork.by_origin` and `by_destination`, as runs.
    """

    weights: Words
    order: Index
    by_origin: RunRows
    by_destination: RunRows

    @property
    def nbytes(self) -> int:
        """Bytes that both steps read."""
        return self.by_origin.nbytes + self.by_destination.nbytes

    @property
    def runs_per_row(self) -> float:
        """Mean number of runs of a row, both ways."""
        ways = (self.by_origin, self.by_destination)
        count = sum(len(way.starts) for way in ways)
        return count / max(2 * len(self.order), 1)


def lay_out(
    by_origin: Rows, by_destination: Rows, weights: Words, threads: int | None = None
) -> Layout | None:
    """Order places, and derive the runs of both directions.

    Parameters
    ----------
    by_origin, by_destination : Rows
        See `TravelNetwork`.
    weights : int64 (n_bands,)
        Weight of each band of minutes; 0 or more.
    threads : int, optional
        Number of threads; the result is the same for any.

    Returns
    -------
    Layout or None
        None if its runs take more bytes than the pairs.
    """
    order = order_places(by_origin, by_destination, weights, threads=threads)
    origins = runs_of(by_origin, by_destination, weights, order, threads)
    destinations = runs_of(by_destination, by_origin, weights, order, threads)
    if origins is None or destinations is None:
        return None
    layout = Layout(weights, order, origins, destinations)
    pairs = sum(PairRows(way, weights).nbytes for way in (by_origin, by_destination))
    return layout if layout.nbytes < pairs else None


def runs_of(
    rows: Rows, other_way: Rows, weights: Words, order: Index, threads: int | None = None
) -> RunRows | None:
    """Derive the runs of one direction.

    Parameters
    ----------
    rows, other_way : Rows
        The direction, and its transpose.
    weights : int64 (n_bands,)
        Weight of each band.
    order : uint32 (n_communes,)
        The commune at each position.
    threads : int, optional
        Number of threads; the result is the same for any.

    Returns
    -------
    RunRows or None
        None if a row has 65 536 runs or more, or there are 255 different weights or more.
    """
    steps = np.unique(weights[weights > 0])[::-1]
    if len(steps) >= _BEYOND:
        return None
    levels = np.full(len(weights), _BEYOND, dtype=np.uint8)
    for level, weight in enumerate(steps):
        levels[weights == weight] = level
    steps_down = steps - np.append(steps[1:], 0)
    factors = np.unique(steps_down)[::-1].copy()
    sets = [np.flatnonzero(steps_down == factor).astype(np.uint8) for factor in factors]
    turned = _turn(rows, other_way, levels, order, threads)
    counts = np.stack([turned.count(each, threads) for each in sets], axis=1)
    if counts.max(initial=0) > _MOST_RUNS:
        return None
    lanes, row = _by_falling_count(counts.sum(axis=1))
    # Where the runs of each row and factor go: row after row, and by factor within a row.
    ends = np.cumsum(counts[row].ravel())
    at = np.empty_like(counts)
    at[row] = ends.reshape(counts.shape) - counts[row]
    total = int(ends[-1]) if len(ends) else 0
    starts, lengths = np.empty(total, dtype=np.uint32), np.empty(total, dtype=np.uint8)
    for f, each in enumerate(sets):
        turned.write(each, np.ascontiguousarray(at[:, f]), starts, lengths, threads)
    windows = np.append(at[row[::WINDOW], 0], total)
    narrow = starts.astype(np.uint16) if len(order) <= _SHORT else starts
    _, widths = PairRows(rows, weights).add(np.zeros(len(order), dtype=np.int64), threads)
    return RunRows(
        order, factors, windows, lanes, counts[row].astype(np.uint16), narrow, lengths, widths,
        int(steps[0]),
    )  # fmt: skip


@dataclass(frozen=True)
class _Turned:
    """Rows in the order of positions, with pairs ascending: level << 24 | position.

    Pairs of weight 0 are left out, so that a row ends at `stops`, not where the next one starts.
    """

    pointers: Pointers
    stops: Pointers
    pairs: Pairs

    def count(self, sets: Bands, threads: int | None) -> Words:
        """Return the number of runs of some nested sets in each row, int64 (n_communes,)."""
        counts = np.empty(len(self.stops), dtype=np.int64)

        def work(first: int, last: int) -> None:
            kernels.count_runs(
                self.pointers, self.stops, self.pairs, sets, len(sets), first, last, counts
            )

        share_out(work, self.pointers, threads)
        return counts

    def write(
        self, sets: Bands, at: Pointers, starts: Index, lengths: Bands, threads: int | None
    ) -> None:
        """Write the runs of some nested sets; those of row h go to `at[h]` and after."""

        def work(first: int, last: int) -> None:
            kernels.write_runs(
                self.pointers, self.stops, self.pairs, sets, len(sets), at, first, last,
                starts, lengths,
            )  # fmt: skip

        share_out(work, self.pointers, threads)


def _turn(rows: Rows, other_way: Rows, levels: Bands, order: Index, threads: int | None) -> _Turned:
    size = len(order)
    position = np.empty(size, dtype=np.uint32)
    position[order] = np.arange(size, dtype=np.uint32)
    pointers = np.concatenate(([0], np.cumsum(np.diff(rows.pointers)[order])))
    stops, pairs = pointers[:-1].copy(), np.empty(len(rows.pairs), dtype=np.uint32)

    def work(start: int, stop: int) -> None:
        kernels.turn_rows(
            other_way.pointers, other_way.pairs, levels, order, position, size, _BEYOND,
            start, stop, stops, pairs,
        )  # fmt: skip

    share_out(work, pointers, threads)
    return _Turned(pointers, stops, pairs)


def _by_falling_count(counts: Words) -> tuple[Bands, Words]:
    """Return the rows of each window by falling count: their positions in it, and their numbers.

    Successive rows then have about the same number of runs, so that the processor predicts where
    the loop over the runs of a row ends.
    """
    size = len(counts)
    windows = np.full(-(-size // WINDOW) * WINDOW, _MOST_RUNS, dtype=np.uint16)
    windows[:size] -= np.minimum(counts, _MOST_RUNS).astype(np.uint16)
    order = np.argsort(windows.reshape(-1, WINDOW), axis=1, kind="stable")
    rows = (order + WINDOW * np.arange(len(order))[:, None]).ravel()[:size]
    return order.astype(np.uint8).ravel()[:size], rows
