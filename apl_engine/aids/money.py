"""Exact amounts, and cents rounded half up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


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
