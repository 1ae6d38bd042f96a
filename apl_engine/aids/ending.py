"""What is taken back where a contract ends before its term."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from .contract import Termination
from .course import Course
from .days import Period
from .flat import flat_payments, settlement, uplift_rate
from .lines import Line
from .money import NOTHING, cents
from .terms import UpkeepTerms
from .upkeep import accrued
from .values import Dated


def ending_lines(course: Course) -> Iterator[Line]:
    """Yield what is taken back, and how what was listed as paid differs from what was due."""
    ending = course.contract.termination
    if ending is None:
        return
    terms = course.rules.contract(course.contract.kind, course.contract.signed)
    of_kind = _upkeep if isinstance(terms, UpkeepTerms) else _flat
    for kind in ("aid", "uplift") if course.contract.uplift else ("aid",):
        yield from of_kind(course, ending, kind)


def _upkeep(course: Course, ending: Termination, kind: str) -> Iterator[Line]:
    """Yield what was paid of a CAMMK beyond what it had earned by its last day."""
    paid = _listed(course, kind)
    earned = sum(accrued(course, uplift=kind == "uplift").values(), NOTHING)
    if paid is None or paid <= earned:
        return
    rule = course.cite("termination.uplift" if kind == "uplift" else f"termination.{ending.by}")
    yield _difference(course, ending, kind, paid - earned, rule)
    what = f"{kind}: {paid} EUR paid, {earned} earned up to {course.ran.last}"
    yield Line(ending.on.year, ending.on, "from", "recovery", what, earned - paid, rule)


def _flat(course: Course, ending: Termination, kind: str) -> Iterator[Line]:
    """Yield what is taken back of a CACCMK or CAIMK for the days that remained."""
    factor = uplift_rate(course) if kind == "uplift" else Fraction(1)
    settled = settlement(course)
    taken = settled[1] * factor if settled else Fraction(0)
    # A settlement that came before, with a payment, has reduced what was paid.
    before, at_end = (Fraction(0), taken) if settled and settled[0] == ending.on else (taken, 0)
    amounts = [payment.amount * factor for payment in flat_payments(course)]
    made = sum(amounts, Fraction(0)) - before
    name = "termination.uplift" if kind == "uplift" else f"{course.contract.kind}.recovery"
    rule = course.cite(name)
    paid = _listed(course, kind)
    if paid is not None:
        made = Fraction(paid)
        due = sum(map(cents, amounts), NOTHING) - cents(before)
        if paid != due:
            yield _difference(course, ending, kind, paid - due, rule)
    left = Period(ending.on, course.whole.last).days
    kept = max(made - at_end, Fraction(0))
    amount = cents(kept * left / course.whole.days)
    if amount and course.flat.recovery != "none":
        what = f"{kind} of {cents(kept)} EUR, for {left} of {course.whole.days} days that remained"
        yield Line(ending.on.year, ending.on, "from", "recovery", what, -amount, rule)


def _listed(course: Course, kind: str) -> Decimal | None:
    """Return what the contract lists as paid; None where it lists nothing."""
    if course.contract.paid is None:
        return None
    return sum((payment.amount for payment in course.contract.paid_of(kind)), NOTHING)


def _difference(
    course: Course, ending: Termination, kind: str, amount: Decimal, rule: Dated
) -> Line:
    on = max((payment.on for payment in course.contract.paid_of(kind)), default=ending.on)
    word = "beyond" if amount > 0 else "short of"
    what = f"{kind}: listed as paid, {word} what was due by then"
    return Line(on.year, on, "on", "listed", what, amount, rule)
