"""Rows of weighted neighbours, and the sums of words along them: over pairs, or over runs.

Both add whole numbers modulo 2**64, so that both give the same sums. Pairs serve any weights; runs
serve the weights that they were derived for, and take fewer bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from .. import kernels
from ..columns import Flags
from ..kernels.threads import share_out
from ..kernels.types import Bands, Index, Mask, Pointers, Shorts, Words
from .sparse_rows import Rows


class WeightedRows(Protocol):
    """One direction of a network, for one reading of the steps."""

    @property
    def heaviest(self) -> int:
        """The largest weight."""

    def add(self, words: Words, wanted: Mask, threads: int | None) -> tuple[Words, Index]:
        """Return the weighted sum of the words of each row, modulo 2**64, and its width.

        Parameters
        ----------
        words : int64 (n_communes,)
            A word of each commune.
        wanted : uint8 (n_communes,)
            Rows with 0 are left out.
        threads : int or None
            Number of threads; the result is the same for any.

        Returns
        -------
        int64 (n_communes,), uint32 (n_communes,)
            The sums, and the sum of the weights of each row, at most 2**20; 0 or undefined for
            rows left out.
        """


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

    def add(  # noqa: D102
        self, words: Words, wanted: Mask, threads: int | None
    ) -> tuple[Words, Index]:
        rows, size = self.rows, len(words)
        sums, widths = np.empty(size, dtype=np.int64), np.zeros(size, dtype=np.uint32)

        def work(start: int, stop: int) -> None:
            kernels.add_pairs(
                rows.pointers, rows.pairs, self.weights, words, wanted, start, stop, sums, widths
            )

        share_out(work, rows.pointers, threads)
        return sums, widths


@dataclass(frozen=True)
class RunRows:
    """Rows as runs of consecutive positions.

    The rows of 256 positions are a window; within it, rows lie by falling number of runs.

    Attributes
    ----------
    order : uint32 (n_communes,)
        The commune at each position.
    factors : int64 (n_factors,)
        Weights that runs add.
    pointers : int64 (n_windows + 1,)
        First run of each window.
    lanes : uint8 (n_communes,)
        Position of each row in its window.
    counts : uint16 (n_communes, n_factors)
        Number of runs of each row, by what they add.
    starts : uint16 or uint32 (n_runs,)
        First position of each run.
    lengths : uint8 (n_runs,)
        Number of positions of each run.
    widths : uint32 (n_communes,)
        Sum of the weights of each row, by commune; at most 2**20.
    heaviest : int
        The largest weight.
    """

    order: Index
    factors: Words
    pointers: Pointers
    lanes: Bands
    counts: Shorts
    starts: Shorts | Index
    lengths: Bands
    widths: Index
    heaviest: int

    @property
    def nbytes(self) -> int:
        """Bytes that a pass over all rows reads."""
        arrays = (
            self.order, self.pointers, self.lanes, self.counts, self.starts, self.lengths,
            self.widths,
        )  # fmt: skip
        return sum(array.nbytes for array in arrays)

    @property
    def is_simple(self) -> bool:
        """Return whether all runs add once."""
        return len(self.factors) == 1 and int(self.factors[0]) == 1

    def narrowed(self, has: Flags) -> RunRows:
        """Return rows over some of the positions only, numbered anew; runs that add once.

        Parameters
        ----------
        has : bool (n_communes,)
            Which positions, fewer than 65 536.
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

    def add(  # noqa: D102
        self, words: Words, wanted: Mask, threads: int | None
    ) -> tuple[Words, Index]:
        size = len(words)
        running, sums = np.empty(size + 1, dtype=np.int64), np.empty(size, dtype=np.int64)
        kernels.running_sums(words, self.order, size, running)
        add = kernels.add_runs if self.starts.dtype == np.uint16 else kernels.add_long_runs

        def work(first: int, last: int) -> None:
            add(
                self.pointers, self.counts, self.lanes, self.order, self.starts, self.lengths,
                running, self.factors, len(self.factors), wanted, size, first, last, sums,
            )  # fmt: skip

        share_out(work, self.pointers, threads)
        return sums, self.widths
