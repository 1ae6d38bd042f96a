"""The two steps of the floating catchment method, as gathers over sparse rows.

Both steps read along a row and write one cell; rows may be shared out between threads in any way.
Every kernel here adds up a row in the order of its pairs, one after the other, so that all give the
same bits, and a pair whose weight is 0 changes none.

A pair is one word of 32 bits: the other place in the low 24, the band of minutes in the high 8.
"""

from __future__ import annotations

from ._jit import kernel
from .arguments import OUT_VALUES, PAIRS, POINTERS, SIZE, VALUES
from .types import Float, Pairs, Pointers


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
    values       float64[n_places]  quantity carried by each place
    start, stop  int                rows start <= r < stop are computed, the others left
    out          float64[n_rows]    unit of values
    """
    r = start
    # Two rows at a time: the sum of one goes on while that of the other waits for its addition.
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


@kernel(POINTERS, PAIRS, VALUES, VALUES, SIZE, SIZE, OUT_VALUES)
def gather_block(
    pointers: Pointers,
    pairs: Pairs,
    weights: Float,
    values: Float,
    start: int,
    stop: int,
    out: Float,
) -> None:
    """Do as `gather` for 16 quantities side by side: a pair is read once for all of them.

    pointers     int64[n_rows + 1]       row starts
    pairs        uint32[n_pairs]         band << 24 | place
    weights      float64[n_bands]        weight of each band, no unit
    values       float64[n_places, 16]   quantities carried by each place
    start, stop  int                     rows start <= r < stop are computed, the others left
    out          float64[n_rows, 16]     unit of values
    """
    for r in range(start, stop):
        # Named one by one, they stay in vector registers along the row; an array would not.
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = 0.0
        a8 = a9 = a10 = a11 = a12 = a13 = a14 = a15 = 0.0
        for k in range(pointers[r], pointers[r + 1]):
            weight = weights[pairs[k] >> 24]
            at = 16 * (pairs[k] & 0xFFFFFF)
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
        at = 16 * r
        out[at] = a0
        out[at + 1] = a1
        out[at + 2] = a2
        out[at + 3] = a3
        out[at + 4] = a4
        out[at + 5] = a5
        out[at + 6] = a6
        out[at + 7] = a7
        out[at + 8] = a8
        out[at + 9] = a9
        out[at + 10] = a10
        out[at + 11] = a11
        out[at + 12] = a12
        out[at + 13] = a13
        out[at + 14] = a14
        out[at + 15] = a15
