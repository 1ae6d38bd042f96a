"""Rows of pairs to runs of consecutive positions, where places are in a good order.

The level of a pair ranks its weight, 0 for the highest. Set s holds the neighbours of level s or
below, so that the sets of a row are nested. In a good order, each set is a few runs. A run is at
most 255 positions long; longer ones are cut.
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


@kernel(POINTERS, PAIRS, BANDS, PLACES, PLACES, SIZE, SIZE, SIZE, SIZE, OUT_POINTERS, OUT_PAIRS)
def turn_rows(
    pointers: Pointers,
    pairs: Pairs,
    levels: Bands,
    order: Index,
    position: Index,
    n: int,
    beyond: int,
    start: int,
    stop: int,
    cursors: Pointers,
    out: Pairs,
) -> None:
    """Transpose rows of places to rows of positions; each new row is ascending.

    pointers     int64[n + 1]      row starts of the input, by place
    pairs        uint32[n_pairs]   band << 24 | place
    levels       uint8[n_bands]    level of each band
    order        uint32[n]         place at each position
    position     uint32[n]         position of each place
    beyond       int               pairs of this level are left out
    start, stop  int               rows of positions start <= h < stop are filled
    cursors      int64[n]          start of each new row; moved to its end
    out          uint32[n_pairs]   level << 24 | position; overwritten
    """
    for h in range(n):
        row = order[h]
        for k in range(pointers[row], pointers[row + 1]):
            to = np.int64(position[pairs[k] & 0xFFFFFF])
            if start <= to < stop:
                level = levels[pairs[k] >> 24]
                if level != beyond:
                    at = cursors[to]
                    out[at] = np.uint32(level) << np.uint32(24) | np.uint32(h)
                    cursors[to] = at + 1


@kernel(POINTERS, POINTERS, PAIRS, BANDS, SIZE, SIZE, SIZE, OUT_POINTERS)
def count_runs(
    starts: Pointers,
    stops: Pointers,
    pairs: Pairs,
    sets: Bands,
    n_sets: int,
    first: int,
    last: int,
    out: Pointers,
) -> None:
    """Count the runs of some nested sets in each row.

    starts, stops  int64[n]         where each row of `pairs` starts and stops
    pairs          uint32[n_pairs]  level << 24 | position, ascending by position in each row
    sets           uint8[n_sets]    the sets: set s holds the pairs of level s or below
    first, last    int              rows first <= h < last are counted
    out            int64[n]         overwritten
    """
    for h in range(first, last):
        runs = 0
        for i in range(n_sets):
            highest = sets[i]
            end, begun = np.int64(-1), np.int64(0)
            for k in range(starts[h], stops[h]):
                if pairs[k] >> 24 <= highest:
                    at = np.int64(pairs[k] & 0xFFFFFF)
                    if at != end or at - begun == 255:
                        runs += 1
                        begun = at
                    end = at + 1
        out[h] = runs


@kernel(POINTERS, POINTERS, PAIRS, BANDS, SIZE, POINTERS, SIZE, SIZE, OUT_PLACES, OUT_BANDS)
def write_runs(
    starts: Pointers,
    stops: Pointers,
    pairs: Pairs,
    sets: Bands,
    n_sets: int,
    at: Pointers,
    first: int,
    last: int,
    out: Index,
    lengths: Bands,
) -> None:
    """Write the runs that `count_runs` counts.

    at           int64[n]        where the runs of each row go
    first, last  int             rows first <= h < last are written
    out          uint32[n_runs]  first position of each run; overwritten
    lengths      uint8[n_runs]   positions in each run; overwritten
    """
    for h in range(first, last):
        to = at[h] - 1
        for i in range(n_sets):
            highest = sets[i]
            end, begun = np.int64(-1), np.int64(0)
            for k in range(starts[h], stops[h]):
                if pairs[k] >> 24 <= highest:
                    place = np.int64(pairs[k] & 0xFFFFFF)
                    if place != end or place - begun == 255:
                        to += 1
                        begun = place
                        out[to] = place
                    end = place + 1
                    lengths[to] = end - begun
