"""A contract as its parties know it. It holds nothing that tells who the practitioner is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .dates import Period


@dataclass(frozen=True)
class Payment:
    """Money that was paid.

    Attributes
    ----------
    on : day of the payment.
    amount : in EUR.
    kind : aid or uplift.
    """

    on: date
    amount: Decimal
    kind: str = "aid"


@dataclass(frozen=True)
class Trainee:
    """A student received as a trainee.

    Attributes
    ----------
    period : first and last day.
    year : year of study.
    share : part of full time, above 0 and up to 1.
    """

    period: Period
    year: int
    share: Fraction = Fraction(1)


@dataclass(frozen=True)
class Procedure:
    """How far the caisse's procedure has come; None where not known.

    Attributes
    ----------
    received : day on which the practitioner received the letter of the caisse.
    answered : whether observations were made in time.
    cpd_agrees : whether the CPD is of the view of the caisse.
    cpn_agrees : whether the CPN is of the view of the caisse.
    """

    received: date
    answered: bool | None = None
    cpd_agrees: bool | None = None
    cpn_agrees: bool | None = None


@dataclass(frozen=True)
class Termination:
    """The end of a contract before its term.

    Attributes
    ----------
    by : practitioner or caisse.
    on : day it takes effect, for the practitioner that on which the caisse receives the letter;
        the contract's last day is the eve.
    procedure : of the caisse, where known.
    """

    by: str
    on: date
    procedure: Procedure | None = None


@dataclass(frozen=True)
class ZoneChange:
    """Another zone for the place of practice, from a day on."""

    on: date
    zone: str


@dataclass(frozen=True)
class Earlier:
    """Another contract that the same practitioner had or has."""

    kind: str
    period: Period


@dataclass(frozen=True)
class Contract:
    """A contract.

    Attributes
    ----------
    kind : CACCMK, CAIMK or CAMMK.
    signed : first day.
    commune : INSEE code of the place of practice.
    zone : id of its class on the day of signature.
    uplift : whether the place is on the agency's list.
    acts : of each contract year that is known, from the first on.
    paid : payments made, where known; else those of the calendar are taken.
    trainees, zone_changes, earlier : see their classes.
    termination : before the term, if any.
    """

    kind: str
    signed: date
    commune: str | None = None
    zone: str | None = None
    uplift: bool = False
    acts: tuple[int, ...] = ()
    paid: tuple[Payment, ...] | None = None
    trainees: tuple[Trainee, ...] = ()
    termination: Termination | None = None
    zone_changes: tuple[ZoneChange, ...] = ()
    earlier: tuple[Earlier, ...] = ()

    def zone_on(self, day: date) -> str | None:
        """Return the zone of the place of practice on a day."""
        changes = sorted(self.zone_changes, key=lambda change: change.on)
        return ([self.zone] + [change.zone for change in changes if change.on <= day])[-1]

    @property
    def monies(self) -> tuple[str, ...]:
        """What is paid beside trainees: aid, and uplift where the place has it."""
        return ("aid", "uplift") if self.uplift else ("aid",)

    def paid_of(self, kind: str) -> tuple[Payment, ...]:
        """Return the payments known of a kind."""
        return tuple(payment for payment in self.paid or () if payment.kind == kind)
