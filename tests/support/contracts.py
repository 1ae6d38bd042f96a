"""Contracts for tests of aids, and what their schedules say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from apl_engine import Fault, InputDataError
from apl_engine.aids import (
    AidRules,
    Contract,
    Payment,
    Period,
    Procedure,
    Schedule,
    Termination,
    Trainee,
    load_aid_rules,
    read_contract,
)

RULES = load_aid_rules()
TSD = "tres_sous_dotee"


def contract(kind: str, signed: str, **given: Any) -> Contract:
    return Contract(kind, date.fromisoformat(signed), **{"zone": TSD, **given})


def period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


def ended(by: str, on: str, procedure: Procedure | None = None) -> Termination:
    return Termination(by, date.fromisoformat(on), procedure)


def paid(on: str, amount: str, kind: str = "aid") -> Payment:
    return Payment(date.fromisoformat(on), Decimal(amount), kind)


def amounts(schedule: Schedule, *kinds: str) -> list[tuple[int, str]]:
    """Return year and amount of each line of some kinds."""
    return [(line.year, str(line.amount)) for line in schedule.lines if line.kind in kinds]


def days(schedule: Schedule) -> list[tuple[str, str]]:
    return [(event.on.isoformat(), event.what) for event in schedule.events]


def notes(schedule: Schedule) -> dict[str, dict[str, object]]:
    """Return the details of each kind of note; of the last one, if there are several."""
    return {note.code.removeprefix("schedule."): dict(note.details) for note in schedule.notes}


def silent_points(schedule: Schedule) -> set[object]:
    """Return the keys of the rules that no text settles."""
    return {note.details["rule"] for note in schedule.notes if note.code == "schedule.silent"}


def own_rules(folder: Path, text: str) -> AidRules:
    """Return the rules of a file that extends those shipped."""
    path = folder / "own.toml"
    path.write_text(f'id = "own"\nextends = "mk"\n{text}', encoding="utf-8")
    return load_aid_rules(path)


def other_reading(folder: Path, key: str, value: str) -> AidRules:
    """Return the rules with another value of one key."""
    entry = f'[[{key}]]\nfrom = 2018-02-08\nvalue = {value}\nreason = "another reading"\n'
    return own_rules(folder, entry)


@st.composite
def contracts(
    draw: st.DrawFn, *, kinds: tuple[str, ...] = ("CACCMK", "CAIMK", "CAMMK")
) -> Contract:
    kind = draw(st.sampled_from(kinds))
    leaps = [date(2020, 2, 29), date(2024, 2, 29), date(2028, 2, 29)]
    signed = draw(st.dates(date(2018, 2, 8), date(2032, 12, 31)) | st.sampled_from(leaps))
    years = 0 if kind == "CAMMK" else draw(st.integers(0, 5))
    acts = tuple(draw(st.integers(0, 4000)) for _ in range(years))
    trainees = []
    for _ in range(draw(st.integers(0, 2))):
        first = signed + timedelta(draw(st.integers(0, 300)))
        last = first + timedelta(draw(st.integers(0, 500)))
        share = Fraction(draw(st.integers(1, 10)), 10)
        trainees.append(Trainee(Period(first, last), draw(st.sampled_from([4, 5])), share))
    uplift = draw(st.booleans())
    return Contract(kind, signed, zone=TSD, uplift=uplift, acts=acts, trainees=tuple(trainees))


def anniversary(signed: date, years: int) -> date:
    """Return an anniversary; that of 29 February is 1 March in a common year."""
    try:
        return signed.replace(year=signed.year + years)
    except ValueError:
        return date(signed.year + years, 3, 1)


HEAD = 'contract = "CAMMK"\nsigned = 2025-09-15\nzone = "tres_sous_dotee"\n'
LUMP_SUM_HEAD = HEAD.replace("CAMMK", "CACCMK")


def read_text(folder: Path, text: str) -> Contract:
    """Write the file of a contract and read it."""
    path = folder / "contract.toml"
    path.write_text(text, encoding="utf-8")
    return read_contract(path)


def refused_contract(folder: Path, text: str) -> tuple[Fault, ...]:
    """Return the faults of a file that is refused."""
    with pytest.raises(InputDataError) as caught:
        read_text(folder, text)
    assert str(caught.value), "every code has its words"
    assert {fault.table for fault in caught.value.faults} == {"contract.toml"}
    return caught.value.faults
