"""Rows of pairs to runs of consecutive positions, where places are in a good order.

The neighbours of a row are nested sets: all of them, those of the second lowest weight or more, and
so on. In a good order, each set is a few runs. A run is at most 255 positions long; longer ones are
cut.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import (
    BANDS,
    OUT_BANDS,
    OUT_PAIRS,
    OUT_PLACES,
    OUT_POINTERS,
    PAIRS,
    PLACES,
    POINTERS,
    SIZE,
)
from .types import Bands, Index, Pairs, Pointers


@kernel(POINTERS, PAIRS, BANDS, PLACES, PLACES, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_PAIRS)
def turn_rows(
    pointers: Pointers,
    pairs: Pairs,
    depths: Bands,
    order: Index,
    position: Index,
    n: int,
    start: int,
    stop: int,
    cursors: Pointers,
    out: Pairs,
) -> None:
    """Transpose rows of places to rows of positions; each new row is ascending.

    pointers     int64[n + 1]      row starts of the input, by place
    pairs        uint32[n_pairs]   band << 24 | place
    depths       uint8[n_bands]    number of sets that hold the pairs of each band
    order        uint32[n]         place at each position
    position     uint32[n]         position of each place
    start, stop  int               rows of positions start <= h < stop are filled
    cursors      int64[n]          start of each new row; moved to its end
    out          uint32[n_pairs]   depth << 24 | position, pairs of depth 0 left out; overwritten
    """
    for h in range(n):
        row = order[h]
        for k in range(pointers[row], pointers[row + 1]):
            to = np.int64(position[pairs[k] & 0xFFFFFF])
            if start <= to < stop:
                depth = depths[pairs[k] >> 24]
                if depth > 0:
                    at = cursors[to]
                    out[at] = np.uint32(depth) << np.uint32(24) | np.uint32(h)
                    cursors[to] = at + 1


@kernel(POINTERS, POINTERS, PAIRS, BANDS, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_POINTERS)
def count_runs(
    starts: Pointers,
    stops: Pointers,
    pairs: Pairs,
    groups: Bands,
    n_groups: int,
    first: int,
    last: int,
    begun: Pointers,
    out: Pointers,
) -> None:
    """Count the runs of each row, by group of sets.

    The sets of a row are nested, so that the runs that are open at a position are a stack.

    starts, stops  int64[n]         where each row of `pairs` starts and stops
    pairs          uint32[n_pairs]  number of sets that hold it << 24 | position, ascending by
                                    position in each row
    groups         uint8[n_sets]    group of each set, the widest first
    first, last    int              rows first <= h < last are counted
    begun          int64[n_sets]    scratch: start of each open run
    out            int64[n, n_groups]  overwritten
    """
    for h in range(first, last):
        for g in range(n_groups):
            out[n_groups * h + g] = 0
        depth, end = np.int64(0), np.int64(-1)
        for k in range(starts[h], stops[h]):
            at, sets = np.int64(pairs[k] & 0xFFFFFF), np.int64(pairs[k] >> 24)
            stay = sets if at == end else np.int64(0)
            while depth > stay:
                depth -= 1
                out[n_groups * h + groups[depth]] += (end - begun[depth] + 254) // 255
            while depth < sets:
                begun[depth] = at
                depth += 1
            end = at + 1
        while depth > 0:
            depth -= 1
            out[n_groups * h + groups[depth]] += (end - begun[depth] + 254) // 255


@kernel(POINTERS, POINTERS, PAIRS, BANDS, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_POINTERS, OUT_PLACES,
        OUT_BANDS)  # fmt: skip
def write_runs(
    starts: Pointers,
    stops: Pointers,
    pairs: Pairs,
    groups: Bands,
    n_groups: int,
    first: int,
    last: int,
    begun: Pointers,
    cursors: Pointers,
    out: Index,
    lengths: Bands,
) -> None:
    """Write the runs that `count_runs` counts.

    first, last  int                 rows first <= h < last are written
    cursors      int64[n, n_groups]  where the runs of each row and group go; moved to their end
    out          uint32[n_runs]      first position of each run; overwritten
    lengths      uint8[n_runs]       positions in each run; overwritten
    """
    for h in range(first, last):
        depth, end = np.int64(0), np.int64(-1)
        # One step more than there are pairs, which closes all runs.
        for k in range(starts[h], stops[h] + 1):
            at, sets = np.int64(-1), np.int64(0)
            if k < stops[h]:
                at, sets = np.int64(pairs[k] & 0xFFFFFF), np.int64(pairs[k] >> 24)
            stay = sets if at == end else np.int64(0)
            while depth > stay:
                depth -= 1
                cell, start = n_groups * h + groups[depth], begun[depth]
                while start < end:
                    length = end - start if end - start < 255 else 255
                    out[cursors[cell]] = start
                    lengths[cursors[cell]] = length
                    cursors[cell] += 1
                    start += length
            while depth < sets:
                begun[depth] = at
                depth += 1
            end = at + 1
