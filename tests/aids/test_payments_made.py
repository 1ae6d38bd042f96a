"""Payments listed in a contract, in place of the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from support.contracts import (
    RULES,
    amounts,
    anniversary,
    contract,
    contracts,
    ended,
    notes,
    paid,
)

from apl_engine.aids import Contract, Payment, Schedule, Termination, schedule
from apl_engine.aids.contract import SIDES


def test_a_cammk_paid_in_advance_and_ended_by_the_caisse() -> None:
    """4 000 and 800 were paid; 181 of 1 096 days ran, up to 14 March 2026, and 915 remained.

    Back 4 000 x 915/1096 = 3 339.42 and 800 x 915/1096 = 667.88: 4 007.30. Kept: 792.70
    """
    result = schedule(
        contract(
            "CAMMK",
            "2025-09-15",
            uplift=True,
            paid=(paid("2025-10-01", "4000"), paid("2025-10-01", "800", "uplift")),
            termination=ended("caisse", "2026-03-15"),
        )
    )
    back = [(line.amount, line.rule.key) for line in result.lines if line.kind == "recovery"]
    assert back == [
        (Decimal("-3339.42"), "termination.caisse"),
        (Decimal("-667.88"), "termination.uplift"),
    ]
    assert amounts(result, "listed") == [(2025, "4000.00"), (2025, "800.00")]
    assert amounts(result, "aid", "uplift", "arrears") == []
    assert (result.paid, result.net) == (Decimal("4800.00"), Decimal("792.70"))
    assert result.totals[1].taken_back == Decimal("-4007.30")


def test_what_was_earned_is_not_taken_back() -> None:
    """1 183.56 for 2025, paid in April 2026, was earned."""
    case = contract(
        "CAMMK",
        "2025-09-15",
        paid=(paid("2026-04-20", "1183.56"),),
        termination=ended("practitioner", "2026-06-10"),
    )
    result = schedule(case)
    assert result.taken_back == 0
    assert "by_analogy" not in notes(result)


def test_listed_payments_replace_the_calendar() -> None:
    """The second payment was not made: 24 000 x 915/1827 = 12 019.70, so that 11 980.30 remain.

    Of the 15 000 paid 3 019.70 are taken back; if nothing was paid, 11 980.30 are owed.
    """
    case = contract(
        "CAIMK",
        "2024-01-01",
        paid=(paid("2024-02-01", "15000"),),
        termination=ended("caisse", "2026-07-01"),
    )
    result = schedule(case)
    assert amounts(result, "recovery") == [(2026, "-3019.70")]
    assert amounts(result, "listed") == [(2024, "15000.00")]
    assert amounts(result, "aid") == []
    assert result.net == Decimal("11980.30")
    nothing = schedule(replace(case, paid=()))
    assert (nothing.net, nothing.taken_back) == (Decimal("11980.30"), 0)
    (line,) = nothing.lines
    assert (line.kind, line.due, line.at_most) == ("arrears", date(2026, 7, 1), True)


def test_a_settlement_at_the_termination_reduces_listed_payments() -> None:
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
    result = schedule(case)
    assert amounts(result, "settlement") == []
    assert amounts(result, "recovery") == [(2026, "-26516.98"), (2026, "-5303.40")]
    assert result.net == schedule(replace(case, paid=None)).net


def test_an_earlier_settlement_is_included_in_listed_payments() -> None:
    """1 800 acts: 1 500 back with the 9 000 of 2026, of which 7 500 were paid.

    15 000 + 7 500 = 22 500; x 915/1827 = 11 268.47 taken back; 11 231.53 remain.
    """
    case = contract(
        "CAIMK",
        "2024-01-01",
        acts=(1800,),
        paid=(paid("2024-02-01", "15000"), paid("2026-04-02", "7500")),
        termination=ended("caisse", "2026-07-01"),
    )
    result = schedule(case)
    assert amounts(result, "listed") == [(2024, "15000.00"), (2026, "7500.00")]
    assert amounts(result, "settlement") == []
    assert result.net == Decimal("11231.53")
    assert schedule(replace(case, paid=None)).net == result.net


def test_payments_on_before_and_after_their_day() -> None:
    result = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2026-04-30", "1183.56"),)))
    assert amounts(result, "listed") == [(2026, "1183.56")]
    early = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2026-04-29", "1183.56"),)))
    assert amounts(early, "aid") == amounts(result, "aid") != []
    late = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2026-05-02", "1000"),)))
    assert amounts(late, "listed", "arrears") == [(2026, "1000.00"), (2026, "183.56")]


def test_what_is_paid_before_its_day_covers_the_next_payments() -> None:
    """5 000 in October 2025: 1 183.56 for 2025 and 3 816.44 of the 4 000 for 2026."""
    result = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2025-10-01", "5000"),)))
    assert amounts(result, "aid") == [(2027, "183.56"), (2028, "3996.77"), (2029, "2819.67")]
    assert result.lines[1].what.endswith("; 3816.44 of 4000.00 EUR paid already")
    assert result.net == 12_000
    result = schedule(contract("CAMMK", "2025-09-15", paid=(paid("2025-10-01", "12000.01"),)))
    assert amounts(result, "listed", "aid", "recovery") == [(2025, "12000.01"), (2025, "-0.01")]


def test_early_payments_cover_a_payment_net_of_its_settlement() -> None:
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


def test_a_caimk_of_which_one_payment_was_made() -> None:
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
    result = schedule(case)
    assert [(line.due.isoformat(), line.kind, str(line.amount)) for line in result.lines] == [
        ("2025-02-20", "listed", "15000.00"),
        ("2025-02-20", "listed", "3000.00"),
        ("2027-12-01", "recovery", "-3312.32"),
        ("2027-12-01", "recovery", "-662.46"),
    ]
    assert [(total.year, total.paid) for total in result.totals] == [(2025, 18_000), (2027, 0)]


def test_a_cammk_of_which_too_much_was_paid() -> None:
    """Signed on 1 July 2024: 184 of 365 days in 2024, 2 016.44 due in 2025.

    Up to 14 October 2025 another 1 983.56 + 4 000 x 106/365 (1 161.64) = 3 145.20 are earned, and
    4 000 were paid: the practitioner who ends it gives 854.80 back. For a breach, 624 of 1 095 days
    remained: 6 016.44 x 624/1095 = 3 428.55. Of 10 000 in place of the 4 000, no more than
    8 000 - 2 016.44 could be for the two contract years begun: 8 000 x 624/1095 = 4 558.90 and the
    4 016.44 beyond them.
    """
    payments = (paid("2025-04-30", "2016.44"), paid("2025-09-01", "4000"))
    for by, back in (("practitioner", "854.80"), ("caisse", "3428.55"), ("agency", "3428.55")):
        ending = ended(by, "2025-10-15")
        case = contract("CAMMK", "2024-07-01", paid=payments, termination=ending)
        lines = [(line.due.isoformat(), line.kind, line.amount) for line in schedule(case).lines]
        assert lines[:2] == [(p.on.isoformat(), "listed", p.amount) for p in payments]
        assert lines[2:] == [("2025-10-15", "recovery", -Decimal(back))]
    more = (payments[0], paid("2025-09-01", "10000"))
    result = schedule(replace(case, paid=more))
    assert result.taken_back == -(Decimal("4558.90") + Decimal("4016.44"))


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
    annual = schedule(replace(case, kind="CAMMK", acts=()))
    assert amounts(annual, "arrears") == [(2026, "6016.44")]
    assert [year for year, _ in amounts(annual, "aid")] == [2027]


def test_no_payment_listed_leaves_the_calendar() -> None:
    case = contract("CAMMK", "2025-09-15")
    assert schedule(replace(case, paid=())).lines == schedule(case).lines


@st.composite
def payments(draw: st.DrawFn, case: Contract, days: int) -> tuple[Payment, ...]:
    kinds = st.sampled_from(["aid", "uplift"] if case.uplift else ["aid"])
    result = st.builds(
        Payment,
        st.integers(0, days).map(lambda after: case.signed + timedelta(after)),
        st.integers(0, 4_000_000).map(lambda cents: Decimal(cents) / 100),
        kinds,
    )
    return tuple(draw(st.lists(result, max_size=4)))


@given(contracts(), st.integers(1, 1094), st.data())
def test_the_final_balance_does_not_depend_on_payments(
    case: Contract, after: int, data: st.DataObject
) -> None:
    """Each payment has its line, and the balance is what is due.

    A breach of a CAMMK takes back a part of what was paid for the year begun too.
    """
    on = case.signed + timedelta(after)
    sides = SIDES[:1] if case.kind == "CAMMK" else SIDES
    ending = Termination(data.draw(st.sampled_from(sides)), on)
    case = replace(case, acts=case.acts[:1], trainees=(), termination=ending)
    listed = data.draw(payments(case, after - 1))
    result = schedule(replace(case, paid=listed), RULES)
    check_same_balance(case, listed, result)
    assert all(line.due > on for line in result.lines if line.kind in ("aid", "uplift"))


@given(contracts(), st.data())
def test_the_balance_of_a_running_contract_does_not_depend_on_payments(
    case: Contract, data: st.DataObject
) -> None:
    listed = data.draw(payments(case, 1000))
    check_same_balance(case, listed, schedule(replace(case, paid=listed), RULES))


@given(contracts(kinds=("CAMMK",)), st.integers(1, 1094), st.data())
def test_a_breach_takes_back_a_part_of_what_was_paid(
    case: Contract, after: int, data: st.DataObject
) -> None:
    """What remained over the whole of: at least what was due, at most the years begun."""
    on = case.signed + timedelta(after)
    case = replace(case, trainees=(), uplift=False, termination=Termination("caisse", on))
    listed = data.draw(payments(case, after - 1))
    term = schedule(replace(case, termination=None), RULES).terms[0]
    whole, left = term.days, (term.last - on).days + 1
    due = schedule(replace(case, paid=None), RULES).paid
    begun = 4000 * sum(anniversary(case.signed, number) < on for number in range(3))
    made = min(max(sum(payment.amount for payment in listed), due), max(due, begun))
    kept = Fraction(made) * (whole - left) / whole
    assert abs(Fraction(schedule(replace(case, paid=listed), RULES).net) - kept) <= Fraction(1, 100)


def check_same_balance(case: Contract, listed: tuple[Payment, ...], result: Schedule) -> None:
    assert result.net == schedule(case, RULES).net
    lines = [(line.due, line.amount, line.money) for line in result.lines if line.kind == "listed"]
    assert sorted(lines) == sorted((p.on, p.amount, p.kind) for p in listed)
    assert sum(total.net for total in result.totals) == result.net
    owed = [line for line in result.lines if line.kind == "arrears"]
    assert all(line.amount > 0 for line in owed)
    assert len(owed) <= 1 + case.uplift
