"""Who may install under the convention, and where: articles 1.2, 1.2.3 and 4.1.1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..errors import Fault, InputDataError
from .dates import FIRST_DAY, LAST_DAY, months_after
from .rules.load import load_aid_rules
from .rules.rules import AidRules, as_dict
from .rules.sections import InstallationTerms
from .rules.values import Dated
from .zone_aids import aids_of_zone

YES, NO, JUDGED = "yes", "no", "to be judged"
_MONTHS = 12


@dataclass(frozen=True)
class Departure:
    """A colleague of the zone who has left for good.

    Attributes
    ----------
    on : last day of practice.
    acts : in the year before; None where not known.
    taken : whether somebody succeeded already.
    """

    on: date
    acts: int | None = None
    taken: bool = False


@dataclass(frozen=True)
class Plan:
    """An installation that is planned. It holds nothing that tells who plans it.

    Attributes
    ----------
    zone : id of the class of the place.
    on : first day of practice under the convention.
    entered : year of entry into the training; None where not known.
    establishment_months : of experience in an establishment in France.
    commits : whether the first years are to be in a zone that lacks supply.
    departure : the colleague who is succeeded, if any.
    derogation : id of the ground that is claimed, if any.
    """

    zone: str
    on: date
    entered: int | None = None
    establishment_months: int = 0
    commits: bool = False
    departure: Departure | None = None
    derogation: str | None = None


@dataclass(frozen=True)
class Reason:
    """One condition and whether it is met.

    Attributes
    ----------
    answer : yes, no, or to be judged.
    by : who judges.
    text : why.
    rule : the value that says so.
    """

    answer: str
    text: str
    rule: Dated
    by: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        found = {"answer": self.answer, "by": self.by, "text": self.text}
        return {**found, "rule": as_dict(self.rule)}


@dataclass(frozen=True)
class Eligibility:
    """Whether a plan of installation may be conventioned.

    Attributes
    ----------
    plan : as given.
    reasons : each condition; all must be met.
    """

    plan: Plan
    reasons: tuple[Reason, ...]

    @property
    def eligible(self) -> str:
        """Return yes, no, or to be judged."""
        answers = {reason.answer for reason in self.reasons}
        return next((answer for answer in (NO, JUDGED) if answer in answers), YES)

    @property
    def judges(self) -> tuple[str, ...]:
        """Who judges, where it is to be judged."""
        judged = (reason.by for reason in self.reasons if reason.answer == JUDGED)
        return tuple(dict.fromkeys(judged)) if self.eligible == JUDGED else ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "zone": self.plan.zone,
            "on": self.plan.on.isoformat(),
            "eligible": self.eligible,
            "judges": list(self.judges),
            "reasons": [reason.as_dict() for reason in self.reasons],
        }


def check_installation(plan: Plan, rules: AidRules | None = None) -> Eligibility:
    """Say whether a plan of installation may be conventioned, and why.

    Parameters
    ----------
    plan : zone, day and what is known of training, departure and derogation.
    rules : as from `load_aid_rules`; by default those shipped.

    Returns
    -------
    Eligibility
        Yes, no or to be judged, with the article of each reason (convention nationale 1.2,
        1.2.3 and 4.1.1).

    Raises
    ------
    InputDataError
        An unknown zone or ground, a number below 0, a day before the rules.
    """
    rules = rules or load_aid_rules()
    opened = aids_of_zone(plan.zone, plan.on, rules)
    terms = rules.section("installation", InstallationTerms, plan.on)
    _refuse(plan, terms)
    case = _Case(plan, rules, terms)
    reasons = [case.start(), *(case.regulated() if opened.regulated else case.open())]
    return Eligibility(plan, tuple(reasons))


def _refuse(plan: Plan, terms: InstallationTerms) -> None:
    faults = []
    if plan.departure and not FIRST_DAY <= plan.departure.on <= LAST_DAY:
        problem = f"{plan.departure.on} lies outside {FIRST_DAY} to {LAST_DAY}"
        faults.append(Fault(code="legacy.fault", table="departure", details={"problem": problem}))
    if plan.establishment_months < 0:
        problem = f"{plan.establishment_months} is negative"
        faults.append(
            Fault(code="legacy.fault", table="establishment months", details={"problem": problem})
        )
    if plan.departure and (plan.departure.acts or 0) < 0:
        faults.append(
            Fault(
                code="legacy.fault",
                table="departure acts",
                details={"problem": f"{plan.departure.acts} is negative"},
            )
        )
    grounds = [ground.id for ground in terms.derogations]
    if plan.derogation is not None and plan.derogation not in grounds:
        problem = f"'{plan.derogation}' is no ground; known are {', '.join(grounds)}"
        faults.append(Fault(code="legacy.fault", table="derogation", details={"problem": problem}))
    if faults:
        raise InputDataError(faults)


@dataclass(frozen=True)
class _Case:
    plan: Plan
    rules: AidRules
    terms: InstallationTerms

    def cite(self, name: str) -> Dated:
        return self.rules.cite(f"installation.{name}", self.plan.on)

    def start(self) -> Reason:
        """Judge experience or commitment, which those who entered the training late need."""
        entered, first = self.plan.entered, self.terms.first_entry_year
        if entered is not None and entered < first:
            text = f"the condition is for those who entered the training from {first} on, not in"
            return Reason(YES, f"{text} {entered}", self.cite("first_entry_year"))
        found = self.prepared()
        if entered is None and found.answer == NO:
            text = f"year of entry into the training not given; from {first} on: {found.text}"
            return Reason(JUDGED, text, self.cite("first_entry_year"), "caisse")
        return found

    def prepared(self) -> Reason:
        """Judge experience or commitment."""
        plan, terms = self.plan, self.terms
        months, needed = plan.establishment_months, terms.establishment_years * _MONTHS
        if months >= needed:
            text = f"{months} months in an establishment, {needed} needed"
            return Reason(YES, text, self.cite("establishment_years"))
        years, rule = terms.commitment_years, self.cite("commitment_years")
        zones = " or ".join(terms.commitment_zones)
        if plan.commits and plan.zone in terms.commitment_zones:
            return Reason(YES, f"commits to the first {years} years in {zones}", rule)
        if plan.commits:
            text = f"commits to the first {years} years in {zones}, and this zone is {plan.zone}"
            return Reason(NO, text, rule)
        text = f"{months} of {needed} months in an establishment, and no commitment to {zones}"
        return Reason(NO, text, rule)

    def open(self) -> Iterator[Reason]:
        """Judge a zone where conventionnement is free."""
        rule = self.rules.cite("zones.regulated", self.plan.on)
        yield Reason(YES, f"conventionnement is not regulated in {self.plan.zone}", rule)

    def regulated(self) -> Iterator[Reason]:
        """Judge a zone where one departure gives one installation."""
        succession = self.succession()
        if succession.answer == NO and self.plan.derogation:
            yield self.derogation(succession)
        else:
            yield succession

    def succession(self) -> Reason:
        """Judge the succession of a colleague."""
        plan, terms, departure = self.plan, self.terms, self.plan.departure
        if departure is None:
            text = f"{plan.zone} takes one installation for one departure, and none is named"
            return Reason(NO, text, self.cite("one_for_one"))
        if departure.taken:
            text = f"the departure of {departure.on} has a successor already"
            return Reason(NO, text, self.cite("one_for_one"))
        last = months_after(departure.on, terms.succession_years * _MONTHS)
        if not departure.on <= plan.on <= last:
            text = f"{plan.on} lies outside {departure.on} to {last}, when a successor may come"
            return Reason(NO, text, self.cite("succession_years"))
        rule, judge = self.cite("predecessor_acts"), terms.low_activity_judge
        if departure.acts is None:
            text = f"acts of the year before the departure are not known; {rule.value} are needed"
            return Reason(JUDGED, text, rule, judge)
        text = f"{departure.acts} acts in the year before the departure, {rule.value} needed"
        if departure.acts < terms.predecessor_acts:
            return Reason(JUDGED, text, rule, judge)
        return Reason(YES, text, rule)

    def derogation(self, succession: Reason) -> Reason:
        """Leave a derogation to who judges it."""
        ground = next(g for g in self.terms.derogations if g.id == self.plan.derogation)
        text = f"derogation {ground.id}, {ground.title}; no succession: {succession.text}"
        return Reason(JUDGED, text, self.cite("derogations"), self.terms.derogation_judge)
