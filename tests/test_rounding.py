"""Rounded parts add up to the rounded whole."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine.rounding import apportion, rounded

VALUES = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(VALUES, min_size=1, max_size=20), st.integers(0, 9))
def test_parts_add_up_and_none_is_a_unit_off(parts: list[float], decimals: int) -> None:
    whole = sum(map(Fraction, parts), Fraction(0))
    found = apportion(parts, whole, decimals)
    assert sum(found) == rounded(whole, decimals)
    for part, value in zip(found, parts, strict=True):
        assert abs(Fraction(part) - Fraction(value)) * 10**decimals <= 1


def test_what_is_missing_goes_to_the_largest_remainders() -> None:
    assert apportion([1.25, 1.5, 1.25], 4, 0) == [1, 2, 1]
    assert apportion([0.1, 0.7, 0.1, 0.1], 1, 0) == [0, 1, 0, 0]
    assert apportion([1.0, 1.0], 4, 0) == [2, 2]
    assert apportion([], 0, 3) == []


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0"), (1.5, "2"), (2.5, "2"), (-0.5, "0"), (-1.5, "-2"), (2.51, "3")]
)
def test_halves_go_to_the_even_one(value: float, text: str) -> None:
    assert rounded(value, 0) == Decimal(text)
