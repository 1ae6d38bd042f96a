"""What a termination takes back, worked by hand; and the caisse's procedure."""

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
    paid,
    silent_points,
)

from apl_engine.aids import Procedure, Schedule, Termination, ZoneChange, schedule

# A contract of 1 January 2025 has 1 095 days. From 2 July 2025 on 913 of them remain (183 of 2025
# and 730), from 2 July 2026 on 548 (183 and 365), from 2 July 2027 on 183.
YEARS = ("2025-07-02", "2026-07-02", "2027-07-02")


def of_1_january(by: str, on: str, **given: object) -> Schedule:
    return schedule(contract("CAMMK", "2025-01-01", termination=ended(by, on), **given))


@pytest.mark.parametrize("by", ["caisse", "agency"])
@pytest.mark.parametrize(
    ("on", "aid", "back", "uplift_back", "net"),
    [
        # Year 1: nothing was paid, and no year had ended.
        (YEARS[0], [], [], [], "0.00"),
        # Year 2: 4 000 x 548/1095 = 2 001.83; 800 x 548/1095 = 400.37; 4 800 - 2 402.20
        (YEARS[1], ["4000.00"], ["-2001.83"], ["-400.37"], "2397.80"),
        # Year 3: 8 000 x 183/1095 = 1 336.99; 1 600 x 183/1095 = 267.40; 9 600 - 1 604.39
        (YEARS[2], ["4000.00", "4000.00"], ["-1336.99"], ["-267.40"], "7995.61"),
    ],
)
def test_breach_in_each_year(
    by: str, on: str, aid: list[str], back: list[str], uplift_back: list[str], net: str
) -> None:
    """Article 4.2, a: what was paid, in proportion to what remained; no partial payment."""
    result = of_1_january(by, on, uplift=True)
    assert [amount for _, amount in amounts(result, "aid")] == aid
    recovered = [line for line in result.lines if line.kind == "recovery"]
    assert [str(line.amount) for line in recovered if line.money == "aid"] == back
    assert [str(line.amount) for line in recovered if line.money == "uplift"] == uplift_back
    assert all(line.due == date.fromisoformat(on) for line in recovered)
    assert str(result.net) == net


@pytest.mark.parametrize(
    ("on", "aid", "uplift_back"),
    [
        # 4 000 x 182/365 = 1 994.52 for the year of the end
        (YEARS[0], ["1994.52"], []),
        # Article 2.3: 800 x 548/1095 = 400.37
        (YEARS[1], ["4000.00", "1994.52"], ["-400.37"]),
        # 1 600 x 183/1095 = 267.40
        (YEARS[2], ["4000.00", "4000.00", "1994.52"], ["-267.40"]),
    ],
)
def test_the_practitioner_ends_the_contract_in_each_year(
    on: str, aid: list[str], uplift_back: list[str]
) -> None:
    """Article 4.1: the year of the end pro rata, no aid back; 2.3: the uplift goes back."""
    result = of_1_january("practitioner", on, uplift=True)
    assert [amount for _, amount in amounts(result, "aid")] == aid
    assert [amount for _, amount in amounts(result, "recovery")] == uplift_back
    assert all(line.money == "uplift" for line in result.lines if line.kind == "recovery")
    assert of_1_january("practitioner", on).taken_back == 0


def test_sums_listed_as_paid_are_the_base() -> None:
    """4 000 paid in January 2025, ended for breach in July: 4 000 x 913/1095 = 3 335.16."""
    for when, on, back in (
        ("2025-01-20", YEARS[0], "-3335.16"),
        ("2026-04-20", YEARS[1], "-2001.83"),
    ):
        result = of_1_january("caisse", on, paid=(paid(when, "4000"),))
        assert [amount for _, amount in amounts(result, "recovery")] == [back]


def test_a_year_that_had_ended_and_is_not_paid_yet() -> None:
    """Ended on 2 March 2026: 670 days remain, 4 000 x 670/1095 = 2 447.49 off the 4 000 of 2025."""
    result = of_1_january("caisse", "2026-03-02")
    assert [(line.due.isoformat(), str(line.amount)) for line in result.lines] == [
        ("2026-04-30", "4000.00"),
        ("2026-04-30", "-2447.49"),
    ]
    early = of_1_january("caisse", "2026-03-02", paid=(paid("2026-02-01", "4000"),))
    assert early.net == result.net
    read = notes_of(result, "read_otherwise")
    assert read["termination.unpaid_year"] == {"lost": "0.00"}


def test_a_breach_after_a_tacit_renewal() -> None:
    """The renewed term of 2028 to 2030 has 1 096 days, 548 of them from 2 July 2029 on.

    4 000 for 2028: x 548/1096 = 2 000.00; the 12 000 of the first term stay.
    """
    result = of_1_january("caisse", "2029-07-02")
    assert [amount for _, amount in amounts(result, "aid")] == ["4000.00"] * 4
    assert amounts(result, "recovery") == [(2029, "-2000.00")]


def test_a_breach_soon_after_a_renewal_in_the_middle_of_a_year() -> None:
    """Signed on 15 September 2025, renewed on 15 September 2028, ended on 2 November 2028.

    The first term had ended: all of its 12 000 stay, 2 819.67 of them for 2028.
    """
    result = schedule(contract("CAMMK", "2025-09-15", termination=ended("caisse", "2028-11-02")))
    assert (str(result.net), result.taken_back) == ("12000.00", 0)
    assert amounts(result, "aid")[-1] == (2029, "2819.67")


def notes_of(result: Schedule, kind: str) -> dict[object, dict[object, object]]:
    """Return the net amount of each other reading, by rule."""
    readings: dict[object, dict[object, object]] = {}
    for note in result.notes:
        if note.code == f"schedule.{kind}":
            of_rule = readings.setdefault(note.details["rule"], {})
            of_rule[note.details["value"]] = note.details["net"]
    return readings


def answered(by: str) -> Termination:
    return ended(by, YEARS[1], Procedure(date(2026, 3, 1), answered=True))


def test_both_readings_of_the_silent_points() -> None:
    """Kept: 4 800 - 400.37 = 4 399.63 (aid, b and c); 4 800 - 2 001.83 = 2 798.17 (uplift)."""
    case = contract("CAMMK", "2025-01-01", uplift=True, termination=answered("agency"))
    result = schedule(case)
    assert str(result.net) == "2397.80"
    assert notes_of(result, "read_otherwise") == {
        "termination.after_observations": {"kept": "4399.63"},
        "termination.uplift_by_agency": {"kept": "2798.17"},
        # 1 994.52 and 398.90 more
        "termination.year_begun": {"pro_rata": "4791.22"},
    }
    by_caisse = schedule(
        contract("CAMMK", "2025-01-01", uplift=True, termination=ended("caisse", YEARS[1]))
    )
    assert not {"termination.after_observations", "termination.uplift_by_agency"} & silent_points(
        by_caisse
    )


def test_the_other_readings(tmp_path: Path) -> None:
    case = contract("CAMMK", "2025-01-01", uplift=True, termination=answered("caisse"))
    kept = other_reading(tmp_path, "termination.after_observations", '"kept"')
    result = schedule(case, kept)
    # Article 2.3 takes the uplift back in either reading.
    assert [(line.money, str(line.amount)) for line in result.lines if line.amount < 0] == [
        ("uplift", "-400.37")
    ]
    case = contract("CAMMK", "2025-01-01", uplift=True, termination=answered("agency"))
    kept = other_reading(tmp_path, "termination.uplift_by_agency", '"kept"')
    assert [(line.money, str(line.amount)) for line in schedule(case, kept).lines[2:]] == [
        ("aid", "-2001.83")
    ]


def test_what_was_paid_for_the_year_begun_in_each_reading(tmp_path: Path) -> None:
    """4 000 paid in January 2025, ended in July after observations were made.

    Recovered: 4 000 x 913/1095 = 3 335.16; kept: nothing; pro rata: all beyond 1 994.52.
    """
    ending = ended("caisse", YEARS[0], Procedure(date(2025, 3, 1), answered=True))
    payments = (paid("2025-01-20", "4000"),)
    case = contract("CAMMK", "2025-01-01", termination=ending, paid=payments)
    for key, value, back in (
        ("after_observations", "recovered", "-3335.16"),
        ("after_observations", "kept", "0.00"),
        ("year_begun", "pro_rata", "-2005.48"),
    ):
        rules = other_reading(tmp_path, f"termination.{key}", f'"{value}"')
        assert str(schedule(case, rules).taken_back) == back


def test_a_contract_that_the_caisse_ends_because_the_zone_was_left() -> None:
    """Article 5 knows no breach: as by the practitioner, 5 994.52, or as for a breach."""
    ending = Termination("caisse", date(2026, 7, 2), cause="zone_left")
    change = ZoneChange(date(2026, 6, 1), "sous_dotee")
    case = contract("CAMMK", "2025-01-01", termination=ending, zone_changes=(change,))
    result = schedule(case)
    assert (str(result.net), result.taken_back) == ("5994.52", 0)
    assert result.events[0].rule.key == "termination.zone_left"
    assert notes_of(result, "read_otherwise")["termination.zone_left"] == {"as_breach": "1998.17"}


@pytest.mark.parametrize("kind", ["CACCMK", "CAIMK"])
def test_the_agency_ends_a_contract_of_lump_sums(kind: str) -> None:
    """By analogy: as the caisse would."""
    by = {
        side: schedule(contract(kind, "2024-01-01", termination=ended(side, "2026-07-01")))
        for side in ("caisse", "agency")
    }
    assert by["agency"].net == by["caisse"].net != by["agency"].paid


def procedure(**views: bool) -> list[tuple[str, str]]:
    """Return the deadlines after a letter of 31 January 2027."""
    letter = Procedure(date(2027, 1, 31), **views)
    case = contract("CAMMK", "2026-01-01", termination=ended("caisse", "2027-12-01", letter))
    return [day for day in days(schedule(case)) if "termination by" not in day[1]]


def test_steps_of_the_procedure() -> None:
    """31 January and a month: 28 February. Then 30 days: 30 March; 15 days: 14 April."""
    opened = [
        ("2027-01-31", "letter of the caisse received: it intends to terminate the contract"),
        ("2027-02-28", "practitioner's observations"),
    ]
    assert procedure() == opened
    assert procedure(answered=False)[2:] == [
        (
            "2027-02-28",
            "no observations: the caisse may notify the termination from the next day on",
        )
    ]
    assert procedure(answered=True)[2:] == [
        ("2027-02-28", "CPD seized by the caisse, with the file; no time limit is set"),
        ("2027-03-30", "opinion of the CPD, deemed given after"),
        ("2027-04-14", "decision of the caisse, if the CPD is of its view"),
    ]
    assert procedure(answered=True) == procedure(answered=True, cpd_agrees=True)


def test_steps_if_the_cpd_differs() -> None:
    """CPN seized by 14 April; 30 days: 14 May. Same view: a month from 14 April, then 15 days.

    Other view: 15 days to 29 May, 30 days to 28 June, 15 days to 13 July, 15 days to 28 July.
    """
    differs = procedure(answered=True, cpd_agrees=False)
    assert differs[4:] == [
        ("2027-04-14", "CPN seized by the caisse"),
        ("2027-05-14", "vote of the CPN, by 2/3 of the votes of its members"),
        ("2027-05-14", "opinion of the CPN, deemed that of the caisse after"),
    ]
    assert procedure(answered=True, cpd_agrees=False, cpn_agrees=True)[7:] == [
        ("2027-05-14", "opinion of the CPN, of the same view, sent to the caisse"),
        ("2027-05-29", "decision of the caisse"),
    ]
    assert procedure(answered=True, cpd_agrees=False, cpn_agrees=False)[7:] == [
        ("2027-05-29", "director general of the UNCAM asked by the CPN"),
        ("2027-06-28", "opinion of the UNCAM"),
        ("2027-07-13", "both opinions sent to the caisse"),
        ("2027-07-28", "decision of the caisse"),
    ]


def test_letters_and_who_is_informed() -> None:
    letter = Procedure(date(2027, 1, 31), answered=True, cpd_agrees=False, cpn_agrees=False)
    case = contract("CAMMK", "2026-01-01", termination=ended("agency", "2027-12-01", letter))
    stated = {
        event.rule.key.split(".")[1]: (bool(event.notice.form), event.notice.informed)
        for event in schedule(case).events
        if event.notice.form or event.notice.informed
    }
    assert stated == {
        "opening": (True, ("ARS", "CPD")),
        "cpd_seizure": (False, ("practitioner",)),
        "cpn_seizure_days": (False, ("practitioner", "CPD")),
        "final_decision_days": (True, ("members of the CPD, by a copy",)),
    }
    own = schedule(contract("CAMMK", "2026-01-01", termination=ended("practitioner", "2027-12-01")))
    assert own.events[0].notice.informed == ("ARS",)
    assert "by registered letter with acknowledgement of receipt" in own.events[0].notice.described
    assert own.as_dict()["events"][0]["notice"]["informed"] == ["ARS"]


def test_the_base_of_a_contract_ended_on_its_first_day() -> None:
    result = of_1_january("caisse", "2025-01-01", paid=(paid("2025-01-01", "4000"),))
    assert (result.net, result.taken_back) == (Decimal(0), Decimal("-4000.00"))
    assert "by_analogy" not in notes(result)
