"""Pairs within reach as compressed sparse rows, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import kernels
from ..kernels.threads import share_out, share_range
from ..kernels.types import Bands, Float, Index, Pairs, Pointers

# A pair is one word of 32 bits: 8 for the band of minutes, 24 for the other place.
BAND_BITS, PLACE_BITS = 8, 24
MOST_PLACES = 2**PLACE_BITS
# Two bands for each edge, and one for all times beyond.
MOST_EDGES = 2 ** (BAND_BITS - 1) - 1


@dataclass(frozen=True)
class Rows:
    """Pairs within reach, by row.

    Attributes
    ----------
    pointers : int64 (n_places + 1,), where each row begins.
    pairs : uint32 (n_pairs,), the other place in the low 24 bits, rising within a row, the band of
        minutes in the high 8.
    """

    pointers: Pointers
    pairs: Pairs

    @property
    def places(self) -> Index:
        """Return the other place of each pair, uint32 (n_pairs,)."""
        return self.pairs & np.uint32(MOST_PLACES - 1)

    @property
    def bands(self) -> Bands:
        """Return the band of minutes of each pair, uint8 (n_pairs,)."""
        return (self.pairs >> np.uint32(PLACE_BITS)).astype(np.uint8)


@dataclass(frozen=True)
class PlacePairs:
    """Pairs of places and the band of their minutes: arrays of shape (n_pairs,).

    Attributes
    ----------
    origin, destination : uint32, rows of the places.
    bands : uint8, see `time_bands`.
    """

    origin: Index
    destination: Index
    bands: Bands


def time_bands(minutes: Float, edges: Float) -> Bands:
    """Return the band that each travel time falls in.

    Band 2 e + 1 is the time edges[e] exactly, band 2 e those between edges[e - 1] and edges[e]:
    whatever the steps of a methodology, of bounds among the edges and included or not, a band lies
    in one of them whole.

    Parameters
    ----------
    minutes : float64 (n_pairs,), 0 or more, minutes.
    edges : float64 (n_edges,), rising, above 0, minutes.

    Returns
    -------
    uint8 (n_pairs,)
        2 n_edges where the time is beyond the last edge.
    """
    below = np.searchsorted(edges, np.arange(np.floor(edges[-1]) + 1.0)).astype(np.int64)
    bands = np.empty(len(minutes), dtype=np.uint8)
    kernels.time_bands(minutes, edges, below, len(minutes), len(edges), bands)
    return bands


def rows_both_ways(
    parts: Sequence[PlacePairs], size: int, beyond: int, threads: int | None = None
) -> tuple[Rows, Rows]:
    """Gather pairs into rows by origin and by destination.

    Parameters
    ----------
    parts : the pairs, in any order; no pair twice.
    size : number of places.
    beyond : pairs of this band are left out.
    threads : how many may work; the result is the same.

    Returns
    -------
    Rows, Rows
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
    rows: Rows, parts: Sequence[PlacePairs], beyond: int, threads: int | None, *, settle: bool
) -> None:
    """Put pairs into rows, whose pointers are known, in the order they come.

    Where that is their order but for few, as in a sorted file with the pairs of a place with itself
    in a part behind, the rows can be settled.
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
    """Fill `out`, whose pointers are known, with the columns of `rows`, in rising order."""
    cursors, size = out.pointers[:-1].copy(), len(rows.pointers) - 1

    def work(start: int, stop: int) -> None:
        kernels.transpose_rows(rows.pointers, rows.pairs, size, start, stop, cursors, out.pairs)

    share_out(work, out.pointers, threads)


def _pointers(
    parts: Sequence[PlacePairs], size: int, beyond: int, threads: int | None
) -> tuple[Pointers, Pointers, bool]:
    """Return where each row will begin, by origin and by destination, int64 (size + 1,).

    And whether the pairs of each part come in order of origin, then destination.
    """
    found: list[tuple[Pointers, Pointers]] = []
    ends = np.cumsum([len(part.bands) for part in parts]).tolist()

    def count(start: int, stop: int) -> None:
        """Count what lies between two places of the parts put one behind the other."""
        counts, descents = np.zeros((2, size + 1), dtype=np.int64), np.zeros(1, dtype=np.int64)
        for p, end in zip(parts, ends, strict=True):
            before = end - len(p.bands)
            kernels.count_pairs(
                p.origin, p.destination, p.bands, beyond,
                max(start - before, 0), min(stop, end) - before,
                counts[0], counts[1], descents,
            )  # fmt: skip
        found.append((counts, descents))

    share_range(count, ends[-1], threads)
    counts = np.cumsum(np.sum([counts for counts, _ in found], axis=0), axis=1)
    return counts[0], counts[1], not any(descents[0] for _, descents in found)
