"""CAMMK: an amount a year, worked by hand; and trainees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.contracts import (
    RULES,
    amounts,
    anniversary,
    contract,
    contracts,
    days,
    ended,
    other_reading,
    period,
)

from apl_engine.aids import Contract, Period, Termination, Trainee, schedule
from apl_engine.aids.annual import months_of


def test_contract_years_that_are_civil_years() -> None:
    """From 1 January each contract year is a civil one: 4 000 each, paid the year after."""
    result = schedule(contract("CAMMK", "2025-01-01"))
    assert amounts(result, "aid") == [(2026, "4000.00"), (2027, "4000.00"), (2028, "4000.00")]
    assert [line.due for line in result.lines] == [date(year, 4, 30) for year in (2026, 2027, 2028)]
    assert {line.timing for line in result.lines} == {"before"}
    assert days(result) == [("2027-12-31", "term, last day of the contract")]
    assert result.net == Decimal("12000.00")


def test_a_contract_from_the_middle_of_a_year() -> None:
    """Signed on 15 September 2025.

    Days of 2025: 16 + 31 + 30 + 31 = 108. Contract years 1 and 2 have 365 days, year 3 has 366
    (29 February 2028).
    2025: 4 000 x 108/365 = 1 183.56
    2026: (4 000 - 1 183.56) + 1 183.56 = 4 000.00
    2027: (4 000 - 1 183.56) + 4 000 x 108/366 = 2 816.44 + 1 180.33 = 3 996.77
    2028: 4 000 - 1 180.33 = 2 819.67
    """
    result = schedule(contract("CAMMK", "2025-09-15"))
    assert amounts(result, "aid") == [
        (2026, "1183.56"),
        (2027, "4000.00"),
        (2028, "3996.77"),
        (2029, "2819.67"),
    ]
    assert result.paid == Decimal("12000.00")
    assert result.terms == (period("2025-09-15", "2028-09-14"),)


def test_uplift() -> None:
    """The same with 20 %, 800 a contract year.

    2025: 800 x 108/365 = 236.71; 2026: 800.00; 2027: 563.29 + 800 x 108/366 (236.07) = 799.36;
    2028: 800 - 236.07 = 563.93; together 2 400.00.
    """
    result = schedule(contract("CAMMK", "2025-09-15", uplift=True))
    expected = [(2026, "236.71"), (2027, "800.00"), (2028, "799.36"), (2029, "563.93")]
    assert amounts(result, "uplift") == expected
    assert result.paid == Decimal("14400.00")


def test_a_contract_ended_by_the_practitioner() -> None:
    """Letter received on 10 June 2026: last day 9 June, nothing is owed back.

    2025: 108 days, 1 183.56. 2026: 31 + 28 + 31 + 30 + 31 + 9 = 160 days; up to then
    4 000 x 268/365 = 2 936.99, of it in 2026 2 936.99 - 1 183.56 = 1 753.43.
    """
    result = schedule(
        contract("CAMMK", "2025-09-15", termination=ended("practitioner", "2026-06-10"))
    )
    assert amounts(result, "aid") == [(2026, "1183.56"), (2027, "1753.43")]
    assert result.taken_back == 0
    assert result.ran.last == date(2026, 6, 9)
    assert days(result) == [("2026-06-10", "termination by the practitioner; last day 2026-06-09")]


def test_accrual_by_civil_year(tmp_path: Path) -> None:
    """4 000 x 108/365 = 1 183.56; 4 000; 4 000; 4 000 x 258/366 = 2 819.67."""
    rules = other_reading(tmp_path, "CAMMK.accrual", '"civil_year"')
    result = schedule(contract("CAMMK", "2025-09-15"), rules)
    expected = [(2026, "1183.56"), (2027, "4000.00"), (2028, "4000.00"), (2029, "2819.67")]
    assert amounts(result, "aid") == expected


@pytest.mark.parametrize(
    ("signed", "first", "last", "share", "expected"),
    [
        # January 20/31, February 1, March 6/31: 300 x 1/2 x (1 + 26/31) = 275.81
        ("2026-01-01", "2026-01-12", "2026-03-06", "1/2", [(2027, "275.81")]),
        # From the signature on 15 September: 16/30 and October: 300 x (1 + 16/30) = 460
        ("2025-09-15", "2025-09-01", "2025-10-31", "1", [(2026, "460.00")]),
        # The whole February of a leap year, and all of it but its last day: 300 x 28/29 = 289.66
        ("2026-01-01", "2028-02-01", "2028-02-29", "1", [(2029, "300.00")]),
        ("2026-01-01", "2028-02-01", "2028-02-28", "1", [(2029, "289.66")]),
        # Two civil years: December and January, at 4/5: 240 each
        ("2026-01-01", "2026-12-01", "2027-01-31", "4/5", [(2027, "240.00"), (2028, "240.00")]),
        # One day of January: 300/31 = 9.68
        ("2026-01-01", "2026-01-01", "2026-01-01", "1", [(2027, "9.68")]),
    ],
)
@pytest.mark.parametrize("kind", ["CACCMK", "CAIMK", "CAMMK"])
def test_trainees(
    kind: str, signed: str, first: str, last: str, share: str, expected: list[tuple[int, str]]
) -> None:
    trainee = Trainee(period(first, last), 4, Fraction(share))
    result = schedule(contract(kind, signed, trainees=(trainee,), uplift=True))
    assert amounts(result, "trainee") == expected


def test_a_trainee_is_paid_up_to_the_termination() -> None:
    """Ended on 16 February 2026: January and 15/28 of February, 300 x (1 + 15/28) = 460.71."""
    trainee = Trainee(period("2026-01-01", "2026-03-31"), 5)
    case = contract(
        "CAIMK", "2025-01-01", trainees=(trainee,), termination=ended("caisse", "2026-02-16")
    )
    result = schedule(case)
    assert amounts(result, "trainee") == [(2027, "460.71")]


@given(contracts(kinds=("CAMMK",)), st.integers(0, 3))
def test_terms_add_up_to_the_cent(case: Contract, renewals: int) -> None:
    until = case.signed + timedelta(1096 * renewals)
    result = schedule(case, RULES, until=until)
    terms = len(result.terms)
    aid = sum(line.amount for line in result.lines if line.kind == "aid")
    uplift = sum(line.amount for line in result.lines if line.kind == "uplift")
    assert terms == renewals + 1
    assert aid == 12_000 * terms
    assert uplift == (2_400 * terms if case.uplift else 0)


@given(contracts(kinds=("CAMMK",)), st.integers(1, 1094))
def test_what_is_rounded_off_a_civil_year_is_paid_with_the_next(case: Contract, after: int) -> None:
    """Up to the termination each contract year gives its days, rounded once."""
    on = case.signed + timedelta(after)
    trainees = tuple(t for t in case.trainees if t.period.first < on)
    ending = replace(case, trainees=trainees, termination=Termination("practitioner", on))
    result = schedule(ending, RULES)
    aid = sum(line.amount for line in result.lines if line.kind == "aid")
    number = on.year - case.signed.year
    first = anniversary(case.signed, number)
    if first > on:
        number, first = number - 1, anniversary(case.signed, number - 1)
    whole = (anniversary(case.signed, number + 1) - first).days
    exact = 4000 * number + Fraction(4000 * (on - first).days, whole)
    assert abs(Fraction(aid) - exact) <= Fraction(1, 200)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 1500))
def test_months_of_two_parts_add_up(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    middle = date.fromordinal(first.toordinal() + days // 3)
    after = date.fromordinal(middle.toordinal() + 1)
    parts = months_of(Period(first, middle)) + months_of(Period(after, last))
    assert parts == months_of(Period(first, last))
