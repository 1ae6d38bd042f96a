"""Pairs of communes within reach as compressed sparse rows, by origin and by destination."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from .. import kernels
from ..kernels.threads import share_out, share_range
from ..kernels.types import Bands, Float, Index, Pairs, Pointers

# A pair is one word of 32 bits: 8 for the band of minutes, 24 for the other commune.
BAND_BITS, COMMUNE_BITS = 8, 24
MOST_COMMUNES = 2**COMMUNE_BITS
# Two bands for each edge, and one for all times beyond.
MOST_EDGES = 2 ** (BAND_BITS - 1) - 1


@dataclass(frozen=True)
class Rows:
    """Pairs within reach, by row.

    Attributes
    ----------
    pointers : int64 (n_communes + 1,)
        First pair of each row.
    pairs : uint32 (n_pairs,)
        The other commune in the low 24 bits, ascending within a row; the band of minutes in the
        high 8.
    """

    pointers: Pointers
    pairs: Pairs

    @property
    def communes(self) -> Index:
        """The other commune of each pair, uint32 (n_pairs,)."""
        return self.pairs & np.uint32(MOST_COMMUNES - 1)

    @property
    def bands(self) -> Bands:
        """The band of minutes of each pair, uint8 (n_pairs,)."""
        return (self.pairs >> np.uint32(COMMUNE_BITS)).astype(np.uint8)


@dataclass(frozen=True)
class CommunePairs:
    """Pairs of communes and the band of their minutes.

    Attributes
    ----------
    origin, destination : uint32 (n_pairs,)
        Row numbers of the communes.
    bands : uint8 (n_pairs,)
        See `time_bands`.
    """

    origin: Index
    destination: Index
    bands: Bands


def time_bands(minutes: Float, edges: Float) -> Bands:
    """Return the band of each travel time.

    Band 2 e + 1 is the time edges[e] exactly, band 2 e the times between edges[e - 1] and edges[e].
    So a band lies within one step of any methodology whose bounds are edges, included or not.

    Parameters
    ----------
    minutes : float64 (n_pairs,)
        Travel times, minutes, 0 or more.
    edges : float64 (n_edges,)
        Ascending, above 0, minutes.

    Returns
    -------
    uint8 (n_pairs,)
        2 n_edges for a time beyond the last edge.
    """
    bands = np.empty(len(minutes), dtype=np.uint8)
    if np.array_equal(edges, np.arange(1, len(edges) + 1)):
        kernels.whole_minute_bands(minutes, len(minutes), len(edges), bands)
        return bands
    below = np.searchsorted(edges, np.arange(np.floor(edges[-1]) + 1.0)).astype(np.int64)
    kernels.time_bands(minutes, edges, below, len(minutes), len(edges), bands)
    return bands


def rows_both_ways(
    parts: Sequence[CommunePairs], size: int, beyond: int, threads: int | None = None
) -> tuple[Rows, Rows]:
    """Sort pairs into rows by origin and by destination.

    Parameters
    ----------
    parts : sequence of CommunePairs
        The pairs, in any order; none twice.
    size : int
        Number of communes.
    beyond : int
        The band of pairs to leave out.
    threads : int, optional
        Number of threads; the result is the same for any.

    Returns
    -------
    Rows, Rows
        By origin, and by destination.
    """
    given = [part for part in parts if len(part.bands)]
    ends = np.cumsum([0, *(len(part.bands) for part in given)]).tolist()
    # Each thread counts, and later moves, its own share of the pairs. Its counts take 16 bytes a
    # commune, so sparse networks get fewer threads.
    most = min(threads or os.cpu_count() or 1, 1 + ends[-1] // max(size, 1))
    counts, descents = _count(given, ends, size, beyond, most)
    pointers = np.zeros((2, size + 1), dtype=np.int64)
    np.cumsum(sum(counts.values()), axis=1, out=pointers[:, 1:])
    by_origin, by_destination = (
        Rows(starts, np.empty(starts[-1], dtype=np.uint32)) for starts in pointers
    )
    cursors, order = _cursors(counts, pointers), _order(given, descents)

    def fill(start: int, stop: int) -> None:
        at = cursors[start]
        for p, first, last, _ in _within(given, ends, start, stop):
            pairs = (p.origin, p.destination, p.bands, beyond, first, last)
            if order == "none":
                kernels.fill_rows(*pairs, at[0], by_origin.pairs)
            else:
                kernels.fill_both_ways(*pairs, *at, by_origin.pairs, by_destination.pairs)

    def insert_own(start: int, stop: int) -> None:
        own = given[-1].origin
        first, last = (k * len(own) // ends[-1] for k in (start, stop))
        for rows in (by_origin, by_destination):
            kernels.insert_last(own[first:last], last - first, rows.pointers, rows.pairs)

    share_range(fill, ends[-1], most)
    if order == "but own pairs":
        share_range(insert_own, ends[-1], most)
    elif order == "none":
        _transpose(by_origin, by_destination, threads)
        _transpose(by_destination, by_origin, threads)
    return by_origin, by_destination


def _count(
    parts: Sequence[CommunePairs], ends: Sequence[int], size: int, beyond: int, threads: int
) -> tuple[dict[int, Pointers], Pointers]:
    """Return the counts by origin and destination of each share of the pairs, by its start.

    And the descents of each part: 0 if it is in order of origin, then destination.
    """
    counted: dict[int, tuple[Pointers, Pointers]] = {}

    def count(start: int, stop: int) -> None:
        counts, descents = (np.zeros(shape, dtype=np.int64) for shape in ((2, size), (len(parts),)))
        for p, first, last, k in _within(parts, ends, start, stop):
            kernels.count_pairs(
                p.origin, p.destination, p.bands, beyond, first, last,
                counts[0], counts[1], descents[k : k + 1],
            )  # fmt: skip
        counted[start] = counts, descents

    share_range(count, ends[-1], threads)
    descents = np.sum([descents for _, descents in counted.values()], axis=0)
    return {start: counts for start, (counts, _) in counted.items()}, descents


def _cursors(counts: dict[int, Pointers], pointers: Pointers) -> dict[int, Pointers]:
    """Return where the pairs of each share go: behind those of the shares before it.

    So pairs keep their order, whatever the number of threads.
    """
    cursors, behind = {}, pointers[:, :-1].copy()
    for start in sorted(counts):
        cursors[start] = behind
        behind = behind + counts[start]
    return cursors


def _within(
    parts: Sequence[CommunePairs], ends: Sequence[int], start: int, stop: int
) -> Iterator[tuple[CommunePairs, int, int, int]]:
    """Yield the parts between two positions in all pairs: part, first and last pair, number."""
    for number, (part, (low, high)) in enumerate(zip(parts, pairwise(ends), strict=True)):
        first, last = max(start, low) - low, min(stop, high) - low
        if first < last:
            yield part, first, last, number


def _order(
    parts: Sequence[CommunePairs], descents: Pointers
) -> Literal["all", "but own pairs", "none"]:
    """Return which pairs are in order of origin, then destination, given the descents of parts."""
    if descents.any():
        return "none"
    falls = [
        (int(one.origin[-1]), int(one.destination[-1]))
        >= (int(two.origin[0]), int(two.destination[0]))
        for one, two in pairwise(parts)
    ]
    if not any(falls):
        return "all"
    last = parts[-1]
    if not any(falls[:-1]) and np.array_equal(last.origin, last.destination):
        return "but own pairs"
    return "none"


def _transpose(rows: Rows, out: Rows, threads: int | None) -> None:
    """Fill `out`, of known pointers, with the columns of `rows`, in ascending order."""
    cursors, size = out.pointers[:-1].copy(), len(rows.pointers) - 1

    def work(start: int, stop: int) -> None:
        kernels.transpose_rows(rows.pointers, rows.pairs, size, start, stop, cursors, out.pairs)

    share_out(work, out.pointers, threads)
