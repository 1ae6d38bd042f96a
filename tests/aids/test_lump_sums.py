"""CACCMK and CAIMK: lump sums by activity, settlement and recovery, worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.contracts import (
    amounts,
    contract,
    days,
    ended,
    notes,
    other_reading,
    period,
)

from apl_engine.aids import schedule


def test_full_activity() -> None:
    """30 000 at signature in 2024, 9 000 in 2026, 5 000 in 2027 and in 2028: 49 000."""
    result = schedule(contract("CACCMK", "2024-11-04", acts=(2000, 3000, 3000, 3000)))
    assert amounts(result, "aid") == [
        (2024, "30000.00"),
        (2026, "9000.00"),
        (2027, "5000.00"),
        (2028, "5000.00"),
    ]
    assert result.lines[0].due == date(2024, 11, 4)
    assert result.net == Decimal("49000.00")
    assert result.ran == period("2024-11-04", "2029-11-03")
    assert days(result) == [("2029-11-03", "term, last day of the contract")]


@pytest.mark.parametrize(
    ("acts", "back", "second"),
    [
        # Year 1 on 2 000 from 1 000; year 2 on 3 000 from 1 500.
        ((2001, 3001), None, "9000.00"),
        ((2000, 3000), None, "9000.00"),
        # 30 000 x 1/2000 = 15.00; 9 000 x 2999/3000 = 8 997.00
        ((1999, 2999), "-15.00", "8997.00"),
        # 30 000 x 1/2; 9 000 x 1/2
        ((1000, 1500), "-15000.00", "4500.00"),
        ((999, 1499), "-30000.00", "0.00"),
        ((0, 0), "-30000.00", "0.00"),
    ],
)
def test_activity_at_its_bounds(acts: tuple[int, int], back: str | None, second: str) -> None:
    result = schedule(contract("CACCMK", "2024-11-04", acts=acts))
    assert amounts(result, "settlement") == ([] if back is None else [(2026, back)])
    assert amounts(result, "aid")[:2] == [(2024, "30000.00"), (2026, second)]
    assert [line.at_most for line in result.lines if line.kind == "aid"] == [
        False,
        False,
        True,
        True,
    ]


def test_cents_are_rounded_half_up() -> None:
    """5 000 x 2 999/3 000 = 4 998.333; 5 000 x 1 501/3 000 = 2 501.666."""
    result = schedule(contract("CACCMK", "2024-11-04", acts=(2000, 3000, 2999, 1501)))
    assert amounts(result, "aid")[2:] == [(2027, "4998.33"), (2028, "2501.67")]


def test_settlement_for_the_first_year() -> None:
    """1 800 acts of 2 000 in year 1: 15 000 x 1/10 back in 2027. 2 400 of 3 000: 7 200.

    Uplift of 20 %: 3 000 at signature, 300 of it back, 1 440 in 2027, at most 1 000 twice.
    """
    result = schedule(contract("CAIMK", "2025-02-03", acts=(1800, 2400), uplift=True))
    assert amounts(result, "aid") == [
        (2025, "15000.00"),
        (2027, "7200.00"),
        (2028, "5000.00"),
        (2029, "5000.00"),
    ]
    assert amounts(result, "uplift") == [
        (2025, "3000.00"),
        (2027, "1440.00"),
        (2028, "1000.00"),
        (2029, "1000.00"),
    ]
    assert amounts(result, "settlement") == [(2027, "-1500.00"), (2027, "-300.00")]
    assert {line.due for line in result.lines if line.year == 2027} == {date(2027, 4, 30)}


def test_no_settlement_if_the_rules_say_so(tmp_path: Path) -> None:
    rules = other_reading(tmp_path, "CAIMK.first_payment_activity", '"kept"')
    result = schedule(contract("CAIMK", "2025-02-03", acts=(1800,)), rules)
    assert result.taken_back == 0


def test_a_caimk_ended_by_the_caisse() -> None:
    """Signed on 1 January 2024, ended on 1 July 2026.

    Days of the contract: 366 + 365 + 365 + 365 + 366 = 1 827. From 1 July 2026 to the term, both
    included: 184 + 365 + 366 = 915. Paid before: 15 000 and, by 30 April 2026, 9 000.
    Back: 24 000 x 915/1827 = 12 019.70
    """
    result = schedule(contract("CAIMK", "2024-01-01", termination=ended("caisse", "2026-07-01")))
    assert amounts(result, "aid") == [(2024, "15000.00"), (2026, "9000.00")]
    assert amounts(result, "recovery") == [(2026, "-12019.70")]
    assert "not_made" in notes(result)
    assert result.lines[-1].what == "aid of 24000.00 EUR, for 915 of 1827 days that remained"


@pytest.mark.parametrize(
    ("on", "made"), [("2026-04-29", 1), ("2026-04-30", 2), ("2024-01-01", 0), ("2024-01-02", 1)]
)
def test_payments_made_before_a_termination(on: str, made: int) -> None:
    result = schedule(contract("CAIMK", "2024-01-01", termination=ended("caisse", on)))
    assert len(amounts(result, "aid")) == made


def test_a_caccmk_ended_by_the_practitioner_before_the_settlement() -> None:
    """Signed on 1 January 2025, ended on 1 March 2026; 1 000 acts in year 1.

    The settlement, 30 000 x 1/2, comes with the termination. Of the 15 000 that stay, back
    for the days that remained: 1 826 days in all (366 in 2028), 306 + 365 + 366 + 365 = 1 402 left:
    15 000 x 1402/1826 = 11 516.98. Kept: 30 000 - 15 000 - 11 516.98 = 3 483.02
    """
    result = schedule(
        contract(
            "CACCMK", "2025-01-01", acts=(1000,), termination=ended("practitioner", "2026-03-01")
        )
    )
    assert amounts(result, "settlement") == [(2026, "-15000.00")]
    assert amounts(result, "recovery") == [(2026, "-11516.98")]
    assert result.net == Decimal("3483.02")


def test_no_recovery_if_the_rules_say_so(tmp_path: Path) -> None:
    rules = other_reading(tmp_path, "CAIMK.recovery", '"none"')
    case = contract("CAIMK", "2024-01-01", termination=ended("caisse", "2026-07-01"))
    assert schedule(case, rules).net == Decimal("24000.00")
