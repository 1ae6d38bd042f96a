"""CACCMK and CAIMK: lump sums, each for a contract year and reduced by its activity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .money import cents
from .rules.sections import LumpSumTerms, UpliftTerms
from .schedule_lines import Line
from .termination import describe_recovery, recovery_rule, taken_back
from .timeline import Timeline


@dataclass(frozen=True)
class LumpSum:
    """A payment of the calendar, exact.

    Attributes
    ----------
    year : int
        Contract year, counted from 1.
    due : date
    base : Fraction
        In EUR, for full activity.
    share : Fraction or None
        What the activity of its year gives of it; None if that is not known.
    """

    year: int
    due: date
    base: Fraction
    share: Fraction | None

    @property
    def amount(self) -> Fraction:
        """What is paid, in EUR: the first sum whole, later ones by activity, at most if unknown."""
        return self.base if self.year == 1 or self.share is None else self.base * self.share


def activity_share(terms: LumpSumTerms, year: int, acts: int) -> Fraction:
    """Return the part of a payment that the acts of its contract year give.

    Parameters
    ----------
    terms : LumpSumTerms
    year : int
        Contract year, counted from 1.
    acts : int
        Of that year.

    Returns
    -------
    Fraction
        1 from the full activity on, acts over the full activity from the floor on, and below the
        floor what the rules say.
    """
    full = terms.first_year_full if year == 1 else terms.full
    floor = terms.first_year_floor if year == 1 else terms.floor
    if acts >= full:
        return Fraction(1)
    return acts / full if acts >= floor else terms.below_floor


def _terms(timeline: Timeline) -> LumpSumTerms:
    return timeline.section(timeline.contract.kind, LumpSumTerms, timeline.contract.signed)


def lump_sums(timeline: Timeline, *, made_only: bool = True) -> list[LumpSum]:
    """Return the payments of the calendar; by default without those after a termination.

    Parameters
    ----------
    timeline : Timeline
        Of a CACCMK or CAIMK.
    made_only : bool

    Returns
    -------
    list of LumpSum
    """
    contract, terms, end = timeline.contract, _terms(timeline), timeline.contract.termination
    shares = [activity_share(terms, year, acts) for year, acts in enumerate(contract.acts, 1)]
    sums = []
    for year, (base, delay) in enumerate(zip(terms.payments, terms.payment_delays, strict=True), 1):
        due = terms.payment_before.of(contract.signed.year + delay) if delay else contract.signed
        # What is due before a day has been paid when that day comes.
        made = end is None or due < end.on or (due == end.on and delay > 0)
        if made or not made_only:
            sums.append(LumpSum(year, due, base, shares[year - 1] if year <= len(shares) else None))
    return sums


def settlement(timeline: Timeline) -> tuple[date, Fraction] | None:
    """Return when and how much of the first payment is taken back for its activity, if any."""
    made = lump_sums(timeline)
    if not made or made[0].share is None or made[0].share == 1:
        return None
    if _terms(timeline).first_payment_activity != "settled":
        return None
    due, end = lump_sums(timeline, made_only=False)[1].due, timeline.contract.termination
    return min(due, end.on) if end else due, made[0].base * (1 - made[0].share)


def lump_sum_lines(timeline: Timeline) -> Iterator[Line]:
    """Yield the lines of a CACCMK or CAIMK: payments, settlement and what is taken back."""
    contract, kind = timeline.contract, timeline.contract.kind
    for payment in lump_sums(timeline):
        due, name = payment.due, f"{kind}, contract year {payment.year}"
        timing = "on" if due == contract.signed else "before"
        at_most = payment.year > 1 and payment.share is None
        for money in contract.monies:
            amount = cents(payment.amount * _factor(timeline, money))
            aid = money == "aid"
            what = name + _activity(contract.acts, payment) if aid else f"uplift of {name}"
            rule = timeline.cite(f"{kind}.payments" if aid else "uplift.rate")
            yield Line(due, timing, money, money, what, amount, rule, at_most=at_most)
    if settled := settlement(timeline):
        yield from _settlement_lines(timeline, *settled)
    yield from _recovery_lines(timeline)


def _factor(timeline: Timeline, money: str) -> Fraction:
    """Return the part of the aid that a kind of money is."""
    if money == "aid":
        return Fraction(1)
    return timeline.section("uplift", UpliftTerms, timeline.contract.signed).rate


def _activity(acts: tuple[int, ...], payment: LumpSum) -> str:
    if payment.year == 1:
        return ", at signature"
    if payment.share is None:
        return ", acts not known: at most"
    return f", {acts[payment.year - 1]} acts: share {payment.share}"


def _settlement_lines(timeline: Timeline, due: date, amount: Fraction) -> Iterator[Line]:
    contract = timeline.contract
    rule = timeline.cite(f"{contract.kind}.first_payment_activity")
    timing = "from" if contract.termination and due == contract.termination.on else "before"
    for money in contract.monies:
        of = "" if money == "aid" else "uplift of the "
        what = f"{of}first payment, settled for {contract.acts[0]} acts"
        back = -cents(amount * _factor(timeline, money))
        yield Line(due, timing, "settlement", money, what, back, rule)


def _recovery_lines(timeline: Timeline) -> Iterator[Line]:
    """Yield what a termination takes back of payments made by the calendar."""
    contract, end = timeline.contract, timeline.contract.termination
    if end is None:
        return
    settled = settlement(timeline)
    made = sum((payment.amount for payment in lump_sums(timeline)), Fraction(0))
    due = max(made - (settled[1] if settled else 0), Fraction(0))
    for money in contract.monies:
        rule, paid = recovery_rule(timeline, money), due * _factor(timeline, money)
        if rule and (amount := taken_back(timeline, paid)):
            what = describe_recovery(timeline, money, cents(paid))
            yield Line(end.on, "from", "recovery", money, what, -amount, rule)
