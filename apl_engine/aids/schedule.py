"""The schedule of a contract: what is due when, by which rule, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..errors import Fault, InputDataError
from ..notes import Note
from .annual import trainee_lines, upkeep_lines
from .contract import Contract
from .contract_checks import faults_of
from .dates import DAY, Period
from .ending import ending_lines
from .lump_sums import flat_lines
from .money import NOTHING
from .payments import paid_lines
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .rules.sections import UpkeepTerms
from .schedule_lines import PAID, Event, Line, YearTotal, totals_of
from .schedule_notes import remarks
from .termination import deadlines
from .timeline import Course, course_of


@dataclass(frozen=True)
class Schedule:
    """What a contract brings.

    Attributes
    ----------
    contract : as given.
    title : of its kind.
    terms : first and last day of each term, renewals included.
    ran : first and last day on which it runs.
    lines : amounts by rising day.
    events : terms, renewals and deadlines, by rising day.
    totals : amounts by civil year in which they are due.
    notes : contradictions between texts, what is inferred, what was left out.
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
        return sum((line.amount for line in self.lines if line.kind in PAID), NOTHING)

    @property
    def taken_back(self) -> Decimal:
        """All that is taken back, in EUR, negative."""
        return sum((line.amount for line in self.lines if line.kind not in PAID), NOTHING)

    @property
    def net(self) -> Decimal:
        """What is left, in EUR."""
        return self.paid + self.taken_back

    def as_dict(self) -> dict[str, Any]:
        """Return the schedule as plain values, for JSON; amounts are texts."""
        contract = self.contract
        return {
            "contract": contract.kind,
            "title": self.title,
            "signed": contract.signed.isoformat(),
            "commune": contract.commune,
            "zone": contract.zone,
            "uplift": contract.uplift,
            "terms": [_plain(term) for term in self.terms],
            "ran": _plain(self.ran) if self.ran.days else None,
            "lines": [line.as_dict() for line in self.lines],
            "totals": [
                {
                    "year": total.year,
                    "paid": str(total.paid),
                    "taken_back": str(total.taken_back),
                    "net": str(total.net),
                }
                for total in self.totals
            ],
            "paid": str(self.paid),
            "taken_back": str(self.taken_back),
            "net": str(self.net),
            "events": [event.as_dict() for event in self.events],
            "notes": [note.as_dict() for note in self.notes],
        }


def _plain(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def schedule(
    contract: Contract, rules: AidRules | None = None, *, until: date | None = None
) -> Schedule:
    """Return what a contract brings, line by line.

    Amounts and conditions are those in force on the day of signature, for a renewal on its first
    day. Fractions are exact inside; each line is rounded half up to the cent.

    Parameters
    ----------
    contract : as from `read_contract`; its zone is needed.
    rules : as from `load_aid_rules`; by default those shipped.
    until : follow tacit renewals that begin up to this day; without it only those that the
        contract itself tells of, by a trainee, a payment, a change of zone or a termination.

    Returns
    -------
    Schedule

    Raises
    ------
    InputDataError
        All that is wrong with the contract, as for `read_contract`; or its zone is not known.
    """
    rules = rules or load_aid_rules()
    faults = faults_of(contract, rules, until=until)
    if contract.zone is None:
        problem = f"not known for {contract.signed}, the day of signature"
        hint = 'Give zone = "tres_sous_dotee", or the folder of a zoning with --zones.'
        faults.append(
            Fault(
                code="legacy.fault",
                table="contract: zone",
                details={"problem": problem, "hint": hint},
            )
        )
    if faults:
        raise InputDataError(faults)
    course = course_of(contract, rules, until)
    calendar = list(_calendar(course))
    found = [*paid_lines(course, calendar), *trainee_lines(course)]
    lines = tuple(sorted(found, key=lambda line: line.order))
    events = sorted([*_events(course), *deadlines(course)], key=lambda event: event.on)
    return Schedule(
        contract=contract,
        title=rules.contract(contract.kind, contract.signed).title,
        # --until may follow renewals beyond a termination: none of them came.
        terms=tuple(t for t in course.terms if t.first <= course.ran.last) or course.terms[:1],
        ran=course.ran,
        lines=lines,
        events=tuple(events),
        totals=totals_of(lines),
        notes=tuple(remarks(course, lines, calendar)),
    )


def _calendar(course: Course) -> Iterator[Line]:
    """Yield what is due by the calendar, trainees aside."""
    terms = course.rules.contract(course.contract.kind, course.contract.signed)
    if isinstance(terms, UpkeepTerms):
        yield from upkeep_lines(course)
    else:
        yield from flat_lines(course)
    yield from ending_lines(course)


def _events(course: Course) -> Iterator[Event]:
    contract, kind = course.contract, course.contract.kind
    for term in course.terms[1:]:
        if term.first <= course.ran.last:
            yield Event(term.first, "tacit renewal", course.cite(f"{kind}.renewable", term.first))
    if ending := contract.termination:
        what = f"termination by the {ending.by}; last day {ending.on - DAY}"
        yield Event(ending.on, what, course.cite(f"termination.{ending.by}"))
        return
    last = course.whole.last
    yield Event(last, "term, last day of the contract", course.cite(f"{kind}.years", last))
    if course.left:
        rule = course.rules.cite(f"{kind}.renewal_outside_zone", course.left)
        zone = contract.zone_on(course.left)
        yield Event(course.left, f"no renewal: the zone is {zone}", rule)
