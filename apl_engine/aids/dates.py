"""Days, months and years of contracts."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .typed import Typed

DAY = timedelta(days=1)
# Days outside are typing errors, and would overflow the arithmetic on days.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Period(Typed):
    """Days from `first` to `last`, both included; none if `last` comes before."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """The number of days."""
        return max((self.last - self.first).days + 1, 0)

    def includes(self, day: date) -> bool:
        """Whether a day is in the period."""
        return self.first <= day <= self.last

    def within(self, other: Period) -> Period:
        """Return the days that are in both periods."""
        return Period(max(self.first, other.first), min(self.last, other.last))

    def up_to(self, last: date) -> Period:
        """Return the days up to one."""
        return Period(self.first, min(self.last, last))

    def as_dict(self) -> dict[str, str]:
        """Return the first and the last day as text."""
        return {"from": str(self.first), "to": str(self.last)}


def anniversary(signed: date, years: int, leap: str) -> date:
    """Return the day `years` after a signature.

    Parameters
    ----------
    signed : date
    years : int
    leap : str
        What becomes of 29 February in a common year: ``1_march`` or ``28_february``.

    Returns
    -------
    date
    """
    try:
        return signed.replace(year=signed.year + years)
    except ValueError:
        eve = date(signed.year + years, 2, 28)
        return eve + DAY if leap == "1_march" else eve


def contract_year(signed: date, number: int, leap: str) -> Period:
    """Return the contract year of a number, counted from 1."""
    first, following = (anniversary(signed, years, leap) for years in (number - 1, number))
    return Period(first, following - DAY)


def months_after(day: date, months: int) -> date:
    """Return the last day of a time limit in months (code de procédure civile, article 641).

    Parameters
    ----------
    day : date
    months : int

    Returns
    -------
    date
        The same day of a later month, or its last day if it has no such day.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def civil_years(period: Period) -> Iterator[Period]:
    """Yield the civil years that a period touches."""
    if period.days:
        for year in range(period.first.year, period.last.year + 1):
            yield Period(date(year, 1, 1), date(year, 12, 31))


def civil_months(period: Period) -> Iterator[Period]:
    """Yield the calendar months that a period touches."""
    first = period.first.replace(day=1)
    while period.days and first <= period.last:
        last = date(first.year, first.month, calendar.monthrange(first.year, first.month)[1])
        yield Period(first, last)
        first = last + DAY
