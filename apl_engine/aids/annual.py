"""CAMMK: an amount a year that accrues by day; and trainees, in every contract."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .contract import Trainee
from .dates import DAY, Period, civil_months, civil_years
from .money import NOTHING, cents
from .rules.sections import AnnualTerms, TraineeTerms, UpliftTerms
from .schedule_lines import Line
from .termination import describe_recovery, ends_for_breach, recovery_rule, taken_back
from .timeline import Timeline

_Accrued = dict[int, Decimal]


def annual_lines(timeline: Timeline) -> Iterator[Line]:
    """Yield the lines of a CAMMK: one for each civil year, due in the next, and what goes back."""
    kind = timeline.contract.kind
    for money in timeline.contract.monies:
        key = f"{kind}.yearly_amount" if money == "aid" else "uplift.rate"
        for year, amount in accrued(timeline, uplift=money == "uplift").items():
            days = Period(date(year, 1, 1), date(year, 12, 31)).within(_due_days(timeline))
            what = f"{kind} for {year}, {days.days} days"
            what = what if money == "aid" else f"uplift of {what}"
            due = _terms(timeline, days.last).payment_before.of(year + 1)
            rule = timeline.cite(key, days.last)
            yield Line(due, "before", money, money, what, amount, rule)
        yield from _ending_lines(timeline, money)


def _due_days(timeline: Timeline) -> Period:
    """Return the days whose aid is due: if a breach ends the contract, those of years that ended.

    Earlier terms had ended as a whole.
    """
    end = timeline.contract.termination
    if not end or not ends_for_breach(timeline):
        return timeline.ran
    if timeline.cite("termination.year_begun").parsed == "pro_rata":
        return timeline.ran
    last, lost = _last_year_ended(end.on), timeline.cite("termination.unpaid_year").parsed == "lost"
    if lost and _payment_day(timeline, last) > end.on:
        last = _last_year_ended(last)
    return timeline.ran.up_to(max(last, timeline.term_of(end.on).first - DAY))


def _last_year_ended(day: date) -> date:
    return date(day.year - 1, 12, 31)


def _payment_day(timeline: Timeline, day: date) -> date:
    """Return the day before which the civil year of a day is paid."""
    on = max(day, timeline.contract.signed)
    return _terms(timeline, on).payment_before.of(day.year + 1)


def _ending_lines(timeline: Timeline, money: str) -> Iterator[Line]:
    """Yield what a termination takes back of the civil years of its term that had ended.

    What was paid by then goes back from the termination on; the amount of a year that is still to
    be paid is reduced on its day.
    """
    end, rule = timeline.contract.termination, recovery_rule(timeline, money)
    if end is None:
        return
    term, last = timeline.term_of(end.on), _last_year_ended(end.on)
    ended = _due_days(timeline).up_to(last).within(term)
    still, due = Period(date(last.year, 1, 1), last).within(ended), _payment_day(timeline, last)
    uplift = money == "uplift"
    whole = cents(_earned(timeline, ended, uplift=uplift))
    by_then = whole
    if due > end.on:
        by_then = cents(_earned(timeline, ended.up_to(still.first - DAY), uplift=uplift))
    advance = _paid_in_advance(timeline, money, term, whole)
    if advance:
        what = f"{money} that was paid for the year begun"
        cited = timeline.cite("termination.year_begun")
        yield Line(end.on, "on", money, money, what, advance, cited)
    if rule is None:
        return
    at_end = taken_back(timeline, by_then + advance)
    later = taken_back(timeline, whole + advance) - at_end
    for on, timing, paid, back in (
        (end.on, "from", by_then + advance, at_end),
        (due, "before", whole - by_then, later),
    ):
        if back:
            what = describe_recovery(timeline, money, paid)
            yield Line(on, timing, "recovery", money, what, -back, rule)


def _paid_in_advance(timeline: Timeline, money: str, term: Period, whole: Decimal) -> Decimal:
    """Return what a breach found paid beyond the years that had ended, up to those begun."""
    contract, end = timeline.contract, timeline.contract.termination
    if end is None or contract.paid is None or not ends_for_breach(timeline):
        return NOTHING
    if timeline.cite("termination.year_begun").parsed == "pro_rata":
        return NOTHING
    uplift = money == "uplift"
    before = cents(_earned(timeline, timeline.ran.up_to(term.first - DAY), uplift=uplift))
    paid = sum((p.amount for p in contract.paid_of(money) if p.on <= end.on), NOTHING) - before
    begun = [year for year in timeline.years_run() if year.within(term).days]
    most = cents(sum((_yearly(timeline, year, uplift=uplift) for year in begun), Fraction(0)))
    return max(min(paid, most) - whole, NOTHING)


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
        ran = year.within(_due_days(timeline))
        amount = _yearly(timeline, year, uplift=uplift)
        before = NOTHING
        for civil in civil_years(ran):
            # What was rounded off one civil year goes to the next, so that a whole year adds up.
            up_to = cents(amount * ran.up_to(civil.last).days / year.days)
            amounts[civil.first.year] += up_to - before
            before = up_to
    return amounts


def _by_civil_year(timeline: Timeline, *, uplift: bool) -> _Accrued:
    due = _due_days(timeline)
    return {
        civil.first.year: cents(_earned(timeline, civil.within(due), uplift=uplift))
        for civil in civil_years(due)
    }


def _earned(timeline: Timeline, days: Period, *, uplift: bool) -> Fraction:
    """Return what accrues on some days of the contract, exact."""
    if _terms(timeline, timeline.contract.signed).accrual == "civil_year":
        parts = [
            _yearly(timeline, term, uplift=uplift)
            * term.within(days).within(civil).days
            / civil.days
            for term in timeline.terms
            for civil in civil_years(term.within(days))
        ]
    else:
        parts = [
            _yearly(timeline, year, uplift=uplift) * year.within(days).days / year.days
            for year in timeline.years_run()
        ]
    return sum(parts, Fraction(0))


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
