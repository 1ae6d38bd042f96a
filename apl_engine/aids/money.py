"""Exact amounts, and cents rounded half up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
# Larger amounts are typing errors.
LARGEST = 10**12


def is_amount(amount: Decimal) -> bool:
    """Whether an amount is of whole cents, and no typing error."""
    if not amount.is_finite() or abs(amount) > LARGEST:
        return False
    return (Fraction(amount) * 100).denominator == 1


def cents(amount: Fraction) -> Decimal:
    """Return an amount rounded half up to the cent.

    Parameters
    ----------
    amount : Fraction
        In EUR, 0 or more.

    Returns
    -------
    Decimal
    """
    return floor(amount * 100 + Fraction(1, 2)) * CENT
