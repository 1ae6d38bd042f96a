"""What is true of every schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.contracts import (
    RULES,
    anniversary,
    contracts,
)

from apl_engine.aids import Contract, Termination, schedule
from apl_engine.aids.contract import SIDES


@given(contracts())
def test_payments_are_never_negative_and_add_up(case: Contract) -> None:
    result = schedule(case, RULES)
    assert all(
        (line.amount <= 0) == (line.kind in ("settlement", "recovery")) or line.amount == 0
        for line in result.lines
    )
    assert result.net == sum(total.net for total in result.totals) >= 0
    assert all(line.amount.as_tuple().exponent == -2 for line in result.lines)
    assert [line.due for line in result.lines] == sorted(line.due for line in result.lines)


@given(contracts(), st.integers(0, 1094), st.sampled_from(SIDES))
def test_ending_never_pays_more_than_running_on(case: Contract, after: int, by: str) -> None:
    on = case.signed + timedelta(after)
    begun = sum(anniversary(case.signed, number) < on for number in range(5))
    case = replace(
        case,
        acts=case.acts[:begun],
        trainees=tuple(t for t in case.trainees if t.period.first < on),
    )
    result = schedule(replace(case, termination=Termination(by, on)), RULES)
    assert 0 <= result.net <= schedule(case, RULES).net
