"""Sums over runs of consecutive rows, added in the order of the rows."""

from __future__ import annotations

from ._jit import kernel
from .arguments import OUT_VALUES, POINTERS, SIZE, VALUES
from .types import Float, Pointers


@kernel(POINTERS, VALUES, SIZE, OUT_VALUES)
def segment_sums(starts: Pointers, values: Float, n_segments: int, out: Float) -> None:
    """out[s] = values[starts[s]] + ... + values[starts[s + 1] - 1], added from left to right.

    starts  int64[n_segments + 1]  ascending; the last is the number of values
    values  float64[n]             any unit
    out     float64[n_segments]    the same unit
    """
    for s in range(n_segments):
        total = 0.0
        for k in range(starts[s], starts[s + 1]):
            total += values[k]
        out[s] = total
