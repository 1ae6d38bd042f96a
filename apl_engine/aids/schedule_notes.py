"""What a schedule reports beside its amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..errors import Note
from .contract_checks import facts_missing
from .dates import months_after
from .lump_sums import lump_sums
from .money import NOTHING
from .rules.sections import AnnualTerms, LumpSumTerms
from .rules.values import DatedValue
from .schedule_lines import Line
from .termination import ends_for_breach
from .timeline import Timeline


def schedule_notes(
    timeline: Timeline, lines: Sequence[Line], calendar: Sequence[Line]
) -> Iterator[Note]:
    """Yield contradictions, conditions, what was left out, and what no text settles.

    Parameters
    ----------
    timeline : Timeline
    lines : sequence of Line
        Of the schedule.
    calendar : sequence of Line
        What is due whatever was paid, without trainees.
    """
    terms = timeline.signed_terms
    if isinstance(terms, AnnualTerms):
        yield from _annual(timeline, terms)
    else:
        yield from _lump_sums(timeline, terms, calendar)
    yield from _paid(timeline, lines, calendar)
    for notes in (_zone, _procedure, _trainees):
        yield from notes(timeline)
    yield from _uncertain(uncertain_rules(timeline, lines, calendar))


def _note(kind: str, count: int = 0, warning: bool = False, /, **details: object) -> Note:
    return Note(f"schedule.{kind}", count, warning=warning, details=details)


def _annual(timeline: Timeline, terms: AnnualTerms) -> Iterator[Note]:
    contract = timeline.contract
    for name in ("renewable", "yearly_amount"):
        rule = timeline.cite(f"{contract.kind}.{name}")
        yield _note("contradiction", 0, True, article=rule.article, reason=rule.reason)
    yield from _duties(timeline, terms)
    if missing := facts_missing(timeline):
        article = timeline.cite("practice.forms").article
        yield _note("beneficiary", missing=missing, article=article)
    if not timeline.zone_left and not contract.termination and terms.renewable:
        yield _note("renewable", last_day=str(timeline.whole.last))


def _duties(timeline: Timeline, terms: AnnualTerms) -> Iterator[Note]:
    """Report the duties of article 2.1: those not kept, and those that nothing is known of."""
    contract = timeline.contract
    least, share = terms.minimum_activity, contract.activity_in_zone
    article = timeline.cite(f"{contract.kind}.minimum_activity").article
    if share is None:
        yield _note("condition", share=float(least), article=article)
    elif share < least:
        details = {"share": float(share), "least": float(least), "article": article}
        yield _note("activity_too_low", 0, True, **details)
    article = timeline.cite(f"{contract.kind}.modernisation_aid").article
    if terms.modernisation_aid and not contract.modernisation_aid:
        kind = "modernisation" if contract.modernisation_aid is None else "modernisation_not_kept"
        yield _note(kind, 0, contract.modernisation_aid is False, article=article)


def _lump_sums(timeline: Timeline, terms: LumpSumTerms, calendar: Sequence[Line]) -> Iterator[Note]:
    contract, payments = timeline.contract, len(terms.payments)
    yield _note("by_analogy", kind=contract.kind)
    if unknown := sum(line.at_most and line.kind == "aid" for line in calendar):
        yield _note("at_most", unknown)
    if not contract.acts and terms.first_payment_activity == "settled":
        yield _note("first_payment_unsettled")
    if len(contract.acts) > payments:
        yield _note("unused_acts", years=payments)
    if not_made := len(lump_sums(timeline, made_only=False)) - len(lump_sums(timeline)):
        yield _note("not_made", not_made)
    years = enumerate(timeline.years_run(), 1)
    cut_short = next((n for n, year in years if year.last > timeline.ran.last), 0)
    if contract.termination and 0 < cut_short <= len(contract.acts):
        yield _note("cut_short", 0, True, year=cut_short)


def _paid(timeline: Timeline, lines: Sequence[Line], calendar: Sequence[Line]) -> Iterator[Note]:
    """Compare what was paid with what was due by then; a termination does so in its lines."""
    contract = timeline.contract
    if not contract.paid or contract.termination:
        return
    last = max(payment.on for payment in contract.paid)
    paid = sum((payment.amount for payment in contract.paid), NOTHING)
    due = sum((line.amount for line in calendar if line.due <= last), NOTHING)
    differs = any(line.kind in ("arrears", "recovery") for line in lines)
    yield _note("paid", 0, differs, paid=str(paid), last_day=str(last), due=str(due))


def _zone(timeline: Timeline) -> Iterator[Note]:
    for change in timeline.contract.zone_changes:
        opened = timeline.rules.cite("zones.conventional", change.on).parsed.zones
        if change.zone not in opened and change.on <= timeline.ran.last:
            rule = timeline.cite("contract.zone_left")
            reason = "" if timeline.is_annual else rule.reason
            details = {"day": str(change.on), "zone": change.zone}
            yield _note("zone_left", **details, **_quote(rule.article, reason))


def _quote(article: str, reason: str) -> dict[str, object]:
    return {"article": article, "reason": reason, "has_reason": bool(reason)}


def _procedure(timeline: Timeline) -> Iterator[Note]:
    end = timeline.contract.termination
    if end is None or end.procedure is None:
        return
    rule = timeline.cite("procedure.observations_months")
    last = months_after(end.procedure.received, rule.parsed)
    if end.on <= last:
        days = {"last_day": str(last), "termination": str(end.on)}
        yield _note("too_early", 0, True, **days, article=rule.article)


def _trainees(timeline: Timeline) -> Iterator[Note]:
    for number, trainee in enumerate(timeline.contract.trainees, 1):
        if outside := trainee.period.days - trainee.period.within(timeline.ran).days:
            yield _note("outside_contract", outside, trainee=number)


def uncertain_rules(
    timeline: Timeline, lines: Sequence[Line], calendar: Sequence[Line]
) -> list[DatedValue]:
    """Return the rules that a schedule depends on and that the text read does not settle.

    Parameters
    ----------
    timeline : Timeline
    lines, calendar : sequence of Line
        As for `schedule_notes`.

    Returns
    -------
    list of DatedValue
    """
    rules: dict[str, DatedValue] = {line.rule.key: line.rule for line in (*lines, *calendar)}
    rules |= {key: timeline.cite(key) for key in _points(timeline)}
    by_analogy = () if timeline.is_annual else ("uplift.rate",)
    return [rule for rule in rules.values() if not rule.certain or rule.key in by_analogy]


def _uncertain(rules: Iterable[DatedValue]) -> Iterator[Note]:
    for rule in rules:
        if rule.silent:
            yield _note("silent", rule=rule.key, value=rule.shown, reason=rule.reason)
        else:
            details = {"rule": rule.key, "confidence": rule.confidence, "source": rule.source}
            yield _note("uncertain", **details, **_quote(rule.article, rule.reason))


def _points(timeline: Timeline) -> Iterator[str]:
    """Return the rules that the amounts depend on beside those of their lines."""
    contract, kind, ended = timeline.contract, timeline.contract.kind, timeline.contract.termination
    # The activity of a contract that pays an amount a year has no effect.
    years = 0 if timeline.is_annual else len(contract.acts)
    breach = ends_for_breach(timeline)
    answered = breach and ended and ended.has_answer
    points = {
        "zones.conventional": True,
        f"{kind}.accrual": timeline.is_annual,
        f"{kind}.payment_before": not timeline.is_annual,
        f"{kind}.first_payment_activity": not timeline.is_annual,
        f"{kind}.first_year_full": years > 0,
        f"{kind}.below_floor": years > 0,
        f"{kind}.full": years > 1,
        f"{kind}.recovery": ended and not timeline.is_annual,
        f"{kind}.renewal_outside_zone": timeline.zone_left and not ended,
        "contract.leap_anniversary": (contract.signed.month, contract.signed.day) == (2, 29),
        "trainee.broken_month": contract.trainees,
        "termination.trainees": contract.trainees and ended,
        "termination.after_observations": answered,
        "termination.year_begun": breach and timeline.is_annual,
        "termination.unpaid_year": breach and timeline.is_annual,
        "termination.zone_left": ended and ended.by == "caisse" and ended.cause == "zone_left",
        "termination.uplift_by_agency": contract.uplift and ended and ended.by == "agency",
        f"{kind}.may_follow": contract.earlier,
    }
    return (key for key, applies in points.items() if applies)
