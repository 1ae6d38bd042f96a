"""A contract as its parties know it. It contains nothing that identifies the practitioner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .dates import Period
from .typed import Typed

MONIES = ("aid", "uplift")
SIDES = ("practitioner", "caisse", "agency")
CAUSES = ("breach", "zone_left")


@dataclass(frozen=True)
class Payment(Typed):
    """A payment that was made.

    Attributes
    ----------
    on : date
    amount : Decimal
        In EUR.
    kind : str
        ``aid`` or ``uplift``.
    """

    on: date
    amount: Decimal
    kind: str = "aid"


@dataclass(frozen=True)
class Trainee(Typed):
    """A student received as a trainee.

    Attributes
    ----------
    period : Period
    year : int
        Year of study.
    share : Fraction
        Part of full time, above 0 and up to 1.
    """

    period: Period
    year: int
    share: Fraction = Fraction(1)


@dataclass(frozen=True)
class Procedure(Typed):
    """The state of the procedure of a caisse; None for what is not known.

    Attributes
    ----------
    received : date
        Day on which the practitioner received the letter of the caisse.
    answered : bool or None
        Whether observations were made in time.
    cpd_agrees, cpn_agrees : bool or None
        Whether the CPD, the CPN, is of the view of the caisse.
    """

    received: date
    answered: bool | None = None
    cpd_agrees: bool | None = None
    cpn_agrees: bool | None = None


@dataclass(frozen=True)
class Termination(Typed):
    """The end of a contract before its term.

    Attributes
    ----------
    by : str
        On whose initiative: ``practitioner``, ``caisse`` or ``agency``.
    on : date
        Day it takes effect, for the practitioner that on which the caisse receives the letter;
        the last day of the contract is the eve.
    procedure : Procedure or None
        Of the caisse, if known.
    cause : str or None
        ``breach`` of a duty, or ``zone_left``: the place of practice is no longer in a zone très
        sous dotée. None is a breach, unless the practitioner ends the contract.
    """

    by: str
    on: date
    procedure: Procedure | None = None
    cause: str | None = None

    @property
    def is_breach(self) -> bool:
        """Whether the contract ends because the practitioner did not keep it."""
        return self.by != "practitioner" and self.cause != "zone_left"

    @property
    def has_answer(self) -> bool:
        """Whether the practitioner is known to have made observations in time."""
        return bool(self.procedure and self.procedure.answered)


@dataclass(frozen=True)
class Practice(Typed):
    """How the practitioner of a CAMMK works (article 1.2); None for what is not known.

    Attributes
    ----------
    form : str
        ``alone``, ``group`` or ``pluriprofessional``.
    replacement : bool or None
        Alone: whether a replacement ensures that care continues.
    practitioners : int or None
        In a group: how many of the profession there are, under the convention.
    link : str or None
        In a group: what links them, such as ``SCP``.
    setting : str or None
        Pluriprofessional: ``cabinet``, ``maison_de_sante`` or ``other``.
    conventioned : bool or None
        Whether the practice is liberal and under the convention.
    same_premises : bool or None
        In a group and pluriprofessional: whether all of them practise in the same premises.
    recognised : bool or None
        Whether the Ordre validated the contract of another company, or a regulation recognises
        another setting.
    """

    form: str
    replacement: bool | None = None
    practitioners: int | None = None
    link: str | None = None
    setting: str | None = None
    conventioned: bool | None = None
    same_premises: bool | None = None
    recognised: bool | None = None


@dataclass(frozen=True)
class ZoneChange(Typed):
    """Another zone for the place of practice, from a day on."""

    on: date
    zone: str


@dataclass(frozen=True)
class Earlier(Typed):
    """Another contract of the same practitioner."""

    kind: str
    period: Period


@dataclass(frozen=True)
class Contract(Typed):
    """A contract.

    Attributes
    ----------
    kind : str
        CACCMK, CAIMK or CAMMK.
    signed : date
        First day.
    commune : str or None
        INSEE code of the place of practice.
    zone : str or None
        Id of its class on the day of signature.
    uplift : bool
        Whether the place is on the agency's list.
    acts : tuple of int
        Of each contract year that is known, from the first on.
    paid : tuple of Payment or None
        Payments made; None if they are not known and those of the calendar are assumed.
    trainees : tuple of Trainee
    termination : Termination or None
        Before the term.
    zone_changes : tuple of ZoneChange
    earlier : tuple of Earlier
    practice : Practice or None
        Of a CAMMK, as far as known.
    activity_in_zone : Fraction or None
        Of a CAMMK: part of the conventioned activity that is in the zone.
    modernisation_aid : bool or None
        Of a CAMMK: whether the conditions of the aids to modernisation are met.
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
    practice: Practice | None = None
    activity_in_zone: Fraction | None = None
    modernisation_aid: bool | None = None

    def zone_on(self, day: date) -> str | None:
        """Return the zone of the place of practice on a day."""
        changes = sorted(self.zone_changes, key=lambda change: change.on)
        return ([self.zone] + [change.zone for change in changes if change.on <= day])[-1]

    @property
    def monies(self) -> tuple[str, ...]:
        """What is paid beside trainees: aid, and uplift if the place has it."""
        return MONIES if self.uplift else MONIES[:1]

    def paid_of(self, kind: str) -> tuple[Payment, ...]:
        """Return the payments of a kind that are known."""
        return tuple(payment for payment in self.paid or () if payment.kind == kind)
