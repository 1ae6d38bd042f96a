"""The aids of the convention: what the contracts pay, and what is taken back, in exact fractions.

Read from the standard contract of upkeep ("contrat-type", CAMMK), its articles being quoted, and
from the conventions that say what is done where texts are silent or were not read (CACCMK, CAIMK).

Days are whole: a contract signed on a day runs on that day, and its last day is included. A
contract that is ended on day t has the eve of t as its last day.
"""

import calendar
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

DAY = timedelta(days=1)

#: CAMMK, article 3: "conclu pour une durée de trois ans"; the two others are of five years
YEARS = {"CACCMK": 5, "CAIMK": 5, "CAMMK": 3}

#: CAMMK, article 2.2: "chaque année du contrat une aide [...] d'un montant de 4 000 euros"
UPKEEP = Fraction(4000)
#: article 2.2: "300 euros par mois pour l'accueil d'un étudiant stagiaire à temps plein"
TRAINEE_MONTH = Fraction(300)
#: article 2.3: "majorer de 20% soit 800€ euros la participation forfaitaire"
UPLIFT = Fraction(20, 100)

#: payments of the creation and of the installation contracts; payment k is for contract year k + 1
LUMPS = {
    "CACCMK": (Fraction(30000), Fraction(9000), Fraction(5000), Fraction(5000)),
    "CAIMK": (Fraction(15000), Fraction(9000), Fraction(5000), Fraction(5000)),
}

ACCRUALS = ("contract_year", "civil_year")
FIRST_PAYMENTS = ("settled", "kept")
RECOVERIES = ("remaining_duration", "none")

Number = int | Fraction | Decimal


def cents(amount: Fraction) -> Decimal:
    """Return the amount rounded half up to the cent; a negative one as its opposite is."""
    whole = floor(abs(amount) * 100 + Fraction(1, 2))
    return Decimal(whole if amount >= 0 else -whole).scaleb(-2)


def one_of(value: str, allowed: Iterable[str]) -> None:
    """Refuse a value that is none of those allowed."""
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {tuple(allowed)}")


# --- dates


def days(first: date, last: date) -> Iterator[date]:
    """Return the days from the first to the last, both included; none if they are crossed."""
    day = first
    while day <= last:
        yield day
        day += DAY


def anniversary(signed: date, n: int) -> date:
    """Return the n-th anniversary; that of a 29 February in a common year is 1 March.

    The term is then 28 February (code de procédure civile, article 641: "A défaut d'un quantième
    identique, le délai expire le dernier jour du mois", recalled, not retrieved).
    """
    year = signed.year + n
    if (signed.month, signed.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1)
    return date(year, signed.month, signed.day)


def term(signed: date, years: int) -> date:
    """Return the last day of the contract: the eve of the anniversary that ends it.

    CAMMK, article 3: "conclu pour une durée de trois ans à compter de sa signature par l'ensemble
    des parties".
    """
    return anniversary(signed, years) - DAY


def contract_year_of(signed: date, day: date) -> int:
    """Return the number, from 1, of the contract year of the day, the contract going on."""
    if day < signed:
        raise ValueError(f"{day} is before the signature on {signed}")
    number = 1
    while anniversary(signed, number) <= day:
        number += 1
    return number


def one_month_later(day: date) -> date:
    """Return the last day of a delay of one month (code de procédure civile, 641, recalled).

    It is the day of the next month with the number of the starting day; without one, the last.
    """
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


# --- CAMMK, the aid for upkeep


def cammk_accrual(
    signed: date, first_day: date, last_day: date, accrual: str = "contract_year"
) -> Fraction:
    """Return what the flat aid earns from the first day to the last, both included.

    CAMMK, article 2.2: "chaque année du contrat une aide au maintien d'activité d'un montant de
    4 000 euros"; article 4.1: "au prorata temporis". Each day earns 4 000 divided by the days of
    its contract year, or of its civil year. Days before the signature earn nothing; there is no
    last one, the contract being "renouvelable tacitement" (article 3).
    """
    one_of(accrual, ACCRUALS)
    days_of_each_length: Counter[int] = Counter()
    for day in days(max(first_day, signed), last_day):
        if accrual == "civil_year":
            start, end = date(day.year, 1, 1), date(day.year + 1, 1, 1)
        else:
            number = contract_year_of(signed, day)
            start, end = anniversary(signed, number - 1), anniversary(signed, number)
        days_of_each_length[(end - start).days] += 1
    return sum(
        (UPKEEP * count / length for length, count in days_of_each_length.items()), Fraction(0)
    )


def _cumulated(
    signed: date, last_day: date, accrual: str, factor: Fraction = Fraction(1)
) -> dict[int, Decimal]:
    """Return, by civil year, rounded(cumulated up to its end) - rounded(cumulated before)."""
    result = {}
    before = Decimal("0.00")
    for civil_year in range(signed.year, last_day.year + 1):
        until = min(date(civil_year, 12, 31), last_day)
        if until < signed:
            continue
        through = cents(factor * cammk_accrual(signed, signed, until, accrual))
        result[civil_year] = through - before
        before = through
    return result


def cammk_payments(
    signed: date,
    until: date | None = None,
    uplift: bool = False,
    accrual: str = "contract_year",
) -> dict[int, Decimal]:
    """Return the payments, by the civil year that they are for (paid in the next one).

    ``until`` is the last day of the contract, included; without it, the term of three years
    (CAMMK, article 3). Article 4.1: "versement partiel de l'aide dont le montant est calculé au
    prorata temporis de la durée effective du contrat au cours de ladite année".

    With the uplift, the flat aid and the 20 % that come "en sus de la participation forfaitaire
    initiale" (article 2.3) are each rounded on their own, then added.
    """
    last_day = term(signed, YEARS["CAMMK"]) if until is None else until
    flat = _cumulated(signed, last_day, accrual)
    if not uplift:
        return flat
    raised = _cumulated(signed, last_day, accrual, UPLIFT)
    return {civil_year: flat[civil_year] + raised[civil_year] for civil_year in flat}


# --- CACCMK and CAIMK, the aids for creation and installation


def activity_share(contract_year: int, acts: Number | None) -> Fraction:
    """Return the part of the payment that the acts of its contract year give right to.

    Year 1: whole from 2 000 acts, acts / 2 000 from 1 000; later years: whole from 3 000 acts,
    acts / 3 000 from 1 500; nothing below. Acts that are not known yet give the most.
    """
    if acts is None:
        return Fraction(1)
    full = 2000 if contract_year == 1 else 3000
    if acts >= full:
        return Fraction(1)
    if acts >= Fraction(full, 2):
        return Fraction(acts) / full
    return Fraction(0)


def lump_payments(
    kind: str,
    signed: date,
    acts: Mapping[int, Number | None],
    first_payment_activity: str = "settled",
    uplift: bool = False,
) -> list[tuple[int, Decimal]]:
    """Return the payments with the civil year that each is made in; what is taken back is negative.

    ``acts`` are by contract year, from 1. Payment 0 is made whole at signature, in civil year N;
    payment k in N + k + 1. ``settled``: payment 0 x (1 - share) is taken back in N + 2, as an
    entry of its own after payment 1, and only where it is not nothing.
    """
    one_of(kind, LUMPS)
    one_of(first_payment_activity, FIRST_PAYMENTS)

    def money(amount: Fraction) -> Decimal:
        return cents(amount) + (cents(amount * UPLIFT) if uplift else 0)

    share = {year: activity_share(year, acts.get(year)) for year in range(1, 5)}
    first, *others = LUMPS[kind]
    result = [(signed.year, money(first))]
    for k, amount in enumerate(others, start=1):
        result.append((signed.year + k + 1, money(amount * share[k + 1])))
        if k == 1 and first_payment_activity == "settled" and share[1] < 1:
            result.append((signed.year + 2, money(-first * (1 - share[1]))))
    return result


# --- trainees


def trainee_due(
    signed: date, term: date, from_: date, to: date, share: Number = 1
) -> dict[int, Decimal]:
    """Return what one trainee gives right to, by the civil year that it is for.

    CAMMK, article 2.2: "300 euros par mois pour l'accueil d'un étudiant stagiaire à temps plein";
    "Ce montant est proratisé en cas d'accueil à temps partiel"; "calculé au terme de chaque année
    civile, le cas échéant au prorata de la date d'adhésion". A day is worth 300 divided by the
    days of its month, so that a whole calendar month is worth 300; only days of the contract
    count, from its signature to its last day, both included.
    """
    if not 0 < share <= 1:
        raise ValueError(f"the share is not above 0 and up to 1: {share}")
    if to < from_:
        raise ValueError(f"the training ends on {to}, before it begins on {from_}")
    due: dict[int, Fraction] = {}
    for day in days(max(signed, from_), min(term, to)):
        of_the_day = TRAINEE_MONTH * Fraction(share) / calendar.monthrange(day.year, day.month)[1]
        due[day.year] = due.get(day.year, Fraction(0)) + of_the_day
    return {civil_year: cents(amount) for civil_year, amount in due.items()}


# --- ending a contract before its term


def calendar_payments(
    kind: str,
    signed: date,
    *,
    acts: Mapping[int, Number | None] | None = None,
    first_payment_activity: str = "settled",
    uplift: bool = False,
) -> list[tuple[date, Decimal]]:
    """Return the payments of a CACCMK or CAIMK, each on the latest day that it can have.

    Payment 0 on the day of signature; the others, for which no day is stated, on 30 April of
    their civil year.
    """
    (_, at_signature), *others = lump_payments(
        kind, signed, acts or {}, first_payment_activity, uplift
    )
    return [
        (signed, at_signature),
        *((date(civil_year, 4, 30), amount) for civil_year, amount in others),
    ]


def days_remaining(kind: str, signed: date, ended_on: date) -> tuple[int, int]:
    """Return the days from the end to the term, both included, and those of the whole contract.

    Article 4.2, a: "la durée restant à courir dans le contrat au moment de la résiliation".
    """
    if ended_on < signed:
        raise ValueError(f"ended on {ended_on}, before the signature on {signed}")
    last_day = term(signed, YEARS[kind])
    return sum(1 for _ in days(ended_on, last_day)), sum(1 for _ in days(signed, last_day))


def cammk_ended(
    signed: date,
    ended_on: date,
    by: str,
    uplift: bool = False,
    accrual: str = "contract_year",
) -> tuple[dict[int, Decimal], Decimal]:
    """Return the payments of a CAMMK, by the civil year that they are for, and what is taken back.

    Practitioner (article 4.1): the year of the end is paid "au prorata temporis de la durée
    effective du contrat au cours de ladite année", and no aid is taken back. Caisse or agency, for
    a breach (4.2, a): "récupère les sommes indûment versées [...] au prorata de la durée restant à
    courir"; there is no partial payment, so that the years that had ended are all that was paid or
    is due. Uplift (2.3): taken back "en cas de rupture d'adhésion à l'initiative du
    masseur-kinésithérapeute ou de la caisse", and by analogy of the agency.
    """
    remaining, whole = days_remaining("CAMMK", signed, ended_on)
    breach = by != "practitioner"
    last_year_ended = date(ended_on.year - 1, 12, 31)
    until = last_year_ended if breach else ended_on - DAY
    if until < signed:
        return {}, Decimal("0.00")
    payments = cammk_payments(signed, until, uplift, accrual)
    back = Decimal("0.00")
    if last_year_ended >= signed:
        flat = sum(cammk_payments(signed, last_year_ended, False, accrual).values())
        both = sum(cammk_payments(signed, last_year_ended, True, accrual).values())
        if breach:
            back += cents(Fraction(flat) * remaining / whole)
        if uplift:
            back += cents(Fraction(both - flat) * remaining / whole)
    return payments, back


def recovered(
    kind: str,
    signed: date,
    ended_on: date,
    paid: Iterable[tuple[date, Number]] | None = None,
    *,
    recovery: str = "remaining_duration",
    acts: Mapping[int, Number | None] | None = None,
    first_payment_activity: str = "settled",
    uplift: bool = False,
) -> Decimal:
    """Return what is taken back of a CACCMK or CAIMK that is ended on ``ended_on``.

    ``paid`` are days and amounts (without it, ``calendar_payments``), with the uplift if
    ``uplift``, without money for trainees, which stays.

    By analogy with article 4.2 of the CAMMK: payments x days from ``ended_on`` to the term, both
    included / days of the whole contract; with ``recovery`` "none", nothing.
    """
    one_of(kind, LUMPS)
    one_of(recovery, RECOVERIES)
    remaining, whole = days_remaining(kind, signed, ended_on)
    if paid is None:
        paid = calendar_payments(
            kind, signed, acts=acts, first_payment_activity=first_payment_activity, uplift=uplift
        )
    if recovery == "none":
        return cents(Fraction(0))
    made = sum((Fraction(amount) for day, amount in paid if day < ended_on), Fraction(0))
    return cents(made * remaining / whole)


def caisse_procedure(
    letter_received: date,
    answered: date | bool,
    same_opinion: bool = True,
    cpn_same_opinion: bool = True,
    *,
    actual: Mapping[str, date] | None = None,
) -> dict[str, date]:
    """Return the latest day of each step when the caisse wants to end the contract (4.2).

    ``answered`` is the day of the observations, or True for the last day allowed, or False.
    ``same_opinion``: the opinion of the CPD is that of the director; ``cpn_same_opinion``: that
    of the CPN is, or is deemed to be for want of one. ``actual`` are days that are known of the
    steps ``cpd_seized``, ``cpd_opinion``, ``cpn_seized``, ``cpn_opinion``, ``uncam_asked``,
    ``uncam_opinion`` and ``sent``: the next delay then runs from that day.

    ``answer``
        "un délai d'un mois à compter de la réception du courrier"
    ``decision_from`` (without observations; the first day, no last one being stated)
        "En l'absence d'observations [...] dans le délai imparti, la caisse notifie"
    ``cpd_seized`` (no delay is stated: the day of the observations)
        "le directeur de la CPAM saisit la CPD pour avis"
    ``cpd_opinion``
        "La CPD rend alors un avis dans un délai de 30 jours."
    ``cpn_seized`` (opinions differ)
        "la CPN est saisie de ce projet sous 15 jours par la CPAM"
    ``cpn_opinion``
        "La CPN dispose alors d'un délai de 30 jours pour rendre un avis"
    ``uncam_asked`` (CPN of another view)
        "sollicite pour avis dans les 15 jours le directeur général de l'UNCAM"
    ``uncam_opinion``
        "dispose alors de 30 jours pour rendre un avis"
    ``sent``
        same view: "dans un délai d'un mois à compter de la saisine"; another: "dans les 15 jours
        suivant cet avis"
    ``notified``
        "dans un délai de 15 jours suivant l'avis", or "suivant la transmission du ou des avis"
    """
    latest: dict[str, date] = {"answer": one_month_later(letter_received)}
    if answered is True:
        answered = latest["answer"]
    if answered is False or answered > latest["answer"]:
        latest["decision_from"] = latest["answer"] + DAY
        return latest

    known = actual or {}

    def start(step: str) -> date:
        return known.get(step, latest[step])

    latest["cpd_seized"] = answered
    latest["cpd_opinion"] = start("cpd_seized") + 30 * DAY
    if same_opinion:
        latest["notified"] = start("cpd_opinion") + 15 * DAY
        return latest

    latest["cpn_seized"] = start("cpd_opinion") + 15 * DAY
    latest["cpn_opinion"] = start("cpn_seized") + 30 * DAY
    if cpn_same_opinion:
        latest["sent"] = one_month_later(start("cpn_seized"))
    else:
        latest["uncam_asked"] = start("cpn_opinion") + 15 * DAY
        latest["uncam_opinion"] = start("uncam_asked") + 30 * DAY
        latest["sent"] = start("uncam_opinion") + 15 * DAY
    latest["notified"] = start("sent") + 15 * DAY
    return latest
