"""Rows of a network in parts that are opened when they are used and released after.

Rows and places are positions in an order of all communes; a part holds consecutive rows, in whole
windows. Sums are exact, so that any division of the parts among threads and processes gives the
same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .. import kernels
from ..columns import Indices
from ..kernels.types import Float, Index, Words
from .sparse_rows import CommunePairs, Rows, rows_both_ways
from .weighted_rows import PairRows, RunRows, Sums, Terms

if TYPE_CHECKING:
    from ..executors import Workers

# Pairs of the parts that one unit of work adds up: about a second.
_UNIT = 500_000_000


@dataclass(frozen=True)
class RowPart:
    """Consecutive rows of one direction.

    Attributes
    ----------
    first, last : int
        Positions of the first row and of the one after the last.
    pairs : int
        Number of pairs.
    open_pairs : callable
        Returns the rows as pairs; places are positions.
    open_runs : callable or None
        Returns them as runs of positions; their order is that of the rows.
    """

    first: int
    last: int
    pairs: int
    open_pairs: Callable[[], Rows]
    open_runs: Callable[[], RunRows] | None = None


# Sums of some rows, and their widths unless these are known.
Added = tuple[Words, Index | None]


class Elsewhere(Protocol):
    """Adds up parts of one direction on workers."""

    def add(self, units: Sequence[tuple[int, int]], terms: Words, wide: bool) -> Iterator[Added]:
        """Yield the sums of the rows of each range of parts, by position; widths if `wide`."""


@dataclass(frozen=True)
class ShardedRows:
    """One direction of a network in parts, for one reading of the steps; see `WeightedRows`.

    Attributes
    ----------
    order : uint32 (n_communes,)
        The commune at each position.
    parts : sequence of RowPart
        All rows, by position.
    weights : int64 (n_bands,)
        Weight of each band of minutes.
    as_runs : bool
        Whether rows are added up as runs, which serve these weights; otherwise as pairs.
    elsewhere : Elsewhere or None
        What adds up the parts in place of this process.
    """

    order: Index
    parts: Sequence[RowPart]
    weights: Words
    as_runs: bool
    elsewhere: Elsewhere | None = field(default=None, compare=False)
    # The widths of all rows, once they are known.
    _widths: list[Index] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def heaviest(self) -> int:  # noqa: D102
        return int(self.weights.max(initial=0))

    def fixed_point(self, values: Float, scale: float) -> Terms:  # noqa: D102
        size, found = len(self.order), np.empty(3, dtype=np.int64)
        if self.as_runs:
            main, fine = np.empty((2, size + 1), dtype=np.int64)
            kernels.running_fixed_point(values, self.order, scale, size, main, fine, found)
            return Terms(main, fine, found)
        main, fine = np.empty((2, size), dtype=np.int64)
        kernels.fixed_point(values[self.order], scale, size, main, fine, found)
        return Terms(main, fine, found)

    def terms(self, words: Words) -> Words:  # noqa: D102
        if not self.as_runs:
            return words[self.order]
        running = np.empty(len(words) + 1, dtype=np.int64)
        kernels.running_sums(words, self.order, len(words), running)
        return running

    def add(self, terms: Words, threads: int | None) -> Sums:  # noqa: D102
        size, known, done = len(self.order), bool(self._widths), 0
        sums = np.empty(size, dtype=np.int64)
        widths = self._widths[0] if known else np.empty(size, dtype=np.uint32)
        for words, wide in self._added(terms, threads, not known):
            rows = self.order[done : done + len(words)]
            sums[rows] = words
            if wide is not None:
                widths[rows] = wide
            done += len(words)
        self._widths[:] = [widths]
        return Sums(sums, widths)

    def _added(self, terms: Words, threads: int | None, wide: bool) -> Iterator[Added]:
        if self.elsewhere is None:
            return iter(self.add_parts(0, len(self.parts), terms, threads))
        return self.elsewhere.add(self.units(), terms, wide)

    def add_parts(self, start: int, stop: int, terms: Words, threads: int | None) -> Iterator[Sums]:
        """Yield the sums of the rows of some parts, one part after the other, by position."""
        for part in self.parts[start:stop]:
            yield self._open(part).add(terms, threads)

    def units(self) -> list[tuple[int, int]]:
        """Return ranges of parts that each take about a second."""
        bounds, pairs = [0], 0
        for k, part in enumerate(self.parts, 1):
            pairs += part.pairs
            if pairs >= _UNIT or k == len(self.parts):
                bounds.append(k)
                pairs = 0
        return list(pairwise(bounds))

    def add_at(self, terms: Words, communes: Indices) -> Words:  # noqa: D102
        position = self._position[communes].astype(np.int64)
        sums = np.empty(len(communes), dtype=np.int64)
        order = np.argsort(position, kind="stable")
        ends = np.searchsorted(position[order], [part.last for part in self.parts])
        start = 0
        for part, end in zip(self.parts, ends.tolist(), strict=True):
            if start < end:
                at = order[start:end]
                sums[at] = self._open(part).add_at(terms, position[at] - part.first)
            start = end
        return sums

    def _open(self, part: RowPart) -> RunRows | PairRows:
        if self.as_runs and part.open_runs:
            return part.open_runs()
        return PairRows(part.open_pairs(), self.weights)

    @cached_property
    def _position(self) -> Index:
        position = np.empty_like(self.order)
        position[self.order] = np.arange(len(self.order), dtype=np.uint32)
        return position


def pairs_of_parts(order: Index, parts: Sequence[RowPart]) -> Iterator[CommunePairs]:
    """Yield the pairs of parts by origin as pairs of communes.

    Parameters
    ----------
    order : uint32 (n_communes,)
        The commune at each position.
    parts : sequence of RowPart
        Of the direction by origin.
    """
    for part in parts:
        rows = part.open_pairs()
        origins = np.repeat(order[part.first : part.last], np.diff(rows.pointers))
        yield CommunePairs(origins, order[rows.communes], rows.bands)


def joined(order: Index, parts: Sequence[RowPart], bands: int) -> tuple[Rows, Rows]:
    """Return the pairs of parts by origin in memory, by origin and by destination.

    Parameters
    ----------
    order, parts
        See `pairs_of_parts`.
    bands : int
        Number of bands.
    """
    return rows_both_ways(list(pairs_of_parts(order, parts)), len(order), bands)


def add_range(shared: tuple[OnWorkers, Words, bool], unit: tuple[int, int]) -> Added:
    """Add up the rows of a range of parts: a unit of work.

    Parameters
    ----------
    shared : tuple
        The direction, the terms, and whether widths are asked for.
    unit : tuple of int
        The first part, and the one after the last.
    """
    of, terms, wide = shared
    rows = of.network.rows.way(of.way, of.weights, of.as_runs)
    words, widths = zip(*rows.add_parts(*unit, terms, 1), strict=True)
    return np.concatenate(words), np.concatenate(widths) if wide else None


@dataclass(frozen=True)
class OnWorkers:
    """Adds up parts on workers, which open the network themselves; see `Elsewhere`."""

    workers: Workers | None
    network: Any
    way: str
    weights: Words
    as_runs: bool

    def add(self, units: Sequence[tuple[int, int]], terms: Words, wide: bool) -> Iterator[Added]:
        """Yield the sums of each unit, in their order."""
        assert self.workers
        shared = (replace(self, workers=None), terms, wide)
        return self.workers.map(add_range, shared, units, label="APL of communes")
