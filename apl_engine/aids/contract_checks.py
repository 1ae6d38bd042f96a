"""What is wrong with a contract by the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations

from ..errors import Fault
from .contract import CAUSES, MONIES, SIDES, Contract, Earlier, Practice, Termination
from .dates import FIRST_DAY, LAST_DAY, Period
from .money import is_amount
from .rules.rules import AidRules
from .rules.sections import PracticeTerms
from .rules.values import KINDS, DatedValue
from .timeline import Timeline, build_timeline


def contract_faults(
    contract: Contract, rules: AidRules, name: str = "contract", until: date | None = None
) -> list[Fault]:
    """Return every fault of a contract.

    Parameters
    ----------
    contract : Contract
    rules : AidRules
    name : str
        Of its file.
    until : date, optional
        The day up to which renewals are to be followed.

    Returns
    -------
    list of Fault
    """
    return [
        Fault(f"contract.{kind}", name, key=key, details=details)
        for key, kind, details in _faults(contract, rules, until)
    ]


# Key, kind and details of each fault.
_Faults = Iterator[tuple[str, str, Mapping[str, object]]]


def _faults(contract: Contract, rules: AidRules, until: date | None) -> _Faults:
    if contract.kind not in KINDS:
        yield "contract", "unknown_contract", {"known": KINDS}
        return
    if contract.signed < rules.first_day:
        days = {"signed": str(contract.signed), "first": str(rules.first_day)}
        yield "signed", "before_rules", days
        return
    if far := [day for day in _days(contract, until) if not FIRST_DAY <= day <= LAST_DAY]:
        yield "days", "day_out_of_range", _outside(far[0], Period(FIRST_DAY, LAST_DAY))
        return
    if until is not None and until < contract.signed:
        days = {"until": str(until), "signed": str(contract.signed)}
        yield "until", "until_before_signature", days
    timeline = build_timeline(contract, rules, until)
    for check in (_zones, _practice, _termination, _acts, _trainees, _paid):
        yield from check(timeline)
    yield from _earlier(contract, rules)


def _days(contract: Contract, until: date | None) -> list[date]:
    days = [contract.signed, *([until] if until else [])]
    for trainee in contract.trainees:
        days += [trainee.period.first, trainee.period.last]
    days += [change.on for change in contract.zone_changes]
    days += [payment.on for payment in contract.paid or ()]
    return days + ([contract.termination.on] if contract.termination else [])


def _outside(day: date, period: Period) -> Mapping[str, object]:
    return {"day": str(day), **period.as_dict()}


def _zones(timeline: Timeline) -> _Faults:
    contract, rules = timeline.contract, timeline.rules
    conventional = rules.cite("zones.conventional", contract.signed)
    known = rules.cite("zones.known", contract.signed).parsed
    opened = conventional.parsed.zones
    zone = contract.zone
    if zone is not None and zone not in known:
        yield "zone", "unknown_zone", {"zone": zone, "known": known}
    elif zone is not None and zone not in opened:
        facts = {"zone": zone, "kind": contract.kind, "signed": str(contract.signed)}
        rule = {"since": str(conventional.since), "article": conventional.article}
        yield "zone", "zone_without_right", {**facts, **rule, "zones": opened}
    if zone and zone not in opened and contract.uplift:
        yield "uplift", "uplift_outside_zone", {}
    days = [change.on for change in contract.zone_changes]
    for number, change in enumerate(contract.zone_changes, 1):
        key = f"zone_change[{number}]"
        if change.zone not in known:
            yield key, "unknown_zone", {"zone": change.zone, "known": known}
        if not contract.signed < change.on <= timeline.whole.last:
            yield key, "outside_contract", _outside(change.on, timeline.whole)
        if days.count(change.on) > 1:
            yield key, "repeated_change", {"day": str(change.on)}


def _termination(timeline: Timeline) -> _Faults:
    termination, whole = timeline.contract.termination, timeline.whole
    if termination is None:
        return
    if termination.by not in SIDES:
        yield "termination.by", "unknown_side", {"known": SIDES}
    if not whole.includes(termination.on):
        yield "termination.on", "outside_contract", _outside(termination.on, whole)
    yield from _cause(timeline, termination)
    procedure, before = termination.procedure, Period(whole.first, termination.on)
    if procedure and not before.includes(procedure.received):
        key = "termination.letter_received"
        yield key, "letter_out_of_range", _outside(procedure.received, before)


def _cause(timeline: Timeline, termination: Termination) -> _Faults:
    """Yield what contradicts the cause of a termination (articles 4.1, 4.2 and 5)."""
    key, cause = "termination.cause", termination.cause
    if cause is None:
        return
    if cause not in CAUSES:
        yield key, "unknown_cause", {"known": CAUSES}
    elif cause == "breach" and termination.by == "practitioner":
        yield (
            key,
            "breach_of_practitioner",
            {"article": timeline.cite("termination.caisse").article},
        )
    elif cause == "zone_left":
        article = timeline.cite("contract.zone_left").article
        if termination.by == "agency":
            yield key, "zone_left_by_agency", {"article": article}
        if termination.procedure:
            yield "termination.letter_received", "procedure_without_breach", {"article": article}
        zone = timeline.contract.zone_on(termination.on)
        opened = timeline.rules.cite("zones.conventional", termination.on).parsed.zones
        if zone in opened:
            yield key, "zone_not_left", {"zone": zone, "day": str(termination.on)}


def _practice(timeline: Timeline) -> _Faults:
    """Yield what keeps the practitioner from being one of those of article 1.2."""
    contract = timeline.contract
    given = {"activity_in_zone": contract.activity_in_zone, "practice": contract.practice,
             "modernisation_aid": contract.modernisation_aid}  # fmt: skip
    if not timeline.is_annual:
        for key in (key for key, value in given.items() if value is not None):
            yield key, "field_of_cammk", {"kind": contract.kind}
        return
    share = contract.activity_in_zone
    if share is not None and not 0 <= share <= 1:
        yield "activity_in_zone", "activity_out_of_range", {"share": str(share)}
    if contract.practice is not None:
        yield from _form(timeline, contract.practice)


# What each form of practice states (article 1.2).
_OF_FORM = {
    "alone": {"conventioned", "replacement"},
    "group": {"conventioned", "practitioners", "link", "same_premises", "recognised"},
    "pluriprofessional": {"conventioned", "setting", "same_premises", "recognised"},
}


def facts_missing(timeline: Timeline) -> tuple[str, ...]:
    """Return what of article 1.2 the contract does not state."""
    practice = timeline.contract.practice
    if practice is None:
        return ("form",)
    terms = timeline.section("practice", PracticeTerms, timeline.contract.signed)
    named = practice.link or practice.setting
    needed = set(_OF_FORM[practice.form])
    if named not in terms.recognised:
        needed.discard("recognised")
    return tuple(name for name, fact in vars(practice).items() if name in needed and fact is None)


def _form(timeline: Timeline, practice: Practice) -> _Faults:
    terms = timeline.section("practice", PracticeTerms, timeline.contract.signed)
    if practice.form not in terms.forms or practice.form not in _OF_FORM:
        yield "practice.form", "unknown_word", {"known": terms.forms}
        return
    given = {name: value for name, value in vars(practice).items() if value is not None}
    for name in sorted(given.keys() - _OF_FORM[practice.form] - {"form"}):
        others = tuple(form for form, names in _OF_FORM.items() if name in names)
        details = {"form": practice.form, "others": others}
        yield f"practice.{name}", "field_of_other_form", details
    own = {name: value for name, value in given.items() if name in _OF_FORM[practice.form]}
    for name, known in (("link", terms.links), ("setting", terms.settings)):
        if name in own and own[name] not in known:
            yield f"practice.{name}", "unknown_word", {"known": known}
    # A named form needs no recognition; a form that is not known yet may.
    named = own.get("link", own.get("setting"))
    if "recognised" in own and named is not None and named not in terms.recognised:
        details = {"form": str(named), "others": terms.recognised}
        yield "practice.recognised", "field_of_other_form", details
    unmet = {
        "conventioned": terms.conventioned and own.get("conventioned") is False,
        "replacement": terms.replacement and own.get("replacement") is False,
        "practitioners": own.get("practitioners", terms.practitioners) < terms.practitioners,
        "same_premises": practice.form in terms.same_premises and own.get("same_premises") is False,
        "recognised": named in terms.recognised and own.get("recognised") is False,
    }
    for name in (name for name, is_unmet in unmet.items() if is_unmet):
        article = timeline.cite(f"practice.{name}").article
        yield f"practice.{name}", "not_a_beneficiary", {"article": article}


def _acts(timeline: Timeline) -> _Faults:
    acts, years = timeline.contract.acts, timeline.signed_terms.years
    if acts and timeline.is_annual:
        yield "acts", "acts_not_used", {"kind": timeline.contract.kind}
        return
    if negative := tuple(year for year, number in enumerate(acts, 1) if number < 0):
        yield "acts", "negative_acts", {"years": negative}
    if len(acts) > years:
        yield "acts", "acts_after_term", {"given": len(acts), "years": years}
    elif len(acts) > (begun := len(timeline.years_run())):
        yield "acts", "acts_after_termination", {"given": len(acts), "begun": begun}


def _trainees(timeline: Timeline) -> _Faults:
    years = timeline.cite("trainee.study_years").parsed
    for number, trainee in enumerate(timeline.contract.trainees, 1):
        key = f"trainee[{number}]"
        if trainee.year not in years:
            yield f"{key}.year", "study_year", {"year": trainee.year, "years": years}
        if not 0 < trainee.share <= 1:
            yield f"{key}.share", "share_out_of_range", {"share": str(trainee.share)}
        if not trainee.period.within(timeline.ran).days:
            days = {f"trainee_{name}": day for name, day in trainee.period.as_dict().items()}
            yield key, "trainee_outside_contract", {**days, **timeline.ran.as_dict()}


def _paid(timeline: Timeline) -> _Faults:
    contract = timeline.contract
    last = date(timeline.ran.last.year + 1, 12, 31)
    end = contract.termination.on if contract.termination else None
    for number, payment in enumerate(contract.paid or (), 1):
        key, on = f"paid[{number}]", str(payment.on)
        if payment.kind not in MONIES:
            yield key, "unknown_money", {"known": MONIES}
        if not is_amount(payment.amount):
            yield key, "not_an_amount", {}
        elif payment.amount < 0:
            yield key, "negative_amount", {}
        if payment.on < contract.signed:
            yield key, "paid_before_signature", {"day": on, "signed": str(contract.signed)}
        # A contract of lump sums pays nothing from its termination on.
        elif end and not timeline.is_annual and payment.on >= end:
            yield key, "paid_after_termination", {"day": on, "termination": str(end)}
        elif payment.on > last:
            yield key, "paid_too_late", {"day": on, "last": str(last)}
        if payment.kind == "uplift" and not contract.uplift:
            yield key, "uplift_not_granted", {}


def _earlier(contract: Contract, rules: AidRules) -> _Faults:
    exclusive = rules.cite("contract.exclusive", contract.signed)
    follows = rules.cite(f"{contract.kind}.may_follow", contract.signed)
    for number, earlier in enumerate(contract.earlier, 1):
        key = f"earlier[{number}]"
        if earlier.kind not in KINDS:
            yield key, "unknown_contract", {"known": KINDS}
        elif earlier.kind not in follows.parsed:
            kinds = {"kind": contract.kind, "earlier": earlier.kind}
            yield key, "may_not_follow", {**kinds, "article": follows.article}
        if not earlier.period.days:
            yield key, "period_reversed", earlier.period.as_dict()
        elif exclusive.parsed and earlier.period.last >= contract.signed:
            yield key, "overlap", _overlap(earlier, contract.kind, contract.signed, exclusive)
    for one, other in combinations(contract.earlier, 2):
        if exclusive.parsed and one.period.within(other.period).days:
            yield "earlier", "overlap", _overlap(one, other.kind, other.period.first, exclusive)


def _overlap(earlier: Earlier, kind: str, first: date, rule: DatedValue) -> Mapping[str, object]:
    facts = {"earlier": earlier.kind, "last": str(earlier.period.last), "kind": kind}
    return {**facts, "first": str(first), "article": rule.article}
