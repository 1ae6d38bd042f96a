"""An order of places in which those near each other in space are near each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BITS = 16


def hilbert_order(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the row numbers along a Hilbert curve over latitude and longitude; ties in order.

    Parameters
    ----------
    lat, lon : float64 (n,)
        Degrees, finite.
    """
    if not len(lat):
        return np.empty(0, dtype=np.int64)
    x, y = _grid(lon), _grid(lat)
    key = np.zeros(len(lat), dtype=np.int64)
    for bit in range(_BITS - 1, -1, -1):
        side = 1 << bit
        right, upper = (x & side) > 0, (y & side) > 0
        key += side * side * ((3 * right) ^ upper)
        flip = ~upper & right
        x, y = np.where(flip, side - 1 - x, x), np.where(flip, side - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        x, y = x & (side - 1), y & (side - 1)
    return np.argsort(key, kind="stable")


def _grid(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    low, high = degrees.min(), degrees.max()
    scaled = (degrees - low) / max(high - low, 1e-9) * ((1 << _BITS) - 1)
    result: NDArray[np.int64] = scaled.astype(np.int64)
    return result
