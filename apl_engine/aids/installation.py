"""Who may install under the convention, and where: articles 1.2, 1.2.3 and 4.1.1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..errors import Fault, InputDataError, check_arguments
from ..methodology.values import plain_fields
from .dates import FIRST_DAY, LAST_DAY, Period, months_after
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .rules.sections import InstallationTerms
from .rules.values import DatedValue
from .typed import Typed
from .zone_aids import aids_of_zone

YES, NO, JUDGED, NOT_APPLICABLE = "yes", "no", "to be judged", "does not apply"
_MONTHS = 12


@dataclass(frozen=True)
class Departure(Typed):
    """A colleague of the zone who has left for good.

    Attributes
    ----------
    on : date
        Last day of practice.
    acts : int or None
        In the year before; None if not known.
    taken : bool
        Whether the departure has a successor already.
    """

    on: date
    acts: int | None = None
    taken: bool = False


@dataclass(frozen=True)
class Plan(Typed):
    """A planned installation. It contains nothing that identifies the practitioner.

    Attributes
    ----------
    zone : str
        Id of the class of the place.
    on : date
        First day of practice under the convention.
    entered : int or None
        Year in which the first year of the training began; None if not known.
    establishment_months : int
        Months of experience in an establishment in France.
    commits : bool
        Whether the first years are to be in a zone that lacks supply.
    departure : Departure or None
        The colleague who is succeeded.
    derogation : str or None
        Id of the ground that is claimed.
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
    """A condition and whether it is met.

    Attributes
    ----------
    answer : str
        ``yes``, ``no``, ``to be judged``, or ``does not apply`` to this practitioner.
    text : str
        Why.
    rule : DatedValue
        The value that says so.
    by : str
        The body that judges.
    """

    answer: str
    text: str
    rule: DatedValue
    by: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the reason as plain values, for JSON."""
        return plain_fields(self, "answer", "by", "text", "rule")


@dataclass(frozen=True)
class Eligibility:
    """Whether a planned installation may be conventioned.

    Attributes
    ----------
    plan : Plan
    reasons : tuple of Reason
        Each condition; all must be met.
    """

    plan: Plan
    reasons: tuple[Reason, ...]

    @property
    def eligible(self) -> str:
        """``yes``, ``no`` or ``to be judged``; what does not apply prevents nothing."""
        answers = {reason.answer for reason in self.reasons}
        return next((answer for answer in (NO, JUDGED) if answer in answers), YES)

    @property
    def judges(self) -> tuple[str, ...]:
        """The bodies that judge, if the plan is to be judged."""
        judged = (reason.by for reason in self.reasons if reason.answer == JUDGED)
        return tuple(dict.fromkeys(judged)) if self.eligible == JUDGED else ()

    def as_dict(self) -> dict[str, Any]:
        """Return the eligibility as plain values, for JSON."""
        outcome = plain_fields(self, "eligible", "judges", "reasons")
        return {**plain_fields(self.plan, "zone", "on"), **outcome}


@check_arguments(plan=Plan, rules=(AidRules, None))
def check_installation(plan: Plan, rules: AidRules | None = None) -> Eligibility:
    """Return whether a planned installation may be conventioned, and why.

    Parameters
    ----------
    plan : Plan
        Zone, day and what is known of training, departure and derogation.
    rules : AidRules, optional
        By default those shipped.

    Returns
    -------
    Eligibility
        Yes, no or to be judged, with the article of each reason (convention nationale 1.2,
        1.2.3 and 4.1.1).

    Raises
    ------
    InputDataError
        An unknown zone or ground, a negative number, a training that began after the day, a day
        before the rules.
    """
    rules = rules or load_aid_rules()
    opened = aids_of_zone(plan.zone, plan.on, rules)
    terms = rules.section("installation", InstallationTerms, plan.on)
    if faults := list(_faults(plan, terms)):
        raise InputDataError(faults)
    case = _Case(plan, rules, terms)
    reasons = [case.start(), *(case.regulated() if opened.regulated else case.open())]
    return Eligibility(plan, tuple(reasons))


def _faults(plan: Plan, terms: InstallationTerms) -> Iterator[Fault]:
    def fault(kind: str, key: str, **details: object) -> Fault:
        return Fault(f"installation.{kind}", "plan", key=key, details=details)

    departure, bounds = plan.departure, Period(FIRST_DAY, LAST_DAY)
    if departure and not bounds.includes(departure.on):
        yield fault("day_out_of_range", "departure", day=str(departure.on), **bounds.as_dict())
    if plan.entered is not None and plan.entered > plan.on.year:
        yield fault("entered_after", "entered", entered=plan.entered, on=str(plan.on))
    if plan.establishment_months < 0:
        yield fault("negative", "establishment_months")
    if departure and (departure.acts or 0) < 0:
        yield fault("negative", "departure.acts")
    grounds = tuple(ground.id for ground in terms.derogations)
    if plan.derogation is not None and plan.derogation not in grounds:
        yield fault("unknown_ground", "derogation", ground=plan.derogation, known=grounds)


@dataclass(frozen=True)
class _Case:
    plan: Plan
    rules: AidRules
    terms: InstallationTerms

    def cite(self, name: str) -> DatedValue:
        return self.rules.cite(f"installation.{name}", self.plan.on)

    def start(self) -> Reason:
        """Judge experience or commitment, required of those who entered the training late."""
        entered, first = self.plan.entered, self.terms.first_entry_year
        prepared = self.prepared()
        second_year = self.terms.entry_counted == "second_year"
        if entered is not None and entered + second_year < first:
            text = f"the condition is for those who entered the training from {first} on, not in"
            if entered + 1 < first:
                return Reason(NOT_APPLICABLE, f"{text} {entered}", self.cite("first_entry_year"))
            # The other reading of a silent point would change the answer.
            other = f"read as entry into the second year, in {first}, it applies: {prepared.text}"
            return Reason(NOT_APPLICABLE, f"{text} {entered}; {other}", self.cite("entry_counted"))
        if entered is None and prepared.answer == NO:
            text = f"year of entry into the training not given; from {first} on: {prepared.text}"
            return Reason(JUDGED, text, self.cite("first_entry_year"), "caisse")
        return prepared

    def prepared(self) -> Reason:
        """Judge experience or commitment."""
        plan, terms = self.plan, self.terms
        months, needed = plan.establishment_months, terms.establishment_years * _MONTHS
        if months >= needed:
            text = f"{months} months in an establishment, {needed} needed"
            return Reason(YES, text, self.cite("establishment_years"))
        rule, zones = self.cite("commitment_years"), " or ".join(terms.commitment_zones)
        if not plan.commits:
            text = f"{months} of {needed} months in an establishment, and no commitment to {zones}"
            return Reason(NO, text, rule)
        text = f"commits to the first {terms.commitment_years} years in {zones}"
        if plan.zone in terms.commitment_zones:
            return Reason(YES, text, rule)
        return Reason(NO, f"{text}, and this zone is {plan.zone}", rule)

    def open(self) -> Iterator[Reason]:
        """Judge a zone in which conventionnement is free."""
        rule = self.rules.cite("zones.regulated", self.plan.on)
        yield Reason(YES, f"conventionnement is not regulated in {self.plan.zone}", rule)

    def regulated(self) -> Iterator[Reason]:
        """Judge a zone in which one departure permits one installation."""
        succession = self.succession()
        claimed = succession.answer == NO and self.plan.derogation
        yield self.derogation(succession) if claimed else succession

    def succession(self) -> Reason:
        """Judge the succession of a colleague."""
        plan, terms, departure = self.plan, self.terms, self.plan.departure
        if departure is None or departure.taken:
            text = f"{plan.zone} takes one installation for one departure, and none is named"
            if departure:
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
        enough = departure.acts >= terms.predecessor_acts
        return Reason(YES, text, rule) if enough else Reason(JUDGED, text, rule, judge)

    def derogation(self, succession: Reason) -> Reason:
        """Leave a derogation to the body that judges it."""
        ground = next(g for g in self.terms.derogations if g.id == self.plan.derogation)
        text = f"derogation {ground.id}, {ground.title}; no succession: {succession.text}"
        return Reason(JUDGED, text, self.cite("derogations"), self.terms.derogation_judge)
