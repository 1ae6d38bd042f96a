"""Inhabitants by age to standardised inhabitants: annexe IV, 4.1.2."""

from __future__ import annotations

import pytest
from support.tables import World, frames, methodology, small_world

from apl_engine import InputDataError, read_inputs
from apl_engine.method import compute_demand
from apl_engine.method.demand import Demand


def demand(world: World, **changes: object) -> Demand:
    rules = methodology(**changes)
    tables = read_inputs(frames(world), rules)
    return compute_demand(tables.population, tables.consumption, tables.communes, rules)


def test_weight_of_a_band_is_its_fees_per_head_over_those_of_all() -> None:
    found = demand(small_world())
    # 1000, 1040 and 1080 people; 1000, 2000 and 3000 EUR.
    mean = 6000 / 3120
    expected = [1000 / 1000 / mean, 2000 / 1040 / mean, 3000 / 1080 / mean]
    assert found.bands["population"].to_list() == [1000, 1040, 1080]
    assert found.bands["weight"].to_list() == pytest.approx(expected)
    first = 100 * expected[0] + 110 * expected[1] + 120 * expected[2]
    assert found.communes["standardised_population"][0] == pytest.approx(first)


def test_national_total_is_kept() -> None:
    found = demand(small_world()).communes
    assert found["standardised_population"].sum() == pytest.approx(found["population"].sum())


def test_without_normalisation_a_standardised_inhabitant_is_a_euro() -> None:
    found = demand(small_world(), demand_normalised=False)
    assert found.communes["standardised_population"].sum() == pytest.approx(6000)
    assert found.bands["weight"].to_list() == found.bands["fees_per_head"].to_list()


def test_spelling_of_bands_does_not_matter() -> None:
    world = small_world()
    other = {"00-04": "0-4", "05-09": "5 à 9 ans", "10+": "10 ans et plus"}
    for row in world["population"]:
        row["age_band"] = other[row["age_band"]]
    found, usual = demand(world), demand(small_world())
    assert found.communes.equals(usual.communes)
    assert found.bands["age_band"].to_list() == ["00-04", "05-09", "10+"]


def test_cells_not_given_count_as_nobody_and_are_told() -> None:
    world = small_world()
    absent = [row for row in world["population"] if row["age_band"] != "05-09"]
    world["population"] = absent + [r for r in world["population"] if r["age_band"] == "05-09"][:1]
    assert demand(world).communes["population"].to_list() == [330, 420, 620, 820]
    notes = read_inputs(frames(world), methodology()).notes
    assert [(note.code, note.count) for note in notes] == [("population.missing_cells", 3)]


def test_no_demand_is_refused_by_the_step_too() -> None:
    tables = read_inputs(frames(small_world()), methodology())
    nothing = tables.consumption.with_columns(fees=0.0)
    with pytest.raises(InputDataError) as caught:
        compute_demand(tables.population, nothing, tables.communes, methodology())
    assert [fault.code for fault in caught.value.faults] == ["demand.none"]
