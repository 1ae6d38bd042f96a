"""Two results compared: transitions between zones, and the choice of what is compared."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.compared import (
    RULES,
    WIDER,
    check_sums,
    compared,
    country,
    with_other_mesh,
    with_other_population,
    with_other_supply,
)
from support.full_runs import run_with_network
from support.tables import World, frames
from support.worlds import worlds

from apl_engine import InputDataError, compare


@pytest.mark.heavy
@pytest.mark.slow
@given(worlds(), worlds(), st.booleans())
def test_parts_add_up_in_any_country(one: World, two: World, given_apl: bool) -> None:
    try:
        results = [run_with_network(frames(world)) for world in (one, two)]
        comparison = compare(
            results[0][0],
            results[1][0],
            networks=(results[0][1], results[1][1]),
            apl_as_given=given_apl,
        )
    except InputDataError:
        # No inhabitants to rank, too few common communes, or an APL too large to split.
        return
    check_sums(comparison)
    people = comparison.communes.filter(listed="both")["population"].sum()
    assert comparison.transitions["population"].sum() == pytest.approx(people)
    assert comparison.intersections["population"].sum() == pytest.approx(people)


def test_the_same_result_twice_changes_nothing() -> None:
    result, network = run_with_network(frames(country()))
    comparison = compare(result, result, networks=(network, network))
    assert [note.code for note in comparison.notes] == ["comparison.same_result"]
    assert comparison.changes.is_empty()
    assert comparison.attribution.is_empty()
    moved = comparison.transitions.filter(pl.col("zone_a") != pl.col("zone_b"))
    assert moved["population"].sum() == 0
    assert comparison.transitions["communes"].sum() == result.communes.height
    assert comparison.transitions["territories"].sum() == result.territories.height


def test_transitions_count_the_population_asked_for() -> None:
    first, second = country(), with_other_population(country())
    by_b = compared(first, second, (RULES, RULES))
    by_a = compared(first, second, (RULES, RULES), population="first")
    for comparison, zones in ((by_a, by_a.first), (by_b, by_b.second)):
        people = zones.communes["population"].sum()
        assert comparison.transitions["population"].sum() == pytest.approx(people)
        assert (
            comparison.transitions["practitioners"].sum() == zones.communes["practitioners"].sum()
        )
        assert comparison.transitions["share"].sum() == pytest.approx(100)
    with pytest.raises(InputDataError) as caught:
        compared(first, second, (RULES, RULES), population="b")
    (fault,) = caught.value.faults
    assert (fault.code, fault.values) == ("argument.unknown_choice", ("b",))


def test_an_apl_as_given_is_a_single_part() -> None:
    second = with_other_mesh(with_other_population(with_other_supply(country())))
    comparison = compared(country(), second, (RULES, WIDER), apl_as_given=True)
    assert comparison.parts == ("published_apl", "population", "geography", "method", "cut")
    check_sums(comparison)
    assert [note.code for note in comparison.notes] == ["comparison.apl_as_given"]
    one, _ = run_with_network(frames(country()))
    # The tables of this run were frames, which no record names.
    again = compare(one, one)
    assert again.parts[0] == "published_apl"
    assert [note.code for note in again.notes] == [
        "comparison.inputs_unavailable",
        "comparison.same_result",
    ]
    assert again.notes[0].warning
