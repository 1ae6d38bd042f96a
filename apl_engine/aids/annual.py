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
from .rules.sections import AnnualTerms, TraineeTerms, UpliftTerms
from .schedule_lines import Line
from .timeline import Timeline

_Accrued = dict[int, Decimal]


def annual_lines(timeline: Timeline) -> Iterator[Line]:
    """Yield the lines of a CAMMK: one for each civil year, due in the next."""
    kind = timeline.contract.kind
    for money in timeline.contract.monies:
        key = f"{kind}.yearly_amount" if money == "aid" else "uplift.rate"
        for year, amount in accrued(timeline, uplift=money == "uplift").items():
            days = Period(date(year, 1, 1), date(year, 12, 31)).within(timeline.ran)
            what = f"{kind} for {year}, {days.days} days"
            what = what if money == "aid" else f"uplift of {what}"
            due = _terms(timeline, days.last).payment_before.of(year + 1)
            rule = timeline.cite(key, days.last)
            yield Line(due, "before", money, money, what, amount, rule)


def _terms(timeline: Timeline, on: date) -> AnnualTerms:
    return timeline.section(timeline.contract.kind, AnnualTerms, on)


def accrued(timeline: Timeline, *, uplift: bool = False) -> _Accrued:
    """Return what each civil year gives, in EUR, rounded to the cent.

    Parameters
    ----------
    timeline : Timeline
        Of a CAMMK.
    uplift : bool
        Of the uplift, not of the aid.

    Returns
    -------
    dict of int to Decimal
        By civil year.
    """
    if _terms(timeline, timeline.contract.signed).accrual == "civil_year":
        return _by_civil_year(timeline, uplift=uplift)
    amounts: _Accrued = defaultdict(lambda: NOTHING)
    for year in timeline.years_run():
        ran = year.up_to(timeline.ran.last)
        amount = _yearly(timeline, year, uplift=uplift)
        before = NOTHING
        for civil in civil_years(ran):
            # What was rounded off one civil year goes to the next, so that a whole year adds up.
            up_to = cents(amount * ran.up_to(civil.last).days / year.days)
            amounts[civil.first.year] += up_to - before
            before = up_to
    return amounts


def _by_civil_year(timeline: Timeline, *, uplift: bool) -> _Accrued:
    amounts = {}
    for civil in civil_years(timeline.ran):
        ran = civil.within(timeline.ran)
        parts = (
            _yearly(timeline, term, uplift=uplift) * term.within(ran).days / civil.days
            for term in timeline.terms
        )
        amounts[civil.first.year] = cents(sum(parts, Fraction(0)))
    return amounts


def _yearly(timeline: Timeline, period: Period, *, uplift: bool) -> Fraction:
    amount = _terms(timeline, period.first).yearly_amount
    return amount * timeline.section("uplift", UpliftTerms, period.first).rate if uplift else amount


def trainee_lines(timeline: Timeline) -> Iterator[Line]:
    """Yield what is paid for each trainee: a line for each civil year, due in the next."""
    for number, trainee in enumerate(timeline.contract.trainees, 1):
        period = trainee.period.within(timeline.ran)
        for civil in civil_years(period):
            part = period.within(civil)
            terms = timeline.section("trainee", TraineeTerms, part.first)
            months = months_of(part)
            amount = cents(terms.monthly_amount * months * trainee.share)
            due = terms.payment_before.of(civil.first.year + 1)
            what = f"trainee {number} in {civil.first.year}, {_described(trainee, months)}"
            rule = timeline.cite("trainee.monthly_amount", part.first)
            yield Line(due, "before", "trainee", "trainee", what, amount, rule)


def months_of(period: Period) -> Fraction:
    """Return the months of a period: whole ones count 1, broken ones by their days."""
    months = (Fraction(period.within(month).days, month.days) for month in civil_months(period))
    return sum(months, Fraction(0))


def _described(trainee: Trainee, months: Fraction) -> str:
    whole, part = divmod(months, 1)
    written = f"{whole} + {part}" if part and whole else str(months)
    return f"months: {written}" + (f", at {trainee.share}" if trainee.share < 1 else "")
