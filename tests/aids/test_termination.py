"""Deadlines of the caisse's procedure."""

from __future__ import annotations

from datetime import date

from support.contracts import (
    contract,
    days,
    ended,
)

from apl_engine.aids import Procedure, schedule


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
        ("2027-04-14", "decision of the caisse, if the CPD is of its view"),
    ]
    assert procedure(answered=True) == procedure(answered=True, cpd_agrees=True)


def test_deadlines_if_the_cpd_differs() -> None:
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
