"""What a schedule is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from .money import NOTHING
from .rules.rules import as_dict
from .rules.values import Dated

PAID = ("aid", "uplift", "trainee", "listed", "arrears")
TAKEN_BACK = ("settlement", "recovery")
_ORDER = (*PAID, *TAKEN_BACK)


@dataclass(frozen=True)
class Line:
    """An amount that is due, or taken back.

    Attributes
    ----------
    year : civil year in which it is due.
    due : the day meant by `timing`.
    timing : ``on`` that day, ``before`` it, or ``from`` it on.
    kind : aid, uplift or trainee where it is due by the calendar; listed for what the contract
        tells was paid; arrears for what was due and not paid; settlement or recovery where it is
        taken back.
    what : what it is for.
    amount : in EUR; negative where it is taken back.
    rule : the value that gives it, with source, article and how sure that is.
    at_most : whether it may become less, by an activity that is not known yet.
    money : aid, uplift or trainee, whatever the kind.
    """

    year: int
    due: date
    timing: str
    kind: str
    what: str
    amount: Decimal
    rule: Dated
    at_most: bool = False
    money: str = "aid"

    @property
    def order(self) -> tuple[date, int, str]:
        """What lines are sorted by."""
        return self.due, _ORDER.index(self.kind), self.what

    def as_dict(self) -> dict[str, Any]:
        """Return the line as plain values, for JSON; the amount is a text."""
        return {
            "year": self.year,
            "due": self.due.isoformat(),
            "timing": self.timing,
            "kind": self.kind,
            "money": self.money,
            "what": self.what,
            "amount": str(self.amount),
            "at_most": self.at_most,
            "rule": as_dict(self.rule),
        }


@dataclass(frozen=True)
class Event:
    """A day that matters and no amount: a term, a renewal, a deadline of a procedure.

    Attributes
    ----------
    on : the day; of a deadline, the last one.
    what : what happens, or must have happened.
    rule : the value that gives it.
    """

    on: date
    what: str
    rule: Dated

    def as_dict(self) -> dict[str, Any]:
        """Return the event as plain values, for JSON."""
        return {"on": self.on.isoformat(), "what": self.what, "rule": as_dict(self.rule)}


@dataclass(frozen=True)
class YearTotal:
    """Amounts of a civil year, in EUR; `taken_back` is negative, `net` is their sum."""

    year: int
    paid: Decimal
    taken_back: Decimal

    @property
    def net(self) -> Decimal:
        """What is left of the year."""
        return self.paid + self.taken_back


def totals_of(lines: tuple[Line, ...]) -> tuple[YearTotal, ...]:
    """Add lines up by the civil year in which they are due."""

    def total(year: int, kinds: tuple[str, ...]) -> Decimal:
        amounts = (line.amount for line in lines if line.year == year and line.kind in kinds)
        return sum(amounts, NOTHING)

    years = sorted({line.year for line in lines})
    return tuple(YearTotal(year, total(year, PAID), total(year, TAKEN_BACK)) for year in years)
