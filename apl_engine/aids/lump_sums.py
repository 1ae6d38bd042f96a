"""CACCMK and CAIMK: flat payments, each for a contract year and reduced by its activity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .money import cents
from .rules.sections import FlatTerms, UpliftTerms
from .schedule_lines import Line
from .timeline import Course


def activity_share(terms: FlatTerms, year: int, acts: int) -> Fraction:
    """Return the part of a payment that the acts of its contract year give.

    Parameters
    ----------
    terms : of the contract.
    year : contract year, counted from 1.
    acts : of that year.

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


@dataclass(frozen=True)
class FlatPayment:
    """A payment of the calendar, exact."""

    year: int
    due: date
    base: Fraction
    share: Fraction | None

    @property
    def amount(self) -> Fraction:
        """What is paid: the first payment whole, later ones by activity, at most where unknown."""
        return self.base if self.year == 1 or self.share is None else self.base * self.share


def flat_payments(course: Course, *, made_only: bool = True) -> list[FlatPayment]:
    """Return the payments of the calendar, those after a termination left out."""
    contract, terms = course.contract, course.flat
    found = []
    for year, (base, delay) in enumerate(zip(terms.payments, terms.payment_delays, strict=True), 1):
        due = terms.payment_before.of(contract.signed.year + delay) if delay else contract.signed
        share = (
            activity_share(terms, year, contract.acts[year - 1])
            if year <= len(contract.acts)
            else None
        )
        if not made_only or _made(course, due, at_signature=not delay):
            found.append(FlatPayment(year, due, base, share))
    return found


def _made(course: Course, due: date, *, at_signature: bool) -> bool:
    """Whether a payment is made before the contract is terminated."""
    ending = course.contract.termination
    if ending is None:
        return True
    # What is due before a day has been paid when that day comes.
    return due < ending.on or (due == ending.on and not at_signature)


def settlement(course: Course) -> tuple[date, Fraction] | None:
    """Return when and how much of the first payment is taken back for its activity, if any."""
    made = flat_payments(course)
    terms, ending = course.flat, course.contract.termination
    if not made or made[0].share in (None, 1) or terms.first_payment_activity == "kept":
        return None
    share = made[0].share or Fraction(0)
    due = flat_payments(course, made_only=False)[1].due
    return min(due, ending.on) if ending else due, made[0].base * (1 - share)


def flat_lines(course: Course) -> Iterator[Line]:
    """Yield the lines of a CACCMK or CAIMK, recovery aside."""
    kind = course.contract.kind
    for payment in flat_payments(course):
        name = f"{kind}, contract year {payment.year}"
        timing = "on" if payment.due == course.contract.signed else "before"
        rule = course.cite(f"{kind}.payments")
        at_most = payment.year > 1 and payment.share is None
        what = name + _activity(course, payment)
        due, year = payment.due, payment.due.year
        yield Line(year, due, timing, "aid", what, cents(payment.amount), rule, at_most)
        if course.contract.uplift:
            amount = cents(payment.amount * uplift_rate(course))
            rule = course.cite("uplift.rate")
            what = f"uplift of {name}"
            yield Line(year, due, timing, "uplift", what, amount, rule, at_most, "uplift")
    if settled := settlement(course):
        yield from _settlement_lines(course, *settled)


def _settlement_lines(course: Course, due: date, amount: Fraction) -> Iterator[Line]:
    rule = course.cite(f"{course.contract.kind}.first_payment_activity")
    ending = course.contract.termination
    timing = "from" if ending and due == ending.on else "before"
    what = f"first payment, settled for {_acts(course.contract.acts[0])}"
    yield Line(due.year, due, timing, "settlement", what, -cents(amount), rule)
    if course.contract.uplift:
        amount *= uplift_rate(course)
        what = f"uplift of the {what}"
        back = -cents(amount)
        yield Line(due.year, due, timing, "settlement", what, back, rule, money="uplift")


def uplift_rate(course: Course) -> Fraction:
    """Return the part of the flat aid that the agency adds."""
    return course.rules.section("uplift", UpliftTerms, course.contract.signed).rate


def _activity(course: Course, payment: FlatPayment) -> str:
    if payment.year == 1:
        return ", at signature"
    if payment.share is None:
        return ", acts not known: at most"
    return f", {_acts(course.contract.acts[payment.year - 1])}: share {payment.share}"


def _acts(acts: int) -> str:
    return f"{acts} acts"
