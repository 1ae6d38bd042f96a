"""The schedule of a contract: what is due when, by which rule, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..errors import Fault, InputDataError, Note, check_arguments
from ..methodology.values import plain, plain_fields
from .annual import annual_lines, trainee_lines
from .contract import Contract
from .contract_checks import contract_faults
from .dates import DAY, Period
from .lump_sums import lump_sum_lines
from .payments_made import paid_lines
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .rules.values import DatedValue, Notice
from .schedule_lines import PAID, TAKEN_BACK, Event, Line, YearTotal, total, year_totals
from .schedule_notes import schedule_notes, uncertain_rules
from .termination import deadlines
from .timeline import Timeline, build_timeline


@dataclass(frozen=True)
class Schedule:
    """What is paid under a contract.

    Attributes
    ----------
    contract : Contract
    title : str
        Of its kind.
    terms : tuple of Period
        Each term, renewals included.
    ran : Period
        The days on which it runs.
    lines : tuple of Line
        Amounts by rising day.
    events : tuple of Event
        Terms, renewals and deadlines, by rising day.
    totals : tuple of YearTotal
        Amounts by civil year in which they are due.
    notes : tuple of Note
        Contradictions between texts, what is inferred, what was left out.
    """

    contract: Contract
    title: str
    terms: tuple[Period, ...]
    ran: Period
    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    totals: tuple[YearTotal, ...]
    notes: tuple[Note, ...]

    @property
    def paid(self) -> Decimal:
        """All that is paid, in EUR."""
        return total(self.lines, PAID)

    @property
    def taken_back(self) -> Decimal:
        """All that is taken back, in EUR, negative."""
        return total(self.lines, TAKEN_BACK)

    @property
    def net(self) -> Decimal:
        """The sum of what is paid and taken back, in EUR."""
        return self.paid + self.taken_back

    def as_dict(self) -> dict[str, Any]:
        """Return the schedule as plain values, for JSON; amounts are texts."""
        contract = self.contract
        return {
            "contract": contract.kind,
            "title": self.title,
            **plain_fields(contract, "signed", "commune", "zone", "uplift"),
            "terms": plain(self.terms),
            "ran": self.ran.as_dict() if self.ran.days else None,
            **plain_fields(self, "lines", "totals"),
            **{name: str(getattr(self, name)) for name in ("paid", "taken_back", "net")},
            **plain_fields(self, "events", "notes"),
        }


@check_arguments(contract=Contract, rules=(AidRules, None), until=(date, None))
def schedule(
    contract: Contract, rules: AidRules | None = None, *, until: date | None = None
) -> Schedule:
    """Return what is paid under a contract, line by line.

    Amounts and conditions are those in force on the day of signature, for a renewal on its first
    day. The computation is exact; each line is rounded half up to the cent.

    Parameters
    ----------
    contract : Contract
        As `read_contract` returns it; its zone is required.
    rules : AidRules, optional
        By default those shipped.
    until : date, optional
        Follow tacit renewals that begin up to this day; by default only those that the contract
        itself implies, by a trainee, a payment, a change of zone or a termination.

    Returns
    -------
    Schedule

    Raises
    ------
    InputDataError
        All that is wrong with the contract, as for `read_contract`; or its zone is not known.
    """
    rules = rules or load_aid_rules()
    faults = contract_faults(contract, rules, until=until)
    if contract.zone is None:
        details = {"signed": str(contract.signed)}
        faults.append(Fault("contract.zone_unknown", "contract", key="zone", details=details))
    if faults:
        raise InputDataError(faults)
    timeline = build_timeline(contract, rules, until)
    calendar, lines = _lines(timeline)
    notes = schedule_notes(timeline, lines, calendar)
    readings = _other_readings(timeline, until, lines, uncertain_rules(timeline, lines, calendar))
    events = sorted([*_events(timeline), *deadlines(timeline)], key=lambda event: event.on)
    ran = timeline.ran
    return Schedule(
        contract=contract,
        title=timeline.signed_terms.title,
        # Renewals followed beyond a termination did not come.
        terms=tuple(t for t in timeline.terms if t.first <= ran.last) or timeline.terms[:1],
        ran=ran,
        lines=lines,
        events=tuple(events),
        totals=year_totals(lines),
        notes=(*notes, *readings),
    )


def _lines(timeline: Timeline) -> tuple[list[Line], tuple[Line, ...]]:
    """Return what is due whatever was paid, without trainees; and the lines of the schedule."""
    calendar = list(annual_lines(timeline) if timeline.is_annual else lump_sum_lines(timeline))
    due = [*paid_lines(timeline, calendar), *trainee_lines(timeline)]
    return calendar, tuple(sorted(due, key=lambda line: line.order))


def _other_readings(
    timeline: Timeline, until: date | None, lines: tuple[Line, ...], rules: Iterable[DatedValue]
) -> Iterator[Note]:
    """Yield what the other readings of silent points would change."""
    contract, amounts = timeline.contract, [(line.due, line.amount) for line in lines]
    net = total(lines, (*PAID, *TAKEN_BACK))
    for rule, other in ((r, other) for r in rules for other in r.others):
        read = timeline.rules.read_otherwise(rule.key, rule.since, other)
        # The contract may be impossible in that reading.
        if contract_faults(contract, read, until=until):
            continue
        _, changed = _lines(build_timeline(contract, read, until))
        if [(line.due, line.amount) for line in changed] != amounts:
            other_net = total(changed, (*PAID, *TAKEN_BACK))
            details = {"rule": rule.key, "value": str(other), "net": str(other_net)}
            difference = f"{other_net - net:+}"
            yield Note("schedule.read_otherwise", details={**details, "difference": difference})


def _events(timeline: Timeline) -> Iterator[Event]:
    contract, kind = timeline.contract, timeline.contract.kind
    for term in timeline.terms[1:]:
        if term.first <= timeline.ran.last:
            rule = timeline.cite(f"{kind}.renewable", term.first)
            yield Event(term.first, "tacit renewal", rule)
    if end := contract.termination:
        what = f"termination by the {end.by}; last day {end.on - DAY}"
        own = end.by == "practitioner"
        by_zone = not own and end.cause == "zone_left"
        rule = timeline.cite(f"termination.{'zone_left' if by_zone else end.by}")
        notice = timeline.cite("termination.notice").parsed if own else Notice()
        yield Event(end.on, what, rule, notice)
        return
    last = timeline.whole.last
    yield Event(last, "term, last day of the contract", timeline.cite(f"{kind}.years", last))
    if left := timeline.zone_left:
        rule = timeline.rules.cite(f"{kind}.renewal_outside_zone", left)
        yield Event(left, f"no renewal: the zone is {contract.zone_on(left)}", rule)
