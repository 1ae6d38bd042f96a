"""The two steps of the floating catchment method, as exact sums of whole numbers over rows.

Values are in fixed point, in words of 64 bits that are added modulo 2**64. Such a sum does not
depend on the order of its terms: pairs, runs of consecutive places and any division among threads
give the same bits.
"""

from __future__ import annotations

import numpy as np

from ._jit import Kernel, kernel, prefetch
from .arguments import (
    BANDS,
    FACTOR,
    OUT_MASK,
    OUT_PLACES,
    OUT_POINTERS,
    OUT_VALUES,
    OUT_WORDS,
    PAIRS,
    PLACES,
    POINTERS,
    SHORTS,
    SIZE,
    VALUES,
    WORDS,
    Argument,
)
from .types import Bands, Float, Index, Mask, Pairs, Pointers, Shorts, Words

# Rows in a window of a layout of runs.
WINDOW = 256
# Widths of rows are counted up to this.
MOST_WIDTH = 2**32 - 1
# Narrower rows have a sum of fine words that fits a word.
NARROW = 2**20
# How many bits finer the unit of fine words is, and the lower bits that upper words leave out.
FINER, LOWER = 42, 32
# Values and totals are below 2**MOST units: their upper words have 64 bits with a sign.
MOST = LOWER + 63
# Values of this many units or more are left out by `fixed_point`.
LARGE = 2.0**62
# Where `fixed_point` reports what it found.
UPPER_TOTAL, N_ODD, N_TINY = 0, 1, 2

_FINE_UNITS = 2.0**FINER
# Changes whose pairs are asked for before they are read, and how many lines of 16 pairs of each.
AHEAD, LINES = 3, 3


@kernel(VALUES, FACTOR, SIZE, OUT_WORDS, OUT_WORDS, OUT_WORDS, vectorise=False)
def fixed_point(
    values: Float, scale: float, n: int, main: Words, fine: Words, found: Words
) -> None:
    """Split values in fixed point into two words each.

    values  float64[n]  any unit
    scale   float       units in 1, a power of two
    main    int64[n]    each value rounded to units; overwritten
    fine    int64[n]    what rounding takes off, in units of 2**-42; overwritten
    found   int64[3]    sum of the multiples of 2**32 units in main words; number of odd values,
                        which are negative, LARGE or no number and have words of 0; number of values
                        above 0 that are 0 units; overwritten
    """
    upper = odd = tiny = np.int64(0)
    for p in range(n):
        units = values[p] * scale
        # A branch that is foreseen costs less than counting what is odd by itself.
        if units >= 0.0 and units < LARGE:
            # A power of two and a difference of neighbours are exact.
            rounded = np.rint(units)
            whole = np.int64(rounded)
            main[p] = whole
            fine[p] = np.int64(np.rint((units - rounded) * _FINE_UNITS))
            upper += whole >> LOWER
            tiny += (units > 0.0) & (rounded == 0.0)
        else:
            main[p] = fine[p] = 0
            odd += 1
    found[UPPER_TOTAL] = upper
    found[N_ODD] = odd
    found[N_TINY] = tiny


@kernel(VALUES, PLACES, FACTOR, SIZE, OUT_WORDS, OUT_WORDS, OUT_WORDS, vectorise=False)
def running_fixed_point(
    values: Float, order: Index, scale: float, n: int, main: Words, fine: Words, found: Words
) -> None:
    """main[h], fine[h] = sum of the words of the first h places of an order, modulo 2**64.

    values  float64[n]    see `fixed_point`
    order   uint32[n]     the places
    scale   float         units in 1, a power of two
    main    int64[n + 1]  overwritten
    fine    int64[n + 1]  overwritten
    found   int64[3]      see `fixed_point`; overwritten
    """
    upper = odd = tiny = total = rest = np.int64(0)
    for h in range(n):
        main[h] = total
        fine[h] = rest
        units = values[order[h]] * scale
        if units >= 0.0 and units < LARGE:
            rounded = np.rint(units)
            whole = np.int64(rounded)
            total += whole
            rest += np.int64(np.rint((units - rounded) * _FINE_UNITS))
            upper += whole >> LOWER
            tiny += (units > 0.0) & (rounded == 0.0)
        else:
            odd += 1
    main[n] = total
    fine[n] = rest
    found[UPPER_TOTAL] = upper
    found[N_ODD] = odd
    found[N_TINY] = tiny


@kernel(WORDS, PLACES, SIZE, OUT_WORDS, vectorise=False)
def running_sums(words: Words, order: Index, n: int, out: Words) -> None:
    """out[h] = sum of the words of the first h places of an order, modulo 2**64.

    words  int64[n]      word of each place
    order  uint32[n]     the places
    out    int64[n + 1]  overwritten
    """
    total = np.int64(0)
    for h in range(n):
        out[h] = total
        total += words[order[h]]
    out[n] = total


def _add_runs(
    pointers: Pointers,
    counts: Shorts,
    members: Bands,
    order: Index,
    starts: Shorts | Index,
    lengths: Bands,
    running: Words,
    factors: Words,
    n_factors: int,
    n: int,
    first: int,
    last: int,
    sums: Words,
) -> None:
    """sums[place] = sum over the runs of its row of factor * sum of their words, modulo 2**64.

    pointers     int64[n_windows + 1]  first run of each window of 256 rows
    counts       uint16[n, n_factors]  number of runs of each stored row, by factor
    members      uint8[n]              position of each stored row in its window
    order        uint32[n]             place at each position
    starts       uint16[n_runs]        first position of each run; uint32 for 65 536 places or more
    lengths      uint8[n_runs]         positions in each run
    running      int64[n + 1]          see `running_sums`
    factors      int64[n_factors]      what runs are multiplied by
    first, last  int                   windows first <= w < last are computed
    sums         int64[n]              overwritten
    """
    for w in range(first, last):
        at = pointers[w]
        base = WINDOW * w
        stop = base + WINDOW if base + WINDOW < n else n
        for r in range(base, stop):
            total = np.int64(0)
            for f in range(n_factors):
                end = at + np.int64(counts[n_factors * r + f])
                part = np.int64(0)
                for k in range(at, end):
                    start = np.int64(starts[k])
                    part += running[start + np.int64(lengths[k])] - running[start]
                total += factors[f] * part
                at = end
            sums[order[base + np.int64(members[r])]] = total


def _add_runs_at(
    offsets: Pointers,
    starts: Shorts | Index,
    lengths: Bands,
    running: Words,
    factors: Words,
    n_factors: int,
    rows: Pointers,
    n_rows: int,
    sums: Words,
) -> None:
    """Like `_add_runs`, for some rows.

    offsets  int64[n * n_factors + 1]  first run of each stored row and factor
    rows     int64[n_rows]             the stored rows, not positions
    sums     int64[n_rows]             overwritten
    """
    for i in range(n_rows):
        total = np.int64(0)
        for f in range(n_factors):
            cell = rows[i] * n_factors + f
            part = np.int64(0)
            for k in range(offsets[cell], offsets[cell + 1]):
                start = np.int64(starts[k])
                part += running[start + np.int64(lengths[k])] - running[start]
            total += factors[f] * part
        sums[i] = total


def _declared(starts: Argument, name: str, name_at: str) -> tuple[Kernel, Kernel]:
    """Return the kernels of runs whose starts are of some type."""
    layout = (POINTERS, SHORTS, BANDS, PLACES, starts, BANDS, WORDS, WORDS, SIZE)
    some = (POINTERS, starts, BANDS, WORDS, WORDS, SIZE, POINTERS, SIZE, OUT_WORDS)
    return (
        Kernel(_add_runs, (*layout, SIZE, SIZE, SIZE, OUT_WORDS), vectorise=False, name=name),
        Kernel(_add_runs_at, some, vectorise=False, name=name_at),
    )


add_runs, add_runs_at = _declared(SHORTS, "add_runs", "add_runs_at")
add_long_runs, add_long_runs_at = _declared(PLACES, "add_long_runs", "add_long_runs_at")


@kernel(POINTERS, PAIRS, WORDS, WORDS, SIZE, SIZE, OUT_WORDS, OUT_PLACES)
def add_pairs(
    pointers: Pointers,
    pairs: Pairs,
    weights: Words,
    words: Words,
    start: int,
    stop: int,
    sums: Words,
    widths: Index,
) -> None:
    """sums[r] = sum over the pairs of row r of weights[band] * words[place], modulo 2**64.

    pointers     int64[n + 1]     row starts
    pairs        uint32[n_pairs]  band << 24 | place
    weights      int64[n_bands]   weight of each band, 0 or more
    words        int64[n]         word of each place
    start, stop  int              rows start <= r < stop are computed
    sums         int64[n]         overwritten
    widths       uint32[n]        sum of the weights of each row, at most MOST_WIDTH; overwritten
    """
    for r in range(start, stop):
        total, width = np.int64(0), np.int64(0)
        for k in range(pointers[r], pointers[r + 1]):
            weight = weights[pairs[k] >> 24]
            total += weight * words[pairs[k] & 0xFFFFFF]
            width += weight
        sums[r] = total
        widths[r] = width if width < MOST_WIDTH else MOST_WIDTH


@kernel(POINTERS, PAIRS, WORDS, WORDS, POINTERS, SIZE, OUT_WORDS)
def add_pairs_at(
    pointers: Pointers,
    pairs: Pairs,
    weights: Words,
    words: Words,
    rows: Pointers,
    n_rows: int,
    sums: Words,
) -> None:
    """Like `add_pairs`, for some rows.

    rows  int64[n_rows]  the rows
    sums  int64[n_rows]  overwritten
    """
    for i in range(n_rows):
        total = np.int64(0)
        for k in range(pointers[rows[i]], pointers[rows[i] + 1]):
            total += weights[pairs[k] >> 24] * words[pairs[k] & 0xFFFFFF]
        sums[i] = total


@kernel(WORDS, PLACES, FACTOR, FACTOR, FACTOR, SIZE, OUT_VALUES, OUT_MASK)
def round_sums(
    sums: Words,
    widths: Index,
    unit: float,
    bound: float,
    least: float,
    n: int,
    out: Float,
    inexact: Mask,
) -> None:
    """out[r] = the sum of row r; tell whether its bound of error is too large.

    The bound is half a unit for each weight of the row, relative to its sum.

    sums     int64[n]    below 2**64 units, modulo 2**64
    widths   uint32[n]   sum of the weights of each row, at most MOST_WIDTH
    unit     float       value of a unit
    bound    float       the bound that is allowed
    least    float       sums of fewer units are exact
    out      float64[n]  overwritten
    inexact  uint8[n]    1 if the bound is larger, or the width may be; overwritten
    """
    twice = 2.0 * bound
    for r in range(n):
        units, width = np.float64(np.uint64(sums[r])), np.float64(widths[r])
        too_large = (width > units * twice) | (width >= MOST_WIDTH)
        inexact[r] = too_large & (units >= least)
        out[r] = units * unit


@kernel(POINTERS, PAIRS, WORDS, POINTERS, PLACES, WORDS, WORDS, WORDS, WORDS, SIZE, SIZE,
        OUT_POINTERS, OUT_PLACES, OUT_WORDS, OUT_WORDS, OUT_POINTERS)  # fmt: skip
def spread_changes(
    pointers: Pointers,
    pairs: Pairs,
    weights: Words,
    changes: Pointers,
    places: Index,
    one: Words,
    two: Words,
    base_of_one: Words,
    base_of_two: Words,
    first: int,
    last: int,
    slots: Pointers,
    rows: Index,
    sums_of_one: Words,
    sums_of_two: Words,
    counts: Pointers,
) -> None:
    """Add changes of values at some places to the sums of the rows that reach them.

    pointers     int64[n + 1]           row starts of the transpose
    pairs        uint32[n_pairs]        band << 24 | row that reaches the place
    weights      int64[n_bands]         weight of each band
    changes      int64[n_cases + 1]     first change of each case
    places       uint32[n_changes]      place of each change
    one, two     int64[n_changes]       change of two words of its value
    base_of_one, base_of_two  int64[n]  sums of the rows before any change
    first, last  int                    cases first <= c < last are computed
    slots        int64[n]               scratch, -1 for each row
    rows         uint32[n_results]      the rows of one case after the other, in the order met;
                                        overwritten
    sums_of_one, sums_of_two  int64[n_results]  their sums, modulo 2**64; overwritten
    counts       int64[n_cases]         number of rows of each case; overwritten
    """
    to = np.int64(0)
    for c in range(first, last):
        begun = to
        for i in range(changes[c], changes[c + 1]):
            place = np.int64(places[i])
            later = pointers[places[i + AHEAD if i + AHEAD < changes[last] else i]]
            for k in range(later, later + LINES * 16, 16):
                prefetch(pairs, k)
            for k in range(pointers[place], pointers[place + 1]):
                weight = weights[pairs[k] >> 24]
                if weight > 0:
                    row = np.int64(pairs[k] & 0xFFFFFF)
                    slot = slots[row]
                    # One below is of an earlier case.
                    if slot < begun:
                        slot = to
                        slots[row] = slot
                        rows[slot] = row
                        sums_of_one[slot] = base_of_one[row]
                        sums_of_two[slot] = base_of_two[row]
                        to += 1
                    sums_of_one[slot] += weight * one[i]
                    sums_of_two[slot] += weight * two[i]
        counts[c] = to - begun
