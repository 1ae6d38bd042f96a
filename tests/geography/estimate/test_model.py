"""The formula of minutes, its inverse, and its parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine.errors import InputDataError
from apl_engine.geography.estimate.model import (
    Parameters,
    farthest_km,
    fitted_parameters,
    minutes_of,
)

LINE = Parameters(access_minutes=2.0, first_km_minutes=1.5, length_km=8.0)


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0.2, 3))
def test_times_never_fall_with_distance(a: float, b: float, factor: float) -> None:
    low, high = sorted((a, b))
    p = fitted_parameters(True)
    both = minutes_of(np.array([low, high]), np.array([factor, factor]), p)
    assert both[0] <= both[1]
    assert both[0] >= p.access_minutes


@given(st.floats(3, 200), st.floats(0.3, 3))
def test_the_farthest_pair_takes_the_time_given(time: float, factor: float) -> None:
    km = farthest_km(time, factor, LINE)
    minutes = minutes_of(np.array([km]), np.array([factor]), LINE)[0]
    assert minutes <= time * (1 + 1e-9)
    if km < 10_000:
        assert minutes == pytest.approx(time)


def test_no_trip_takes_less_than_the_access_time() -> None:
    assert farthest_km(1.0, 1.0, LINE) == 0


def test_all_parameters_out_of_range_are_reported() -> None:
    numbers = {
        "access_minutes": -1.0, "first_km_minutes": 0.0, "length_km": 0.0, "smallest": 0.0,
        "crowd_km": 0.0, "thinnest": -2.0,
    }  # fmt: skip
    with pytest.raises(InputDataError) as caught:
        Parameters(**numbers)
    assert {fault.table: fault.details["given"] for fault in caught.value.faults} == numbers
    codes = {fault.table: fault.code for fault in caught.value.faults}
    assert codes.pop("access_minutes") == "argument.too_small"
    assert set(codes.values()) == {"argument.not_positive"}
    assert str(caught.value)
    for name in numbers:
        with pytest.raises(InputDataError):
            Parameters(**{"access_minutes": 1.0, "first_km_minutes": 2.0, "length_km": 5.0,
                          name: numbers[name]})  # fmt: skip
