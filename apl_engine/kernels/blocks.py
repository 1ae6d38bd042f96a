"""The second step for 16 scenarios side by side: each run is read once for all of them.

Arrays of 16 scenarios have one row per place and one column per scenario. See `catchment` for the
words of a value, and `add_runs` there for the layout of runs.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import (
    BANDS,
    FACTOR,
    OUT_BANDS,
    OUT_MASK,
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
from .types import Bands, Float, Index, Mask, Pointers, Shorts, Words

LANES = 16


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
        if r % 256 == 0:
            new_pointers[r >> 8] = to
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
    new_pointers[(n + 255) >> 8] = to


@kernel(VALUES, VALUES, PLACES, FACTOR, SIZE, SIZE, SIZE, SIZE, OUT_WORDS, OUT_WORDS, OUT_VALUES,
        OUT_POINTERS)  # fmt: skip
def pack_blocks(
    values: Float,
    divisors: Float,
    columns: Index,
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
    columns    uint32[n]                     the places, in the order of the sums
    scale      float                         units in 1; quotients of 2**63 units or more spoil
                                             the words
    first      int                           first column
    n_blocks   int                           blocks of 16 columns; several at once, as memory
                                             answers late
    main, fine int64[n_blocks, n + 1, 16]    words of the sums before each place, and of all, see
                                             `fixed_point`; overwritten
    totals     float64[16 * n_blocks]        sums of the quotients, in units; overwritten
    tiny       int64[1]                      values above 0 whose main word is 0, overwritten
    """
    found = np.int64(0)
    for b in range(16 * n_blocks):
        main[(b >> 4) * 16 * (n + 1) + (b & 15)] = 0
        fine[(b >> 4) * 16 * (n + 1) + (b & 15)] = 0
        totals[b] = 0.0
    for h in range(n):
        place = np.int64(columns[h])
        divisor = divisors[place]
        # What has no divisor is divided by infinity.
        divisor = divisor if divisor > 0.0 else np.inf
        # Four at a time, all read before any is written, become vector operations.
        for b in range(0, 16 * n_blocks, 4):
            at = place * n_columns + first + b
            to = (b >> 4) * 16 * (n + 1) + 16 * h + (b & 15)
            u0, u1 = values[at] / divisor * scale, values[at + 1] / divisor * scale
            u2, u3 = values[at + 2] / divisor * scale, values[at + 3] / divisor * scale
            r0, r1, r2, r3 = np.rint(u0), np.rint(u1), np.rint(u2), np.rint(u3)
            m0, m1, m2, m3 = main[to], main[to + 1], main[to + 2], main[to + 3]
            f0, f1, f2, f3 = fine[to], fine[to + 1], fine[to + 2], fine[to + 3]
            t0, t1, t2, t3 = totals[b], totals[b + 1], totals[b + 2], totals[b + 3]
            e0, e1 = np.rint((u0 - r0) * 2.0**42), np.rint((u1 - r1) * 2.0**42)
            e2, e3 = np.rint((u2 - r2) * 2.0**42), np.rint((u3 - r3) * 2.0**42)
            # All of a value of no unit is in its fine word, if not below it.
            found += r0 == 0.0 and u0 > 0.0
            found += r1 == 0.0 and u1 > 0.0
            found += r2 == 0.0 and u2 > 0.0
            found += r3 == 0.0 and u3 > 0.0
            m0, m1, m2, m3 = (
                m0 + np.int64(r0),
                m1 + np.int64(r1),
                m2 + np.int64(r2),
                m3 + np.int64(r3),
            )
            f0, f1, f2, f3 = (
                f0 + np.int64(e0),
                f1 + np.int64(e1),
                f2 + np.int64(e2),
                f3 + np.int64(e3),
            )
            t0, t1, t2, t3 = t0 + u0, t1 + u1, t2 + u2, t3 + u3
            main[to + 16], main[to + 17], main[to + 18], main[to + 19] = m0, m1, m2, m3
            fine[to + 16], fine[to + 17], fine[to + 18], fine[to + 19] = f0, f1, f2, f3
            totals[b], totals[b + 1], totals[b + 2], totals[b + 3] = t0, t1, t2, t3
    tiny[0] = found


@kernel(POINTERS, SHORTS, BANDS, PLACES, SHORTS, BANDS, WORDS, PLACES, FACTOR, FACTOR, FACTOR, SIZE,
        SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, OUT_VALUES, OUT_MASK, OUT_WORDS,
        vectorise=False)  # fmt: skip
def add_runs_blocks(
    pointers: Pointers,
    counts: Shorts,
    members: Bands,
    order: Index,
    starts: Shorts,
    lengths: Bands,
    main: Words,
    widths: Index,
    unit: float,
    bound: float,
    factor: float,
    zeros: int,
    n: int,
    n_sums: int,
    n_blocks: int,
    start: int,
    stop: int,
    first: int,
    n_columns: int,
    out: Float,
    inexact: Mask,
    scratch: Words,
) -> None:
    """out[p, first + b] = factor * sum of the row of place p, for some blocks of 16 columns b.

    See `add_runs` for the runs, whose only factor is 1, and `round_sums` for what makes a sum
    inexact.

    main         int64[n_blocks, n_sums, 16]  running sums
    widths       uint32[n]               sum of the weights of each row, by place
    unit, bound  float                   see `round_sums`
    factor       float                   factor of each sum
    zeros        int                     see `round_sums`
    start, stop  int                     windows start <= w < stop are computed
    first        int                     first column of out that is overwritten; writing several
                                         blocks at once asks for memory less often
    out          float64[n, n_columns]   unit of values times that of the factor
    inexact      uint8[n]                bit k is set for rows of which a sum of block k needs its
                                         fine words; overwritten
    scratch      int64[16]               overwritten
    """
    twice = 2.0 * bound
    # A sum below this is 0.
    least = 0.0 if zeros != 0 else 1.0
    for w in range(start, stop):
        at = pointers[w]
        last = 256 * w + 256 if 256 * w + 256 < n else n
        for r in range(256 * w, last):
            end = at + np.int64(counts[r])
            place = np.int64(order[256 * w + np.int64(members[r])])
            inexact[place] = 0
            for block in range(n_blocks):
                base = 16 * block * n_sums
                # Separate names stay in vector registers along the row; an array would not.
                # All ends before all starts: together they would become slow indexed loads.
                a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = np.int64(0)
                a8 = a9 = a10 = a11 = a12 = a13 = a14 = a15 = np.int64(0)
                for k in range(at, end):
                    e = base + 16 * (np.int64(starts[k]) + np.int64(lengths[k]))
                    a0 += main[e]
                    a1 += main[e + 1]
                    a2 += main[e + 2]
                    a3 += main[e + 3]
                    a4 += main[e + 4]
                    a5 += main[e + 5]
                    a6 += main[e + 6]
                    a7 += main[e + 7]
                    a8 += main[e + 8]
                    a9 += main[e + 9]
                    a10 += main[e + 10]
                    a11 += main[e + 11]
                    a12 += main[e + 12]
                    a13 += main[e + 13]
                    a14 += main[e + 14]
                    a15 += main[e + 15]
                for k in range(at, end):
                    e = base + 16 * np.int64(starts[k])
                    a0 -= main[e]
                    a1 -= main[e + 1]
                    a2 -= main[e + 2]
                    a3 -= main[e + 3]
                    a4 -= main[e + 4]
                    a5 -= main[e + 5]
                    a6 -= main[e + 6]
                    a7 -= main[e + 7]
                    a8 -= main[e + 8]
                    a9 -= main[e + 9]
                    a10 -= main[e + 10]
                    a11 -= main[e + 11]
                    a12 -= main[e + 12]
                    a13 -= main[e + 13]
                    a14 -= main[e + 14]
                    a15 -= main[e + 15]
                scratch[0] = a0
                scratch[1] = a1
                scratch[2] = a2
                scratch[3] = a3
                scratch[4] = a4
                scratch[5] = a5
                scratch[6] = a6
                scratch[7] = a7
                scratch[8] = a8
                scratch[9] = a9
                scratch[10] = a10
                scratch[11] = a11
                scratch[12] = a12
                scratch[13] = a13
                scratch[14] = a14
                scratch[15] = a15
                width = np.float64(widths[place])
                to = place * n_columns + first + 16 * block
                flags = np.int64(0)
                for b in range(0, 16, 4):
                    u0, u1 = (
                        np.float64(np.uint64(scratch[b])),
                        np.float64(np.uint64(scratch[b + 1])),
                    )
                    u2, u3 = (
                        np.float64(np.uint64(scratch[b + 2])),
                        np.float64(np.uint64(scratch[b + 3])),
                    )
                    flags += (width > u0 * twice) & (u0 >= least)
                    flags += (width > u1 * twice) & (u1 >= least)
                    flags += (width > u2 * twice) & (u2 >= least)
                    flags += (width > u3 * twice) & (u3 >= least)
                    o0, o1, o2, o3 = u0 * unit, u1 * unit, u2 * unit, u3 * unit
                    out[to + b], out[to + b + 1] = o0 * factor, o1 * factor
                    out[to + b + 2], out[to + b + 3] = o2 * factor, o3 * factor
                inexact[place] |= np.uint8(flags > 0) << np.uint8(block)
            at = end


@kernel(POINTERS, SHORTS, BANDS, PLACES, SHORTS, BANDS, WORDS, WORDS, PLACES, FACTOR, FACTOR,
        FACTOR, OUT_MASK, SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, OUT_VALUES,
        OUT_WORDS)  # fmt: skip
def add_fine_blocks(
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
    inexact: Mask,
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
    """Add the fine words of the sums that need them; see `add_runs_blocks`.

    fine         int64[n_blocks, n_sums, 16]  running sums
    inexact      uint8[n]               rows with 0 are left as they are; overwritten by the same
                                        for sums that fine words are too coarse for
    out          float64[n, n_columns]  overwritten where needed
    scratch      int64[32]              overwritten
    """
    twice = 2.0 * bound
    for w in range(start, stop):
        at = pointers[w]
        last = 256 * w + 256 if 256 * w + 256 < n else n
        for r in range(256 * w, last):
            end = at + np.int64(counts[r])
            place = np.int64(order[256 * w + np.int64(members[r])])
            still = np.uint8(0)
            for block in range(n_blocks if inexact[place] else 0):
                if (inexact[place] >> np.uint8(block)) & np.uint8(1):
                    width, to = np.float64(widths[place]), place * n_columns + first + 16 * block
                    for b in range(0, 16, 4):
                        m0 = m1 = m2 = m3 = f0 = f1 = f2 = f3 = np.int64(0)
                        for k in range(at, end):
                            s = 16 * (block * n_sums + np.int64(starts[k])) + b
                            e = s + 16 * np.int64(lengths[k])
                            m0, m1 = m0 + main[e] - main[s], m1 + main[e + 1] - main[s + 1]
                            m2, m3 = m2 + main[e + 2] - main[s + 2], m3 + main[e + 3] - main[s + 3]
                            f0, f1 = f0 + fine[e] - fine[s], f1 + fine[e + 1] - fine[s + 1]
                            f2, f3 = f2 + fine[e + 2] - fine[s + 2], f3 + fine[e + 3] - fine[s + 3]
                        scratch[b], scratch[b + 1], scratch[b + 2], scratch[b + 3] = m0, m1, m2, m3
                        scratch[b + 16], scratch[b + 17], scratch[b + 18], scratch[b + 19] = (
                            f0,
                            f1,
                            f2,
                            f3,
                        )
                    for b in range(16):
                        units = np.float64(np.uint64(scratch[b]))
                        if width > units * twice:
                            rest = np.float64(scratch[b] - np.int64(np.uint64(units)))
                            more = np.float64(scratch[16 + b]) * 2.0**-42
                            units += rest + more
                            coarse = (units > 0.0) & (width * 2.0**-42 > units * twice)
                            still |= np.uint8(coarse) << np.uint8(block)
                            out[to + b] = units * unit * factor
            inexact[place] = still
            at = end
