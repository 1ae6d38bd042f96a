"""Amounts rounded to the cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from apl_engine.aids.money import cents


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0", "0.00"), ("1/200", "0.01"), ("0.00499", "0.00"), ("1/3", "0.33"), ("2/3", "0.67")],
)
def test_half_a_cent_is_rounded_up(amount: str, rounded: str) -> None:
    assert cents(Fraction(amount)) == Decimal(rounded)
    assert str(cents(Fraction(amount))) == rounded
