"""Exact amounts, and cents rounded half up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

_CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


def cents(amount: Fraction) -> Decimal:
    """Return an amount of EUR, 0 or more, rounded half up to the cent."""
    return floor(amount * 100 + Fraction(1, 2)) * _CENT
