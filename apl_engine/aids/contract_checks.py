"""What is wrong with a contract, beside the rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from ..errors import Fault
from .contract import Contract, Earlier
from .dates import FIRST_DAY, LAST_DAY
from .rules.rules import AidRules
from .rules.sections import FlatTerms
from .rules.values import KINDS
from .timeline import Course, course_of


def faults_of(
    contract: Contract, rules: AidRules, name: str = "contract", until: date | None = None
) -> list[Fault]:
    """Return every fault of a contract; `name` is that of its file."""
    return [
        Fault(
            code="legacy.fault",
            table=f"{name}: {place}",
            details={"problem": problem, "hint": hint},
        )
        for place, problem, hint in _found(contract, rules, until)
    ]


_Found = Iterator[tuple[str, str, str]]


def _found(contract: Contract, rules: AidRules, until: date | None) -> _Found:
    if contract.kind not in KINDS:
        yield "contract", f"unknown kind of contract; known are {', '.join(KINDS)}", ""
        return
    if contract.signed < rules.first_day:
        problem = f"{contract.signed} lies before the first day of the rules, {rules.first_day}"
        yield "signed", problem, "No rule of an older contract is known."
        return
    if far := [day for day in _known_days(contract, until) if not FIRST_DAY <= day <= LAST_DAY]:
        yield "days", f"{far[0]} lies outside {FIRST_DAY} to {LAST_DAY}", ""
        return
    if until is not None and until < contract.signed:
        yield "until", f"{until} lies before the signature on {contract.signed}", ""
    course = course_of(contract, rules, until)
    yield from _zones(course)
    yield from _termination(course)
    yield from _acts(course)
    yield from _trainees(course)
    yield from _paid(course)
    yield from _earlier(contract, rules)


def _known_days(contract: Contract, until: date | None) -> list[date]:
    days = [contract.signed]
    for trainee in contract.trainees:
        days += [trainee.period.first, trainee.period.last]
    days += [change.on for change in contract.zone_changes]
    days += [payment.on for payment in contract.paid or ()]
    days += [contract.termination.on] if contract.termination else []
    return days + ([until] if until else [])


def _zones(course: Course) -> _Found:
    contract, rules = course.contract, course.rules
    opened = rules.cite("zones.conventional", contract.signed)
    known = rules.cite("zones.known", contract.signed).parsed
    if contract.zone is not None and contract.zone not in known:
        yield "zone", f"'{contract.zone}' is no zone; known are {', '.join(known)}", ""
    elif contract.zone is not None and contract.zone not in opened.parsed.zones:
        problem = (
            f"'{contract.zone}' opened no right to a {contract.kind} on {contract.signed}: since "
            f"{opened.since} only {', '.join(opened.parsed.zones)} ({opened.article})"
        )
        yield "zone", problem, ""
    if contract.zone not in opened.parsed.zones and contract.uplift and contract.zone:
        yield "uplift", "only a zone that opens the contract can be on the agency's list", ""
    days = [change.on for change in contract.zone_changes]
    for number, change in enumerate(contract.zone_changes, 1):
        place = f"zone_change {number}"
        if change.zone not in known:
            yield place, f"'{change.zone}' is no zone; known are {', '.join(known)}", ""
        if not contract.signed < change.on <= course.whole.last:
            yield place, f"{change.on} lies outside the contract, {_days(course)}", ""
        if days.count(change.on) > 1:
            yield place, f"two changes on {change.on}", ""


def _days(course: Course) -> str:
    return f"{course.whole.first} to {course.whole.last}"


def _termination(course: Course) -> _Found:
    ending = course.contract.termination
    if ending is None:
        return
    if ending.by not in ("practitioner", "caisse"):
        yield "termination.by", 'expected "practitioner" or "caisse"', ""
    if not course.whole.first <= ending.on <= course.whole.last:
        yield "termination.on", f"{ending.on} lies outside the contract, {_days(course)}", ""
    procedure = ending.procedure
    if procedure and not course.whole.first <= procedure.received <= ending.on:
        problem = f"{procedure.received} lies outside {course.whole.first} to {ending.on}"
        yield "termination.letter_received", problem, ""


def _acts(course: Course) -> _Found:
    acts = course.contract.acts
    terms = course.rules.contract(course.contract.kind, course.contract.signed)
    if acts and not isinstance(terms, FlatTerms):
        problem = f"a {course.contract.kind} is not reduced by activity"
        yield "acts", problem, "Leave acts out."
        return
    if negative := [number for number in acts if number < 0]:
        yield "acts", f"{negative[0]} is negative", ""
    if len(acts) > terms.years:
        yield "acts", f"{len(acts)} contract years of a contract of {terms.years}", ""
    elif len(acts) > (begun := len(course.years_run())):
        yield "acts", f"{len(acts)} contract years, where {begun} began before the termination", ""


def _trainees(course: Course) -> _Found:
    years = course.cite("trainee.study_years").parsed
    for number, trainee in enumerate(course.contract.trainees, 1):
        place = f"trainee {number}"
        if trainee.year not in years:
            allowed = " or ".join(map(str, years))
            yield f"{place}.year", f"year of study {trainee.year} is not {allowed}", ""
        if not 0 < trainee.share <= 1:
            yield f"{place}.share", f"share {trainee.share} is not above 0 and at most 1", ""
        if not trainee.period.within(course.ran).days:
            period = f"{trainee.period.first} to {trainee.period.last}"
            problem = f"{period} lies outside the contract, which ran {_ran(course)}"
            yield place, problem, ""


def _ran(course: Course) -> str:
    if not course.ran.days:
        return "no day"
    return f"from {course.ran.first} to {course.ran.last}"


def _paid(course: Course) -> _Found:
    contract = course.contract
    last = date(course.ran.last.year + 1, 12, 31)
    # A flat contract pays nothing from its termination on.
    terms = course.rules.contract(contract.kind, contract.signed)
    ended = contract.termination.on if contract.termination else None
    for number, payment in enumerate(contract.paid or (), 1):
        place = f"paid {number}"
        if payment.amount < 0:
            yield place, f"amount {payment.amount} is negative", ""
        if payment.on < contract.signed:
            yield place, f"{payment.on} lies before the signature on {contract.signed}", ""
        elif ended and isinstance(terms, FlatTerms) and payment.on >= ended:
            yield place, f"{payment.on} lies after the termination on {ended}", ""
        elif payment.on > last:
            yield place, f"{payment.on} lies after {last}, the last day of its payments", ""
        if payment.kind == "uplift" and not contract.uplift:
            yield place, "an uplift was paid, where uplift is false", ""


def _earlier(contract: Contract, rules: AidRules) -> _Found:
    exclusive = rules.cite("contract.exclusive", contract.signed)
    allowed = rules.contract(contract.kind, contract.signed).may_follow
    for number, earlier in enumerate(contract.earlier, 1):
        place = f"earlier {number}"
        if earlier.kind not in KINDS:
            yield place, f"unknown kind of contract; known are {', '.join(KINDS)}", ""
        elif earlier.kind not in allowed:
            rule = rules.cite(f"{contract.kind}.may_follow", contract.signed)
            yield place, f"a {contract.kind} may not follow a {earlier.kind} ({rule.article})", ""
        if exclusive.parsed and earlier.period.last >= contract.signed:
            what = f"the signature on {contract.signed}"
            yield place, _cumulated(earlier, what, exclusive.article), ""
    for one, other in combinations(contract.earlier, 2):
        if exclusive.parsed and one.period.within(other.period).days:
            yield "earlier", _cumulated(one, f"a {other.kind}", exclusive.article), ""


def _cumulated(earlier: Earlier, what: str, article: str) -> str:
    return f"the {earlier.kind} up to {earlier.period.last} overlaps {what} ({article})"
