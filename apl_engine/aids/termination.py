"""The caisse's procedure of termination: the last day of each step (contract, article 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from .contract import Procedure
from .dates import months_after
from .rules.sections import ProcedureTerms
from .schedule_lines import Event
from .timeline import Course


def deadlines(course: Course) -> Iterator[Event]:
    """Yield the deadlines of a termination by the caisse, as far as the procedure is known.

    Each delay runs from the last day of the step before it.
    """
    ending = course.contract.termination
    procedure = ending.procedure if ending else None
    if procedure is None:
        return
    terms = course.rules.section("procedure", ProcedureTerms, course.contract.signed)
    last = months_after(procedure.received, terms.observations_months)
    yield _event(course, last, "practitioner's observations", "observations_months")
    if procedure.answered is False:
        what = "no observations: the caisse may notify the termination from the next day on"
        yield _event(course, last, what, "observations_months")
    if procedure.answered:
        yield from _with_opinion(course, procedure, terms, last)


def _with_opinion(
    course: Course, procedure: Procedure, terms: ProcedureTerms, observed: date
) -> Iterator[Event]:
    opinion = _after(observed, terms.cpd_days)
    yield _event(course, opinion, "opinion of the CPD, deemed given after", "cpd_days")
    if procedure.cpd_agrees is not False:
        last = _after(opinion, terms.decision_days)
        what = "decision of the caisse, where the CPD is of its view"
        yield _event(course, last, what, "decision_days")
        return
    seized = _after(opinion, terms.cpn_seizure_days)
    yield _event(course, seized, "CPN seized by the caisse", "cpn_seizure_days")
    national = _after(seized, terms.cpn_days)
    what = "opinion of the CPN, deemed that of the caisse after"
    yield _event(course, national, what, "cpn_days")
    if procedure.cpn_agrees is None:
        return
    if procedure.cpn_agrees:
        sent = months_after(seized, terms.cpn_same_view_months)
        what = "opinion of the CPN, of the same view, sent to the caisse"
        yield _event(course, sent, what, "cpn_same_view_months")
    else:
        asked = _after(national, terms.uncam_seizure_days)
        what = "director general of the UNCAM asked by the CPN"
        yield _event(course, asked, what, "uncam_seizure_days")
        answered = _after(asked, terms.uncam_days)
        yield _event(course, answered, "opinion of the UNCAM", "uncam_days")
        sent = _after(answered, terms.transmission_days)
        yield _event(course, sent, "both opinions sent to the caisse", "transmission_days")
    last = _after(sent, terms.final_decision_days)
    yield _event(course, last, "decision of the caisse", "final_decision_days")


def _after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _event(course: Course, on: date, what: str, name: str) -> Event:
    return Event(on, what, course.cite(f"procedure.{name}"))
