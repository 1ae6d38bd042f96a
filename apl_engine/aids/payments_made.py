"""Payments that the contract lists, in place of the calendar, and how they differ from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from .contract import Payment
from .money import NOTHING
from .rules.values import DatedValue
from .schedule_lines import Line
from .termination import recovery_rule
from .timeline import Timeline


def settled_day(timeline: Timeline) -> date | None:
    """Return the day up to which listed payments replace the calendar.

    Parameters
    ----------
    timeline : Timeline

    Returns
    -------
    date or None
        The last listed payment or, if that is later, the termination; None if no payments are
        listed.
    """
    contract = timeline.contract
    if contract.paid is None:
        return None
    days = [payment.on for payment in contract.paid]
    days += [contract.termination.on] if contract.termination else []
    return max(days, default=None)


def paid_lines(timeline: Timeline, calendar: Sequence[Line]) -> Iterator[Line]:
    """Yield the payments that the contract lists, and what of the calendar they leave.

    For aid and uplift each, what was paid is compared with what the calendar makes due by the day
    of `settled_day`. What is missing is one line of arrears. What was paid beyond it covers the
    next payments, and is taken back if none is left. So the lines add up to what is due.

    Parameters
    ----------
    timeline : Timeline
    calendar : sequence of Line
        What is due whatever was paid, without trainees.
    """
    day = settled_day(timeline)
    if day is None:
        yield from calendar
        return
    for money in timeline.contract.monies:
        lines = sorted((c for c in calendar if c.money == money), key=lambda line: line.order)
        yield from map(_listed, timeline.contract.paid_of(money))
        yield from _compare(timeline, money, day, lines)


def _listed(payment: Payment) -> Line:
    rule = DatedValue(
        key="contract.paid",
        since=payment.on,
        value="as paid",
        parsed=None,
        source="contract",
        article="paid, as stated in the file of the contract",
        confidence="read",
    )
    amount, what = payment.amount.quantize(NOTHING), f"{payment.kind} that was paid"
    return Line(payment.on, "on", "listed", payment.kind, what, amount, rule)


def _compare(timeline: Timeline, money: str, day: date, lines: Sequence[Line]) -> Iterator[Line]:
    paid = sum((payment.amount for payment in timeline.contract.paid_of(money)), NOTHING)
    by_then = [line for line in lines if line.due <= day]
    due = sum((line.amount for line in by_then), NOTHING)
    later = [line for line in lines if line.due > day]
    if paid < due:
        what = f"{money}: arrears, due and not paid: {_described(paid, due, by_then)}"
        at_most = any(line.at_most for line in by_then)
        rule = timeline.cite(_rule_of_payments(timeline, money))
        yield Line(day, "from", "arrears", money, what, due - paid, rule, at_most=at_most)
        yield from later
        return
    left, beyond = _cover(later, paid - due)
    yield from left
    if beyond:
        covered = [*by_then, *(line for line in later if line not in left)]
        what = f"{money}: {_described(paid, paid - beyond, covered)}"
        rule = timeline.cite(_rule_of_recovery(timeline, money))
        yield Line(day, "from", "recovery", money, what, -beyond, rule)


def _described(paid: Decimal, due: Decimal, lines: Sequence[Line]) -> str:
    back = [line for line in lines if line.kind == "recovery"]
    taken = "".join(f" ({-line.amount} taken off {line.what})" for line in back)
    return f"{paid} EUR paid, {due} due{taken}"


def _cover(lines: Sequence[Line], paid: Decimal) -> tuple[list[Line], Decimal]:
    """Return what early payments leave of later lines, and what exceeds all of them."""
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
            if part:
                what = f"{line.what}; {part} of {line.amount} EUR paid already"
                line = replace(line, what=what, amount=line.amount - part)
            if line.amount or not part:
                left.append(line)
    return left, paid


def _rule_of_payments(timeline: Timeline, money: str) -> str:
    if money == "uplift":
        return "uplift.rate"
    return f"{timeline.contract.kind}.{'yearly_amount' if timeline.is_annual else 'payments'}"


def _rule_of_recovery(timeline: Timeline, money: str) -> str:
    if rule := recovery_rule(timeline, money):
        return rule.key
    end = timeline.contract.termination
    if end and timeline.is_annual and money == "aid":
        return f"termination.{end.by}"
    return _rule_of_payments(timeline, money)
