"""The course of a contract: its terms, renewals and last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from .contract import Contract
from .dates import DAY, Period, anniversary, contract_year
from .rules.rules import AidRules
from .rules.sections import ContractTerms, FlatTerms, UpkeepTerms
from .rules.values import Dated


@dataclass(frozen=True)
class Course:
    """A contract with its rules and the days it runs.

    Attributes
    ----------
    contract, rules : what it is made of.
    terms : each term from its first to its last day, renewals included as far as followed.
    left : the day on which no renewal follows since the zone opens none; None otherwise.
    """

    contract: Contract
    rules: AidRules
    terms: tuple[Period, ...]
    left: date | None

    @property
    def whole(self) -> Period:
        """All days of the terms, as if nothing ended them before."""
        return Period(self.terms[0].first, self.terms[-1].last)

    @property
    def ran(self) -> Period:
        """The days on which the contract runs, up to the eve of its termination."""
        ending = self.contract.termination
        return self.whole.up_to(ending.on - DAY) if ending else self.whole

    def term_of(self, day: date) -> Period:
        """Return the term in which a day lies."""
        return next(term for term in self.terms if day <= term.last)

    def year(self, number: int) -> Period:
        """Return a contract year, counted from 1."""
        return contract_year(self.contract.signed, number, self.leap)

    @property
    def leap(self) -> str:
        """What becomes of an anniversary on 29 February."""
        on = self.contract.signed
        return self.rules.section("contract", ContractTerms, on).leap_anniversary

    def years_run(self) -> list[Period]:
        """Return the contract years that have begun by the last day, whole."""
        found: list[Period] = []
        while (year := self.year(len(found) + 1)).first <= self.ran.last:
            found.append(year)
        return found

    def cite(self, name: str, on: date | None = None) -> Dated:
        """Return a value of the term in which a day lies; by default of the first term."""
        first = self.contract.signed if on is None else self.term_of(on).first
        return self.rules.cite(name, first)

    def section(self, name: str, kind: type[Any], on: date) -> Any:
        """Return a section as it stands for the term in which a day lies."""
        return self.rules.section(name, kind, self.term_of(on).first)

    def upkeep(self, on: date) -> UpkeepTerms:
        """Return the terms of a CAMMK for the term in which a day lies."""
        terms: UpkeepTerms = self.section(self.contract.kind, UpkeepTerms, on)
        return terms

    @property
    def flat(self) -> FlatTerms:
        """The terms of a CACCMK or CAIMK."""
        return self.rules.section(self.contract.kind, FlatTerms, self.contract.signed)


def course_of(contract: Contract, rules: AidRules, until: date | None = None) -> Course:
    """Return the course of a contract.

    Tacit renewals are followed as far as `until` and what the contract tells of later days.
    """
    known = [trainee.period.last for trainee in contract.trainees]
    known += [contract.termination.on - DAY] if contract.termination else []
    known += [change.on for change in contract.zone_changes]
    # What is paid in a civil year is due for the one before.
    known += [date(payment.on.year - 1, 1, 1) for payment in contract.paid or ()]
    horizon = max([contract.signed, *known, *([until] if until else [])])
    terms = [_term(contract, rules, 0)]
    left = None
    while left is None and rules.contract(contract.kind, terms[-1].last + DAY).renewable:
        first = terms[-1].last + DAY
        if not _renewed(contract, rules, first):
            left = first
        elif first <= horizon:
            terms.append(_term(contract, rules, len(terms)))
        else:
            break
    return Course(contract, rules, tuple(terms), left)


def _term(contract: Contract, rules: AidRules, renewals: int) -> Period:
    leap = rules.section("contract", ContractTerms, contract.signed).leap_anniversary
    years = rules.contract(contract.kind, contract.signed).years
    first, following = (
        anniversary(contract.signed, years * number, leap) for number in (renewals, renewals + 1)
    )
    return Period(first, following - DAY)


def _renewed(contract: Contract, rules: AidRules, first: date) -> bool:
    """Whether the zone on the first day of a renewal lets it be."""
    terms = rules.contract(contract.kind, first)
    zone = contract.zone_on(first)
    opened = rules.cite("zones.conventional", first).parsed.zones
    outside = isinstance(terms, UpkeepTerms) and terms.renewal_outside_zone == "yes"
    return outside or zone is None or zone in opened


def last_day(kind: str, signed: date, rules: AidRules) -> date:
    """Return the last day of the first term of a contract.

    Parameters
    ----------
    kind : CACCMK, CAIMK or CAMMK.
    signed : its first day.
    rules : as from `load_aid_rules`.

    Raises
    ------
    InputDataError
        The rules know no such contract on that day.
    """
    leap = rules.section("contract", ContractTerms, signed).leap_anniversary
    return anniversary(signed, rules.contract(kind, signed).years, leap) - DAY
