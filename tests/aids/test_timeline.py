"""Terms, renewals and anniversaries of contracts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from support.contracts import (
    TSD,
    amounts,
    contract,
    days,
    ended,
    notes,
    other_reading,
    paid,
    period,
    silent_points,
)

from apl_engine.aids import Trainee, ZoneChange, schedule


def test_a_cammk_signed_on_29_february() -> None:
    """The anniversary of 29 February 2024 is 1 March, the last day 28 February 2027.

    Year 1: 366 days, of which 307 in 2024: 4 000 x 307/366 = 3 355.19
    Year 2: 365 days from 1 March 2025, of which 306 in 2025: 3 353.42; year 3 the same.
    2025: 644.81 + 3 353.42 = 3 998.23; 2026: 646.58 + 3 353.42 = 4 000.00; 2027: 646.58
    """
    result = schedule(contract("CAMMK", "2024-02-29"))
    assert amounts(result, "aid") == [
        (2025, "3355.19"),
        (2026, "3998.23"),
        (2027, "4000.00"),
        (2028, "646.58"),
    ]
    assert result.ran == period("2024-02-29", "2027-02-28")
    assert "contract.leap_anniversary" in silent_points(result)


def test_28_february_as_anniversary_of_29_february(tmp_path: Path) -> None:
    """Read so, year 1 ends on 27 February 2025 and the contract on 27 February 2027."""
    rules = other_reading(tmp_path, "contract.leap_anniversary", '"28_february"')
    result = schedule(contract("CAMMK", "2024-02-29"), rules)
    assert result.ran == period("2024-02-29", "2027-02-27")
    assert result.paid == Decimal("12000.00")


def test_a_caimk_signed_on_29_february() -> None:
    """Of 29 February 2024 the fifth anniversary is 1 March 2029: 1 827 days."""
    result = schedule(contract("CAIMK", "2024-02-29"))
    assert result.ran == period("2024-02-29", "2029-02-28")
    assert result.ran.days == 1827
    assert [line.year for line in result.lines] == [2024, 2026, 2027, 2028]


def test_tacit_renewal() -> None:
    """A renewal that begins on 1 January 2028 is followed from that day on, not before."""
    case = contract("CAMMK", "2025-01-01")
    assert schedule(case, until=date(2027, 12, 31)).paid == Decimal("12000.00")
    result = schedule(case, until=date(2028, 1, 1))
    assert amounts(result, "aid") == [(year, "4000.00") for year in range(2026, 2032)]
    assert days(result) == [
        ("2028-01-01", "tacit renewal"),
        ("2030-12-31", "term, last day of the contract"),
    ]


def test_a_trainee_of_a_later_year_implies_a_renewal() -> None:
    """3 whole months of 2029: 900."""
    trainee = Trainee(period("2029-01-01", "2029-03-31"), 5)
    result = schedule(contract("CAMMK", "2025-01-01", trainees=(trainee,)))
    assert len(result.terms) == 2
    assert amounts(result, "trainee") == [(2030, "900.00")]


def test_a_payment_of_a_later_year_implies_a_renewal() -> None:
    """What is paid in 2030 is for 2029 at the earliest; the first term ended with 2027."""
    case = contract("CAMMK", "2025-01-01", paid=(paid("2030-04-02", "4000"),))
    assert len(schedule(case).terms) == 2


def test_a_termination_in_a_renewal() -> None:
    """On 1 July 2028: 182 of the 366 days of 2028, 4 000 x 182/366 = 1 989.07."""
    case = contract("CAMMK", "2025-01-01", termination=ended("practitioner", "2028-07-01"))
    result = schedule(case)
    assert amounts(result, "aid")[-1] == (2029, "1989.07")
    assert result.paid == Decimal("13989.07")
    assert days(result)[0] == ("2028-01-01", "tacit renewal")


def test_a_contract_whose_zone_changes_runs_to_its_term() -> None:
    """Signed on 10 January 2023, the zone leaves on 1 November 2024: the term is 9 January 2026.

    2023: 356 of 365 days, 3 901.37; then 4 000 - 3 901.37 = 98.63 of each contract year.
    2024: 98.63 + 4 000 x 357/366 (3 901.64) = 4 000.27; 2025: 98.36 + 3 901.37 = 3 999.73
    2026: 98.63
    """
    case = contract(
        "CAMMK", "2023-01-10", zone_changes=(ZoneChange(date(2024, 11, 1), "sous_dotee"),)
    )
    result = schedule(case, until=date(2035, 1, 1))
    assert amounts(result, "aid") == [
        (2024, "3901.37"),
        (2025, "4000.27"),
        (2026, "3999.73"),
        (2027, "98.63"),
    ]
    assert days(result) == [
        ("2026-01-09", "term, last day of the contract"),
        ("2026-01-10", "no renewal: the zone is sous_dotee"),
    ]
    assert "zone_left" in notes(result)
    assert schedule(case).events == result.events


def test_a_zone_that_opens_aid_again_permits_a_renewal() -> None:
    changes = (ZoneChange(date(2027, 6, 1), TSD), ZoneChange(date(2026, 11, 1), "sous_dotee"))
    result = schedule(contract("CAMMK", "2025-01-01", zone_changes=changes), until=date(2028, 1, 1))
    assert len(result.terms) == 2


def test_a_renewal_outside_the_zone_if_the_rules_permit_it(tmp_path: Path) -> None:
    rules = other_reading(tmp_path, "CAMMK.renewal_outside_zone", '"yes"')
    change = ZoneChange(date(2026, 11, 1), "sous_dotee")
    result = schedule(
        contract("CAMMK", "2025-01-01", zone_changes=(change,)), rules, until=date(2028, 1, 1)
    )
    assert len(result.terms) == 2


def test_a_contract_from_before_avenant_7_is_not_renewed_after_it() -> None:
    """A zone sous dotée opened the right in 2022, and no longer does in 2025."""
    result = schedule(contract("CAMMK", "2022-09-15", zone="sous_dotee"), until=date(2030, 1, 1))
    assert days(result)[-1] == ("2025-09-15", "no renewal: the zone is sous_dotee")
    assert result.paid == Decimal("12000.00")


def test_no_term_follows_a_termination() -> None:
    case = contract("CAMMK", "2025-01-01", termination=ended("caisse", "2026-07-01"))
    assert len(schedule(case, until=date(2040, 1, 1)).terms) == 1
