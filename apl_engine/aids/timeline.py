"""The timeline of a contract: its terms, renewals and last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..errors import Fault, InputDataError, check_arguments
from .contract import Contract
from .dates import DAY, FIRST_DAY, LAST_DAY, Period, anniversary, contract_year
from .rules.rules import AidRules, Section
from .rules.sections import AnnualTerms, LumpSumTerms
from .rules.values import KINDS, DatedValue


@dataclass(frozen=True)
class Timeline:
    """A contract with its rules and the days on which it runs.

    Attributes
    ----------
    contract : Contract
    rules : AidRules
    terms : tuple of Period
        Each term from its first to its last day, including the renewals followed.
    zone_left : date or None
        The day on which the contract is not renewed because the zone opens no aid.
    """

    contract: Contract
    rules: AidRules
    terms: tuple[Period, ...]
    zone_left: date | None

    @property
    def whole(self) -> Period:
        """All days of the terms, without a termination."""
        return Period(self.terms[0].first, self.terms[-1].last)

    @property
    def ran(self) -> Period:
        """The days on which the contract runs, up to the eve of its termination."""
        termination = self.contract.termination
        return self.whole.up_to(termination.on - DAY) if termination else self.whole

    @property
    def signed_terms(self) -> LumpSumTerms | AnnualTerms:
        """The terms in force on the day of signature."""
        return self.rules.contract(self.contract.kind, self.contract.signed)

    @property
    def is_annual(self) -> bool:
        """Whether the contract pays an amount a year, as a CAMMK, not lump sums."""
        return isinstance(self.signed_terms, AnnualTerms)

    def term_of(self, day: date) -> Period:
        """Return the term that includes a day."""
        return next(term for term in self.terms if day <= term.last)

    def years_run(self) -> list[Period]:
        """Return the contract years that have begun by the last day, each of them whole."""
        signed, leap = self.contract.signed, _leap(self.rules, self.contract.signed)
        years: list[Period] = []
        while (year := contract_year(signed, len(years) + 1, leap)).first <= self.ran.last:
            years.append(year)
        return years

    def cite(self, key: str, on: date | None = None) -> DatedValue:
        """Return a value in force for the term that includes a day; by default for the first."""
        first = self.contract.signed if on is None else self.term_of(on).first
        return self.rules.cite(key, first)

    def section(self, name: str, kind: type[Section], on: date) -> Section:
        """Return a section in force for the term that includes a day."""
        return self.rules.section(name, kind, self.term_of(on).first)


def build_timeline(contract: Contract, rules: AidRules, until: date | None = None) -> Timeline:
    """Return the timeline of a contract.

    Parameters
    ----------
    contract : Contract
    rules : AidRules
    until : date, optional
        Tacit renewals are followed up to this day, and up to later days that the contract states.

    Returns
    -------
    Timeline
    """
    stated = [contract.signed, *(trainee.period.last for trainee in contract.trainees)]
    stated += [contract.termination.on - DAY] if contract.termination else []
    stated += [change.on for change in contract.zone_changes]
    # What is paid in a civil year is due for the one before.
    stated += [date(payment.on.year - 1, 1, 1) for payment in contract.paid or ()]
    horizon = max([*stated, *([until] if until else [])])
    terms = [_term(contract.kind, contract.signed, rules)]
    while rules.contract(contract.kind, first := terms[-1].last + DAY).renewable:
        if not _is_renewed(contract, rules, first):
            return Timeline(contract, rules, tuple(terms), first)
        if first > horizon:
            break
        terms.append(_term(contract.kind, contract.signed, rules, len(terms)))
    return Timeline(contract, rules, tuple(terms), None)


def _term(kind: str, signed: date, rules: AidRules, renewals: int = 0) -> Period:
    leap, years = _leap(rules, signed), rules.contract(kind, signed).years
    first = anniversary(signed, years * renewals, leap)
    return Period(first, anniversary(signed, years * (renewals + 1), leap) - DAY)


def _leap(rules: AidRules, signed: date) -> str:
    """Return what becomes of an anniversary on 29 February."""
    return str(rules.cite("contract.leap_anniversary", signed).parsed)


def _is_renewed(contract: Contract, rules: AidRules, first: date) -> bool:
    """Whether the zone on the first day of a renewal permits it."""
    terms = rules.contract(contract.kind, first)
    if isinstance(terms, AnnualTerms) and terms.renewal_outside_zone == "yes":
        return True
    zone = contract.zone_on(first)
    return zone is None or zone in rules.cite("zones.conventional", first).parsed.zones


@check_arguments(kind=str, signed=date, rules=AidRules)
def last_day(kind: str, signed: date, rules: AidRules) -> date:
    """Return the last day of the first term of a contract.

    Parameters
    ----------
    kind : str
        CACCMK, CAIMK or CAMMK.
    signed : date
        Its first day.
    rules : AidRules

    Returns
    -------
    date

    Raises
    ------
    InputDataError
        There is no such kind of contract, or the rules do not hold on that day.
    """
    if kind not in KINDS:
        raise InputDataError(Fault("argument.unknown_choice", "kind", details={"choices": KINDS}))
    if signed > LAST_DAY:
        days = {"day": str(signed), **Period(FIRST_DAY, LAST_DAY).as_dict()}
        raise InputDataError(Fault("contract.day_out_of_range", "signed", details=days))
    return _term(kind, signed, rules).last
