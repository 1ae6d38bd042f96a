"""A difference split among the factors behind it, in whole numbers: nothing is left over.

The part of a factor is its Shapley value: what its exchange changes, on average over all orders in
which the factors can be exchanged, so that no order is privileged.
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt

from ..columns import Flags
from ..errors import Fault, InputDataError
from ..kernels.types import Float

# Figures are kept, printed and added up to this many decimals.
DECIMALS = 9
UNIT = 10**DECIMALS
# Up to here a float64 tells figures of so many decimals apart.
_LARGEST = 2.0**53 / UNIT

Whole = npt.NDArray[np.int64]


def to_units(values: Float) -> Whole:
    """Return figures as whole numbers of 10^-9, rounded half to even, int64 (same shape).

    Parameters
    ----------
    values : finite.

    Returns
    -------
    int64

    Raises
    ------
    InputDataError
        A figure is too large to tell so many decimals.
    """
    if values.size and float(np.abs(values).max()) >= _LARGEST:
        problem = f"an APL is above {_LARGEST:.0f}, and cannot be split to {DECIMALS} decimals"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="apl",
                    details={"problem": problem, "hint": "Check ETP and inhabitants."},
                )
            ]
        )
    units: Whole = np.rint(values * UNIT).astype(np.int64)
    return units


def shapley(values: Whole, factors: int) -> Whole:
    """Split the change of each row among factors.

    Parameters
    ----------
    values : int64 (2 ** factors, n): the figure with the factors of the second side that the bits
        of the row number name, and the others of the first.
    factors : how many there are.

    Returns
    -------
    int64 (factors, n)
        Adds up to ``values[-1] - values[0]`` exactly. Exchanging both sides, hence reversing the
        rows, gives the negative.
    """
    # Weights are multiples of 1 / factors!, which no division has rounded.
    weighted = np.zeros((factors, values.shape[1]), np.int64)
    for factor in range(factors):
        others = [bit for bit in range(factors) if bit != factor]
        for size in range(factors):
            weight = factorial(size) * factorial(factors - 1 - size)
            for chosen in combinations(others, size):
                without = sum(1 << bit for bit in chosen)
                change = values[without | 1 << factor] - values[without]
                weighted[factor] += weight * change
    return apportion(weighted, factorial(factors))


def apportion(parts: Whole, unit: int, totals: Whole | None = None) -> Whole:
    """Bring parts to a coarser unit so that they still add up: by the largest remainders.

    Parameters
    ----------
    parts : int64 (n_parts, n).
    unit : how many of the old unit are one of the new.
    totals : int64 (n,), what parts have to add up to in the new unit, within one of what they do;
        their sum, rounded half to even, where None.

    Returns
    -------
    int64 (n_parts, n)
        Of equal remainders the first part is served first. Negative parts give the negative.
    """
    if totals is None:
        totals = rounded(parts.sum(axis=0), unit)
    signs = _signs(parts, totals)
    parts, totals = parts * signs, totals * signs
    low = parts // unit
    missing = totals - low.sum(axis=0)
    # A total that was rounded elsewhere may ask for less than none, or more than one each.
    whole = missing // len(parts)
    low, missing = low + whole, missing - whole * len(parts)
    order = np.argsort(low * unit - parts, axis=0, kind="stable")
    served = np.arange(len(parts))[:, None] < missing
    more = np.zeros_like(low)
    np.put_along_axis(more, order, served.astype(np.int64), axis=0)
    result: Whole = (low + more) * signs
    return result


def rounded(values: Whole, unit: int) -> Whole:
    """Return whole numbers in a coarser unit, rounded half to even."""
    low, rest = np.divmod(values, unit)
    up: Flags = (2 * rest > unit) | ((2 * rest == unit) & (low % 2 == 1))
    return low + up


def _signs(parts: Whole, totals: Whole) -> Whole:
    """Return 1 or -1 for each column, so that a column and its negative are served alike."""
    signs = np.sign(totals)
    for row in parts:
        signs = np.where(signs == 0, np.sign(row), signs)
    return np.where(signs == 0, 1, signs)
