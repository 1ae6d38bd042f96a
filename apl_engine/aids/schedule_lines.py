"""The parts of a schedule: amounts, days and totals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ..methodology.values import plain_fields
from .money import NOTHING
from .rules.values import DatedValue, Notice

PAID = ("aid", "uplift", "trainee", "listed", "arrears")
TAKEN_BACK = ("settlement", "recovery")
_ORDER = (*PAID, *TAKEN_BACK)


@dataclass(frozen=True)
class Line:
    """An amount that is due, or taken back.

    Attributes
    ----------
    due : date
        The day meant by `timing`.
    timing : str
        ``on`` that day, ``before`` it, or ``from`` it on.
    kind : str
        ``aid``, ``uplift`` or ``trainee`` if it is due by the calendar; ``listed`` for what the
        contract lists as paid; ``arrears`` for what was due and not paid; ``settlement`` or
        ``recovery`` if it is taken back.
    money : str
        ``aid``, ``uplift`` or ``trainee``, whatever the kind.
    what : str
        What it is for.
    amount : Decimal
        In EUR; negative if it is taken back.
    at_most : bool
        Whether it may be reduced by an activity that is not known yet.
    rule : DatedValue
        The value that gives it.
    """

    due: date
    timing: str
    kind: str
    money: str
    what: str
    amount: Decimal
    at_most: bool = field(default=False, kw_only=True)
    rule: DatedValue

    @property
    def year(self) -> int:
        """The civil year in which it is due."""
        return self.due.year

    @property
    def order(self) -> tuple[date, int, str]:
        """The key by which lines are sorted."""
        return self.due, _ORDER.index(self.kind), self.what

    def as_dict(self) -> dict[str, Any]:
        """Return the line as plain values, for JSON; the amount is a text."""
        return {"year": self.year, **plain_fields(self, *vars(self)), "amount": str(self.amount)}


@dataclass(frozen=True)
class Event:
    """A day without an amount: a term, a renewal, a deadline of a procedure.

    Attributes
    ----------
    on : date
        The day; of a deadline, the last one.
    what : str
        What happens, or must have happened.
    rule : DatedValue
        The value that gives it.
    notice : Notice
        How it is made known, and who is informed of it.
    """

    on: date
    what: str
    rule: DatedValue
    notice: Notice = field(default_factory=Notice)

    def as_dict(self) -> dict[str, Any]:
        """Return the event as plain values, for JSON."""
        return plain_fields(self, *vars(self))


@dataclass(frozen=True)
class YearTotal:
    """Amounts of a civil year, in EUR; `taken_back` is negative, `net` is their sum."""

    year: int
    paid: Decimal
    taken_back: Decimal

    @property
    def net(self) -> Decimal:
        """The sum of what is paid and taken back."""
        return self.paid + self.taken_back

    def as_dict(self) -> dict[str, Any]:
        """Return the totals as plain values, for JSON; amounts are texts."""
        amounts = {name: str(getattr(self, name)) for name in ("paid", "taken_back", "net")}
        return {"year": self.year, **amounts}


def total(lines: tuple[Line, ...], kinds: tuple[str, ...]) -> Decimal:
    """Return the sum of the lines of some kinds, in EUR."""
    return sum((line.amount for line in lines if line.kind in kinds), NOTHING)


def year_totals(lines: tuple[Line, ...]) -> tuple[YearTotal, ...]:
    """Add lines up by the civil year in which they are due."""
    totals = []
    for year in sorted({line.year for line in lines}):
        of_year = tuple(line for line in lines if line.year == year)
        totals.append(YearTotal(year, total(of_year, PAID), total(of_year, TAKEN_BACK)))
    return tuple(totals)
