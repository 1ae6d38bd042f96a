"""What is taken back by the calendar where a CACCMK or CAIMK ends before its term."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from .contract import Termination
from .dates import Period
from .lump_sums import flat_payments, settlement, uplift_rate
from .money import cents
from .rules.sections import UpkeepTerms
from .schedule_lines import Line
from .timeline import Course


def ending_lines(course: Course) -> Iterator[Line]:
    """Yield what is taken back of payments made by the calendar.

    A CAMMK that is paid by the calendar gets what it has earned, and nothing is taken back.
    """
    ending = course.contract.termination
    terms = course.rules.contract(course.contract.kind, course.contract.signed)
    if ending is None or isinstance(terms, UpkeepTerms):
        return
    for money in course.contract.monies:
        yield from _flat(course, ending, money)


def _flat(course: Course, ending: Termination, money: str) -> Iterator[Line]:
    """Yield what is taken back of a CACCMK or CAIMK for the days that remained."""
    factor = uplift_rate(course) if money == "uplift" else Fraction(1)
    settled = settlement(course)
    taken = settled[1] * factor if settled else Fraction(0)
    made = sum((payment.amount * factor for payment in flat_payments(course)), Fraction(0))
    name = "termination.uplift" if money == "uplift" else f"{course.contract.kind}.recovery"
    left = Period(ending.on, course.whole.last).days
    kept = max(made - taken, Fraction(0))
    amount = cents(kept * left / course.whole.days)
    if amount and course.flat.recovery != "none":
        what = f"{money} of {cents(kept)} EUR, for {left} of {course.whole.days} days that remained"
        rule, year = course.cite(name), ending.on.year
        yield Line(year, ending.on, "from", "recovery", what, -amount, rule, money=money)
