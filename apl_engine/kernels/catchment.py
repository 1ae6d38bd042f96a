"""The two steps of the floating catchment method, as gathers over sparse rows.

Both steps read along a row and write one cell; rows can be divided among threads in any way. All
kernels here add up a row in the order of its pairs, one after the other, so that they give the same
bits, and a pair of weight 0 changes none.

A pair is one word of 32 bits: the other commune (its place) in the low 24, the band of minutes in
the high 8.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import OUT_POINTERS, OUT_VALUES, PAIRS, PLACES, POINTERS, SIZE, VALUES
from .types import Float, Index, Pairs, Pointers


@kernel(POINTERS, PAIRS, VALUES, VALUES, SIZE, SIZE, OUT_VALUES)
def gather(
    pointers: Pointers,
    pairs: Pairs,
    weights: Float,
    values: Float,
    start: int,
    stop: int,
    out: Float,
) -> None:
    """out[r] = sum over the pairs of row r of weights[band] * values[place].

    pointers     int64[n_rows + 1]  row starts
    pairs        uint32[n_pairs]    band << 24 | place
    weights      float64[n_bands]   weight of each band, no unit
    values       float64[n_places]  quantity of each place
    start, stop  int                rows start <= r < stop are computed
    out          float64[n_rows]    unit of values
    """
    r = start
    # Two rows at a time: one sum advances while the other waits for its addition.
    while r + 1 < stop:
        one, two, end = pointers[r], pointers[r + 1], pointers[r + 2]
        both = two - one if two - one < end - two else end - two
        a = 0.0
        b = 0.0
        for k in range(both):
            p, q = pairs[one + k], pairs[two + k]
            a += weights[p >> 24] * values[p & 0xFFFFFF]
            b += weights[q >> 24] * values[q & 0xFFFFFF]
        for k in range(one + both, two):
            a += weights[pairs[k] >> 24] * values[pairs[k] & 0xFFFFFF]
        for k in range(two + both, end):
            b += weights[pairs[k] >> 24] * values[pairs[k] & 0xFFFFFF]
        out[r] = a
        out[r + 1] = b
        r += 2
    if r < stop:
        a = 0.0
        for k in range(pointers[r], pointers[r + 1]):
            a += weights[pairs[k] >> 24] * values[pairs[k] & 0xFFFFFF]
        out[r] = a


@kernel(POINTERS, PAIRS, VALUES, VALUES, VALUES, SIZE, SIZE, SIZE, SIZE, OUT_VALUES)
def gather_block(
    pointers: Pointers,
    pairs: Pairs,
    weights: Float,
    values: Float,
    factors: Float,
    start: int,
    stop: int,
    first: int,
    stride: int,
    out: Float,
) -> None:
    """Like `gather`, for 16 quantities side by side: each pair is read once for all of them.

    pointers     int64[n_rows + 1]      row starts
    pairs        uint32[n_pairs]        band << 24 | place
    weights      float64[n_bands]       weight of each band, no unit
    values       float64[n_places, 16]  quantities of each place
    factors      float64[1]             factor of each sum
    start, stop  int                    rows start <= r < stop are computed
    first        int                    columns first <= c < first + 16 of out are overwritten
    stride       int                    columns of out
    out          float64[n_rows, stride]  unit of values times that of the factor
    """
    factor = factors[0]
    for r in range(start, stop):
        # Separate names stay in vector registers along the row; an array would not.
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = 0.0
        a8 = a9 = a10 = a11 = a12 = a13 = a14 = a15 = 0.0
        for k in range(pointers[r], pointers[r + 1]):
            weight = weights[pairs[k] >> 24]
            at = 16 * np.int64(pairs[k] & 0xFFFFFF)
            a0 += weight * values[at]
            a1 += weight * values[at + 1]
            a2 += weight * values[at + 2]
            a3 += weight * values[at + 3]
            a4 += weight * values[at + 4]
            a5 += weight * values[at + 5]
            a6 += weight * values[at + 6]
            a7 += weight * values[at + 7]
            a8 += weight * values[at + 8]
            a9 += weight * values[at + 9]
            a10 += weight * values[at + 10]
            a11 += weight * values[at + 11]
            a12 += weight * values[at + 12]
            a13 += weight * values[at + 13]
            a14 += weight * values[at + 14]
            a15 += weight * values[at + 15]
        to = r * stride + first
        out[to] = factor * a0
        out[to + 1] = factor * a1
        out[to + 2] = factor * a2
        out[to + 3] = factor * a3
        out[to + 4] = factor * a4
        out[to + 5] = factor * a5
        out[to + 6] = factor * a6
        out[to + 7] = factor * a7
        out[to + 8] = factor * a8
        out[to + 9] = factor * a9
        out[to + 10] = factor * a10
        out[to + 11] = factor * a11
        out[to + 12] = factor * a12
        out[to + 13] = factor * a13
        out[to + 14] = factor * a14
        out[to + 15] = factor * a15


@kernel(VALUES, VALUES, SIZE, SIZE, SIZE, OUT_VALUES, OUT_POINTERS)
def pack_block(
    values: Float,
    divisors: Float,
    n_rows: int,
    n_columns: int,
    first: int,
    out: Float,
    odd: Pointers,
) -> None:
    """out[r, b] = values[r, first + b] / divisors[r]; 0 without such a column, or divisor 0.

    values     float64[n_rows, n_columns]  any unit
    divisors   float64[n_rows]             0 or more
    first      int                         first column to pack
    out        float64[n_rows, 16]         overwritten
    odd        int64[1]                    added to for each value that is negative or not finite
    """
    found = 0
    width = n_columns - first if n_columns - first < 16 else 16
    for r in range(n_rows):
        divisor = divisors[r]
        for b in range(16):
            out[16 * r + b] = 0.0
        for b in range(width):
            value = values[r * n_columns + first + b]
            found += not 0.0 <= value < np.inf
            if divisor > 0.0:
                out[16 * r + b] = value / divisor
    odd[0] += found


@kernel(POINTERS, PAIRS, VALUES, VALUES, PLACES, SIZE, OUT_VALUES)
def gather_some(
    pointers: Pointers,
    pairs: Pairs,
    weights: Float,
    values: Float,
    rows: Index,
    n: int,
    out: Float,
) -> None:
    """Like `gather`, for a few rows.

    pointers  int64[n_rows + 1]  row starts
    pairs     uint32[n_pairs]    band << 24 | place
    weights   float64[n_bands]   weight of each band, no unit
    values    float64[n_places]  quantity of each place
    rows      uint32[n]          the rows
    out       float64[n]         unit of values
    """
    for i in range(n):
        total = 0.0
        for k in range(pointers[rows[i]], pointers[rows[i] + 1]):
            total += weights[pairs[k] >> 24] * values[pairs[k] & 0xFFFFFF]
        out[i] = total
