"""Rounded parts add up to the rounded whole."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from apl_engine.rounding import (
    apportion,
    apportion_decimals,
    round_away,
    round_decimal,
    round_half_up,
    round_units,
)

VALUES = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(VALUES, min_size=1, max_size=20), st.integers(0, 9))
def test_parts_add_up_and_none_is_a_unit_off(parts: list[float], decimals: int) -> None:
    whole = sum(map(Fraction, parts), Fraction(0))
    shares = apportion_decimals(parts, whole, decimals)
    assert sum(shares) == round_decimal(whole, decimals)
    for part, value in zip(shares, parts, strict=True):
        assert abs(Fraction(part) - Fraction(value)) * 10**decimals <= 1


def test_what_is_missing_goes_to_the_largest_remainders() -> None:
    assert apportion_decimals([1.25, 1.5, 1.25], 4, 0) == [1, 2, 1]
    assert apportion_decimals([0.1, 0.7, 0.1, 0.1], 1, 0) == [0, 1, 0, 0]
    assert apportion_decimals([1.0, 1.0], 4, 0) == [2, 2]
    assert apportion_decimals([], 0, 3) == []


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0"), (1.5, "2"), (2.5, "2"), (-0.5, "0"), (-1.5, "-2"), (2.51, "3")]
)
def test_halves_go_to_the_even_one(value: float, text: str) -> None:
    assert round_decimal(value, 0) == Decimal(text)


@given(
    hnp.arrays(np.int64, (5, 4), elements=st.integers(-(10**6), 10**6)),
    st.integers(1, 1000),
    st.integers(-1, 1),
)
def test_parts_of_a_coarser_unit_add_up(parts: Any, unit: int, off: int) -> None:
    totals = round_units(parts.sum(axis=0), unit)
    split = apportion(parts, unit, totals + off)
    assert (split.sum(axis=0) == totals + off).all()
    assert np.abs(split * unit - parts).max() <= 2 * unit
    own = apportion(parts, unit)
    assert (own.sum(axis=0) == totals).all()
    assert np.abs(own * unit - parts).max() < 2 * unit
    assert (apportion(-parts, unit) == -own).all()


def test_integers_beyond_64_bits_are_apportioned_exactly() -> None:
    parts = np.array([[10**30], [10**30], [10**30 + 1]], dtype=object)
    assert apportion(parts, 10**29)[:, 0].tolist() == [10, 10, 10]


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_an_amount_that_has_to_suffice_is_not_rounded_towards_zero(
    value: float, decimals: int
) -> None:
    rounded = round_away(value, decimals)
    assert abs(rounded) >= abs(Fraction(value))
    assert abs(Fraction(rounded) - Fraction(value)) < Fraction(1, 10**decimals)
    assert rounded == 0 or (rounded > 0) == (value > 0)


def test_halves_of_printed_tables_are_rounded_up() -> None:
    assert round_half_up(12.25, 1) == Decimal("12.3")
    assert round_half_up(0.285, 2) == Decimal("0.29")
