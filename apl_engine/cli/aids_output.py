"""What `apl aids` prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .rulebook_output import value_head, values_page, wrapped
from .run_output import number, title

if TYPE_CHECKING:
    from ..aids import AidRules, Eligibility, Event, Line, Schedule, UpliftCheck, ZoneAids
    from ..aids.rules.values import DatedValue
    from ..results.lookup import Place

_YES_NO = {True: "yes", False: "no"}


def commune_page(aids: ZoneAids, place: Place | None) -> str:
    """Return what a zone opens as a page."""
    lines = [*_place(place), f"Zone {aids.zone} on {aids.on}", ""]
    for measure in aids.measures:
        regulation = measure.measure == "regulated"
        words = ("applies", "does not apply") if regulation else ("open", "not open")
        word = words[0] if measure.opens else words[1]
        lines += [wrapped(f"{word}: {measure.title}", 2), *_rule(measure.rule)]
    if aids.contracts:
        lines += ["", title("Contracts, one at a time")]
    width = max((len(offer.title) for offer in aids.contracts), default=0)
    for offer in aids.contracts:
        term = f"{offer.years} years{', tacitly renewable' if offer.renewable else ''}"
        maximum = number(float(offer.maximum))
        lines.append(f"  {offer.kind:<6}  {offer.title:<{width}}  {term}, up to {maximum} EUR")
        lines += _rule(offer.rule)
    return "\n".join(lines)


def contract_page(schedule: Schedule, place: Place | None) -> str:
    """Return a schedule as a page."""
    contract = schedule.contract
    head = f"{schedule.title} ({contract.kind}), signed {contract.signed} in {contract.zone}"
    blocks = [
        [*_place(place), head, *(f"  term {term.first} to {term.last}" for term in schedule.terms)],
        [title("Amounts, EUR"), *(line for item in schedule.lines for line in _line(item))],
        _totals(schedule),
        [title("Days"), *(line for event in schedule.events for line in _event(event))],
        [title("Notes"), *(_note(str(note), note.warning) for note in schedule.notes)],
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _line(line: Line) -> list[str]:
    when = f"{line.timing} {line.due}"
    most = "  at most" if line.at_most else ""
    return [
        f"  {when:<20}{line.kind:<12}{_amount(line.amount):>14}{most}",
        wrapped(line.what, 6),
        *_rule(line.rule, reason=False),
    ]


def _event(event: Event) -> list[str]:
    return [f"  {event.on}  {event.what}", *_rule(event.rule, reason=False)]


def _totals(schedule: Schedule) -> list[str]:
    lines = [title("By civil year of payment"), f"  {'':<8}{'paid':>14}{'back':>14}{'net':>14}"]
    rows = [(str(t.year), t.paid, t.taken_back, t.net) for t in schedule.totals]
    for name, *amounts in (*rows, ("all", schedule.paid, schedule.taken_back, schedule.net)):
        lines.append(f"  {name:<8}" + "".join(f"{_amount(a):>14}" for a in amounts))
    return lines


def _amount(amount: object) -> str:
    return f"{amount:,.2f}".replace(",", " ")


def uplift_page(check: UpliftCheck) -> str:
    """Return a list of territories compared with the limit as a page."""
    share = "-" if check.share is None else f"{float(check.share):.2%}"
    of = "zones" if check.basis == "count" else "inhabitants of zones"
    lines = [
        f"Region {check.region}: {number(float(check.used))} of {number(float(check.total))} {of} "
        f"très sous dotées, {share}; at most {float(check.limit):.2%}",
        f"  within the limit: {_YES_NO[check.within_limit]}",
        f"  the list is permitted: {_YES_NO[check.allowed]}",
    ]
    for words, codes in (
        ("not très sous dotée", check.other_zone),
        ("of another region", check.other_region),
        ("unknown", check.unknown),
        ("given twice", check.twice),
    ):
        if codes:
            lines.append(wrapped(f"{words}: {', '.join(codes)}", 2))
    if check.without_apl:
        text = f"without an APL, hence never chosen: {check.without_apl}"
        lines.append(wrapped(text, 2))
    lines += ["", title(f"Territories: {len(check.chosen)}")]
    lines += [f"  {code:<8}{name}" for code, name in check.chosen]
    lines += ["", title("Rules"), *(line for rule in check.rules for line in _value(rule))]
    return "\n".join(lines)


def installation_page(eligibility: Eligibility, place: Place | None) -> str:
    """Return whether an installation may be conventioned as a page."""
    judges = f" by {', '.join(eligibility.judges)}" if eligibility.judges else ""
    lines = [
        *_place(place),
        f"Zone {eligibility.plan.zone} on {eligibility.plan.on}",
        f"Eligible: {eligibility.eligible}{judges}",
        "",
    ]
    for reason in eligibility.reasons:
        by = f" by {reason.by}" if reason.by else ""
        lines += [wrapped(f"{reason.answer}{by}: {reason.text}", 2), *_rule(reason.rule)]
    return "\n".join(lines)


def rules_page(rules: AidRules) -> str:
    """Return every value as a page."""
    values = (value for dated in rules.values.values() for value in dated)
    return values_page(rules, "none of the texts read settles", values, _value)


def _place(place: Place | None) -> list[str]:
    if place is None:
        return []
    territory = f"territory {place.territory} {place.territory_name}"
    return [f"{place.code} {place.name}, {territory}, {place.zone} in this zoning"]


def _value(value: DatedValue) -> list[str]:
    return [f"{value_head(value, value.shown)}, from {value.since}", *_rule(value)]


def _rule(rule: DatedValue, *, reason: bool = True) -> Iterable[str]:
    yield wrapped(f"[{rule.source}] {rule.article} ({rule.confidence})", 6)
    if reason and rule.reason:
        yield wrapped(rule.reason, 6)


def _note(text: str, warning: bool) -> str:
    return wrapped(("Warning: " if warning else "") + text, 4, "  - ")
