"""Split a difference among several factors, in whole numbers, without remainder.

The part of a factor is its Shapley value: what its exchange changes, on average over all orders in
which the factors can be exchanged, so that no order is privileged.
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt

from ..columns import Float
from ..errors import Fault, InputDataError
from ..rounding import apportion

# Figures are computed, stored and added up to this many decimals.
DECIMALS = 9
UNIT = 10**DECIMALS
# Below this a float64 holds that many decimals.
_LARGEST = 2.0**53 / UNIT

Units = npt.NDArray[np.int64]


def to_units(values: Float) -> Units:
    """Return figures as whole numbers of 10^-9, rounded half to even.

    Parameters
    ----------
    values : float64 (any shape)
        Finite.

    Returns
    -------
    int64 (same shape)

    Raises
    ------
    InputDataError
        A figure is too large for that many decimals, or none.
    """
    if values.size and not float(np.abs(values).max()) < _LARGEST:
        details = {"limit": _LARGEST, "decimals": DECIMALS}
        raise InputDataError(Fault("comparison.apl_too_large", "apl", details=details))
    units: Units = np.rint(values * UNIT).astype(np.int64)
    return units


def shapley(values: Units, factors: int) -> Units:
    """Split the change of each column among factors.

    Parameters
    ----------
    values : int64 (2 ** factors, n)
        In row k the figure with those factors of the second side whose bit is set in k, and the
        other factors of the first.
    factors : int
        Their number.

    Returns
    -------
    int64 (factors, n)
        Adds up to ``values[-1] - values[0]`` exactly. Exchanging both sides, which reverses the
        rows, gives the negative.
    """
    # Weights are multiples of 1 / factors!, so that nothing is rounded before the end.
    weighted = np.zeros((factors, values.shape[1]), np.int64)
    for factor in range(factors):
        others = [bit for bit in range(factors) if bit != factor]
        for size in range(factors):
            weight = factorial(size) * factorial(factors - 1 - size)
            for chosen in combinations(others, size):
                without = sum(1 << bit for bit in chosen)
                weighted[factor] += weight * (values[without | 1 << factor] - values[without])
    return apportion(weighted, factorial(factors))
