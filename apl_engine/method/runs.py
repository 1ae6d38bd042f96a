"""Rows of a network as runs of consecutive places: what a prepared network adds up by.

Within 10, 15 and 20 minutes, neighbours are nested sets; with places in a good order, each set is a
few runs of consecutive positions. The sum over a run is the difference of two running sums. The
weighted sum of a row adds its runs, each times the step between two weights: with weights 3, 2 and
1 all steps are 1, and a place of weight 3 is in a run of each of the three sets.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from .. import kernels
from ..kernels.catchment import WINDOW
from ..kernels.runs import MARK_BITS, SUMMARY_BITS
from ..kernels.threads import run_all
from ..kernels.types import Bands, Index, Pointers, Shorts, Words
from .place_order import order_places
from .sparse_rows import Rows
from .weighted_rows import PairRows, RunRows

# Starts of runs take 16 bits up to this many places.
SHORT = 2**16
_MOST_LEVELS = 2**8
# Pairs whose runs are derived into one buffer.
_CHUNK = 2**19


class LaidOut(Protocol):
    """Both directions of a network as runs; see `Layout`."""

    @property
    def weights(self) -> Words: ...  # noqa: D102
    @property
    def order(self) -> Index: ...  # noqa: D102
    @property
    def by_origin(self) -> RunRows: ...  # noqa: D102
    @property
    def by_destination(self) -> RunRows: ...  # noqa: D102
    @property
    def nbytes(self) -> int: ...  # noqa: D102
    @property
    def runs_per_row(self) -> float: ...  # noqa: D102


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
    origins = runs_of(by_origin, weights, order, threads)
    destinations = runs_of(by_destination, weights, order, threads)
    if origins is None or destinations is None:
        return None
    layout = Layout(weights, order, origins, destinations)
    pairs = sum(PairRows(way, weights).nbytes for way in (by_origin, by_destination))
    return layout if layout.nbytes < pairs else None


def runs_of(rows: Rows, weights: Words, order: Index, threads: int | None = None) -> RunRows | None:
    """Derive the runs of one direction.

    Parameters
    ----------
    rows : Rows
        The direction.
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
    work = _Derivation.of(rows, weights, order, depths, groups, len(factors))
    found = work.derive(threads)
    if found is None:
        return None
    pointers, starts, lengths = found
    return RunRows(
        order, factors, pointers, work.members, work.counts, starts, lengths, work.widths,
        int(levels[-1]),
    )  # fmt: skip


def runs_in_place(
    rows: Rows, weights: Words, positions: int, threads: int | None = None
) -> RunRows | None:
    """Derive the runs of consecutive rows whose places are positions.

    Parameters
    ----------
    rows : Rows
        Rows of consecutive positions from the start of a window on, each sorted by position.
    weights : int64 (n_bands,)
        Weight of each band.
    positions : int
        Number of all positions.
    threads : int, optional
        Number of threads; the result is the same for any number.

    Returns
    -------
    RunRows or None
        Its order is that of the rows; None as from `runs_of`.
    """
    levels, depths = np.unique(np.append(weights, 0), return_inverse=True)
    if not 1 < len(levels) <= _MOST_LEVELS:
        return None
    factors, groups = np.unique(np.diff(levels), return_inverse=True)
    order = np.arange(len(rows.pointers) - 1, dtype=np.uint32)
    work = _SortedDerivation.of(rows, weights, order, depths, groups, len(factors), positions)
    found = work.derive(threads)
    if found is None:
        return None
    pointers, starts, lengths = found
    return RunRows(
        order, factors, pointers, work.members, work.counts, starts, lengths, work.widths,
        int(levels[-1]),
    )  # fmt: skip


def factors_of(weights: Words) -> Words:
    """Return what runs are multiplied by: the different steps between successive weights."""
    return np.unique(np.diff(np.unique(np.append(weights, 0))))


@dataclass(frozen=True)
class _Derivation:
    """What threads share; `members`, `counts` and `widths` are filled."""

    rows: Rows
    weights: Words
    order: Index
    # Position of each commune, number of sets that hold a band, group of each set.
    position: Index
    depths: Bands
    groups: Bands
    # Pairs of each window.
    pairs: Words
    members: Bands
    counts: Shorts
    widths: Index
    # Whether starts take 16 bits.
    short: bool

    @classmethod
    def of(
        cls,
        rows: Rows,
        weights: Words,
        order: Index,
        depths: Words,
        groups: Words,
        n_groups: int,
        positions: int | None = None,
    ) -> Self:
        size = len(order)
        position = np.empty(size, dtype=np.uint32)
        position[order] = np.arange(size, dtype=np.uint32)
        lengths = np.diff(rows.pointers)[order]
        firsts = np.arange(0, size, WINDOW)
        return cls(
            rows, weights, order, position, depths.astype(np.uint8), groups.astype(np.uint8),
            np.add.reduceat(lengths, firsts) if size else lengths,
            np.empty(size, dtype=np.uint8), np.empty((size, n_groups), dtype=np.uint16),
            np.empty(size, dtype=np.uint32), (size if positions is None else positions) <= SHORT,
        )  # fmt: skip

    def derive(self, threads: int | None) -> tuple[Pointers, Shorts | Index, Bands] | None:
        """Return the first run of each window, and the runs; None if a row has too many."""
        before = np.concatenate(([0], np.cumsum(self.pairs)))
        bounds = np.searchsorted(before, np.arange(_CHUNK, before[-1], _CHUNK)).tolist()
        chunks = list(pairwise(sorted({0, *bounds, len(self.pairs)}))) or [(0, 0)]
        found: dict[int, tuple[Words, Shorts | Index, Bands]] = {}

        def work(turn: int) -> None:
            for c in range(turn, len(chunks), workers):
                found[c] = self._windows(*chunks[c])

        workers = max(min(threads or os.cpu_count() or 1, len(chunks)), 1)
        run_all([partial(work, turn) for turn in range(workers)])
        derived = [found[c] for c in range(len(chunks))]
        totals = np.concatenate([np.zeros(1, np.int64), *(each[0] for each in derived)])
        if (totals < 0).any():
            return None
        starts = np.concatenate([each[1] for each in derived])
        lengths = np.concatenate([each[2] for each in derived])
        return np.cumsum(totals), starts, lengths

    def _windows(self, first: int, last: int) -> tuple[Words, Shorts | Index, Bands]:
        """Derive some windows: the number of runs of each, and the runs."""
        sets, pairs = len(self.groups), self.pairs[first:last]
        # No set has more runs than pairs; memory that is not written costs nothing.
        most, of_window = int(pairs.sum()) * sets, int(pairs.max(initial=0)) * sets
        totals = np.empty(last - first, dtype=np.int64)
        starts, lengths = np.empty(most, dtype=np.uint32), np.empty(most, dtype=np.uint8)
        scratch = (
            np.empty(sets, np.int64), np.empty(of_window, np.uint32),
            *np.empty((2, of_window), np.uint8), np.empty(WINDOW, np.int64),
        )  # fmt: skip
        self._derive(first, last, scratch, totals, starts, lengths)
        found = int(totals.sum()) if (totals >= 0).all() else 0
        return totals, self._narrow(starts[:found]), lengths[:found].copy()

    def _derive(
        self, first: int, last: int, scratch: tuple[npt.NDArray[Any], ...], totals: Words,
        starts: Index, lengths: Bands,
    ) -> None:  # fmt: skip
        size = len(self.order)
        kernels.derive_runs(
            self.rows.pointers, self.rows.pairs, self.depths, self.weights, self.order,
            self.position, self.groups, self.counts.shape[1], size, first, last,
            np.zeros((size >> MARK_BITS) + 1, np.uint64),
            np.zeros((size >> SUMMARY_BITS) + 1, np.uint64),
            np.empty(size, np.uint8), *scratch, totals, self.members, self.counts, starts, lengths,
            self.widths,
        )  # fmt: skip

    def _narrow(self, starts: Index) -> Shorts | Index:
        return starts.astype(np.uint16) if self.short else starts.copy()


class _SortedDerivation(_Derivation):
    """The same where rows and places are positions, sorted in each row."""

    def _derive(
        self, first: int, last: int, scratch: tuple[npt.NDArray[Any], ...], totals: Words,
        starts: Index, lengths: Bands,
    ) -> None:  # fmt: skip
        kernels.derive_sorted_runs(
            self.rows.pointers, self.rows.pairs, self.depths, self.weights, self.groups,
            self.counts.shape[1], len(self.order), first, last, *scratch, totals,
            self.members, self.counts, starts, lengths, self.widths,
        )  # fmt: skip
