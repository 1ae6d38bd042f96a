"""Shapley values: parts that add up exactly, and do not depend on an order."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.compared import by_all_orders

from apl_engine import InputDataError
from apl_engine.comparison.shapley import shapley, to_units

small = st.integers(-(10**6), 10**6)


@given(hnp.arrays(np.int64, (16, 3), elements=small))
def test_shapley_values_are_those_of_all_orders(values: Any) -> None:
    parts = shapley(values, 4)
    assert (parts.sum(axis=0) == values[-1] - values[0]).all()
    assert (shapley(values[::-1], 4) == -parts).all()
    for column in range(3):
        exact = by_all_orders(
            lambda state, column=column: Fraction(
                int(values[sum(bit << k for k, bit in enumerate(state)), column])
            )
        )
        for part, whole in zip(exact, parts[:, column], strict=True):
            assert abs(part - int(whole)) < 1


def test_an_apl_too_large_for_the_decimals_is_refused() -> None:
    with pytest.raises(InputDataError) as caught:
        to_units(np.array([1.0, 1e10]))
    (fault,) = caught.value.faults
    assert fault.code == "comparison.apl_too_large"
    assert fault.details["decimals"] == 9
