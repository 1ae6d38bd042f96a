"""What a schedule reports beside its amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from support.contracts import RULES, contract, ended, notes, paid, period, silent_points

from apl_engine.aids import Earlier, Practice, Procedure, Trainee, ZoneChange, schedule


def test_the_contract_prevails_over_the_page_that_contradicts_it() -> None:
    warnings = [note for note in schedule(contract("CAMMK", "2025-01-01")).notes if note.warning]
    for note, key in zip(warnings, ("renewable", "yearly_amount"), strict=True):
        rule = RULES.cite(f"CAMMK.{key}", date(2025, 1, 1))
        assert note.code == "schedule.contradiction"
        assert dict(note.details) == {"article": rule.article, "reason": rule.reason}


def test_the_conditions_of_a_cammk() -> None:
    reported = notes(schedule(contract("CAMMK", "2025-01-01")))
    assert reported["condition"]["share"] == 0.5
    assert reported["renewable"] == {"last_day": "2027-12-31"}


def test_what_is_known_of_the_duties() -> None:
    """Article 2.1; what is not known is reported, what is not kept is a warning."""
    unknown = notes(schedule(contract("CAMMK", "2025-01-01")))
    assert unknown["beneficiary"]["missing"] == ("form",)
    assert "modernisation" in unknown
    kept = notes(
        schedule(
            contract(
                "CAMMK",
                "2025-01-01",
                activity_in_zone=Fraction(1, 2),
                modernisation_aid=True,
                practice=Practice("group", practitioners=2, link="SCP"),
            )
        )
    )
    assert kept["beneficiary"]["missing"] == ("conventioned", "same_premises")
    assert not {"condition", "modernisation", "activity_too_low"} & kept.keys()
    case = contract(
        "CAMMK", "2025-01-01", activity_in_zone=Fraction(49, 100), modernisation_aid=False
    )
    warnings = {note.code for note in schedule(case).notes if note.warning}
    assert {"schedule.activity_too_low", "schedule.modernisation_not_kept"} <= warnings


def test_acts_that_are_not_known_yet() -> None:
    result = schedule(contract("CAIMK", "2025-02-03"))
    assert result.paid == Decimal("34000.00")
    assert [line.at_most for line in result.lines] == [False, True, True, True]
    reported = {note.code: note for note in result.notes}
    assert reported["schedule.at_most"].count == 3
    assert reported["schedule.by_analogy"].details["kind"] == "CAIMK"
    assert "schedule.first_payment_unsettled" in reported
    assert reported["schedule.uncertain"].details["confidence"] == "secondary"
    assert "CAIMK.payment_before" in silent_points(result)


def test_a_year_cut_short() -> None:
    case = contract(
        "CAIMK", "2024-01-01", acts=(2000, 700), termination=ended("caisse", "2025-07-01")
    )
    assert notes(schedule(case))["cut_short"] == {"year": 2}


def test_acts_of_the_fifth_year_change_nothing() -> None:
    result = schedule(contract("CAIMK", "2024-01-01", acts=(2000, 3000, 3000, 3000, 10)))
    assert result.net == Decimal("34000.00")
    assert notes(result)["unused_acts"] == {"years": 4}


@pytest.mark.parametrize("kind", ["CAIMK", "CAMMK"])
def test_the_zone_of_a_contract_changes(kind: str) -> None:
    """That the contract runs to its term was read for the CAMMK alone."""
    change = ZoneChange(date(2025, 11, 1), "intermediaire")
    result = schedule(contract(kind, "2024-01-01", zone_changes=(change,)))
    assert result.paid == Decimal("34000.00" if kind == "CAIMK" else "12000.00")
    details = notes(result)["zone_left"]
    assert (details["day"], details["zone"]) == ("2025-11-01", "intermediaire")
    rule = RULES.cite("contract.zone_left", date(2024, 1, 1))
    assert details["reason"] == (rule.reason if kind == "CAIMK" else "")


def test_payments_not_made_after_a_termination() -> None:
    result = schedule(contract("CAIMK", "2024-01-01", termination=ended("caisse", "2026-07-01")))
    (note,) = (note for note in result.notes if note.code == "schedule.not_made")
    assert note.count == 2


@pytest.mark.parametrize(
    ("on", "amount", "due", "warning"),
    [
        ("2026-04-29", "1183.56", "0.00", False),
        ("2026-04-30", "1183.56", "1183.56", False),
        ("2026-05-02", "1000", "1183.56", True),
    ],
)
def test_what_was_paid_is_compared_with_what_was_due(
    on: str, amount: str, due: str, warning: bool
) -> None:
    result = schedule(contract("CAMMK", "2025-09-15", paid=(paid(on, amount),)))
    (note,) = (note for note in result.notes if note.code == "schedule.paid")
    assert note.warning == warning
    assert (note.details["last_day"], note.details["due"]) == (on, due)
    assert Decimal(str(note.details["paid"])) == Decimal(amount)


def test_a_termination_before_the_observations_are_due() -> None:
    letter = Procedure(date(2026, 6, 1))
    for on, early in (("2026-07-01", True), ("2026-07-02", False)):
        case = contract("CAMMK", "2026-01-01", termination=ended("caisse", on, letter))
        assert ("too_early" in notes(schedule(case))) == early


def test_days_of_a_trainee_outside_the_contract() -> None:
    """From 16 February to 31 March 2026: 13 + 31 days."""
    trainee = Trainee(period("2026-01-01", "2026-03-31"), 5)
    ending = ended("caisse", "2026-02-16")
    result = schedule(contract("CAIMK", "2025-01-01", trainees=(trainee,), termination=ending))
    (note,) = (note for note in result.notes if note.code == "schedule.outside_contract")
    assert (note.count, dict(note.details)) == (44, {"trainee": 1})


def test_a_contract_may_follow_one_that_has_ended() -> None:
    earlier = Earlier("CAIMK", period("2019-05-02", "2024-05-01"))
    result = schedule(contract("CAMMK", "2024-05-02", earlier=(earlier,)))
    assert "CAMMK.may_follow" in {note.details.get("rule") for note in result.notes}


def test_every_note_has_its_words() -> None:
    for kind in ("CACCMK", "CAMMK"):
        assert all(str(note) for note in schedule(contract(kind, "2024-02-29")).notes)
