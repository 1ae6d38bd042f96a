"""Pairs of communes within reach as compressed sparse rows, by origin and by destination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    below = np.searchsorted(edges, np.arange(np.floor(edges[-1]) + 1.0)).astype(np.int64)
    bands = np.empty(len(minutes), dtype=np.uint8)
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
    from_origin, to_destination, in_order = _pointers(parts, size, beyond, threads)
    by_origin = Rows(from_origin, np.empty(from_origin[-1], dtype=np.uint32))
    by_destination = Rows(to_destination, np.empty(from_origin[-1], dtype=np.uint32))
    _fill(by_origin, parts, beyond, threads, settle=in_order)
    _transpose(by_origin, by_destination, threads)
    if not in_order:
        _transpose(by_destination, by_origin, threads)
    return by_origin, by_destination


def _fill(
    rows: Rows, parts: Sequence[CommunePairs], beyond: int, threads: int | None, *, settle: bool
) -> None:
    """Put pairs into rows of known pointers, in the order they come.

    If that is nearly ascending, as in a sorted file followed by the pairs of communes with
    themselves, `settle` finishes the order.
    """
    cursors = rows.pointers[:-1].copy()

    def work(start: int, stop: int) -> None:
        for p in parts:
            kernels.fill_rows(
                p.origin, p.destination, p.bands, beyond, len(p.bands),
                start, stop, cursors, rows.pairs,
            )  # fmt: skip
        if settle:
            kernels.settle_rows(rows.pointers, start, stop, rows.pairs)

    share_out(work, rows.pointers, threads)


def _transpose(rows: Rows, out: Rows, threads: int | None) -> None:
    """Fill `out`, of known pointers, with the columns of `rows`, in ascending order."""
    cursors, size = out.pointers[:-1].copy(), len(rows.pointers) - 1

    def work(start: int, stop: int) -> None:
        kernels.transpose_rows(rows.pointers, rows.pairs, size, start, stop, cursors, out.pairs)

    share_out(work, out.pointers, threads)


def _pointers(
    parts: Sequence[CommunePairs], size: int, beyond: int, threads: int | None
) -> tuple[Pointers, Pointers, bool]:
    """Return the pointers by origin and by destination, int64 (size + 1,).

    And whether the pairs of each part are sorted by origin, then destination.
    """
    counted: list[tuple[Pointers, Pointers]] = []
    ends = np.cumsum([len(part.bands) for part in parts]).tolist()

    def count(start: int, stop: int) -> None:
        """Count the pairs between two positions in the concatenated parts."""
        counts, descents = np.zeros((2, size + 1), dtype=np.int64), np.zeros(1, dtype=np.int64)
        for p, end in zip(parts, ends, strict=True):
            before = end - len(p.bands)
            kernels.count_pairs(
                p.origin, p.destination, p.bands, beyond,
                max(start - before, 0), min(stop, end) - before,
                counts[0], counts[1], descents,
            )  # fmt: skip
        counted.append((counts, descents))

    share_range(count, ends[-1], threads)
    counts = np.cumsum(np.sum([counts for counts, _ in counted], axis=0), axis=1)
    return counts[0], counts[1], not any(descents[0] for _, descents in counted)
