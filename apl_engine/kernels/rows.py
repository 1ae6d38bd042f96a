"""Compressed sparse rows from travel times, by counting sort.

A pair is two communes and the band of its minutes. In its row, it is one word of 32 bits: the other
commune (its place) in the low 24, the band in the high 8. Pairs of the band `beyond` are left out.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import (
    BANDS,
    OUT_BANDS,
    OUT_PAIRS,
    OUT_POINTERS,
    PAIRS,
    PLACES,
    POINTERS,
    SIZE,
    VALUES,
)
from .types import Bands, Float, Index, Pairs, Pointers


@kernel(VALUES, VALUES, POINTERS, SIZE, SIZE, OUT_BANDS)
def time_bands(
    minutes: Float, edges: Float, below: Pointers, n_pairs: int, n_edges: int, out: Bands
) -> None:
    """out[k] = 2 e + 1 if minutes[k] is edges[e], 2 e if it is between edges[e - 1] and edges[e].

    minutes  float64[n_pairs]  travel times, minutes, 0 or more
    edges    float64[n_edges]  ascending, minutes
    below    int64[n_whole]    number of edges below each whole minute, up to the last edge
    out      uint8[n_pairs]    band of each pair, 2 n_edges beyond the last edge
    """
    last = edges[n_edges - 1]
    for k in range(n_pairs):
        time = minutes[k]
        if time > last:
            out[k] = 2 * n_edges
        else:
            e = below[np.int64(time)]
            while edges[e] < time:
                e += 1
            out[k] = 2 * e + (edges[e] == time)


@kernel(VALUES, SIZE, SIZE, OUT_BANDS)
def whole_minute_bands(minutes: Float, n_pairs: int, n_edges: int, out: Bands) -> None:
    """Fill `out` as `time_bands` does, where the edges are 1, 2, ... n_edges minutes.

    minutes  float64[n_pairs]  travel times, minutes, 0 or more
    out      uint8[n_pairs]    band of each pair, 2 n_edges beyond the last edge
    """
    # No branch, so that several pairs go through one instruction.
    for k in range(n_pairs):
        time = min(minutes[k], n_edges + 0.5)
        minute = np.int32(time)
        out[k] = 2 * minute - (minute == time) + (time == 0)


@kernel(PLACES, PLACES, BANDS, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_POINTERS, OUT_POINTERS)
def count_pairs(
    rows: Index,
    places: Index,
    bands: Bands,
    beyond: int,
    start: int,
    stop: int,
    of_row: Pointers,
    of_place: Pointers,
    descents: Pointers,
) -> None:
    """Count the pairs not left out, by row and by place, and the pairs that are out of order.

    rows, places  uint32[n_pairs]  the two communes of each pair
    bands         uint8[n_pairs]   band of each pair
    beyond        int              pairs of this band are left out
    start, stop   int              pairs start <= k < stop are counted, at least one
    of_row        int64[n_rows]    added to
    of_place      int64[n_rows]    added to
    descents      int64[1]         added to; 0 if pairs are in order of row, then place
    """
    # Pairs of a row often follow each other: they are counted without a cell of memory.
    row, counted = rows[start], 0
    for k in range(start, stop):
        if rows[k] != row:
            of_row[row] += counted
            row, counted = rows[k], 0
        inside = bands[k] != beyond
        counted += inside
        of_place[places[k]] += inside
    of_row[row] += counted
    out_of_order = 0
    for k in range(max(start, 1), stop):
        out_of_order += (rows[k] < rows[k - 1]) | (
            (rows[k] == rows[k - 1]) & (places[k] <= places[k - 1])
        )
    descents[0] += out_of_order


@kernel(
    PLACES, PLACES, BANDS, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_POINTERS, OUT_PAIRS, OUT_PAIRS
)  # fmt: skip
def fill_both_ways(
    rows: Index,
    places: Index,
    bands: Bands,
    beyond: int,
    start: int,
    stop: int,
    row_cursors: Pointers,
    place_cursors: Pointers,
    by_row: Pairs,
    by_place: Pairs,
) -> None:
    """Put each pair into its row and into the row of its place, in the order of the pairs.

    rows, places, bands, beyond        see `count_pairs`
    start, stop    int                 pairs start <= k < stop are put there, at least one
    row_cursors    int64[n_rows]       where the next pair of each row goes; moved on
    place_cursors  int64[n_rows]       where the next pair of each place goes; moved on
    by_row         uint32[n_counted]   overwritten
    by_place       uint32[n_counted]   overwritten
    """
    row = rows[start]
    at = row_cursors[row]
    for k in range(start, stop):
        if rows[k] != row:
            row_cursors[row] = at
            row = rows[k]
            at = row_cursors[row]
        if bands[k] != beyond:
            band = np.uint32(bands[k]) << 24
            place = places[k]
            by_row[at] = band | place
            at += 1
            to = place_cursors[place]
            by_place[to] = band | row
            place_cursors[place] = to + 1
    row_cursors[row] = at


@kernel(PLACES, PLACES, BANDS, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_PAIRS)
def fill_rows(
    rows: Index,
    places: Index,
    bands: Bands,
    beyond: int,
    start: int,
    stop: int,
    cursors: Pointers,
    out: Pairs,
) -> None:
    """Put each pair into its row, in the order of the pairs.

    rows, places, bands, beyond      see `count_pairs`
    start, stop  int                 pairs start <= k < stop are put there
    cursors      int64[n_rows]       where the next pair of each row goes; moved on
    out          uint32[n_counted]   overwritten
    """
    for k in range(start, stop):
        if bands[k] != beyond:
            row = rows[k]
            at = cursors[row]
            out[at] = np.uint32(bands[k]) << 24 | places[k]
            cursors[row] = at + 1


@kernel(PLACES, SIZE, POINTERS, OUT_PAIRS)
def insert_last(rows: Index, n: int, pointers: Pointers, pairs: Pairs) -> None:
    """Move the last pair of some rows to its position; the others are in ascending order.

    rows      uint32[n]          the rows
    pointers  int64[n_rows + 1]  row starts
    pairs     uint32[n_pairs]    moved within their rows
    """
    for k in range(n):
        low, last = pointers[rows[k]], pointers[rows[k] + 1] - 1
        if low < last:
            pair, high = pairs[last], last
            while low < high:
                middle = (low + high) >> 1
                if pairs[middle] & 0xFFFFFF < pair & 0xFFFFFF:
                    low = middle + 1
                else:
                    high = middle
            for at in range(last, low, -1):
                pairs[at] = pairs[at - 1]
            pairs[low] = pair


@kernel(POINTERS, PAIRS, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_PAIRS)
def transpose_rows(
    pointers: Pointers,
    pairs: Pairs,
    n_rows: int,
    start: int,
    stop: int,
    cursors: Pointers,
    out: Pairs,
) -> None:
    """Transpose rows; each new row is in ascending order.

    pointers     int64[n_rows + 1]  row starts of the input
    pairs        uint32[n_pairs]    the input
    start, stop  int                the rows of places start <= p < stop are filled
    cursors      int64[n_places]    start of each new row; moved to its end
    out          uint32[n_pairs]    overwritten
    """
    for r in range(n_rows):
        for k in range(pointers[r], pointers[r + 1]):
            pair = pairs[k]
            place = pair & 0xFFFFFF
            if start <= place < stop:
                at = cursors[place]
                out[at] = (pair & 0xFF000000) | r
                cursors[place] = at + 1


@kernel(POINTERS, PAIRS, SIZE, OUT_POINTERS)
def find_repeats(pointers: Pointers, pairs: Pairs, n_rows: int, out: Pointers) -> None:
    """Count pairs with the same place as the one before in their row, and locate the first ones.

    pointers  int64[n_rows + 1]  row starts
    pairs     uint32[n_pairs]    ascending by place within each row
    out       int64[4]           their number and the positions of three, overwritten
    """
    found = 0
    for r in range(n_rows):
        for k in range(pointers[r] + 1, pointers[r + 1]):
            if pairs[k] & 0xFFFFFF == pairs[k - 1] & 0xFFFFFF:
                found += 1
                if found < 4:
                    out[found] = k
    out[0] = found
