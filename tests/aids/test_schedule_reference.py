"""Schedules against the exact reference, which was written from the texts alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st
from reference import aids as reference
from support.contracts import RULES

from apl_engine.aids import Contract, Period, Procedure, Schedule, Termination, Trainee, schedule

SIGNED = st.dates(date(2023, 9, 1), date(2032, 12, 31)) | st.just(date(2024, 2, 29))
LUMPS = st.sampled_from(["CACCMK", "CAIMK"])
ACTS = st.none() | st.sampled_from([0, 999, 1000, 1499, 1500, 1999, 2000, 2999, 3000, 4000])
SIDES = ["practitioner", "caisse", "agency"]
DAY = timedelta(days=1)


def contract(kind: str, signed: date, **given: object) -> Contract:
    return Contract(kind, signed, zone="tres_sous_dotee", **given)  # type: ignore[arg-type]


def schedule_of(case: Contract) -> Schedule:
    return schedule(case, RULES)


def by_year(result: Schedule, *kinds: str) -> dict[int, Decimal]:
    years: dict[int, Decimal] = defaultdict(Decimal)
    for line in result.lines:
        if line.kind in kinds:
            years[line.year] += line.amount
    return {year: amount for year, amount in years.items() if amount}


@given(SIGNED, st.booleans())
def test_a_cammk_that_runs_its_term(signed: date, uplift: bool) -> None:
    result = schedule_of(contract("CAMMK", signed, uplift=uplift))
    expected = reference.cammk_payments(signed, uplift=uplift)
    assert by_year(result, "aid", "uplift") == {
        year + 1: amount for year, amount in expected.items() if amount
    }
    assert result.ran.last == reference.term(signed, 3)


@given(SIGNED, st.integers(1, 1094), st.sampled_from(SIDES), st.booleans())
def test_a_cammk_that_ends_early(signed: date, ran: int, by: str, uplift: bool) -> None:
    on = signed + ran * DAY
    assume(on <= reference.term(signed, 3))
    result = schedule_of(contract("CAMMK", signed, uplift=uplift, termination=Termination(by, on)))
    expected, back = reference.cammk_ended(signed, on, by, uplift=uplift)
    assert by_year(result, "aid", "uplift") == {
        year + 1: amount for year, amount in expected.items() if amount
    }
    assert -result.taken_back == back


@given(LUMPS, SIGNED, st.lists(ACTS, min_size=4, max_size=4), st.booleans())
def test_lump_sums(kind: str, signed: date, acts: list[int | None], uplift: bool) -> None:
    while acts and acts[-1] is None:
        acts = acts[:-1]
    # Acts are given from the first year on.
    assume(None not in acts)
    result = schedule_of(contract(kind, signed, acts=tuple(acts), uplift=uplift))
    years: dict[int, Decimal] = defaultdict(Decimal)
    known = dict(enumerate(acts, start=1))
    for year, amount in reference.lump_payments(kind, signed, known, uplift=uplift):
        years[year] += amount
    assert by_year(result, "aid", "uplift", "settlement") == {
        year: amount for year, amount in years.items() if amount
    }


@given(LUMPS, SIGNED, st.integers(1, 1825), st.sampled_from(SIDES))
def test_lump_sums_are_recovered_by_the_days_that_remained(
    kind: str, signed: date, ran: int, by: str
) -> None:
    on = signed + ran * DAY
    # A payment dated on the day itself counts by one reading and not by the other.
    assume(on <= reference.term(signed, 5) and (on.month, on.day) != (4, 30))
    result = schedule_of(contract(kind, signed, termination=Termination(by, on)))
    assert -result.taken_back == reference.recovered(kind, signed, on)


@given(
    SIGNED,
    st.integers(0, 1500),
    st.integers(0, 700),
    st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(4, 5), Fraction(1, 3)]),
)
def test_a_trainee(signed: date, after: int, days: int, share: Fraction) -> None:
    first = signed + (after - 300) * DAY
    last, term = first + days * DAY, reference.term(signed, 3)
    assume(first <= term and last >= signed)
    trainee = Trainee(Period(first, last), 4, share)
    result = schedule_of(contract("CAMMK", signed, trainees=(trainee,)))
    # A trainee after the term would show that the contract was renewed.
    assume(len(result.terms) == 1)
    expected = reference.trainee_due(signed, term, first, last, share)
    assert by_year(result, "trainee") == {
        year + 1: amount for year, amount in expected.items() if amount
    }


@given(SIGNED, st.integers(10, 400))
def test_the_deadlines_of_the_caisse(signed: date, after: int) -> None:
    letter = signed + after * DAY
    expected = reference.caisse_procedure(letter, True, same_opinion=False, cpn_same_opinion=False)
    on = letter + 300 * DAY
    procedure = Procedure(letter, answered=True, cpd_agrees=False, cpn_agrees=False)
    result = schedule_of(
        contract("CAMMK", signed, termination=Termination("caisse", on, procedure))
    )
    dates = {event.on for event in result.events}
    for step in ("answer", "cpn_seized", "uncam_asked", "uncam_opinion", "notified"):
        assert expected[step] in dates, step
