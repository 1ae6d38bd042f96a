"""Days, months and years of contracts."""

from __future__ import annotations

from datetime import date

import pytest

from apl_engine.aids.dates import Period, anniversary, contract_year, months_after


def test_a_month_ends_on_the_same_day_or_on_the_last() -> None:
    """Code de procédure civile, article 641."""
    for day, months, expected in (
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2027-12-15", 1, "2028-01-15"),
        ("2024-02-29", 24, "2026-02-28"),
    ):
        assert months_after(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("leap", "expected"), [("1_march", date(2025, 3, 1)), ("28_february", date(2025, 2, 28))]
)
def test_the_anniversary_of_29_february(leap: str, expected: date) -> None:
    signed = date(2024, 2, 29)
    assert anniversary(signed, 1, leap) == expected
    assert anniversary(signed, 4, leap) == date(2028, 2, 29)
    assert contract_year(signed, 2, leap).first == expected


def test_days_of_periods() -> None:
    week = Period(date(2025, 1, 1), date(2025, 1, 7))
    assert (week.days, week.up_to(date(2025, 1, 3)).days) == (7, 3)
    assert week.includes(date(2025, 1, 7))
    assert not week.includes(date(2025, 1, 8))
    assert week.within(Period(date(2025, 1, 7), date(2025, 2, 1))).days == 1
    assert week.within(Period(date(2025, 1, 8), date(2025, 2, 1))).days == 0
