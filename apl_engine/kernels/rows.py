"""Travel times to compressed sparse rows, by counting sort.

A pair is two places and the band its minutes fall in, in one word of 32 bits: the other place in
the low 24, the band in the high 8. Pairs of the band `beyond` are left out.
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
    """out[k] = 2 e + 1 where minutes[k] is edges[e], 2 e where it is between edges[e - 1] and that.

    minutes  float64[n_pairs]  travel times, minutes, 0 or more
    edges    float64[n_edges]  rising, minutes
    below    int64[n_whole]    number of edges below each whole minute, up to the last edge
    out      uint8[n_pairs]    band of each pair, 2 n_edges where it is beyond the last edge
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
    """Count the pairs kept by row and by place, and all that do not come after the one before.

    rows, places  uint32[n_pairs]     the two places of each pair
    bands         uint8[n_pairs]      band of each pair
    beyond        int                 pairs of this band are left out
    start, stop   int                 pairs start <= k < stop are counted, the others not
    of_row        int64[n_rows + 1]   of_row[r + 1] is added to
    of_place      int64[n_rows + 1]   of_place[p + 1] is added to
    descents      int64[1]            added to; 0 means pairs in order of row, then place
    """
    found = 0
    for k in range(start, stop):
        kept = bands[k] != beyond
        of_row[rows[k] + 1] += kept
        of_place[places[k] + 1] += kept
        if k > 0:
            found += rows[k] < rows[k - 1] or (
                rows[k] == rows[k - 1] and places[k] <= places[k - 1]
            )
    descents[0] += found


@kernel(PLACES, PLACES, BANDS, SIZE, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_PAIRS)
def fill_rows(
    rows: Index,
    places: Index,
    bands: Bands,
    beyond: int,
    n_pairs: int,
    start: int,
    stop: int,
    cursors: Pointers,
    out: Pairs,
) -> None:
    """Put each pair into its row, in the order the pairs come.

    rows, places  uint32[n_pairs]  the two places of each pair
    bands         uint8[n_pairs]   band of each pair
    beyond        int              pairs of this band are left out
    start, stop   int              rows start <= r < stop are filled, the others not
    cursors       int64[n_rows]    where each row begins; moved to where it ends
    out           uint32[n_kept]   overwritten
    """
    for k in range(n_pairs):
        row = rows[k]
        if bands[k] != beyond and start <= row < stop:
            at = cursors[row]
            out[at] = np.uint32(bands[k]) << 24 | places[k]
            cursors[row] = at + 1


@kernel(POINTERS, SIZE, SIZE, OUT_PAIRS)
def settle_rows(pointers: Pointers, start: int, stop: int, pairs: Pairs) -> None:
    """Bring each row into rising order of places, by insertion; at once where it is nearly so.

    pointers     int64[n_rows + 1]  row starts
    start, stop  int                rows start <= r < stop are settled, the others left
    pairs        uint32[n_pairs]    moved within their rows
    """
    for r in range(start, stop):
        for k in range(pointers[r] + 1, pointers[r + 1]):
            pair = pairs[k]
            at = k
            while at > pointers[r] and pairs[at - 1] & 0xFFFFFF > pair & 0xFFFFFF:
                pairs[at] = pairs[at - 1]
                at -= 1
            pairs[at] = pair


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
    """Turn rows into columns; each comes out in rising order.

    pointers     int64[n_rows + 1]  row starts of what goes in
    pairs        uint32[n_pairs]    what goes in
    start, stop  int                places start <= p < stop get their rows, the others none
    cursors      int64[n_places]    where each row that comes out begins; moved to where it ends
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
    """Count pairs of the same place as the one before in their row, and say where the first are.

    pointers  int64[n_rows + 1]  row starts
    pairs     uint32[n_pairs]    rising by place within each row
    out       int64[4]           how many there are, and where the first three are, overwritten
    """
    found = 0
    for r in range(n_rows):
        for k in range(pointers[r] + 1, pointers[r + 1]):
            if pairs[k] & 0xFFFFFF == pairs[k - 1] & 0xFFFFFF:
                found += 1
                if found < 4:
                    out[found] = k
    out[0] = found
