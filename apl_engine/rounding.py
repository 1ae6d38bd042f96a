"""Figures rounded so that the parts still add up to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor


def apportion(
    parts: Sequence[float | Fraction], whole: float | Fraction, decimals: int
) -> list[Decimal]:
    """Round parts to a number of decimals so that they add up exactly to the rounded whole.

    Each is rounded down, and what is missing goes, one unit of the last decimal at a time, to
    those that lost most: the method of largest remainders (Hamilton).

    Parameters
    ----------
    parts : add up to `whole`, but for rounding.
    whole : what they make together.
    decimals : 0 or more.

    Returns
    -------
    list of Decimal
        In the order of `parts`; empty where there are none.

    Examples
    --------
    >>> apportion([1 / 3, 1 / 3, 1 / 3], 1.0, 2)
    [Decimal('0.34'), Decimal('0.33'), Decimal('0.33')]
    """
    if not parts:
        return []
    unit = 10**decimals
    scaled = [Fraction(part) * unit for part in parts]
    units = [floor(part) for part in scaled]
    missing = int(Fraction(rounded(whole, decimals)) * unit) - sum(units)
    # Equal remainders: the first.
    order = sorted(range(len(parts)), key=lambda k: (units[k] - scaled[k], k))
    every, rest = divmod(missing, len(parts))
    for rank, k in enumerate(order):
        units[k] += every + (rank < rest)
    return [Decimal(count).scaleb(-decimals) for count in units]


def rounded(value: float | Fraction, decimals: int) -> Decimal:
    """Round to a number of decimals, halves to the even one."""
    scaled = Fraction(value) * 10**decimals
    low = floor(scaled)
    above = scaled - low
    up = above > Fraction(1, 2) or (above == Fraction(1, 2) and low % 2)
    return Decimal(low + int(up)).scaleb(-decimals)
