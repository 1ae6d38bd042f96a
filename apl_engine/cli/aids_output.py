"""What `apl aids` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .run_output import number, title

if TYPE_CHECKING:
    from ..aids import AidRules, Eligibility, Event, Line, Schedule, UpliftCheck, ZoneAids
    from ..aids.rules.values import Dated
    from ..results.lookup import Place

_WIDTH = 90
_YES_NO = {True: "yes", False: "no"}


def commune_page(found: ZoneAids, place: Place | None) -> str:
    """Return what a zone opens as a page."""
    lines = [*_where(place), f"Zone {found.zone} on {found.on}", ""]
    for measure in found.measures:
        regulation = measure.measure == "regulated"
        words = ("applies", "does not apply") if regulation else ("open", "not open")
        word = words[0] if measure.opens else words[1]
        lines += [_wrapped(f"{word}: {measure.title}", 2), *_rule(measure.rule)]
    if found.contracts:
        lines += ["", title("Contracts, of which one at a time")]
    for offer in found.contracts:
        again = ", tacitly renewable" if offer.renewable else ""
        amount = number(float(offer.maximum))
        lines.append(
            f"  {offer.kind:<8}{offer.title:<38}{offer.years} years{again}, up to {amount} EUR"
        )
        lines += _rule(offer.rule)
    return "\n".join(lines)


def contract_page(found: Schedule, place: Place | None) -> str:
    """Return a schedule as a page."""
    contract = found.contract
    head = f"{found.title} ({contract.kind}), signed {contract.signed} in {contract.zone}"
    blocks = [
        [*_where(place), head, *(f"  term {term.first} to {term.last}" for term in found.terms)],
        [title("Amounts, EUR"), *(line for item in found.lines for line in _line(item))],
        _totals(found),
        [title("Days"), *(line for event in found.events for line in _event(event))],
        [title("Notes"), *(_note(str(note), note.warning) for note in found.notes)],
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _line(line: Line) -> list[str]:
    when = f"{line.timing} {line.due}"
    most = "  at most" if line.at_most else ""
    return [
        f"  {when:<20}{line.kind:<12}{_amount(line.amount):>14}{most}",
        _wrapped(line.what, 6),
        *_rule(line.rule, reason=False),
    ]


def _event(event: Event) -> list[str]:
    return [f"  {event.on}  {event.what}", *_rule(event.rule, reason=False)]


def _totals(found: Schedule) -> list[str]:
    lines = [title("By civil year of payment"), f"  {'':<8}{'paid':>14}{'back':>14}{'net':>14}"]
    rows = [(str(t.year), t.paid, t.taken_back, t.net) for t in found.totals]
    for name, *amounts in (*rows, ("all", found.paid, found.taken_back, found.net)):
        lines.append(f"  {name:<8}" + "".join(f"{_amount(a):>14}" for a in amounts))
    return lines


def _amount(amount: object) -> str:
    return f"{amount:,.2f}".replace(",", " ")


def uplift_page(found: UpliftCheck) -> str:
    """Return a list of territories beside the limit as a page."""
    share = "-" if found.share is None else f"{float(found.share):.2%}"
    of = "zones" if found.basis == "count" else "inhabitants of zones"
    lines = [
        f"Region {found.region}: {number(float(found.used))} of {number(float(found.total))} {of} "
        f"très sous dotées, {share}; at most {float(found.limit):.2%}",
        f"  within the limit: {_YES_NO[found.within_limit]}",
        f"  the list may stand: {_YES_NO[found.allowed]}",
    ]
    for words, codes in (
        ("not très sous dotée", found.other_zone),
        ("of another region", found.other_region),
        ("unknown", found.unknown),
        ("there twice", found.twice),
    ):
        if codes:
            lines.append(_wrapped(f"{words}: {', '.join(codes)}", 2))
    if found.without_apl:
        text = f"without an APL, hence never chosen as the lowest: {found.without_apl}"
        lines.append(_wrapped(text, 2))
    lines += ["", title(f"Territories: {len(found.chosen)}")]
    lines += [f"  {code:<8}{name}" for code, name in found.chosen]
    lines += ["", title("Rules"), *(line for rule in found.rules for line in _value(rule))]
    return "\n".join(lines)


def installation_page(found: Eligibility, place: Place | None) -> str:
    """Return whether a plan may be conventioned as a page."""
    judges = f" by {', '.join(found.judges)}" if found.judges else ""
    lines = [
        *_where(place),
        f"Zone {found.plan.zone} on {found.plan.on}",
        f"Eligible: {found.eligible}{judges}",
        "",
    ]
    for reason in found.reasons:
        by = f" by {reason.by}" if reason.by else ""
        lines += [_wrapped(f"{reason.answer}{by}: {reason.text}", 2), *_rule(reason.rule)]
    return "\n".join(lines)


def rules_page(rules: AidRules) -> str:
    """Return every value as a page."""
    lines = [rules.title, ""]
    for key, source in rules.sources.items():
        address = f" {source['url']}" if "url" in source else ""
        lines.append(_wrapped(f"[{key}] {source['title']}{address}", 2))
    lines += ["", "  ? marks a point that no text read settles."]
    section = ""
    for values in rules.values.values():
        for value in values:
            if value.key.split(".")[0] != section:
                section = value.key.split(".")[0]
                lines += ["", section]
            lines += _value(value)
    return "\n".join(lines)


def _where(place: Place | None) -> list[str]:
    if place is None:
        return []
    territory = f"territory {place.territory} {place.territory_name}"
    return [f"{place.code} {place.name}, {territory}, {place.zone} in this zoning"]


def _value(value: Dated) -> list[str]:
    unit = f" {value.unit}" if value.unit else ""
    mark = "?" if value.silent else " "
    head = f"{mark} {value.key.split('.')[1]} = {value.shown}{unit}, from {value.since}"
    return [head, *_rule(value)]


def _rule(rule: Dated, *, reason: bool = True) -> Iterable[str]:
    yield _wrapped(f"[{rule.source}] {rule.article} ({rule.confidence})", 6)
    if reason and rule.reason:
        yield _wrapped(rule.reason, 6)


def _note(text: str, warning: bool) -> str:
    return _wrapped(("Warning: " if warning else "") + text, 4, "  - ")


def _wrapped(text: str, indent: int, first: str | None = None) -> str:
    space = " " * indent
    head = space if first is None else first
    return textwrap.fill(text, _WIDTH, initial_indent=head, subsequent_indent=space)
