"""Quantities in whole steps, counted: how often each was drawn, from which quantiles are exact.

Counts of parts of the draws are added, in any order, to those of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from ... import kernels
from ...columns import Bands, Flags, Float, Indices, Pointers
from ...errors import Fault, InputDataError
from ...kernels.blocks import LANES
from ...kernels.draws import MOST_STEPS

# Counts that are held at most, 8 bytes each.
MOST_COUNTS = 2**25
# Steps that are added on each side of a row that grows, at least.
_MARGIN = 8


@dataclass(frozen=True)
class StepCounts:
    """How often each row had each number of steps.

    Attributes
    ----------
    lows : int64 (n_rows,)
        The fewest steps of each row; 0 if it has no count.
    starts : int64 (n_rows + 1,)
        First count of each row, that of its fewest steps, and at the end the number of counts.
    counts : int64 (n_counts,)
        One for each number of steps from the fewest to the most.
    """

    lows: Pointers
    starts: Pointers
    counts: Pointers

    @classmethod
    def none(cls, rows: int) -> StepCounts:
        """Return no counts of some rows."""
        zeros = np.zeros(rows + 1, dtype=np.int64)
        return cls(zeros[:rows], zeros, zeros[:0])

    @property
    def lengths(self) -> Pointers:
        """Number of counts of each row, int64 (n_rows,)."""
        return np.diff(self.starts)

    def plus(self, other: StepCounts) -> StepCounts:
        """Return the counts of both.

        Parameters
        ----------
        other : StepCounts
            Of the same rows.

        Raises
        ------
        InputDataError
            There are too many different numbers of steps.
        """
        mine, theirs = self.lengths > 0, other.lengths > 0
        lows = np.where(mine & theirs, np.minimum(self.lows, other.lows), self.lows + other.lows)
        ends = np.maximum(
            np.where(mine, self.lows + self.lengths, 0),
            np.where(theirs, other.lows + other.lengths, 0),
        )
        starts = _starts(ends - lows)
        check_counts(int(starts[-1]))
        counts = np.zeros(starts[-1], dtype=np.int64)
        for one in (self, other):
            counts[one._places(lows, starts)] += one.counts
        return StepCounts(lows, starts, counts)

    def narrowed(self) -> StepCounts:
        """Return the same in fewer bytes, to be sent; only `plus` takes them."""
        width = np.min_scalar_type(int(self.counts.max(initial=0)))
        return StepCounts(self.lows, self.starts, self.counts.astype(width))

    def _places(self, lows: Pointers, starts: Pointers) -> Indices:
        """Return where each count is among counts of wider rows."""
        moved = starts[:-1] - self.starts[:-1] + np.where(self.lengths > 0, self.lows - lows, 0)
        return np.arange(len(self.counts)) + np.repeat(moved, self.lengths)

    def of_rows(self, rows: Indices, size: int) -> StepCounts:
        """Return the same counts as those of some rows of more, distinct ones; others have none."""
        lows, lengths = np.zeros((2, size), dtype=np.int64)
        lows[rows], lengths[rows] = self.lows, self.lengths
        order = np.argsort(rows, kind="stable")
        begin = np.repeat(self.starts[:-1][order], self.lengths[order])
        starts = _starts(self.lengths[order])
        within = np.arange(len(self.counts)) - np.repeat(starts[:-1], self.lengths[order])
        return StepCounts(lows, _starts(lengths), self.counts[begin + within])

    def trimmed(self) -> StepCounts:
        """Return the same without counts of 0 at both ends of a row."""
        rows, steps = np.repeat(np.arange(len(self.lows)), self.lengths), self._steps()
        some = self.counts > 0
        lows, ends = np.full((2, len(self.lows)), -1)
        # In descending order the last one written is the lowest.
        lows[rows[some][::-1]] = steps[some][::-1]
        ends[rows[some]] = steps[some]
        lows, length = np.where(lows < 0, 0, lows), np.where(lows < 0, 0, ends + 1 - lows)
        kept = (steps >= lows[rows]) & (steps < (lows + length)[rows])
        return StepCounts(lows, _starts(length), self.counts[kept])

    def _steps(self) -> Indices:
        """Return the number of steps that each count is of."""
        return np.arange(len(self.counts)) + np.repeat(self.lows - self.starts[:-1], self.lengths)

    @property
    def totals(self) -> Indices:
        """All counts of each row, int64 (n_rows,)."""
        whole = np.concatenate(([0], np.cumsum(self.counts)))
        return whole[self.starts[1:]] - whole[self.starts[:-1]]

    def means(self) -> Float:
        """Return the mean number of steps of each row, float64 (n_rows,); NaN without counts."""
        whole = np.concatenate(([0], np.cumsum(self.counts * self._steps())))
        sums, totals = whole[self.starts[1:]] - whole[self.starts[:-1]], self.totals
        means: Float = np.full(len(totals), np.nan)
        np.divide(sums, totals, out=means, where=totals > 0)
        return means

    def quantile(self, share: Fraction) -> Indices:
        """Return a quantile of each row, exactly.

        Parameters
        ----------
        share : Fraction
            From 0 to 1.

        Returns
        -------
        int64 (n_rows,)
            The fewest steps that at least this share of the counts do not exceed (definition 1 of
            Hyndman and Fan, ``inverted_cdf`` in NumPy); -1 without counts.

        Raises
        ------
        InputDataError
            The share is below 0 or above 1.
        """
        if not 0 <= share <= 1:
            details = {"low": 0.0, "high": 1.0, "value": float(share)}
            raise InputDataError(Fault("argument.out_of_range", "quantiles", details=details))
        totals = self.totals
        different, which = np.unique(totals, return_inverse=True)
        ranks = np.array([max(ceil(share * int(total)), 1) for total in different])[which]
        whole = np.cumsum(self.counts)
        before = np.concatenate(([0], whole))[self.starts[:-1]]
        at = np.searchsorted(whole, before + ranks)
        return np.where(totals > 0, at - self.starts[:-1] + self.lows, -1)


class Tally:
    """Counts that grow as draws are added.

    Parameters
    ----------
    rows : int
        Number of rows.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._counts = StepCounts.none(rows)

    def add(self, blocks: Pointers, chosen: Bands, lows: Pointers, highs: Pointers) -> None:
        """Count the draws chosen of some blocks of 16.

        Parameters
        ----------
        blocks : int64 (n_blocks, n_rows, 16)
            Numbers of steps; those below 0 are passed over.
        chosen : uint8 (n_blocks, 16)
            1 for the draws that are counted.
        lows, highs : int64 (n_rows,)
            The fewest and the most of each row in the blocks.

        Raises
        ------
        InputDataError
            There are too many different numbers of steps.
        """
        have = self._counts
        ends = have.lows + have.lengths
        # A row without keys has its most below 0.
        out = (highs >= 0) & ((lows < have.lows) | (highs >= ends))
        if out.any():
            self._grow(out, lows, highs)
        have = self._counts
        for block, some in zip(blocks, chosen, strict=True):
            kernels.count_block(block, some, self._rows, have.lows, have.starts, have.counts)

    def _grow(self, rows: Flags, lows: Pointers, highs: Pointers) -> None:
        have = self._counts
        lows, empty = np.maximum(lows, 0), have.lengths == 0
        first = np.where(empty, lows, np.minimum(have.lows, lows))
        last = np.where(empty, highs, np.maximum(have.lows + have.lengths - 1, highs))
        # No number of steps is above the most, which then stands for others.
        beyond = bool((np.where(rows, last, 0) >= int(MOST_STEPS)).any())
        check_counts(np.inf if beyond else float(np.where(rows, last - first, 0).sum()))
        margin = np.maximum((last - first) // 2, _MARGIN)
        new_lows = np.where(rows, np.maximum(first - margin, 0), have.lows)
        lengths = np.where(rows, last + margin + 1 - new_lows, have.lengths)
        starts = _starts(lengths)
        counts = np.zeros(starts[-1], dtype=np.int64)
        counts[have._places(new_lows, starts)] = have.counts
        self._counts = StepCounts(new_lows, starts, counts)

    def counts(self) -> StepCounts:
        """Return what was counted."""
        return self._counts.trimmed()


def whole_blocks(keys: Pointers) -> Pointers:
    """Return columns of keys as blocks of 16, the last one filled up with -1."""
    rows, columns = keys.shape
    padded = np.pad(keys, ((0, 0), (0, -columns % LANES)), constant_values=-1)
    return np.ascontiguousarray(padded.reshape(rows, -1, LANES).transpose(1, 0, 2))


def extent_of(blocks: Pointers) -> tuple[Pointers, Pointers]:
    """Return the fewest and the most steps of each row of some blocks, -1 being none."""
    lows = np.where(blocks < 0, int(MOST_STEPS), blocks).min(axis=(0, 2))
    return lows, blocks.max(axis=(0, 2))


def check_counts(number: float) -> None:
    """Refuse more counts than memory should hold."""
    if number > MOST_COUNTS:
        raise InputDataError(Fault("draws.too_many_steps", "step", details={"most": MOST_COUNTS}))


def _starts(lengths: Pointers) -> Pointers:
    return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
