"""The caisse's procedure of termination: the last day of each step (contract, article 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from .contract import Procedure
from .dates import months_after
from .rules.sections import ProcedureTerms
from .schedule_lines import Event
from .timeline import Timeline


def deadlines(timeline: Timeline) -> Iterator[Event]:
    """Yield the deadlines of a termination by the caisse, as far as the procedure is known.

    Each time limit runs from the last day of the step before it.
    """
    termination = timeline.contract.termination
    procedure = termination.procedure if termination else None
    if procedure is None:
        return
    terms = timeline.rules.section("procedure", ProcedureTerms, timeline.contract.signed)
    for on, what, name in _steps(procedure, terms):
        yield Event(on, what, timeline.cite(f"procedure.{name}"))


def _steps(procedure: Procedure, terms: ProcedureTerms) -> Iterator[tuple[date, str, str]]:
    observed = months_after(procedure.received, terms.observations_months)
    yield observed, "practitioner's observations", "observations_months"
    if procedure.answered is False:
        what = "no observations: the caisse may notify the termination from the next day on"
        yield observed, what, "observations_months"
    if not procedure.answered:
        return
    opinion = observed + timedelta(terms.cpd_days)
    yield opinion, "opinion of the CPD, deemed given after", "cpd_days"
    if procedure.cpd_agrees is not False:
        decided = opinion + timedelta(terms.decision_days)
        yield decided, "decision of the caisse, if the CPD is of its view", "decision_days"
        return
    seized = opinion + timedelta(terms.cpn_seizure_days)
    yield seized, "CPN seized by the caisse", "cpn_seizure_days"
    national = seized + timedelta(terms.cpn_days)
    yield national, "opinion of the CPN, deemed that of the caisse after", "cpn_days"
    if procedure.cpn_agrees is None:
        return
    if procedure.cpn_agrees:
        sent = months_after(seized, terms.cpn_same_view_months)
        what = "opinion of the CPN, of the same view, sent to the caisse"
        yield sent, what, "cpn_same_view_months"
    else:
        asked = national + timedelta(terms.uncam_seizure_days)
        yield asked, "director general of the UNCAM asked by the CPN", "uncam_seizure_days"
        answered = asked + timedelta(terms.uncam_days)
        yield answered, "opinion of the UNCAM", "uncam_days"
        sent = answered + timedelta(terms.transmission_days)
        yield sent, "both opinions sent to the caisse", "transmission_days"
    final = sent + timedelta(terms.final_decision_days)
    yield final, "decision of the caisse", "final_decision_days"
