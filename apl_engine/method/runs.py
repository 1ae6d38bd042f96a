"""Rows of a network as runs of consecutive places: what a prepared network adds up by.

Within 10, 15 and 20 minutes, neighbours are nested sets; with places in a good order, each set is a
few runs of consecutive positions. The weighted sum of a row is the sum over its runs of differences
of running sums, times the step between weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import kernels
from ..kernels.catchment import MAIN, WINDOW
from ..kernels.threads import share_out
from ..kernels.types import Bands, Index, Pairs, Pointers, Words
from .place_order import order_places
from .sparse_rows import Rows
from .weighted_rows import PairRows, RunRows, Values

# Starts of runs take 16 bits up to this many places.
_SHORT = 2**16
_MOST_RUNS = 2**16 - 1
_MOST_LEVELS = 2**8


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
        See `TravelNetwork`.
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
        None if a row has 65 536 runs or more, or if no weight is above 0, or 256 different ones.
    """
    levels, depths = np.unique(np.append(weights, 0), return_inverse=True)
    if not 1 < len(levels) <= _MOST_LEVELS:
        return None
    # What each set adds to the sum of those around it, and the sets that add the same.
    factors, groups = np.unique(np.diff(levels), return_inverse=True)
    turned = _Turned.of(rows, other_way, depths[:-1].astype(np.uint8), order, threads)
    counts = turned.count(groups.astype(np.uint8), len(factors), threads)
    if counts.max(initial=0) > _MOST_RUNS:
        return None
    lanes, row = _by_falling_count(counts.sum(axis=1))
    # Where the runs of each row and factor go: one row after the other.
    ends = np.cumsum(counts[row].ravel())
    at = np.empty_like(counts)
    at[row] = ends.reshape(counts.shape) - counts[row]
    total = int(ends[-1]) if len(ends) else 0
    starts, lengths = np.empty(total, dtype=np.uint32), np.empty(total, dtype=np.uint8)
    firsts = np.append(at[row[::WINDOW], 0], total)
    turned.write(groups.astype(np.uint8), at, starts, lengths, threads)
    narrow = starts.astype(np.uint16) if len(order) <= _SHORT else starts
    nothing = Values(np.zeros(len(order)), 1.0)
    widths = PairRows(rows, weights).add(nothing, MAIN, threads).widths
    return RunRows(
        order, factors, firsts, lanes, counts[row].astype(np.uint16), narrow, lengths, widths,
        int(levels[-1]),
    )  # fmt: skip


@dataclass(frozen=True)
class _Turned:
    """Rows by position, with pairs ascending by position: number of sets << 24 | position."""

    pointers: Pointers
    stops: Pointers
    pairs: Pairs

    @classmethod
    def of(
        cls, rows: Rows, other_way: Rows, depths: Bands, order: Index, threads: int | None
    ) -> _Turned:
        size = len(order)
        position = np.empty(size, dtype=np.uint32)
        position[order] = np.arange(size, dtype=np.uint32)
        pointers = np.concatenate(([0], np.cumsum(np.diff(rows.pointers)[order])))
        stops, pairs = pointers[:-1].copy(), np.empty(len(rows.pairs), dtype=np.uint32)

        def work(start: int, stop: int) -> None:
            kernels.turn_rows(
                other_way.pointers, other_way.pairs, depths, order, position, size,
                start, stop, stops, pairs,
            )  # fmt: skip

        share_out(work, pointers, threads)
        return cls(pointers, stops, pairs)

    def count(self, groups: Bands, n_groups: int, threads: int | None) -> Words:
        """Return the number of runs of each row by group of sets, int64 (n_communes, n_groups)."""
        counts = np.empty((len(self.stops), n_groups), dtype=np.int64)

        def work(first: int, last: int) -> None:
            begun = np.empty(len(groups), dtype=np.int64)
            kernels.count_runs(
                self.pointers, self.stops, self.pairs, groups, n_groups, first, last, begun, counts
            )

        share_out(work, self.pointers, threads)
        return counts

    def write(
        self, groups: Bands, at: Words, starts: Index, lengths: Bands, threads: int | None
    ) -> None:
        """Write the runs, those of each row and group from some position on."""

        def work(first: int, last: int) -> None:
            begun = np.empty(len(groups), dtype=np.int64)
            kernels.write_runs(
                self.pointers, self.stops, self.pairs, groups, at.shape[1], first, last, begun, at,
                starts, lengths,
            )  # fmt: skip

        share_out(work, self.pointers, threads)


def _by_falling_count(counts: Words) -> tuple[Bands, Words]:
    """Return the rows of each window by falling count: their positions in it, and their numbers.

    The lengths of neighbouring loops are then equal, so that the processor foresees their ends.
    """
    size = len(counts)
    windows = np.full(-(-size // WINDOW) * WINDOW, _MOST_RUNS, dtype=np.uint16)
    windows[:size] -= np.minimum(counts, _MOST_RUNS).astype(np.uint16)
    order = np.argsort(windows.reshape(-1, WINDOW), axis=1, kind="stable")
    rows = (order + WINDOW * np.arange(len(order))[:, None]).ravel()[:size]
    return order.astype(np.uint8).ravel()[:size], rows
