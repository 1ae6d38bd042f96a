"""What `apl aids` prints, as pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..reports.page import Column, Page
from .rulebook_output import cited, rulebook_page, value_line
from .run_output import number

if TYPE_CHECKING:
    from ..aids import AidRules, Eligibility, Schedule, UpliftCheck, ZoneAids
    from ..aids.rules.values import DatedValue
    from .aids_options import Located

_YES_NO = {True: "yes", False: "no"}
_SENTENCE = Column(longest=200)


def commune_page(aids: ZoneAids, located: Located | None) -> Page:
    """Return what a zone opens."""
    page = Page(_title(located, f"Zone {aids.zone} on {aids.on}"))
    _zoning(page, located)
    words = {True: ("applies", "open"), False: ("does not apply", "not open")}
    page.bullets(
        f"{words[one.opens][one.measure != 'regulated']}: {one.title} {cited(one.rule)}"
        for one in aids.measures
    )
    if aids.contracts:
        page.section("Contracts, one at a time")
    page.table(
        ["", _SENTENCE, _SENTENCE],
        [
            (offer.kind, offer.title,
             f"{offer.years} years{', tacitly renewable' if offer.renewable else ''}, "
             f"up to {number(offer.maximum)} EUR")
            for offer in aids.contracts
        ],
        details=[cited(offer.rule) for offer in aids.contracts],
    )  # fmt: skip
    return page


def contract_page(schedule: Schedule, located: Located | None) -> Page:
    """Return the payments and days of a contract."""
    contract = schedule.contract
    head = f"{schedule.title} ({contract.kind}), signed {contract.signed} in {contract.zone}"
    terms = (f"  term {term.first} to {term.last}" for term in schedule.terms)
    page = Page(_title(located, head, *terms))
    _zoning(page, located)
    page.section("Amounts, EUR")
    page.table(
        ["", "", Column(decimals=2), ""],
        [
            (f"{line.timing} {line.due}", line.kind, line.amount, "at most" if line.at_most else "")
            for line in schedule.lines
        ],
        details=[f"{line.what} {cited(line.rule, reason=False)}" for line in schedule.lines],
    )
    page.section("By civil year of payment")
    page.table(
        ["", Column("paid", 2), Column("back", 2), Column("net", 2)],
        [(str(year.year), year.paid, year.taken_back, year.net) for year in schedule.totals],
        total=("all", schedule.paid, schedule.taken_back, schedule.net),
    )
    page.section("Days")
    page.table(
        ["", _SENTENCE],
        [(str(event.on), event.what) for event in schedule.events],
        details=[
            f"{event.notice.described} {cited(event.rule, reason=False)}".strip()
            for event in schedule.events
        ],
    )
    page.section("Notes")
    page.bullets(f"{'Warning: ' if note.warning else ''}{note}" for note in schedule.notes)
    return page


def uplift_page(check: UpliftCheck) -> Page:
    """Return a list of territories compared with the limit."""
    share = "-" if check.share is None else f"{float(check.share):.2%}"
    of = "zones" if check.basis == "count" else "inhabitants of zones"
    page = Page(
        f"Region {check.region}: {number(check.used)} of {number(check.total)} {of} "
        f"très sous dotées, {share}; at most {float(check.limit):.2%}"
    )
    lists = (
        ("not très sous dotée", check.other_zone),
        ("of another region", check.other_region),
        ("unknown", check.unknown),
        ("given twice", check.twice),
        ("without an APL, hence never chosen", [str(check.without_apl or "")]),
    )
    page.bullets(
        [
            f"within the limit: {_YES_NO[check.within_limit]}",
            f"the list is permitted: {_YES_NO[check.allowed]}",
            *(f"{words}: {', '.join(codes)}" for words, codes in lists if any(codes)),
        ]
    )
    page.section(f"Territories: {len(check.chosen)}")
    page.table(["", _SENTENCE], check.chosen)
    page.section("Rules")
    page.bullets(f"{_value(rule).strip()} {cited(rule)}" for rule in check.rules)
    return page


def installation_page(eligibility: Eligibility, located: Located | None) -> Page:
    """Return whether an installation may be conventioned, and why."""
    judges = f" by {', '.join(eligibility.judges)}" if eligibility.judges else ""
    zone = f"Zone {eligibility.plan.zone} on {eligibility.plan.on}"
    page = Page(_title(located, zone, f"Eligible: {eligibility.eligible}{judges}"))
    _zoning(page, located)
    page.bullets(
        f"{reason.answer}{f' by {reason.by}' if reason.by else ''}: {reason.text} "
        f"{cited(reason.rule)}"
        for reason in eligibility.reasons
    )
    return page


def rules_page(rules: AidRules) -> Page:
    """Return every value."""
    values = [value for dated in rules.values.values() for value in dated]
    return rulebook_page(rules, "none of the texts read settles", values, _value, cited)


def effect_page(zones: Path, rows: Sequence[Mapping[str, Any]]) -> Page:
    """Return the day of effect of a zoning in each region."""
    page = Page(f"Days of effect of {zones}; each until the next order of the same agency")
    page.table(
        ["", "", "", _SENTENCE],
        [
            (row["region"], row["region_name"], row["since"] or "not known", row["source"])
            for row in rows
        ],
    )
    return page


def _title(located: Located | None, *lines: str) -> str:
    where: Iterable[str] = ()
    if located:
        place = located.place
        territory = f"territory {place.territory} {place.territory_name}"
        where = [f"{place.code} {place.name}, {territory}, {place.zone} in this zoning"]
    return "\n".join([*where, *lines])


def _zoning(page: Page, located: Located | None) -> None:
    """Add which zoning was used, and why."""
    if located is None:
        return
    choice, chosen = located.choice, located.choice.chosen
    where = f"zoning {chosen.name}, region {chosen.region}"
    if chosen.since is None:
        text = f"{where}: its day of effect is not known; it is taken to be in force"
        page.bullets([f"{text} (state it with `apl aids effect`)"])
        return
    stands, rhythm = (cited(rule, reason=False) for rule in (choice.stands, choice.rhythm))
    replaced = pairwise((*choice.earlier, chosen))
    page.bullets(
        [
            f"{where}: in force since {chosen.since} ({chosen.source})",
            f"until the next order of the same agency {stands}",
            f"a revision is meant to come by {choice.revision_meant}, for information {rhythm}",
            *(f"not {one.name}: replaced on {after.since}" for one, after in replaced),
            *(f"not {one.name}: not in force before {one.since}" for one in choice.later),
        ]
    )


def _value(value: DatedValue) -> str:
    others = "".join(f", or {other}" for other in value.others)
    return f"{value_line(value, value.shown)}{others}, from {value.since}"
