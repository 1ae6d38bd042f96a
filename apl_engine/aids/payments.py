"""What was really paid, in place of the calendar, and how it differs from what is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from .contract import Payment
from .money import NOTHING
from .rules.sections import UpkeepTerms
from .rules.values import Dated
from .schedule_lines import Line
from .timeline import Course


def settled_day(course: Course) -> date | None:
    """Return the day up to which listed payments stand for the calendar.

    It is the last listed payment or, where that is later, the termination; None where the
    calendar alone counts.
    """
    contract = course.contract
    if contract.paid is None:
        return None
    days = [payment.on for payment in contract.paid]
    days += [contract.termination.on] if contract.termination else []
    return max(days, default=None)


def paid_lines(course: Course, calendar: Sequence[Line]) -> Iterator[Line]:
    """Yield the payments that the contract lists, and what of the calendar they leave.

    For aid and uplift each, what was paid is set beside what the calendar makes due by the day
    as from `settled_day`. What lacks is one line of arrears. What was paid beyond it covers the
    next payments, and is taken back as far as none is left. So the lines add up to what is due.
    """
    day = settled_day(course)
    if day is None:
        yield from calendar
        return
    for money in course.contract.monies:
        lines = sorted((c for c in calendar if c.money == money), key=lambda line: line.order)
        payments = course.contract.paid_of(money)
        yield from (_listed(payment) for payment in payments)
        yield from _set_beside(course, money, day, lines)


def _listed(payment: Payment) -> Line:
    rule = Dated(
        key="contract.paid",
        since=payment.on,
        value="as paid",
        parsed=None,
        unit="",
        source="contract",
        article="paid, as the file of the contract tells",
        confidence="read",
        silent=False,
        reason="",
        file="",
    )
    amount = payment.amount.quantize(NOTHING)
    what = f"{payment.kind} that was paid"
    year, on = payment.on.year, payment.on
    return Line(year, on, "on", "listed", what, amount, rule, money=payment.kind)


def _set_beside(course: Course, money: str, day: date, lines: Sequence[Line]) -> Iterator[Line]:
    paid = sum((payment.amount for payment in course.contract.paid_of(money)), NOTHING)
    by_then = [line for line in lines if line.due <= day]
    due = sum((line.amount for line in by_then), NOTHING)
    later = [line for line in lines if line.due > day]
    if paid < due:
        what = f"{money}: arrears, due and not paid: {_compared(paid, due, by_then)}"
        at_most = any(line.at_most for line in by_then)
        rule = course.cite(_paying(course, money))
        yield Line(day.year, day, "from", "arrears", what, due - paid, rule, at_most, money)
        yield from later
        return
    left, beyond = _covered(later, paid - due)
    yield from left
    if beyond:
        due = paid - beyond
        what = f"{money}: {_compared(paid, due, by_then)}"
        rule = course.cite(_taking(course, money))
        yield Line(day.year, day, "from", "recovery", what, -beyond, rule, money=money)


def _compared(paid: Decimal, due: Decimal, lines: Sequence[Line]) -> str:
    found = f"{paid} EUR paid, {due} due"
    back = [line for line in lines if line.kind == "recovery"]
    return found + "".join(f" ({-line.amount} taken off {line.what})" for line in back)


def _covered(lines: Sequence[Line], paid: Decimal) -> tuple[list[Line], Decimal]:
    """Return what payments before their day leave of lines, and what is beyond all of them."""
    left: list[Line] = []
    for _, group in groupby(lines, key=lambda line: line.due):
        together = list(group)
        amount = sum((line.amount for line in together), NOTHING)
        if 0 < amount <= paid:
            paid -= amount
            continue
        for line in together:
            part = min(line.amount, paid) if line.amount > 0 else NOTHING
            paid -= part
            if part < line.amount or line.amount <= 0:
                left.append(_less(line, part))
    return left, paid


def _less(line: Line, part: Decimal) -> Line:
    if not part:
        return line
    what = f"{line.what}; {part} of {line.amount} EUR paid already"
    return replace(line, what=what, amount=line.amount - part)


def _paying(course: Course, money: str) -> str:
    if money == "uplift":
        return "uplift.rate"
    kind = course.contract.kind
    return f"{kind}.yearly_amount" if _is_upkeep(course) else f"{kind}.payments"


def _taking(course: Course, money: str) -> str:
    ending = course.contract.termination
    if ending is None:
        return _paying(course, money)
    if money == "uplift":
        return "termination.uplift"
    if _is_upkeep(course):
        return f"termination.{ending.by}"
    return f"{course.contract.kind}.recovery"


def _is_upkeep(course: Course) -> bool:
    contract = course.contract
    return isinstance(course.rules.contract(contract.kind, contract.signed), UpkeepTerms)
