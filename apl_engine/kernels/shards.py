"""Pairs of a network larger than memory: divided into ranges of rows, and sorted in each.

Rows are positions of communes in some order, and so are the places of pairs. On its way to its row,
a pair is one word of 64 bits: row << 32 | place << 8 | band.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel, lowest_bit
from .arguments import (
    BANDS,
    BITS,
    OUT_BANDS,
    OUT_BITS,
    OUT_PAIRS,
    OUT_PLACES,
    OUT_POINTERS,
    PAIRS,
    PLACES,
    POINTERS,
    SHORTS,
    SIZE,
)
from .types import Bands, Bits, Index, Pairs, Pointers, Shorts

# Pairs that are on another row of the input too are moved behind those of their row, with this band
# in place of theirs; no pair has it.
REPEATED = 255


@kernel(PAIRS, SIZE, SIZE, OUT_PLACES, OUT_PLACES, OUT_PLACES, OUT_POINTERS)
def number_views(
    views: Pairs, n: int, mask: int, slots: Index, ids: Index, firsts: Index, found: Pointers
) -> None:
    """Give the distinct views of texts numbers, in the order met.

    Views that differ may be of the same text: a long one is held by its place in a buffer.

    views   uint32[4 n]       Arrow's views of texts
    mask    int               number of slots - 1; a power of two less 1, at least n
    slots   uint32[mask + 1]  scratch of 2**32 - 1
    ids     uint32[n]         number of the view of each text, overwritten
    firsts  uint32[n]         the first text of each number, overwritten
    found   int64[1]          number of distinct views, overwritten
    """
    count = np.int64(0)
    for k in range(n):
        one, two, three, four = views[4 * k], views[4 * k + 1], views[4 * k + 2], views[4 * k + 3]
        known = np.int64(-1)
        # Of sorted pairs, origins follow each other.
        if (
            k > 0
            and views[4 * k - 4] == one
            and views[4 * k - 3] == two
            and views[4 * k - 2] == three
            and views[4 * k - 1] == four
        ):
            known = np.int64(ids[k - 1])
        else:
            low, high = np.uint64(two) << np.uint64(32) | three, np.uint64(one) << np.uint64(32)
            mixed = (low ^ (high | four)) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= np.uint64(four) * np.uint64(0xC2B2AE3D27D4EB4F)
            at = np.int64(mixed >> np.uint64(33)) & mask
            while known < 0 and slots[at] != 0xFFFFFFFF:
                first = 4 * np.int64(firsts[slots[at]])
                if (
                    views[first] == one
                    and views[first + 1] == two
                    and views[first + 2] == three
                    and views[first + 3] == four
                ):
                    known = np.int64(slots[at])
                else:
                    at = (at + 1) & mask
            if known < 0:
                known = count
                slots[at] = count
                firsts[count] = k
                count += 1
        ids[k] = known
    found[0] = count


@kernel(PLACES, PLACES, BANDS, SIZE, PLACES, SIZE, OUT_POINTERS, OUT_POINTERS)
def count_windows(
    origins: Index,
    destinations: Index,
    bands: Bands,
    beyond: int,
    position: Index,
    n_pairs: int,
    of_origins: Pointers,
    of_destinations: Pointers,
) -> None:
    """Count the pairs of each window of 256 positions, by origin and by destination.

    origins, destinations  uint32[n_pairs]  the communes of each pair
    bands            uint8[n_pairs]     band of each pair
    beyond           int                pairs of this band are left out
    position         uint32[n]          position of each commune
    of_origins       int64[n_windows]   added to
    of_destinations  int64[n_windows]   added to
    """
    for k in range(n_pairs):
        if bands[k] != beyond:
            of_origins[position[origins[k]] >> 8] += 1
            of_destinations[position[destinations[k]] >> 8] += 1


@kernel(PLACES, PLACES, BANDS, SIZE, PLACES, SHORTS, SIZE, OUT_POINTERS, OUT_BITS)
def divide_pairs(
    origins: Index,
    destinations: Index,
    bands: Bands,
    beyond: int,
    position: Index,
    part_of: Shorts,
    n_pairs: int,
    cursors: Pointers,
    out: Bits,
) -> None:
    """Put pairs as words where those of the part of their origin go, in the order of the pairs.

    origins, destinations, bands, beyond, position, n_pairs  see `count_windows`
    part_of  uint16[n_windows]  part of each window of 256 positions
    cursors  int64[n_parts]     where the next pair of each part goes; moved on
    out      uint64[n_counted]  overwritten
    """
    for k in range(n_pairs):
        if bands[k] != beyond:
            row = np.uint64(position[origins[k]])
            place = np.uint64(position[destinations[k]])
            part = part_of[row >> np.uint64(8)]
            at = cursors[part]
            out[at] = row << np.uint64(32) | place << np.uint64(8) | np.uint64(bands[k])
            cursors[part] = at + 1


@kernel(POINTERS, PAIRS, SHORTS, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_BITS)
def divide_rows(
    pointers: Pointers,
    pairs: Pairs,
    part_of: Shorts,
    first_row: int,
    start: int,
    stop: int,
    cursors: Pointers,
    out: Bits,
) -> None:
    """Put the pairs of rows, turned round, where those of the part of their place go.

    pointers     int64[n_rows + 1]  row starts
    pairs        uint32[n_pairs]    band << 24 | place
    part_of      uint16[n_windows]  part of each window of 256 positions
    first_row    int                position of the first row
    start, stop  int                rows start <= r < stop are put there
    cursors      int64[n_parts]     where the next pair of each part goes; moved on
    out          uint64[n_counted]  overwritten
    """
    for r in range(start, stop):
        row = np.uint64(first_row + r) << np.uint64(8)
        for k in range(pointers[r], pointers[r + 1]):
            place = np.uint64(pairs[k] & 0xFFFFFF)
            part = part_of[place >> np.uint64(8)]
            at = cursors[part]
            out[at] = place << np.uint64(32) | row | np.uint64(pairs[k] >> 24)
            cursors[part] = at + 1


@kernel(BITS, SIZE, SIZE, SIZE, OUT_POINTERS)
def count_words(words: Bits, n: int, first: int, last: int, counts: Pointers) -> None:
    """Count the pairs of each row from `first` up to `last`; words of other rows are passed over.

    words   uint64[n]            pairs
    counts  int64[last - first]  added to
    """
    for k in range(n):
        row = np.int64(words[k] >> np.uint64(32))
        if first <= row < last:
            counts[row - first] += 1


@kernel(BITS, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_PAIRS)
def place_words(
    words: Bits, n: int, first: int, last: int, cursors: Pointers, pairs: Pairs
) -> None:
    """Put the pairs of the rows from `first` up to `last` into their rows, in the order of words.

    words    uint64[n]            pairs; those of other rows are passed over
    cursors  int64[last - first]  where the next pair of each row goes; moved on
    pairs    uint32[n_pairs]      band << 24 | place; overwritten
    """
    for k in range(n):
        row = np.int64(words[k] >> np.uint64(32))
        if first <= row < last:
            low = np.int64(words[k] & np.uint64(0xFFFFFFFF))
            at = cursors[row - first]
            pairs[at] = (low & 255) << 24 | low >> 8
            cursors[row - first] = at + 1


@kernel(POINTERS, SIZE, SIZE, OUT_BITS, OUT_BITS, OUT_BANDS, OUT_PAIRS, OUT_POINTERS, OUT_POINTERS)
def sort_places(
    pointers: Pointers,
    start: int,
    stop: int,
    marks: Bits,
    summary: Bits,
    band_at: Bands,
    pairs: Pairs,
    lengths: Pointers,
    repeats: Pointers,
) -> None:
    """Sort rows by place, each place once with its lowest band.

    Places are marked in bits, and read from there in order. Pairs that repeat one of their row are
    put behind it, with the band `REPEATED`.

    pointers     int64[n_rows + 1]     row starts
    start, stop  int                   rows start <= r < stop are sorted
    marks        uint64[n / 64 + 1]    scratch of zeros, left so
    summary      uint64[n / 4096 + 1]  scratch of zeros, left so
    band_at      uint8[n]              scratch
    pairs        uint32[n_pairs]       band << 24 | place, sorted within rows
    lengths      int64[n_rows]         number of pairs of each row that repeat none, overwritten
    repeats      int64[1]              added to: number of the others
    """
    zero, one = np.uint64(0), np.uint64(1)
    for r in range(start, stop):
        begin, end = pointers[r], pointers[r + 1]
        lowest, highest = np.int64(1) << 40, np.int64(-1)
        back = end
        k = begin
        while k < back:
            place, band = np.int64(pairs[k] & 0xFFFFFF), np.int64(pairs[k] >> 24)
            word = place >> 6
            bit = one << np.uint64(place & 63)
            if marks[word] & bit != zero:
                if band < band_at[place]:
                    band_at[place] = band
                back -= 1
                # What was last comes here, and is looked at next.
                pairs[k] = pairs[back]
                pairs[back] = np.int64(REPEATED) << 24 | place
            else:
                marks[word] |= bit
                summary[word >> 6] |= one << np.uint64(word & 63)
                band_at[place] = band
                lowest = word if word < lowest else lowest
                highest = word if word > highest else highest
                k += 1
        to = begin
        for s in range(lowest >> 6, (highest >> 6) + 1):
            words, summary[s] = summary[s], zero
            while words != zero:
                word = 64 * s + lowest_bit(words)
                words &= words - one
                bits, marks[word] = marks[word], zero
                while bits != zero:
                    place = 64 * word + lowest_bit(bits)
                    bits &= bits - one
                    pairs[to] = np.int64(band_at[place]) << 24 | place
                    to += 1
        lengths[r] = to - begin
        repeats[0] += end - to
