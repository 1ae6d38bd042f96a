"""The end of a contract before its term: what is taken back, and the caisse's procedure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .contract import Procedure
from .dates import Period, months_after
from .money import cents
from .rules.sections import ProcedureTerms
from .rules.values import DatedValue, Notice
from .schedule_lines import Event
from .timeline import Timeline


def ends_for_breach(timeline: Timeline) -> bool:
    """Whether the contract ends by article 4.2, and not by 4.1 or 5."""
    end = timeline.contract.termination
    if end is None or end.by == "practitioner":
        return False
    return end.is_breach or timeline.cite("termination.zone_left").parsed == "as_breach"


def recovery_rule(timeline: Timeline, money: str) -> DatedValue | None:
    """Return the rule by which a termination takes back a part of what was paid.

    Parameters
    ----------
    timeline : Timeline
    money : str
        ``aid`` or ``uplift``.

    Returns
    -------
    DatedValue or None
        None if nothing is taken back in proportion to what remained.
    """
    end, rule = timeline.contract.termination, None
    if end is None:
        return None
    if not timeline.is_annual:
        rule = timeline.cite(f"{timeline.contract.kind}.recovery")
        if rule.parsed == "none":
            return None
    if money == "uplift":
        by_agency = timeline.cite("termination.uplift_by_agency")
        if end.by == "agency":
            return by_agency if by_agency.parsed == "recovered" else None
        return timeline.cite("termination.uplift")
    breach = ends_for_breach(timeline)
    if (
        breach
        and end.has_answer
        and timeline.cite("termination.after_observations").parsed == "kept"
    ):
        return None
    return rule or (timeline.cite(f"termination.{end.by}") if breach else None)


def taken_back(timeline: Timeline, paid: Fraction | Decimal) -> Decimal:
    """Return what a termination takes back of an amount, by the days of the term that remained."""
    left, term = _remaining(timeline)
    return cents(Fraction(paid) * left / term.days)


def describe_recovery(timeline: Timeline, money: str, paid: Decimal) -> str:
    """Return what is taken back, in words."""
    left, term = _remaining(timeline)
    return f"{money} of {paid} EUR, for {left} of {term.days} days that remained"


def _remaining(timeline: Timeline) -> tuple[int, Period]:
    end = timeline.contract.termination
    if end is None:
        raise ValueError("the contract is not terminated")
    term = timeline.term_of(end.on)
    return Period(end.on, term.last).days, term


def deadlines(timeline: Timeline) -> Iterator[Event]:
    """Yield the steps of a termination for breach, as far as the procedure is known.

    Each time limit runs from the last day of the step before it.
    """
    termination = timeline.contract.termination
    procedure = termination.procedure if termination else None
    if procedure is None:
        return
    terms = timeline.rules.section("procedure", ProcedureTerms, timeline.contract.signed)
    for on, what, name, notice in _steps(procedure, terms):
        yield Event(on, what, timeline.cite(f"procedure.{name}"), notice or Notice())


def _steps(
    procedure: Procedure, terms: ProcedureTerms
) -> Iterator[tuple[date, str, str, Notice | None]]:
    """Yield the day, the words, the rule and the notice of each step."""
    what = "letter of the caisse received: it intends to terminate the contract"
    yield procedure.received, what, "opening", terms.opening
    observed = months_after(procedure.received, terms.observations_months)
    yield observed, "practitioner's observations", "observations_months", None
    if procedure.answered is False:
        what = "no observations: the caisse may notify the termination from the next day on"
        yield observed, what, "observations_months", None
    if not procedure.answered:
        return
    what = "CPD seized by the caisse, with the file; no time limit is set"
    yield observed, what, "cpd_seizure", terms.cpd_seizure
    opinion = observed + timedelta(terms.cpd_days)
    yield opinion, "opinion of the CPD, deemed given after", "cpd_days", None
    if procedure.cpd_agrees is not False:
        decided = opinion + timedelta(terms.decision_days)
        what = "decision of the caisse, if the CPD is of its view"
        yield decided, what, "decision_days", terms.decision
        return
    seized = opinion + timedelta(terms.cpn_seizure_days)
    yield seized, "CPN seized by the caisse", "cpn_seizure_days", terms.cpn_seizure
    national = seized + timedelta(terms.cpn_days)
    what = f"vote of the CPN, by {terms.cpn_majority} of the votes of its members"
    yield national, what, "cpn_majority", None
    yield national, "opinion of the CPN, deemed that of the caisse after", "cpn_days", None
    if procedure.cpn_agrees is None:
        return
    if procedure.cpn_agrees:
        sent = months_after(seized, terms.cpn_same_view_months)
        what = "opinion of the CPN, of the same view, sent to the caisse"
        yield sent, what, "cpn_same_view_months", None
    else:
        asked = national + timedelta(terms.uncam_seizure_days)
        what = "director general of the UNCAM asked by the CPN"
        yield asked, what, "uncam_seizure_days", None
        answered = asked + timedelta(terms.uncam_days)
        yield answered, "opinion of the UNCAM", "uncam_days", None
        sent = answered + timedelta(terms.transmission_days)
        yield sent, "both opinions sent to the caisse", "transmission_days", None
    final = sent + timedelta(terms.final_decision_days)
    yield final, "decision of the caisse", "final_decision_days", terms.final_decision
