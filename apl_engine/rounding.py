"""Round figures so that the parts still add up to the whole: largest remainders (Hamilton)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil, lcm
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

# int64, or Python integers (dtype object) where int64 is too small.
Whole: TypeAlias = npt.NDArray[Any]


def apportion(parts: Whole, unit: int, totals: Whole | None = None) -> Whole:
    """Express parts in a coarser unit so that they still add up.

    Each is rounded down, and the units that are missing go, one each, to the largest remainders.

    Parameters
    ----------
    parts : integers (n_parts, n)
        The columns are independent of each other.
    unit : int
        Number of old units in a new one.
    totals : integers (n,), optional
        Sums required of each column in the new unit; by default the sums of the parts, rounded
        half to even.

    Returns
    -------
    integers (n_parts, n)
        Of equal remainders the first part comes first. Negative parts give the negative result.
    """
    if totals is None:
        totals = round_units(parts.sum(axis=0), unit)
    signs = _signs(parts, totals)
    parts, totals = parts * signs, totals * signs
    low = parts // unit
    missing = totals - low.sum(axis=0)
    # Totals that were rounded elsewhere may ask for less than none, or more than one each.
    each = missing // len(parts)
    low, missing = low + each, missing - each * len(parts)
    order = np.argsort(low * unit - parts, axis=0, kind="stable")
    extra = np.zeros_like(low)
    np.put_along_axis(extra, order, (np.arange(len(parts))[:, None] < missing).astype(int), axis=0)
    result: Whole = (low + extra) * signs
    return result


def round_units(values: Whole, unit: int) -> Whole:
    """Express whole numbers in a coarser unit, rounded half to even."""
    low = values // unit
    rest = 2 * (values - low * unit)
    up = (rest > unit) | ((rest == unit) & (low % 2 == 1))
    rounded: Whole = low + up.astype(low.dtype)
    return rounded


def _signs(parts: Whole, totals: Whole) -> Whole:
    """Return 1 or -1 for each column, so that a column and its negative are treated alike."""
    signs = np.sign(totals)
    for row in parts:
        signs = np.where(signs == 0, np.sign(row), signs)
    return np.where(signs == 0, 1, signs)


def apportion_decimals(
    parts: Sequence[float | Decimal | Fraction], whole: float | Decimal | Fraction, decimals: int
) -> list[Decimal]:
    """Round parts to a number of decimals so that they add up exactly to the rounded whole.

    Parameters
    ----------
    parts : sequence of float, Decimal or Fraction
        They add up to `whole`, except for rounding.
    whole : float, Decimal or Fraction
        Their sum.
    decimals : int
        0 or more.

    Returns
    -------
    list of Decimal
        In the order of `parts`.

    Examples
    --------
    >>> apportion_decimals([1 / 3, 1 / 3, 1 / 3], 1.0, 2)
    [Decimal('0.34'), Decimal('0.33'), Decimal('0.33')]
    """
    if not parts:
        return []
    exact = [Fraction(part) * 10**decimals for part in parts]
    unit = lcm(*(part.denominator for part in exact))
    total = round(Fraction(whole) * 10**decimals)
    column = np.array([[int(part * unit)] for part in exact], dtype=object)
    units = apportion(column, unit, np.array([total], dtype=object))[:, 0]
    return [Decimal(int(count)).scaleb(-decimals) for count in units]


def round_decimal(value: float | Decimal | Fraction, decimals: int) -> Decimal:
    """Round to a number of decimals, half to even."""
    return Decimal(round(Fraction(value) * 10**decimals)).scaleb(-decimals)


def round_away(value: float | Decimal, decimals: int) -> Decimal:
    """Round to a number of decimals away from zero, as an amount that has to suffice."""
    units = ceil(abs(Fraction(value)) * 10**decimals)
    return Decimal(units if value > 0 else -units).scaleb(-decimals)


def round_half_up(value: float, decimals: int) -> Decimal:
    """Round as printed tables are: halves away from zero, of the number as it is displayed."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
