"""Rows of pairs to runs of consecutive positions, where places are in a good order.

The neighbours of a row are nested sets: all of them, those of the second lowest weight or more, and
so on. In a good order, each set is a few runs. A run is at most 255 positions long; longer ones are
cut.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._jit import helper, kernel, lowest_bit, prefetch
from .arguments import (
    BANDS,
    OUT_BANDS,
    OUT_BITS,
    OUT_PLACES,
    OUT_POINTERS,
    OUT_SHORTS,
    PAIRS,
    PLACES,
    POINTERS,
    SIZE,
    WORDS,
)
from .catchment import MOST_WIDTH, WINDOW
from .types import Bands, Bits, Index, Pairs, Pointers, Shorts, Words

# A word of marks is of 2**6 positions, one of the summary of as many words.
MARK_BITS, SUMMARY_BITS = 6, 12
# Of a run, whose length is stored in 8 bits.
MOST_POSITIONS = 255
# Rows whose pairs are asked for while one is sorted, and how many lines of 16 pairs of each.
AHEAD, LINES = 2, 4


@helper
def close_runs(
    stay: Any,
    depth: Any,
    end: Any,
    begun: Pointers,
    groups: Bands,
    found: Any,
    starts: Index,
    lengths: Bands,
    of_group: Bands,
) -> Any:
    """Store the open runs of the sets from `stay` to `depth`; return the number of runs so far."""
    while depth > stay:
        depth -= 1
        start = begun[depth]
        while start < end:
            length = end - start if end - start < MOST_POSITIONS else MOST_POSITIONS
            starts[found] = start
            lengths[found] = length
            of_group[found] = groups[depth]
            found += 1
            start += length
    return found


@helper
def sort_runs(
    base: Any,
    rows: Any,
    most: Any,
    to: Any,
    n_groups: int,
    ends: Pointers,
    window_starts: Index,
    window_lengths: Bands,
    window_groups: Bands,
    members: Bands,
    counts: Shorts,
    starts: Index,
    lengths: Bands,
) -> Any:
    """Store the runs of a window, its rows by falling number of runs; return where the next go."""
    # The rows of each number, from the largest on.
    row, wanted = base, most
    while row < base + rows:
        following = np.int64(-1)
        for i in range(rows):
            begin = ends[i - 1] if i > 0 else np.int64(0)
            count = ends[i] - begin
            if count == wanted:
                members[row] = i
                for g in range(n_groups):
                    before = to
                    for k in range(begin, ends[i]):
                        if window_groups[k] == g:
                            starts[to] = window_starts[k]
                            lengths[to] = window_lengths[k]
                            to += 1
                    counts[n_groups * row + g] = to - before
                row += 1
            elif following < count < wanted:
                following = count
        wanted = following
    return to


@kernel(POINTERS, PAIRS, BANDS, WORDS, PLACES, PLACES, BANDS, SIZE, SIZE, SIZE, SIZE,
        OUT_BITS, OUT_BITS, OUT_BANDS, OUT_POINTERS, OUT_PLACES, OUT_BANDS, OUT_BANDS,
        OUT_POINTERS, OUT_POINTERS, OUT_BANDS, OUT_SHORTS, OUT_PLACES, OUT_BANDS,
        OUT_PLACES)  # fmt: skip
def derive_runs(
    pointers: Pointers,
    pairs: Pairs,
    depths: Bands,
    weights: Words,
    order: Index,
    position: Index,
    groups: Bands,
    n_groups: int,
    n: int,
    first: int,
    last: int,
    marks: Bits,
    summary: Bits,
    depth_at: Bands,
    begun: Pointers,
    window_starts: Index,
    window_lengths: Bands,
    window_groups: Bands,
    ends: Pointers,
    totals: Pointers,
    members: Bands,
    counts: Shorts,
    starts: Index,
    lengths: Bands,
    widths: Index,
) -> None:
    """Derive the runs of the rows of some windows of 256 positions.

    The neighbours of a row are sorted by marking their positions in bits. Their sets are nested, so
    that the runs that are open at a position are a stack. The rows of a window are laid by falling
    number of runs: the lengths of neighbouring loops are then equal, and the processor foresees
    their ends.

    pointers     int64[n + 1]       row starts
    pairs        uint32[n_pairs]    band << 24 | place
    depths       uint8[n_bands]     number of sets that hold the pairs of each band
    weights      int64[n_bands]     weight of each band
    order        uint32[n]          place at each position
    position     uint32[n]          position of each place
    groups       uint8[n_sets]      group of each set, the widest first
    first, last  int                windows first <= w < last are derived
    marks        uint64[n / 64 + 1]    scratch of zeros, left so
    summary      uint64[n / 4096 + 1]  scratch of zeros, left so
    depth_at     uint8[n]           scratch
    begun        int64[n_sets]      scratch: start of each open run
    window_starts, window_lengths, window_groups  scratch for the runs of a window
    ends         int64[256]         scratch
    totals       int64[last - first]  number of runs of each window, -1 if a row has 2**16 or more;
                                    overwritten
    members        uint8[n]           position in its window of each row, overwritten
    counts       uint16[n, n_groups]  runs of each row by group, overwritten
    starts, lengths  uint32[], uint8[]  the runs of the windows, one row after the other, and in a
                                    row one group after the other; overwritten
    widths       uint32[n]          sum of the weights of each row, by place, at most MOST_WIDTH;
                                    overwritten
    """
    zero, one, to = np.uint64(0), np.uint64(1), np.int64(0)
    for w in range(first, last):
        base = WINDOW * w
        rows = WINDOW if base + WINDOW < n else n - base
        found, most, overflow = np.int64(0), np.int64(0), np.int64(0)
        for i in range(rows):
            place, width = order[base + i], np.int64(0)
            later = pointers[order[base + i + AHEAD if i + AHEAD < rows else base + i]]
            for k in range(later, later + LINES * 16, 16):
                prefetch(pairs, k)
            for k in range(pointers[place], pointers[place + 1]):
                band = pairs[k] >> 24
                if depths[band] > 0:
                    at = np.int64(position[pairs[k] & 0xFFFFFF])
                    depth_at[at] = depths[band]
                    marks[at >> 6] |= one << np.uint64(at & 63)
                    summary[at >> 12] |= one << np.uint64((at >> 6) & 63)
                    width += weights[band]
            widths[place] = width if width < MOST_WIDTH else MOST_WIDTH
            begin, depth, end = found, np.int64(0), np.int64(-1)
            for s in range((n >> 12) + 1):
                words, summary[s] = summary[s], zero
                while words != zero:
                    word = 64 * s + lowest_bit(words)
                    words &= words - one
                    bits, marks[word] = marks[word], zero
                    while bits != zero:
                        at = 64 * word + lowest_bit(bits)
                        bits &= bits - one
                        sets = np.int64(depth_at[at])
                        stay = sets if at == end else np.int64(0)
                        found = close_runs(
                            stay, depth, end, begun, groups, found,
                            window_starts, window_lengths, window_groups,
                        )  # fmt: skip
                        depth = depth if depth < stay else stay
                        while depth < sets:
                            begun[depth] = at
                            depth += 1
                        end = at + 1
            found = close_runs(
                0, depth, end, begun, groups, found, window_starts, window_lengths, window_groups
            )
            ends[i] = found
            most = found - begin if found - begin > most else most
            overflow += found - begin > 65535
        totals[w - first] = -1 if overflow > 0 else found
        to = sort_runs(
            base, rows, most, to, n_groups, ends, window_starts, window_lengths, window_groups,
            members, counts, starts, lengths,
        )  # fmt: skip


@kernel(POINTERS, PAIRS, BANDS, WORDS, BANDS, SIZE, SIZE, SIZE, SIZE,
        OUT_POINTERS, OUT_PLACES, OUT_BANDS, OUT_BANDS,
        OUT_POINTERS, OUT_POINTERS, OUT_BANDS, OUT_SHORTS, OUT_PLACES, OUT_BANDS,
        OUT_PLACES)  # fmt: skip
def derive_sorted_runs(
    pointers: Pointers,
    pairs: Pairs,
    depths: Bands,
    weights: Words,
    groups: Bands,
    n_groups: int,
    n_rows: int,
    first: int,
    last: int,
    begun: Pointers,
    window_starts: Index,
    window_lengths: Bands,
    window_groups: Bands,
    ends: Pointers,
    totals: Pointers,
    members: Bands,
    counts: Shorts,
    starts: Index,
    lengths: Bands,
    widths: Index,
) -> None:
    """Derive runs as `derive_runs` does, where rows and places are positions, sorted in each row.

    pointers  int64[n_rows + 1]         row starts
    pairs     uint32[n_pairs]           band << 24 | position, by rising position in each row
    n_rows    int                       rows; the last window may have fewer than 256
    members   uint8[n_rows]             see `derive_runs`; overwritten
    counts    uint16[n_rows, n_groups]  see `derive_runs`; overwritten
    widths    uint32[n_rows]            by row; overwritten
    """
    to = np.int64(0)
    for w in range(first, last):
        base = WINDOW * w
        rows = WINDOW if base + WINDOW < n_rows else n_rows - base
        found, most, overflow = np.int64(0), np.int64(0), np.int64(0)
        for i in range(rows):
            begin, depth, end, width = found, np.int64(0), np.int64(-1), np.int64(0)
            for k in range(pointers[base + i], pointers[base + i + 1]):
                band = pairs[k] >> 24
                sets = np.int64(depths[band])
                if sets > 0:
                    at = np.int64(pairs[k] & 0xFFFFFF)
                    width += weights[band]
                    stay = sets if at == end else np.int64(0)
                    found = close_runs(
                        stay, depth, end, begun, groups, found,
                        window_starts, window_lengths, window_groups,
                    )  # fmt: skip
                    depth = depth if depth < stay else stay
                    while depth < sets:
                        begun[depth] = at
                        depth += 1
                    end = at + 1
            found = close_runs(
                0, depth, end, begun, groups, found, window_starts, window_lengths, window_groups
            )
            widths[base + i] = width if width < MOST_WIDTH else MOST_WIDTH
            ends[i] = found
            most = found - begin if found - begin > most else most
            overflow += found - begin > 65535
        totals[w - first] = -1 if overflow > 0 else found
        to = sort_runs(
            base, rows, most, to, n_groups, ends, window_starts, window_lengths, window_groups,
            members, counts, starts, lengths,
        )  # fmt: skip
