"""What a schedule has to say beside its amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..notes import Note
from .dates import months_after
from .lump_sums import flat_payments
from .money import NOTHING
from .rules.sections import FlatTerms, UpkeepTerms
from .rules.values import Dated
from .schedule_lines import Line
from .timeline import Course


def remarks(course: Course, lines: Sequence[Line], calendar: Sequence[Line]) -> Iterator[Note]:
    """Yield contradictions, conditions, what was left out, and what no text settles.

    `calendar` is what is due whatever was paid, trainees aside.
    """
    kind = course.contract.kind
    terms = course.rules.contract(kind, course.contract.signed)
    if isinstance(terms, UpkeepTerms):
        yield from _upkeep(course, terms)
    else:
        yield from _flat(course, terms, calendar)
    yield from _paid(course, lines, calendar)
    yield from _zone(course)
    yield from _procedure(course)
    yield from _trainees(course)
    yield from _unsure(course, [*lines, *calendar])


def _upkeep(course: Course, terms: UpkeepTerms) -> Iterator[Note]:
    kind = course.contract.kind
    for name in ("renewable", "yearly_amount"):
        rule = course.cite(f"{kind}.{name}")
        yield Note(
            "contradiction", warning=True, details={"text": f"{rule.article}. {rule.reason}"}
        )
    rule = course.cite(f"{kind}.minimum_activity")
    share = f"{float(terms.minimum_activity):.0%}"
    text = f"Condition: {share} of the conventioned activity in the zone. {rule.article}"
    yield Note("condition", details={"text": text})
    if not course.left and not course.contract.termination and terms.renewable:
        last = course.whole.last
        yield Note(
            "renewable",
            details={"text": f"Tacitly renewable after {last}; --until follows renewals."},
        )


def _flat(course: Course, terms: FlatTerms, lines: Sequence[Line]) -> Iterator[Note]:
    contract = course.contract
    text = (
        f"The contract of a {contract.kind} was not read: termination, procedure, trainees, uplift "
        "and change of zone go by that of the CAMMK"
    )
    yield Note("by_analogy", details={"text": text})
    unknown = [line for line in lines if line.at_most and line.kind == "aid"]
    if unknown:
        text = "payments depend on acts that are not known: each is the most it can be"
        yield Note("at_most", len(unknown), details={"text": f"{len(unknown)} {text}"})
    if not contract.acts and terms.first_payment_activity == "settled":
        text = "The first payment is settled once the acts of contract year 1 are known."
        yield Note("at_most", details={"text": text})
    if len(contract.acts) > len(terms.payments):
        text = (
            f"No payment is for a contract year after {len(terms.payments)}: acts of it are unused"
        )
        yield Note("unused_acts", details={"text": text})
    dropped = len(flat_payments(course, made_only=False)) - len(flat_payments(course))
    if dropped:
        text = f"{dropped} payments dated after the termination are not made"
        yield Note("not_made", dropped, details={"text": text})
    ending = contract.termination
    cut = next(
        (n for n, year in enumerate(course.years_run(), 1) if year.last > course.ran.last), 0
    )
    if ending and 0 < cut <= len(contract.acts):
        text = f"Acts of contract year {cut}, cut short, are set beside the floors of a whole year"
        yield Note("cut_short", warning=True, details={"text": text})


def _paid(course: Course, lines: Sequence[Line], calendar: Sequence[Line]) -> Iterator[Note]:
    """Set what was paid beside what was due by then; a termination does so in its lines."""
    contract = course.contract
    if not contract.paid or contract.termination:
        return
    last = max(payment.on for payment in contract.paid)
    paid = sum((payment.amount for payment in contract.paid), NOTHING)
    due = sum((line.amount for line in calendar if line.due <= last), NOTHING)
    text = f"{paid} EUR are listed as paid up to {last}; {due} were due by then, trainees aside"
    differs = any(line.kind in ("arrears", "recovery") for line in lines)
    yield Note("paid", warning=differs, details={"text": text})


def _zone(course: Course) -> Iterator[Note]:
    contract = course.contract
    for change in contract.zone_changes:
        opened = course.rules.cite("zones.conventional", change.on).parsed.zones
        if change.zone not in opened and change.on <= course.ran.last:
            rule = course.cite("contract.zone_left")
            text = f"On {change.on} the zone becomes {change.zone}: {rule.article}"
            if course.contract.kind != "CAMMK":
                text += f". {rule.reason}"
            yield Note("zone_left", details={"text": text})


def _procedure(course: Course) -> Iterator[Note]:
    ending = course.contract.termination
    if ending is None or ending.procedure is None:
        return
    rule = course.cite("procedure.observations_months")
    last = months_after(ending.procedure.received, rule.parsed)
    if ending.on <= last:
        text = f"Observations may be made up to {last}, and the termination is of {ending.on}"
        yield Note("too_early", warning=True, details={"text": f"{text}: {rule.article}"})


def _trainees(course: Course) -> Iterator[Note]:
    for number, trainee in enumerate(course.contract.trainees, 1):
        within = trainee.period.within(course.ran)
        if within != trainee.period:
            left = trainee.period.days - within.days
            text = f"{left} days of trainee {number} lie outside the contract and bring nothing"
            yield Note("outside", left, details={"text": text})


def _unsure(course: Course, lines: Sequence[Line]) -> Iterator[Note]:
    found: dict[str, Dated] = {line.rule.key: line.rule for line in lines}
    found |= {key: course.cite(key) for key in _points(course)}
    for rule in found.values():
        if rule.silent:
            yield Note("silent", details={"text": f"[{rule.key}] {rule.shown}: {rule.reason}"})
        elif not rule.sure or (rule.key == "uplift.rate" and course.contract.kind != "CAMMK"):
            text = f"[{rule.key}] {rule.confidence}, from [{rule.source}]: {rule.article}"
            yield Note(
                rule.confidence, details={"text": f"{text}. {rule.reason}" if rule.reason else text}
            )


def _points(course: Course) -> Iterator[str]:
    """Yield what the amounts hang on beside the rules of lines."""
    contract = course.contract
    kind = contract.kind
    yield "zones.conventional"
    if isinstance(course.rules.contract(kind, contract.signed), UpkeepTerms):
        yield f"{kind}.accrual"
    else:
        yield f"{kind}.payment_before"
        yield f"{kind}.first_payment_activity"
        if contract.acts:
            yield f"{kind}.first_year_full"
            yield f"{kind}.below_floor"
        if len(contract.acts) > 1:
            yield f"{kind}.full"
        if contract.termination:
            yield f"{kind}.recovery"
    if course.left and not contract.termination:
        yield f"{kind}.renewal_outside_zone"
    if (contract.signed.month, contract.signed.day) == (2, 29):
        yield "contract.leap_anniversary"
    if contract.trainees:
        yield "trainee.broken_month"
        if contract.termination:
            yield "termination.trainees"
    if contract.earlier:
        yield f"{kind}.may_follow"
