"""The second step for 16 scenarios side by side: each run is read once for all of them.

Arrays of 16 scenarios have one row per place and one column per scenario. See `catchment` for the
words of a value, and `add_runs` there for the layout of runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._jit import helper, kernel, prefetch
from .arguments import (
    BANDS,
    FACTOR,
    OUT_BANDS,
    OUT_POINTERS,
    OUT_SHORTS,
    OUT_VALUES,
    OUT_WORDS,
    PLACES,
    POINTERS,
    SHORTS,
    SIZE,
    VALUES,
    WORDS,
)
from .catchment import FINER, NARROW, WINDOW
from .types import Bands, Float, Index, Pointers, Shorts, Words

LANES = 16
# A number below 2**51 plus this is rounded to a whole number, which its lower bits are. As nothing
# but additions, it becomes a vector operation on processors that convert one number at a time.
ROUNDER = 1.5 * 2.0**52
ROUNDER_BITS = 0x4338000000000000
# Rows whose memory is asked for while one is computed.
AHEAD = 4
# A power that is computed in a kernel may raise, which calls for Python.
FINE_UNIT = 2.0**-FINER


@kernel(VALUES, SIZE, SIZE, SIZE, OUT_VALUES, OUT_POINTERS)
def scan_rows(
    values: Float, n_columns: int, start: int, stop: int, highest: Float, odd: Pointers
) -> None:
    """highest[r] = the largest value of row r; odd[r] = its values that are no quantity.

    values       float64[n_rows, n_columns]  any unit
    start, stop  int                         rows start <= r < stop are read
    highest      float64[n_rows]             overwritten
    odd          int64[n_rows]               above 0 if a value is negative or not finite;
                                             overwritten
    """
    for r in range(start, stop):
        # Four at a time, which become one vector operation.
        a = b = c = d = 0.0
        found = np.int64(0)
        at, end = r * n_columns, (r + 1) * n_columns
        while at + 3 < end:
            p, q, s, t = values[at], values[at + 1], values[at + 2], values[at + 3]
            found += not (p >= 0.0 and q >= 0.0 and s >= 0.0 and t >= 0.0)
            a = p if p > a else a
            b = q if q > b else b
            c = s if s > c else c
            d = t if t > d else d
            at += 4
        while at < end:
            p = values[at]
            found += not p >= 0.0
            a = p if p > a else a
            at += 1
        a = b if b > a else a
        c = d if d > c else c
        a = c if c > a else a
        highest[r] = a
        odd[r] = found + (a == np.inf)


@kernel(SHORTS, PLACES, BANDS, PLACES, SIZE, OUT_POINTERS, OUT_SHORTS, OUT_SHORTS, OUT_BANDS)
def narrow_runs(
    counts: Shorts,
    starts: Index,
    lengths: Bands,
    ranks: Index,
    n: int,
    new_pointers: Pointers,
    new_counts: Shorts,
    new_starts: Shorts,
    new_lengths: Bands,
) -> None:
    """Leave out the positions that have no supply in any scenario, and join runs that then touch.

    counts       uint16[n]             runs of each row
    starts       uint32[n_runs]        first position of each run
    lengths      uint8[n_runs]         positions in each run
    ranks        uint32[n + 1]         positions with supply before each position
    new_pointers int64[n_windows + 1]  first run of each window of 256 rows, overwritten
    new_counts, new_starts, new_lengths  the same as above for positions with supply; overwritten
    """
    to = np.int64(0)
    at = np.int64(0)
    for r in range(n):
        if r % WINDOW == 0:
            new_pointers[r // WINDOW] = to
        begun = to
        for k in range(at, at + np.int64(counts[r])):
            start = np.int64(ranks[starts[k]])
            length = np.int64(ranks[np.int64(starts[k]) + np.int64(lengths[k])]) - start
            if length > 0:
                last = to - 1
                if (
                    to > begun
                    and np.int64(new_starts[last]) + np.int64(new_lengths[last]) == start
                    and np.int64(new_lengths[last]) + length < 256
                ):
                    new_lengths[last] += length
                else:
                    new_starts[to] = start
                    new_lengths[to] = length
                    to += 1
        at += np.int64(counts[r])
        new_counts[r] = to - begun
    new_pointers[(n + WINDOW - 1) // WINDOW] = to


@helper
def split(units: float) -> Any:
    """Return the main and the fine word of a number of units below 2**63, see `fixed_point`."""
    high = units * 2.0**-32 + ROUNDER
    low = units - (high - ROUNDER) * 2.0**32
    whole = low + ROUNDER
    rest = (low - (whole - ROUNDER)) * 2.0**FINER + ROUNDER
    # The bits of the rounder in the upper half are shifted out.
    main = (np.float64(high).view(np.int64) << 32) + np.float64(whole).view(np.int64) - ROUNDER_BITS
    return main, np.float64(rest).view(np.int64) - ROUNDER_BITS


@kernel(VALUES, VALUES, PLACES, FACTOR, SIZE, SIZE, SIZE, SIZE, OUT_WORDS, OUT_WORDS, OUT_VALUES,
        OUT_POINTERS)  # fmt: skip
def pack_blocks(
    values: Float,
    divisors: Float,
    places: Index,
    scale: float,
    n: int,
    n_columns: int,
    first: int,
    n_blocks: int,
    main: Words,
    fine: Words,
    totals: Float,
    tiny: Pointers,
) -> None:
    """Add up values[p, first + b] / divisors[p] in fixed point along an order of places p.

    values     float64[n_places, n_columns]  any unit
    divisors   float64[n_places]             0 or more; a quotient by 0 is 0
    places     uint32[n]                     the places, in the order of the sums
    scale      float                         units in 1; quotients of 2**63 units or more spoil
                                             the words
    first      int                           first column
    n_blocks   int                           blocks of 16 columns; several at once, as memory
                                             answers late
    main, fine int64[n_blocks, n + 1, 16]    words of the sums before each place, and of all, see
                                             `fixed_point`; overwritten
    totals     float64[16 * n_blocks]        sums of the quotients, in units; overwritten
    tiny       int64[1]                      1 if a value above 0 has a main word of 0, otherwise 0;
                                             overwritten
    """
    for b in range(16 * n_blocks):
        main[(b >> 4) * 16 * (n + 1) + (b & 15)] = 0
        fine[(b >> 4) * 16 * (n + 1) + (b & 15)] = 0
        totals[b] = 0.0
    # The smallest values above 0.
    l0 = l1 = l2 = l3 = np.inf
    for h in range(n):
        place = np.int64(places[h])
        divisor = divisors[place]
        # What has no divisor is divided by infinity.
        divisor = divisor if divisor > 0.0 else np.inf
        later = np.int64(places[h + AHEAD if h + AHEAD < n else h]) * n_columns + first
        for b in range(0, 16 * n_blocks, 8):
            prefetch(values, later + b)
        # Four at a time, all read before any is written, become vector operations.
        for b in range(0, 16 * n_blocks, 4):
            at = place * n_columns + first + b
            to = (b >> 4) * 16 * (n + 1) + 16 * h + (b & 15)
            u0, u1 = values[at] / divisor * scale, values[at + 1] / divisor * scale
            u2, u3 = values[at + 2] / divisor * scale, values[at + 3] / divisor * scale
            v0, v1 = u0 if u0 > 0.0 else np.inf, u1 if u1 > 0.0 else np.inf
            v2, v3 = u2 if u2 > 0.0 else np.inf, u3 if u3 > 0.0 else np.inf
            l0, l1 = v0 if v0 < l0 else l0, v1 if v1 < l1 else l1
            l2, l3 = v2 if v2 < l2 else l2, v3 if v3 < l3 else l3
            (m0, f0), (m1, f1), (m2, f2), (m3, f3) = split(u0), split(u1), split(u2), split(u3)
            m0, m1 = m0 + main[to], m1 + main[to + 1]
            m2, m3 = m2 + main[to + 2], m3 + main[to + 3]
            f0, f1 = f0 + fine[to], f1 + fine[to + 1]
            f2, f3 = f2 + fine[to + 2], f3 + fine[to + 3]
            t0, t1, t2, t3 = totals[b], totals[b + 1], totals[b + 2], totals[b + 3]
            t0, t1, t2, t3 = t0 + u0, t1 + u1, t2 + u2, t3 + u3
            main[to + 16], main[to + 17], main[to + 18], main[to + 19] = m0, m1, m2, m3
            fine[to + 16], fine[to + 17], fine[to + 18], fine[to + 19] = f0, f1, f2, f3
            totals[b], totals[b + 1], totals[b + 2], totals[b + 3] = t0, t1, t2, t3
    # Half a unit rounds to 0.
    tiny[0] = l0 <= 0.5 or l1 <= 0.5 or l2 <= 0.5 or l3 <= 0.5


@helper
def plus(sums: Any, words: Words, at: Any) -> Any:
    """Return 16 sums with 16 words added."""
    a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15 = sums
    return (
        a0 + words[at], a1 + words[at + 1], a2 + words[at + 2], a3 + words[at + 3],
        a4 + words[at + 4], a5 + words[at + 5], a6 + words[at + 6], a7 + words[at + 7],
        a8 + words[at + 8], a9 + words[at + 9], a10 + words[at + 10], a11 + words[at + 11],
        a12 + words[at + 12], a13 + words[at + 13], a14 + words[at + 14], a15 + words[at + 15],
    )  # fmt: skip


@helper
def minus(sums: Any, words: Words, at: Any) -> Any:
    """Return 16 sums with 16 words subtracted."""
    a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15 = sums
    return (
        a0 - words[at], a1 - words[at + 1], a2 - words[at + 2], a3 - words[at + 3],
        a4 - words[at + 4], a5 - words[at + 5], a6 - words[at + 6], a7 - words[at + 7],
        a8 - words[at + 8], a9 - words[at + 9], a10 - words[at + 10], a11 - words[at + 11],
        a12 - words[at + 12], a13 - words[at + 13], a14 - words[at + 14], a15 - words[at + 15],
    )  # fmt: skip


@kernel(POINTERS, SHORTS, BANDS, PLACES, SHORTS, BANDS, WORDS, WORDS, PLACES, FACTOR, FACTOR,
        FACTOR, SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, OUT_VALUES, OUT_WORDS,
        vectorise=False)  # fmt: skip
def add_runs_blocks(
    pointers: Pointers,
    counts: Shorts,
    members: Bands,
    order: Index,
    starts: Shorts,
    lengths: Bands,
    main: Words,
    fine: Words,
    widths: Index,
    unit: float,
    bound: float,
    factor: float,
    n: int,
    n_sums: int,
    n_blocks: int,
    start: int,
    stop: int,
    first: int,
    n_columns: int,
    out: Float,
    scratch: Words,
) -> None:
    """out[p, first + b] = factor * sum of the row of place p, for some blocks of 16 columns b.

    See `add_runs` for the runs, whose only factor is 1, and `round_sums` for what makes a sum need
    its fine words; a sum of 0 is taken as exact.

    main, fine   int64[n_blocks, n_sums, 16]  running sums
    widths       uint32[n]               sum of the weights of each row, by place
    unit, bound  float                   see `round_sums`
    factor       float                   factor of each sum
    start, stop  int                     windows start <= w < stop are computed
    first        int                     first column of out that is overwritten; writing several
                                         blocks at once asks for memory less often
    out          float64[n, n_columns]   unit of values times that of the factor
    scratch      int64[17]               overwritten; bit k of the last is set if a sum of block k
                                         needs more than fine words
    """
    twice, zero, coarse = 2.0 * bound, np.int64(0), np.int64(0)
    # Separate numbers stay in vector registers along the row; an array would not.
    nothing = (zero, zero, zero, zero, zero, zero, zero, zero,
               zero, zero, zero, zero, zero, zero, zero, zero)  # fmt: skip
    for w in range(start, stop):
        at = pointers[w]
        last = WINDOW * w + WINDOW if WINDOW * w + WINDOW < n else n
        for r in range(WINDOW * w, last):
            end = at + np.int64(counts[r])
            place = np.int64(order[WINDOW * w + np.int64(members[r])])
            later = r + AHEAD if r + AHEAD < last else r
            to = np.int64(order[WINDOW * w + np.int64(members[later])]) * n_columns + first
            for b in range(0, 16 * n_blocks, 8):
                prefetch(out, to + b)
            width = np.float64(widths[place])
            for block in range(n_blocks):
                base = 16 * block * n_sums
                # All ends before all starts: together they would become slow indexed loads.
                sums = nothing
                for k in range(at, end):
                    sums = plus(
                        sums, main, base + 16 * (np.int64(starts[k]) + np.int64(lengths[k]))
                    )
                for k in range(at, end):
                    sums = minus(sums, main, base + 16 * np.int64(starts[k]))
                (
                    scratch[0], scratch[1], scratch[2], scratch[3],
                    scratch[4], scratch[5], scratch[6], scratch[7],
                    scratch[8], scratch[9], scratch[10], scratch[11],
                    scratch[12], scratch[13], scratch[14], scratch[15],
                ) = sums  # fmt: skip
                to = place * n_columns + first + 16 * block
                # The smallest sums that are not 0.
                l0 = l1 = l2 = l3 = np.inf
                for b in range(0, 16, 4):
                    u0 = np.float64(np.uint64(scratch[b]))
                    u1 = np.float64(np.uint64(scratch[b + 1]))
                    u2 = np.float64(np.uint64(scratch[b + 2]))
                    u3 = np.float64(np.uint64(scratch[b + 3]))
                    v0, v1 = u0 if u0 > 0.0 else np.inf, u1 if u1 > 0.0 else np.inf
                    v2, v3 = u2 if u2 > 0.0 else np.inf, u3 if u3 > 0.0 else np.inf
                    l0, l1 = v0 if v0 < l0 else l0, v1 if v1 < l1 else l1
                    l2, l3 = v2 if v2 < l2 else l2, v3 if v3 < l3 else l3
                    o0, o1, o2, o3 = u0 * unit, u1 * unit, u2 * unit, u3 * unit
                    out[to + b], out[to + b + 1] = o0 * factor, o1 * factor
                    out[to + b + 2], out[to + b + 3] = o2 * factor, o3 * factor
                l0, l2 = l1 if l1 < l0 else l0, l3 if l3 < l2 else l2
                l0 = l2 if l2 < l0 else l0
                if width > l0 * twice:
                    for b in range(16):
                        units = np.float64(np.uint64(scratch[b]))
                        if units > 0.0 and width > units * twice:
                            more = zero
                            for k in range(at, end):
                                s = base + 16 * np.int64(starts[k]) + b
                                more += fine[s + 16 * np.int64(lengths[k])] - fine[s]
                            rest = np.float64(scratch[b] - np.int64(np.uint64(units)))
                            units += rest + np.float64(more) * FINE_UNIT
                            needs_more = width >= NARROW or width * FINE_UNIT > units * twice
                            coarse |= np.int64(needs_more) << np.int64(block)
                            out[to + b] = units * unit * factor
            at = end
    scratch[16] = coarse
