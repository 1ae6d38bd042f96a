"""Rows of weighted neighbours, and the sums of words along them: over pairs, or over runs.

A word is an int64 part of a value in fixed point, see `fixed_point`. Words are added modulo 2**64,
so that pairs and runs give the same sums. Pairs serve any weights; runs serve the weights that they
were derived for, and take fewer bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from .. import kernels
from ..columns import Flags, Indices
from ..kernels.catchment import NARROW, WINDOW
from ..kernels.threads import share_out
from ..kernels.types import Bands, Float, Index, Pointers, Shorts, Words
from .sparse_rows import Rows

# Starts of narrowed runs take 16 bits.
MOST_NARROWED = 2**16


class Terms(NamedTuple):
    """A quantity of each commune in fixed point, as the rows of a network add it up.

    Attributes
    ----------
    main, fine : int64
        See `WeightedRows.terms`.
    found : int64 (3,)
        What `fixed_point` reports.
    """

    main: Words
    fine: Words
    found: Words


class Sums(NamedTuple):
    """Sums of words over the rows of a network.

    Attributes
    ----------
    words : int64 (n_communes,)
        The sums, modulo 2**64.
    widths : uint32 (n_communes,)
        The sum of the weights of each row, at most `MOST_WIDTH`.
    """

    words: Words
    widths: Index


class WeightedRows(Protocol):
    """One direction of a network, for one reading of the steps."""

    @property
    def heaviest(self) -> int:
        """The largest weight."""

    def fixed_point(self, values: Float, scale: float) -> Terms:
        """Return values in fixed point as terms of the rows.

        Parameters
        ----------
        values : float64 (n_communes,)
            A quantity of each commune.
        scale : float
            Units in 1, a power of two.
        """

    def terms(self, words: Words) -> Words:
        """Return a word of each commune, int64 (n_communes,), as terms of the rows."""

    def add(self, terms: Words, threads: int | None) -> Sums:
        """Add up the terms of each row, weighted, modulo 2**64.

        Parameters
        ----------
        terms : int64
            See `terms`.
        threads : int or None
            Number of threads; the result is the same for any.
        """

    def add_at(self, terms: Words, communes: Indices) -> Words:
        """Return the same for the rows of some communes, int64 (n,)."""


@dataclass(frozen=True)
class PairRows:
    """Rows as pairs.

    Attributes
    ----------
    rows : Rows
        The pairs.
    weights : int64 (n_bands,)
        Weight of each band of minutes; 0 or more.
    """

    rows: Rows
    weights: Words

    @property
    def heaviest(self) -> int:  # noqa: D102
        return int(self.weights.max(initial=0))

    @property
    def nbytes(self) -> int:
        """Bytes that a pass over all rows reads."""
        return self.rows.pointers.nbytes + self.rows.pairs.nbytes

    def fixed_point(self, values: Float, scale: float) -> Terms:  # noqa: D102
        size, found = len(values), np.empty(3, dtype=np.int64)
        main, fine = np.empty((2, size), dtype=np.int64)
        kernels.fixed_point(values, scale, size, main, fine, found)
        return Terms(main, fine, found)

    def terms(self, words: Words) -> Words:  # noqa: D102
        return words

    def add(self, terms: Words, threads: int | None) -> Sums:  # noqa: D102
        rows, size = self.rows, len(self.rows.pointers) - 1
        sums, widths = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.uint32)

        def work(start: int, stop: int) -> None:
            kernels.add_pairs(
                rows.pointers, rows.pairs, self.weights, terms, start, stop, sums, widths
            )

        share_out(work, rows.pointers, threads)
        return Sums(sums, widths)

    def add_at(self, terms: Words, communes: Indices) -> Words:  # noqa: D102
        sums = np.empty(len(communes), dtype=np.int64)
        kernels.add_pairs_at(
            self.rows.pointers, self.rows.pairs, self.weights, terms, communes, len(sums), sums
        )
        return sums


@dataclass(frozen=True)
class RunRows:
    """Rows as runs of consecutive positions.

    Each 256 consecutive positions are a window. Within a window, rows are stored by falling number
    of runs; `members` states which position each belongs to.

    Attributes
    ----------
    order : uint32 (n_communes,)
        The commune at each position.
    factors : int64 (n_factors,)
        What a run is multiplied by: the different steps between successive weights.
    pointers : int64 (n_windows + 1,)
        First run of each window.
    members : uint8 (n_communes,)
        Position of each stored row in its window, 0 to 255.
    counts : uint16 (n_communes, n_factors)
        Number of runs of each stored row, by factor.
    starts : uint16 or uint32 (n_runs,)
        First position of each run.
    lengths : uint8 (n_runs,)
        Number of positions of each run.
    widths : uint32 (n_communes,)
        Sum of the weights of each row, by commune; at most `MOST_WIDTH`.
    heaviest : int
        The largest weight.
    """

    order: Index
    factors: Words
    pointers: Pointers
    members: Bands
    counts: Shorts
    starts: Shorts | Index
    lengths: Bands
    widths: Index
    heaviest: int

    def __reduce__(self) -> tuple[type[RunRows], tuple[Any, ...]]:
        # Without what was derived.
        return RunRows, tuple(getattr(self, each.name) for each in fields(self))

    @property
    def nbytes(self) -> int:
        """Bytes that a pass over all rows reads."""
        arrays = (
            self.order, self.pointers, self.members, self.counts, self.starts, self.lengths,
            self.widths,
        )  # fmt: skip
        return sum(array.nbytes for array in arrays)

    @property
    def is_simple(self) -> bool:
        """Whether the only factor is 1, and no row is as wide as `NARROW`."""
        narrow = int(self.widths.max(initial=0)) < NARROW
        return self.factors.tolist() == [1] and narrow

    def narrowed(self, has: Flags) -> RunRows:
        """Return the rows over some of the positions only, numbered anew, if the only factor is 1.

        Parameters
        ----------
        has : bool (n_communes,)
            Whether each position remains; `MOST_NARROWED` do at most.
        """
        size, runs = len(self.order), len(self.starts)
        ranks = np.concatenate(([0], np.cumsum(has))).astype(np.uint32)
        pointers, counts = np.empty_like(self.pointers), np.empty_like(self.counts)
        starts, lengths = np.empty(runs, dtype=np.uint16), np.empty(runs, dtype=np.uint8)
        kernels.narrow_runs(
            self.counts, self.starts.astype(np.uint32), self.lengths, ranks, size,
            pointers, counts, starts, lengths,
        )  # fmt: skip
        return replace(self, pointers=pointers, counts=counts, starts=starts, lengths=lengths)

    def fixed_point(self, values: Float, scale: float) -> Terms:  # noqa: D102
        size, found = len(self.order), np.empty(3, dtype=np.int64)
        main, fine = np.empty((2, size + 1), dtype=np.int64)
        kernels.running_fixed_point(values, self.order, scale, size, main, fine, found)
        return Terms(main, fine, found)

    def terms(self, words: Words) -> Words:
        """Return the sums of the words before each position, and of all, (n_communes + 1,)."""
        size = len(self.order)
        running = np.empty(size + 1, dtype=np.int64)
        kernels.running_sums(words, self.order, size, running)
        return running

    def add(self, terms: Words, threads: int | None) -> Sums:  # noqa: D102
        size = len(self.order)
        sums = np.empty(size, dtype=np.int64)
        add = kernels.add_runs if self.starts.dtype == np.uint16 else kernels.add_long_runs

        def work(first: int, last: int) -> None:
            add(
                self.pointers, self.counts, self.members, self.order, self.starts, self.lengths,
                terms, self.factors, len(self.factors), size, first, last, sums,
            )  # fmt: skip

        share_out(work, self.pointers, threads)
        return Sums(sums, self.widths)

    def add_at(self, terms: Words, communes: Indices) -> Words:  # noqa: D102
        sums, short = np.empty(len(communes), dtype=np.int64), self.starts.dtype == np.uint16
        add = kernels.add_runs_at if short else kernels.add_long_runs_at
        offsets, row_of = self._located
        add(
            offsets, self.starts, self.lengths, terms, self.factors, len(self.factors),
            row_of[communes], len(sums), sums,
        )  # fmt: skip
        return sums

    @cached_property
    def _located(self) -> tuple[Pointers, Indices]:
        """The first run of each stored row and factor, and the stored row of each commune."""
        size = len(self.order)
        offsets = np.concatenate(([0], np.cumsum(self.counts, dtype=np.int64)))
        row_of = np.empty(size, dtype=np.int64)
        rows = np.arange(size)
        row_of[self.order[(rows & -WINDOW) + self.members]] = rows
        return offsets, row_of
