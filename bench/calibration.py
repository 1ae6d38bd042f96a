"""A fixed task in NumPy and Numba: the unit of nightly figures.

Its mix of memory access and computation resembles that of the engine: indexed sums over ten
megabytes, and a sort. Never change it: every stored figure is a multiple of it.
"""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np

PLACES, PAIRS, SORTED = 35_000, 2_500_000, 100_000


@numba.njit(nogil=True)
def _sums(index, values, out):  # type: ignore[no-untyped-def]
    width = len(index) // len(out)
    for r in range(len(out)):
        total = 0.0
        for k in range(r * width, (r + 1) * width):
            total += values[index[k]]
        out[r] = total


def task() -> Callable[[], None]:
    """Return the compiled task."""
    draw = np.random.default_rng(1)
    index = draw.integers(0, PLACES, PAIRS, dtype=np.uint32)
    values, out, unsorted = draw.random(PLACES), np.empty(PLACES), draw.random(SORTED)
    _sums(index, values, out)

    def once() -> None:
        _sums(index, values, out)
        np.sort(unsorted)

    return once
