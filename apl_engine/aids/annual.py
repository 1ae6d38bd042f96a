"""CAMMK: an amount a year that accrues by day; and trainees, in every contract."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .contract import Trainee
from .dates import Period, civil_months, civil_years
from .money import NOTHING, cents
from .rules.sections import TraineeTerms, UpliftTerms
from .schedule_lines import Line
from .timeline import Course

_Accrued = dict[int, Decimal]


def upkeep_lines(course: Course) -> Iterator[Line]:
    """Yield the lines of a CAMMK: one for each civil year, due in the next; recovery aside."""
    for year, amount in accrued(course).items():
        yield _line(course, year, "aid", amount, f"{course.contract.kind}.yearly_amount")
    if course.contract.uplift:
        for year, amount in accrued(course, uplift=True).items():
            yield _line(course, year, "uplift", amount, "uplift.rate")


def _line(course: Course, year: int, kind: str, amount: Decimal, rule: str) -> Line:
    days = Period(date(year, 1, 1), date(year, 12, 31)).within(course.ran)
    what = f"{course.contract.kind} for {year}, {days.days} days"
    if kind == "uplift":
        what = f"uplift of {what}"
    due = course.upkeep(days.last).payment_before.of(year + 1)
    cited = course.cite(rule, days.last)
    return Line(due.year, due, "before", kind, what, amount, cited, money=kind)


def accrued(course: Course, *, uplift: bool = False) -> _Accrued:
    """Return what each civil year brings, in EUR, rounded."""
    if course.upkeep(course.contract.signed).accrual == "civil_year":
        return _by_civil_year(course, uplift=uplift)
    found: _Accrued = defaultdict(lambda: NOTHING)
    for year in course.years_run():
        ran = year.up_to(course.ran.last)
        amount = _yearly(course, year, uplift=uplift)
        before = NOTHING
        for civil in civil_years(ran):
            # What was rounded off one civil year goes to the next: a whole year adds up.
            up_to = cents(amount * ran.up_to(civil.last).days / year.days)
            found[civil.first.year] += up_to - before
            before = up_to
    return found


def _by_civil_year(course: Course, *, uplift: bool) -> _Accrued:
    found = {}
    for civil in civil_years(course.ran):
        parts = (
            _yearly(course, term, uplift=uplift)
            * term.within(course.ran).within(civil).days
            / civil.days
            for term in course.terms
        )
        found[civil.first.year] = cents(sum(parts, Fraction(0)))
    return found


def _yearly(course: Course, period: Period, *, uplift: bool) -> Fraction:
    amount = course.upkeep(period.first).yearly_amount
    if not uplift:
        return amount
    terms: UpliftTerms = course.section("uplift", UpliftTerms, period.first)
    return amount * terms.rate


def trainee_lines(course: Course) -> Iterator[Line]:
    """Yield what each trainee brings: a line for each civil year, due in the next."""
    for number, trainee in enumerate(course.contract.trainees, 1):
        period = trainee.period.within(course.ran)
        for civil in civil_years(period):
            part = period.within(civil)
            terms: TraineeTerms = course.section("trainee", TraineeTerms, part.first)
            months = months_of(part)
            amount = cents(terms.monthly_amount * months * trainee.share)
            due = terms.payment_before.of(civil.first.year + 1)
            what = f"trainee {number} in {civil.first.year}, {_described(trainee, months)}"
            rule = course.cite("trainee.monthly_amount", part.first)
            yield Line(due.year, due, "before", "trainee", what, amount, rule, money="trainee")


def months_of(period: Period) -> Fraction:
    """Return the months of a period: whole ones count 1, broken ones by their days."""
    months = (Fraction(period.within(month).days, month.days) for month in civil_months(period))
    return sum(months, Fraction(0))


def _described(trainee: Trainee, months: Fraction) -> str:
    whole, part = divmod(months, 1)
    written = f"{whole} + {part}" if part and whole else str(months)
    return f"months: {written}" + (f", at {trainee.share}" if trainee.share < 1 else "")
