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
