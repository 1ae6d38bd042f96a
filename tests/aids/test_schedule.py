"""Contracts worked by hand, with the arithmetic beside each, and what holds for every contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import AidRules, Contract, Schedule, load_aid_rules, schedule
from apl_engine.aids import Earlier, Payment, Period, Procedure, Termination, Trainee, ZoneChange

RULES = load_aid_rules()
TSD = "tres_sous_dotee"


def contract(kind: str, signed: str, **given: Any) -> Contract:
    return Contract(kind, date.fromisoformat(signed), **{"zone": TSD, **given})


def period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


def ended(by: str, on: str, procedure: Procedure | None = None) -> Termination:
    return Termination(by, date.fromisoformat(on), procedure)


def paid(on: str, amount: str, kind: str = "aid") -> Payment:
    return Payment(date.fromisoformat(on), Decimal(amount), kind)


def amounts(found: Schedule, *kinds: str) -> list[tuple[int, str]]:
    """Return year and amount of each line of some kinds."""
    return [(line.year, str(line.amount)) for line in found.lines if line.kind in kinds]


def days(found: Schedule) -> list[tuple[str, str]]:
    return [(event.on.isoformat(), event.what) for event in found.events]


def codes(found: Schedule) -> set[str]:
    return {note.code for note in found.notes}


def ruled(folder: Path, key: str, value: str, since: str = "2018-02-08") -> AidRules:
    """Return the rules with another value of one name."""
    path = folder / "own.toml"
    entry = f'[[{key}]]\nfrom = {since}\nvalue = {value}\nreason = "another reading"\n'
    path.write_text(f'id = "own"\nextends = "mk"\n{entry}', encoding="utf-8")
    return load_aid_rules(path)


# --- CAMMK ----------------------------------------------------------------------------------------


def test_upkeep_over_civil_years() -> None:
    """From 1 January each contract year is a civil one: 4 000 each, paid the year after."""
    found = schedule(contract("CAMMK", "2025-01-01"))
    assert amounts(found, "aid") == [(2026, "4000.00"), (2027, "4000.00"), (2028, "4000.00")]
    assert [line.due for line in found.lines] == [date(year, 4, 30) for year in (2026, 2027, 2028)]
    assert {line.timing for line in found.lines} == {"before"}
    assert days(found) == [("2027-12-31", "term, last day of the contract")]
    assert found.net == Decimal("12000.00")


def test_upkeep_from_the_middle_of_a_year() -> None:
    """Signed on 15 September 2025.

    Days of 2025: 16 + 31 + 30 + 31 = 108. Contract years 1 and 2 have 365 days, year 3 has 366
    (29 February 2028).
    2025: 4 000 x 108/365 = 1 183.56
    2026: (4 000 - 1 183.56) + 1 183.56 = 4 000.00
    2027: (4 000 - 1 183.56) + 4 000 x 108/366 = 2 816.44 + 1 180.33 = 3 996.77
    2028: 4 000 - 1 180.33 = 2 819.67
    """
    found = schedule(contract("CAMMK", "2025-09-15"))
    assert amounts(found, "aid") == [
        (2026, "1183.56"),
        (2027, "4000.00"),
        (2028, "3996.77"),
        (2029, "2819.67"),
    ]
    assert found.paid == Decimal("12000.00")
    assert found.terms == (period("2025-09-15", "2028-09-14"),)


def test_upkeep_with_uplift() -> None:
    """The same with 20 %, 800 a contract year.

    2025: 800 x 108/365 = 236.71; 2026: 800.00; 2027: 563.29 + 800 x 108/366 (236.07) = 799.36;
    2028: 800 - 236.07 = 563.93; together 2 400.00.
    """
    found = schedule(contract("CAMMK", "2025-09-15", uplift=True))
    expected = [(2026, "236.71"), (2027, "800.00"), (2028, "799.36"), (2029, "563.93")]
    assert amounts(found, "uplift") == expected
    assert found.paid == Decimal("14400.00")


def test_upkeep_signed_on_29_february() -> None:
    """The anniversary of 29 February 2024 is 1 March, the last day 28 February 2027.

    Year 1: 366 days, of which 307 in 2024: 4 000 x 307/366 = 3 355.19
    Year 2: 365 days from 1 March 2025, of which 306 in 2025: 3 353.42; year 3 the same.
    2025: 644.81 + 3 353.42 = 3 998.23; 2026: 646.58 + 3 353.42 = 4 000.00; 2027: 646.58
    """
    found = schedule(contract("CAMMK", "2024-02-29"))
    assert amounts(found, "aid") == [
        (2025, "3355.19"),
        (2026, "3998.23"),
        (2027, "4000.00"),
        (2028, "646.58"),
    ]
    assert found.ran == period("2024-02-29", "2027-02-28")
    assert any("[contract.leap_anniversary]" in note.text for note in found.notes)


def test_the_eve_as_anniversary_of_29_february(tmp_path: Path) -> None:
    """Read so, year 1 ends on 27 February 2025 and the contract on 27 February 2027."""
    rules = ruled(tmp_path, "contract.leap_anniversary", '"28_february"')
    found = schedule(contract("CAMMK", "2024-02-29"), rules)
    assert found.ran == period("2024-02-29", "2027-02-27")
    assert found.paid == Decimal("12000.00")


def test_upkeep_ended_by_the_practitioner() -> None:
    """Letter received on 10 June 2026: last day 9 June, nothing is owed back.

    2025: 108 days, 1 183.56. 2026: 31 + 28 + 31 + 30 + 31 + 9 = 160 days; up to then
    4 000 x 268/365 = 2 936.99, of it in 2026 2 936.99 - 1 183.56 = 1 753.43.
    """
    found = schedule(
        contract("CAMMK", "2025-09-15", termination=ended("practitioner", "2026-06-10"))
    )
    assert amounts(found, "aid") == [(2026, "1183.56"), (2027, "1753.43")]
    assert found.taken_back == 0
    assert found.ran.last == date(2026, 6, 9)
    assert days(found) == [("2026-06-10", "termination by the practitioner; last day 2026-06-09")]


def test_upkeep_paid_in_advance_and_ended_by_the_caisse() -> None:
    """4 000 and 800 were paid for a year of which 181 of 365 days ran, up to 14 March 2026.

    Earned 4 000 x 181/365 = 1 983.56, back 2 016.44 = 4 000 x 184/365.
    Uplift 800 x 181/365 = 396.71, back 403.29. Kept: 1 983.56 + 396.71 = 2 380.27
    """
    found = schedule(
        contract(
            "CAMMK",
            "2025-09-15",
            uplift=True,
            paid=(paid("2025-10-01", "4000"), paid("2025-10-01", "800", "uplift")),
            termination=ended("caisse", "2026-03-15"),
        )
    )
    back = [(line.amount, line.rule.key) for line in found.lines if line.kind == "recovery"]
    assert back == [
        (Decimal("-2016.44"), "termination.caisse"),
        (Decimal("-403.29"), "termination.uplift"),
    ]
    assert amounts(found, "listed") == [(2025, "4000.00"), (2025, "800.00")]
    assert amounts(found, "aid", "uplift", "arrears") == []
    assert (found.paid, found.net) == (Decimal("4800.00"), Decimal("2380.27"))
    assert found.totals[1].taken_back == Decimal("-2419.73")


def test_what_was_paid_of_what_was_earned_is_kept() -> None:
    """1 183.56 for 2025, paid in April 2026, was earned."""
    case = contract(
        "CAMMK",
        "2025-09-15",
        paid=(paid("2026-04-20", "1183.56"),),
        termination=ended("practitioner", "2026-06-10"),
    )
    found = schedule(case)
    assert found.taken_back == 0
    assert "by_analogy" not in codes(found)


def test_upkeep_renewed() -> None:
    """A renewal that begins on 1 January 2028 is followed from that day on, not before."""
    case = contract("CAMMK", "2025-01-01")
    assert schedule(case, until=date(2027, 12, 31)).paid == Decimal("12000.00")
    found = schedule(case, until=date(2028, 1, 1))
    assert amounts(found, "aid") == [(year, "4000.00") for year in range(2026, 2032)]
    assert days(found) == [
        ("2028-01-01", "tacit renewal"),
        ("2030-12-31", "term, last day of the contract"),
    ]


def test_a_trainee_of_a_later_year_tells_of_a_renewal() -> None:
    """3 whole months of 2029: 900."""
    trainee = Trainee(period("2029-01-01", "2029-03-31"), 5)
    found = schedule(contract("CAMMK", "2025-01-01", trainees=(trainee,)))
    assert len(found.terms) == 2
    assert amounts(found, "trainee") == [(2030, "900.00")]


def test_a_payment_of_a_later_year_tells_of_a_renewal() -> None:
    """What is paid in 2030 is for 2029 at the earliest; the first term ended with 2027."""
    case = contract("CAMMK", "2025-01-01", paid=(paid("2030-04-02", "4000"),))
    assert len(schedule(case).terms) == 2


def test_a_termination_in_a_renewal() -> None:
    """On 1 July 2028: 182 of the 366 days of 2028, 4 000 x 182/366 = 1 989.07."""
    case = contract("CAMMK", "2025-01-01", termination=ended("practitioner", "2028-07-01"))
    found = schedule(case)
    assert amounts(found, "aid")[-1] == (2029, "1989.07")
    assert found.paid == Decimal("13989.07")
    assert days(found)[0] == ("2028-01-01", "tacit renewal")


def test_the_zone_leaves_and_the_contract_runs_to_its_term() -> None:
    """Signed on 10 January 2023, the zone leaves on 1 November 2024: the term is 9 January 2026.

    2023: 356 of 365 days, 3 901.37; then 4 000 - 3 901.37 = 98.63 of each contract year.
    2024: 98.63 + 4 000 x 357/366 (3 901.64) = 4 000.27; 2025: 98.36 + 3 901.37 = 3 999.73
    2026: 98.63
    """
    case = contract(
        "CAMMK", "2023-01-10", zone_changes=(ZoneChange(date(2024, 11, 1), "sous_dotee"),)
    )
    found = schedule(case, until=date(2035, 1, 1))
    assert amounts(found, "aid") == [
        (2024, "3901.37"),
        (2025, "4000.27"),
        (2026, "3999.73"),
        (2027, "98.63"),
    ]
    assert days(found) == [
        ("2026-01-09", "term, last day of the contract"),
        ("2026-01-10", "no renewal: the zone is sous_dotee"),
    ]
    assert "zone_left" in codes(found)
    assert schedule(case).events == found.events


def test_a_zone_that_comes_back_lets_the_contract_be_renewed() -> None:
    changes = (ZoneChange(date(2027, 6, 1), TSD), ZoneChange(date(2026, 11, 1), "sous_dotee"))
    found = schedule(contract("CAMMK", "2025-01-01", zone_changes=changes), until=date(2028, 1, 1))
    assert len(found.terms) == 2


def test_a_renewal_outside_the_zone_where_one_reads_so(tmp_path: Path) -> None:
    rules = ruled(tmp_path, "CAMMK.renewal_outside_zone", '"yes"')
    change = ZoneChange(date(2026, 11, 1), "sous_dotee")
    found = schedule(
        contract("CAMMK", "2025-01-01", zone_changes=(change,)), rules, until=date(2028, 1, 1)
    )
    assert len(found.terms) == 2


def test_a_contract_of_before_avenant_7_is_not_renewed_after() -> None:
    """A zone sous dotée opened the right in 2022, and no longer does in 2025."""
    found = schedule(contract("CAMMK", "2022-09-15", zone="sous_dotee"), until=date(2030, 1, 1))
    assert days(found)[-1] == ("2025-09-15", "no renewal: the zone is sous_dotee")
    assert found.paid == Decimal("12000.00")


def test_upkeep_by_civil_year_where_one_reads_so(tmp_path: Path) -> None:
    """4 000 x 108/365 = 1 183.56; 4 000; 4 000; 4 000 x 258/366 = 2 819.67."""
    rules = ruled(tmp_path, "CAMMK.accrual", '"civil_year"')
    found = schedule(contract("CAMMK", "2025-09-15"), rules)
    expected = [(2026, "1183.56"), (2027, "4000.00"), (2028, "4000.00"), (2029, "2819.67")]
    assert amounts(found, "aid") == expected


def test_the_contract_wins_over_the_page_that_contradicts_it() -> None:
    texts = [note.text for note in schedule(contract("CAMMK", "2025-01-01")).notes if note.warning]
    assert len(texts) == 2
    assert "« renouvelable tacitement »" in texts[0]
    assert "« 3 ans non renouvelable »: the contract wins" in texts[0]
    assert "chaque année du contrat" in texts[1]


# --- CACCMK and CAIMK -----------------------------------------------------------------------------


def test_creation_with_full_activity() -> None:
    """30 000 at signature in 2024, 9 000 in 2026, 5 000 in 2027 and in 2028: 49 000."""
    found = schedule(contract("CACCMK", "2024-11-04", acts=(2000, 3000, 3000, 3000)))
    assert amounts(found, "aid") == [
        (2024, "30000.00"),
        (2026, "9000.00"),
        (2027, "5000.00"),
        (2028, "5000.00"),
    ]
    assert found.lines[0].due == date(2024, 11, 4)
    assert found.net == Decimal("49000.00")
    assert found.ran == period("2024-11-04", "2029-11-03")
    assert days(found) == [("2029-11-03", "term, last day of the contract")]


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
def test_activity_at_the_bounds(acts: tuple[int, int], back: str | None, second: str) -> None:
    found = schedule(contract("CACCMK", "2024-11-04", acts=acts))
    assert amounts(found, "settlement") == ([] if back is None else [(2026, back)])
    assert amounts(found, "aid")[:2] == [(2024, "30000.00"), (2026, second)]
    assert [line.at_most for line in found.lines if line.kind == "aid"] == [
        False,
        False,
        True,
        True,
    ]


def test_cents_are_rounded_half_up() -> None:
    """5 000 x 2 999/3 000 = 4 998.333; 5 000 x 1 501/3 000 = 2 501.666."""
    found = schedule(contract("CACCMK", "2024-11-04", acts=(2000, 3000, 2999, 1501)))
    assert amounts(found, "aid")[2:] == [(2027, "4998.33"), (2028, "2501.67")]


def test_installation_settled_for_its_first_year() -> None:
    """1 800 acts of 2 000 in year 1: 15 000 x 1/10 back in 2027. 2 400 of 3 000: 7 200.

    Uplift of 20 %: 3 000 at signature, 300 of it back, 1 440 in 2027, at most 1 000 twice.
    """
    found = schedule(contract("CAIMK", "2025-02-03", acts=(1800, 2400), uplift=True))
    assert amounts(found, "aid") == [
        (2025, "15000.00"),
        (2027, "7200.00"),
        (2028, "5000.00"),
        (2029, "5000.00"),
    ]
    assert amounts(found, "uplift") == [
        (2025, "3000.00"),
        (2027, "1440.00"),
        (2028, "1000.00"),
        (2029, "1000.00"),
    ]
    assert amounts(found, "settlement") == [(2027, "-1500.00"), (2027, "-300.00")]
    assert {line.due for line in found.lines if line.year == 2027} == {date(2027, 4, 30)}


def test_the_first_payment_kept_where_one_reads_so(tmp_path: Path) -> None:
    rules = ruled(tmp_path, "CAIMK.first_payment_activity", '"kept"')
    found = schedule(contract("CAIMK", "2025-02-03", acts=(1800,)), rules)
    assert found.taken_back == 0


def test_acts_that_are_not_known_yet() -> None:
    found = schedule(contract("CAIMK", "2025-02-03"))
    assert found.paid == Decimal("34000.00")
    assert [line.at_most for line in found.lines] == [False, True, True, True]
    assert {"at_most", "by_analogy", "silent", "secondary"} <= codes(found)


def test_installation_ended_by_the_caisse() -> None:
    """Signed on 1 January 2024, ended on 1 July 2026.

    Days of the contract: 366 + 365 + 365 + 365 + 366 = 1 827. From 1 July 2026 to the term, both
    included: 184 + 365 + 366 = 915. Paid before: 15 000 and, by 30 April 2026, 9 000.
    Back: 24 000 x 915/1827 = 12 019.70
    """
    found = schedule(contract("CAIMK", "2024-01-01", termination=ended("caisse", "2026-07-01")))
    assert amounts(found, "aid") == [(2024, "15000.00"), (2026, "9000.00")]
    assert amounts(found, "recovery") == [(2026, "-12019.70")]
    assert "not_made" in codes(found)
    assert found.lines[-1].what == "aid of 24000.00 EUR, for 915 of 1827 days that remained"


def test_what_was_listed_as_paid_counts_in_place_of_the_calendar() -> None:
    """The second payment never came: 24 000 x 915/1827 = 12 019.70, so that 11 980.30 stay.

    Of the 15 000 paid 3 019.70 go back; where nothing was paid, 11 980.30 are owed.
    """
    case = contract(
        "CAIMK",
        "2024-01-01",
        paid=(paid("2024-02-01", "15000"),),
        termination=ended("caisse", "2026-07-01"),
    )
    found = schedule(case)
    assert amounts(found, "recovery") == [(2026, "-3019.70")]
    assert amounts(found, "listed") == [(2024, "15000.00")]
    assert amounts(found, "aid") == []
    assert found.net == Decimal("11980.30")
    nothing = schedule(replace(case, paid=()))
    assert (nothing.net, nothing.taken_back) == (Decimal("11980.30"), 0)
    (line,) = nothing.lines
    assert (line.kind, line.due, line.at_most) == ("arrears", date(2026, 7, 1), True)


@pytest.mark.parametrize(
    ("on", "made"), [("2026-04-29", 1), ("2026-04-30", 2), ("2024-01-01", 0), ("2024-01-02", 1)]
)
def test_what_is_due_before_a_day_has_been_paid_on_it(on: str, made: int) -> None:
    found = schedule(contract("CAIMK", "2024-01-01", termination=ended("caisse", on)))
    assert len(amounts(found, "aid")) == made


def test_creation_ended_by_the_practitioner_before_the_settlement() -> None:
    """Signed on 1 January 2025, ended on 1 March 2026; 1 000 acts in year 1.

    The settlement, 30 000 x 1/2, comes with the termination. Of the 15 000 that stay, back
    for the days that remained: 1 826 days in all (366 in 2028), 306 + 365 + 366 + 365 = 1 402 left:
    15 000 x 1402/1826 = 11 516.98. Kept: 30 000 - 15 000 - 11 516.98 = 3 483.02
    """
    found = schedule(
        contract(
            "CACCMK", "2025-01-01", acts=(1000,), termination=ended("practitioner", "2026-03-01")
        )
    )
    assert amounts(found, "settlement") == [(2026, "-15000.00")]
    assert amounts(found, "recovery") == [(2026, "-11516.98")]
    assert found.net == Decimal("3483.02")


def test_a_settlement_at_the_termination_is_taken_off_what_was_listed() -> None:
    """The case above with the first payment and its uplift of 6 000 listed.

    Uplift: 3 000 settled, then 3 000 x 1402/1826 = 2 303.40. Back: 15 000 + 11 516.98, 3 000 +
    2 303.40.
    """
    case = contract(
        "CACCMK",
        "2025-01-01",
        acts=(1000,),
        uplift=True,
        paid=(paid("2025-02-01", "30000"), paid("2025-02-01", "6000", "uplift")),
        termination=ended("practitioner", "2026-03-01"),
    )
    found = schedule(case)
    assert amounts(found, "settlement") == []
    assert amounts(found, "recovery") == [(2026, "-26516.98"), (2026, "-5303.40")]
    assert found.net == schedule(replace(case, paid=None)).net


def test_a_settlement_that_came_before_is_in_what_was_listed() -> None:
    """1 800 acts: 1 500 back with the 9 000 of 2026, of which 7 500 were paid.

    15 000 + 7 500 = 22 500; x 915/1827 = 11 268.47 back; kept 11 231.53.
    """
    case = contract(
        "CAIMK",
        "2024-01-01",
        acts=(1800,),
        paid=(paid("2024-02-01", "15000"), paid("2026-04-02", "7500")),
        termination=ended("caisse", "2026-07-01"),
    )
    found = schedule(case)
    assert amounts(found, "listed") == [(2024, "15000.00"), (2026, "7500.00")]
    assert amounts(found, "settlement") == []
    assert found.net == Decimal("11231.53")
    assert schedule(replace(case, paid=None)).net == found.net


def test_what_was_paid_is_set_beside_what_was_due() -> None:
    found = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2026-04-30", "1183.56"),)))
    (note,) = (note for note in found.notes if note.code == "paid")
    assert not note.warning
    assert note.text.startswith("1183.56 EUR are listed as paid up to 2026-04-30; 1183.56 were due")
    assert amounts(found, "listed") == [(2026, "1183.56")]
    early = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2026-04-29", "1183.56"),)))
    assert not any(note.warning for note in early.notes if note.code == "paid")
    assert amounts(early, "aid") == amounts(found, "aid") != []
    late = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2026-05-02", "1000"),)))
    assert any(note.warning for note in late.notes if note.code == "paid")
    assert amounts(late, "listed", "arrears") == [(2026, "1000.00"), (2026, "183.56")]


def test_what_is_paid_before_its_day_covers_the_next_payments() -> None:
    """5 000 in October 2025: 1 183.56 for 2025 and 3 816.44 of the 4 000 for 2026."""
    found = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2025-10-01", "5000"),)))
    assert amounts(found, "aid") == [(2027, "183.56"), (2028, "3996.77"), (2029, "2819.67")]
    assert found.lines[1].what.endswith("; 3816.44 of 4000.00 EUR paid already")
    assert found.net == 12_000
    found = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2025-10-01", "12000.01"),)))
    assert amounts(found, "listed", "aid", "recovery") == [(2025, "12000.01"), (2025, "-0.01")]


def test_payments_before_a_settlement_take_its_day_together() -> None:
    """9 000 less 1 500 are due on 30 April 2026; 7 000 came, 500 are left of the day."""
    case = contract("CAIMK", "2024-01-01", acts=(1800, 3000))
    whole = replace(case, paid=(paid("2024-02-01", "15000"), paid("2026-04-02", "7500")))
    assert amounts(schedule(whole), "aid", "settlement") == [(2027, "5000.00"), (2028, "5000.00")]
    part = replace(case, paid=(paid("2024-02-01", "15000"), paid("2026-04-02", "7000")))
    assert amounts(schedule(part), "aid", "settlement")[:2] == [
        (2026, "2000.00"),
        (2026, "-1500.00"),
    ]
    assert schedule(whole).net == schedule(part).net == schedule(case).net


def test_lines_of_payments_listed_are_those_that_were_made() -> None:
    """A CAIMK of 3 February 2025 ended on 1 December 2027, of which one payment was made.

    Days: 1 826, of them 795 left (31 + 366 + 365 + 33). Due: 15 000 - 1 500 + 7 200 = 20 700,
    less 20 700 x 795/1826 = 9 012.32: 11 687.68. So 3 312.32 of 15 000 go back; of the uplift
    4 140 x 1031/1826 = 2 337.54 stay, 662.46 of 3 000 go back.
    """
    case = contract(
        "CAIMK",
        "2025-02-03",
        acts=(1800, 2400),
        uplift=True,
        paid=(paid("2025-02-20", "15000"), paid("2025-02-20", "3000", "uplift")),
        termination=ended("caisse", "2027-12-01"),
    )
    found = schedule(case)
    assert [(line.due.isoformat(), line.kind, str(line.amount)) for line in found.lines] == [
        ("2025-02-20", "listed", "15000.00"),
        ("2025-02-20", "listed", "3000.00"),
        ("2027-12-01", "recovery", "-3312.32"),
        ("2027-12-01", "recovery", "-662.46"),
    ]
    assert [(total.year, total.paid) for total in found.totals] == [(2025, 18_000), (2027, 0)]


def test_what_was_paid_already_is_not_announced() -> None:
    """Signed on 1 July 2024: 184 of 365 days in 2024, 2 016.44 due in 2025.

    Up to 14 October 2025 another 1 983.56 + 4 000 x 106/365 (1 161.64) = 3 145.20 are earned, and
    4 000 were paid: 854.80 go back.
    """
    case = contract(
        "CAMMK",
        "2024-07-01",
        paid=(paid("2025-04-30", "2016.44"), paid("2025-09-01", "4000")),
        termination=ended("caisse", "2025-10-15"),
    )
    found = schedule(case)
    assert [(line.due.isoformat(), line.kind, str(line.amount)) for line in found.lines] == [
        ("2025-04-30", "listed", "2016.44"),
        ("2025-09-01", "listed", "4000.00"),
        ("2025-10-15", "recovery", "-854.80"),
    ]


def test_what_was_due_and_not_paid_is_owed_after_the_end() -> None:
    """39 000 were due: 39 000 x 836/1826 = 17 855.42 stay, whatever was paid of them.

    A CAMMK: 2 016.44 + 4 000 were due, and what 2026 earned is due in 2027 as ever.
    """
    case = contract(
        "CACCMK",
        "2024-07-01",
        acts=(2000, 3000),
        paid=(),
        termination=ended("practitioner", "2026-10-15"),
    )
    (line,) = schedule(case).lines
    assert (line.kind, line.amount, line.due) == (
        "arrears",
        Decimal("17855.42"),
        date(2026, 10, 15),
    )
    assert "0.00 EUR paid, 17855.42 due (21144.58 taken off aid of 39000.00" in line.what
    upkeep = schedule(replace(case, kind="CAMMK", acts=()))
    assert amounts(upkeep, "arrears") == [(2026, "6016.44")]
    assert [year for year, _ in amounts(upkeep, "aid")] == [2027]


def test_no_term_follows_a_termination() -> None:
    case = contract("CAMMK", "2025-01-01", termination=ended("caisse", "2026-07-01"))
    assert len(schedule(case, until=date(2040, 1, 1)).terms) == 1


def test_payments_listed_as_none_leave_the_calendar() -> None:
    case = contract("CAMMK", "2025-09-15")
    assert schedule(replace(case, paid=())).lines == schedule(case).lines


def test_nothing_is_taken_back_where_one_reads_so(tmp_path: Path) -> None:
    rules = ruled(tmp_path, "CAIMK.recovery", '"none"')
    case = contract("CAIMK", "2024-01-01", termination=ended("caisse", "2026-07-01"))
    assert schedule(case, rules).net == Decimal("24000.00")


def test_a_year_cut_short_is_told() -> None:
    case = contract(
        "CAIMK", "2024-01-01", acts=(2000, 700), termination=ended("caisse", "2025-07-01")
    )
    assert "cut_short" in codes(schedule(case))


def test_acts_of_the_fifth_year_change_nothing() -> None:
    found = schedule(contract("CAIMK", "2024-01-01", acts=(2000, 3000, 3000, 3000, 10)))
    assert found.net == Decimal("34000.00")
    assert "unused_acts" in codes(found)


def test_installation_signed_on_29_february() -> None:
    """Of 29 February 2024 the fifth anniversary is 1 March 2029: 1 827 days."""
    found = schedule(contract("CAIMK", "2024-02-29"))
    assert found.ran == period("2024-02-29", "2029-02-28")
    assert found.ran.days == 1827
    assert [line.year for line in found.lines] == [2024, 2026, 2027, 2028]


def test_the_zone_of_a_flat_contract_leaves() -> None:
    change = ZoneChange(date(2025, 11, 1), "intermediaire")
    found = schedule(contract("CAIMK", "2024-01-01", zone_changes=(change,)))
    assert found.paid == Decimal("34000.00")
    note = next(note for note in found.notes if note.code == "zone_left")
    assert "those of CACCMK and CAIMK were not read" in note.text


# --- trainees -------------------------------------------------------------------------------------


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
    found = schedule(contract(kind, signed, trainees=(trainee,), uplift=True))
    assert amounts(found, "trainee") == expected


def test_a_trainee_stays_paid_up_to_the_termination() -> None:
    """Ended on 16 February 2026: January and 15/28 of February, 300 x (1 + 15/28) = 460.71."""
    trainee = Trainee(period("2026-01-01", "2026-03-31"), 5)
    case = contract(
        "CAIMK", "2025-01-01", trainees=(trainee,), termination=ended("caisse", "2026-02-16")
    )
    found = schedule(case)
    assert amounts(found, "trainee") == [(2027, "460.71")]
    assert "44 days of trainee 1 lie outside the contract" in str(found.notes)


# --- procedure of the caisse ----------------------------------------------------------------------


def procedure(**views: bool) -> list[tuple[str, str]]:
    """Return the deadlines after a letter of 31 January 2027."""
    letter = Procedure(date(2027, 1, 31), **views)
    case = contract("CAMMK", "2026-01-01", termination=ended("caisse", "2027-12-01", letter))
    return [day for day in days(schedule(case)) if "termination by" not in day[1]]


def test_deadlines_of_the_procedure() -> None:
    """31 January and a month: 28 February. Then 30 days: 30 March; 15 days: 14 April."""
    assert procedure() == [("2027-02-28", "practitioner's observations")]
    assert procedure(answered=False)[1:] == [
        (
            "2027-02-28",
            "no observations: the caisse may notify the termination from the next day on",
        )
    ]
    assert procedure(answered=True)[1:] == [
        ("2027-03-30", "opinion of the CPD, deemed given after"),
        ("2027-04-14", "decision of the caisse, where the CPD is of its view"),
    ]
    assert procedure(answered=True) == procedure(answered=True, cpd_agrees=True)


def test_deadlines_where_the_cpd_differs() -> None:
    """CPN seized by 14 April; 30 days: 14 May. Same view: a month from 14 April, then 15 days.

    Other view: 15 days to 29 May, 30 days to 28 June, 15 days to 13 July, 15 days to 28 July.
    """
    differs = procedure(answered=True, cpd_agrees=False)
    assert differs[2:] == [
        ("2027-04-14", "CPN seized by the caisse"),
        ("2027-05-14", "opinion of the CPN, deemed that of the caisse after"),
    ]
    assert procedure(answered=True, cpd_agrees=False, cpn_agrees=True)[4:] == [
        ("2027-05-14", "opinion of the CPN, of the same view, sent to the caisse"),
        ("2027-05-29", "decision of the caisse"),
    ]
    assert procedure(answered=True, cpd_agrees=False, cpn_agrees=False)[4:] == [
        ("2027-05-29", "director general of the UNCAM asked by the CPN"),
        ("2027-06-28", "opinion of the UNCAM"),
        ("2027-07-13", "both opinions sent to the caisse"),
        ("2027-07-28", "decision of the caisse"),
    ]


def test_a_termination_before_observations_are_in_is_told() -> None:
    letter = Procedure(date(2026, 6, 1))
    for on, told in (("2026-07-01", True), ("2026-07-02", False)):
        case = contract("CAMMK", "2026-01-01", termination=ended("caisse", on, letter))
        assert ("too_early" in codes(schedule(case))) == told


# --- what holds for every contract ----------------------------------------------------------------


@st.composite
def contracts(
    draw: st.DrawFn, *, kinds: tuple[str, ...] = ("CACCMK", "CAIMK", "CAMMK")
) -> Contract:
    kind = draw(st.sampled_from(kinds))
    leaps = [date(2020, 2, 29), date(2024, 2, 29), date(2028, 2, 29)]
    signed = draw(st.dates(date(2018, 2, 8), date(2032, 12, 31)) | st.sampled_from(leaps))
    length = 3 if kind == "CAMMK" else 5
    years = 0 if kind == "CAMMK" else draw(st.integers(0, 5))
    acts = tuple(draw(st.integers(0, 4000)) for _ in range(years))
    trainees = []
    for _ in range(draw(st.integers(0, 2))):
        first = signed + timedelta(draw(st.integers(0, 300)))
        last = first + timedelta(draw(st.integers(0, 500)))
        share = Fraction(draw(st.integers(1, 10)), 10)
        trainees.append(Trainee(Period(first, last), draw(st.sampled_from([4, 5])), share))
    return Contract(
        kind,
        signed,
        zone=TSD,
        uplift=draw(st.booleans()),
        acts=acts[:length],
        trainees=tuple(trainees),
    )


@given(contracts())
def test_payments_are_never_negative_and_add_up(case: Contract) -> None:
    found = schedule(case, RULES)
    assert all(
        (line.amount <= 0) == (line.kind in ("settlement", "recovery")) or line.amount == 0
        for line in found.lines
    )
    assert found.net == sum(total.net for total in found.totals) >= 0
    assert all(line.amount.as_tuple().exponent == -2 for line in found.lines)
    assert [line.due for line in found.lines] == sorted(line.due for line in found.lines)


@given(contracts(kinds=("CAMMK",)), st.integers(0, 3))
def test_upkeep_adds_up_to_the_cent(case: Contract, renewals: int) -> None:
    until = case.signed + timedelta(1096 * renewals)
    found = schedule(case, RULES, until=until)
    terms = len(found.terms)
    aid = sum(line.amount for line in found.lines if line.kind == "aid")
    uplift = sum(line.amount for line in found.lines if line.kind == "uplift")
    assert terms == renewals + 1
    assert aid == 12_000 * terms
    assert uplift == (2_400 * terms if case.uplift else 0)


@given(contracts(kinds=("CAMMK",)), st.integers(1, 1094))
def test_what_is_rounded_off_a_civil_year_comes_with_the_next(case: Contract, after: int) -> None:
    """Up to the termination each contract year gives its days, rounded once."""
    on = case.signed + timedelta(after)
    trainees = tuple(t for t in case.trainees if t.period.first < on)
    ending = replace(case, trainees=trainees, termination=Termination("practitioner", on))
    found = schedule(ending, RULES)
    aid = sum(line.amount for line in found.lines if line.kind == "aid")
    number = on.year - case.signed.year
    first = _anniversary(case.signed, number)
    if first > on:
        number, first = number - 1, _anniversary(case.signed, number - 1)
    whole = (_anniversary(case.signed, number + 1) - first).days
    exact = 4000 * number + Fraction(4000 * (on - first).days, whole)
    assert abs(Fraction(aid) - exact) <= Fraction(1, 200)


def _anniversary(signed: date, years: int) -> date:
    try:
        return signed.replace(year=signed.year + years)
    except ValueError:
        return date(signed.year + years, 3, 1)


@given(contracts(), st.integers(0, 1094), st.sampled_from(["practitioner", "caisse"]))
def test_ending_never_pays_more_than_running_on(case: Contract, after: int, by: str) -> None:
    on = case.signed + timedelta(after)
    begun = sum(_anniversary(case.signed, number) < on for number in range(5))
    case = replace(
        case,
        acts=case.acts[:begun],
        trainees=tuple(t for t in case.trainees if t.period.first < on),
    )
    found = schedule(replace(case, termination=Termination(by, on)), RULES)
    assert 0 <= found.net <= schedule(case, RULES).net


@st.composite
def payments(draw: st.DrawFn, case: Contract, days: int) -> tuple[Payment, ...]:
    kinds = st.sampled_from(["aid", "uplift"] if case.uplift else ["aid"])
    found = st.builds(
        Payment,
        st.integers(0, days).map(lambda after: case.signed + timedelta(after)),
        st.integers(0, 4_000_000).map(lambda cents: Decimal(cents) / 100),
        kinds,
    )
    return tuple(draw(st.lists(found, max_size=4)))


@given(contracts(), st.integers(1, 1094), st.data())
def test_what_is_kept_at_the_end_hangs_on_no_payment(
    case: Contract, after: int, data: st.DataObject
) -> None:
    """Whatever was paid when, each payment has its line, and what is kept is what is due."""
    on = case.signed + timedelta(after)
    ending = Termination(data.draw(st.sampled_from(["practitioner", "caisse"])), on)
    case = replace(case, acts=case.acts[:1], trainees=(), termination=ending)
    listed = data.draw(payments(case, after - 1))
    found = schedule(replace(case, paid=listed), RULES)
    check_same_whole(case, listed, found)
    assert all(line.due > on for line in found.lines if line.kind in ("aid", "uplift"))


@given(contracts(), st.data())
def test_what_is_due_without_an_end_hangs_on_no_payment(
    case: Contract, data: st.DataObject
) -> None:
    listed = data.draw(payments(case, 1000))
    check_same_whole(case, listed, schedule(replace(case, paid=listed), RULES))


def check_same_whole(case: Contract, listed: tuple[Payment, ...], found: Schedule) -> None:
    assert found.net == schedule(case, RULES).net
    lines = [(line.due, line.amount, line.money) for line in found.lines if line.kind == "listed"]
    assert sorted(lines) == sorted((p.on, p.amount, p.kind) for p in listed)
    assert sum(total.net for total in found.totals) == found.net
    owed = [line for line in found.lines if line.kind == "arrears"]
    assert all(line.amount > 0 for line in owed)
    assert len(owed) <= 1 + case.uplift


def test_a_contract_may_follow_one_that_has_ended() -> None:
    earlier = Earlier("CAIMK", period("2019-05-02", "2024-05-01"))
    found = schedule(contract("CAMMK", "2024-05-02", earlier=(earlier,)))
    assert any("[CAMMK.may_follow]" in note.text for note in found.notes)
