"""Two results compared: who changes zone, and parts that add up to the last decimal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.compared import (
    FACTORS,
    by_all_orders,
    check_sums,
    compared,
    country,
    some,
    units,
    value_of,
    with_other_mesh,
    with_other_population,
    with_other_supply,
    with_other_times,
)
from support.tables import World, frames, methodology
from support.worlds import worlds

import apl_engine
from apl_engine import InputDataError, MethodologyError, compare, run, run_with_network
from apl_engine.comparison.attribution import with_fewer_decimals
from apl_engine.comparison.shapley import apportion, rounded, shapley, to_units
from apl_engine.methodology.values import Step

RULES = methodology()
WIDER = methodology(
    travel_steps=(Step(Fraction(12), True, Fraction(1)), Step(Fraction(30), True, Fraction(1, 3))),
    zoning_aggregation_weight="population",
    apl_per_inhabitants=Fraction(50_000),
)
PARTS = [f"part_{name}" for name in (*FACTORS, "cut")]


def with_age_at_stake(world: World) -> World:
    """Make a third of the practitioners 60 years old."""
    for row in world["practitioners"][::3]:
        row["age"] = 60
    return world


CHANGES: dict[str, Callable[[World], World]] = {
    "supply": with_other_supply,
    "population": with_other_population,
    "travel": with_other_times,
    "mesh": with_other_mesh,
}


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_has_a_part(name: str) -> None:
    found = compared(country(), CHANGES[name](country()), (RULES, RULES))
    assert found.changes.filter(cause="apl").height
    check_sums(found)
    own = {"travel": "geography", "mesh": "geography"}.get(name, name)
    for part in FACTORS:
        moved = found.changes.filter(pl.col(f"part_{part}") != 0).height
        assert bool(moved) == (part == own), part


def test_rules_alone_have_the_part_of_the_method() -> None:
    found = compared(country(), country(), (RULES, WIDER))
    assert found.changes.height
    check_sums(found)
    for part in ("supply", "population", "geography"):
        assert not some(found.changes[f"part_{part}"])
    assert [one.key for one in found.differing] == [
        "travel.steps",
        "apl.per_inhabitants",
        "zoning.aggregation_weight",
    ]


def test_rules_on_pairs_take_a_network_of_their_own() -> None:
    world = country()
    for row in world["travel_times"]:
        row["minutes"] *= 1.0 if row["origin"] < row["destination"] else 1.9
    other = methodology(travel_two_way_pairs="max")
    for rules in ((RULES, other), (other, RULES)):
        found = compared(world, world, rules)
        assert found.changes.height
        check_sums(found)
        assert some(found.changes["part_method"])
        assert not some(found.changes["part_geography"])
    one, network = run_with_network(frames(world), RULES)
    two, again = run_with_network(frames(world), other)
    with pytest.raises(MethodologyError, match="the network was built with as_given, here it is"):
        compare(one, two, networks=(network, again), methods_differ=True)


def test_rules_on_etp_and_ages_are_of_the_method_where_tables_are_at_hand() -> None:
    other = methodology(etp_age_limit=Fraction(50))
    world = with_age_at_stake(country())
    found = compared(world, world, (RULES, other))
    assert found.changes.height
    check_sums(found)
    assert some(found.changes["part_method"])
    assert not some(found.changes["part_supply"])
    assert not found.notes


def test_without_tables_rules_on_etp_are_within_supply() -> None:
    other = methodology(etp_age_limit=Fraction(50), demand_normalised=False)
    world = with_age_at_stake(country())
    one, network = run_with_network(frames(world), RULES)
    two, again = run_with_network(frames(world), other)
    found = compare(one, two, networks=(network, again), methods_differ=True)
    check_sums(found)
    assert not some(found.changes["part_method"])
    assert [note.code for note in found.notes] == ["rules_within_supply"]


def test_all_at_once_is_the_mean_over_all_orders() -> None:
    first = country()
    second = with_other_mesh(
        with_other_times(with_other_population(with_other_supply(country(), 5)))
    )
    rules = RULES, WIDER
    found = compared(first, second, rules)
    check_sums(found)
    split = found.changes.filter(cause="apl")
    assert split.height >= 3
    results = run(frames(first), RULES), run(frames(second), WIDER)
    for row in split.to_dicts():
        value = value_of((first, second), results, rules, (row["territory_a"], row["territory_b"]))
        parts = by_all_orders(value)
        for name, part in zip(FACTORS, parts, strict=True):
            assert float(part) == pytest.approx(row[f"part_{name}"], abs=2e-9)
        assert float(value((1, 1, 1, 1))) == pytest.approx(row["apl_b"], rel=1e-12)


def test_the_way_back_has_the_negative_parts() -> None:
    first = country()
    second = with_other_mesh(with_other_times(with_other_supply(with_other_population(country()))))
    there = compared(first, second, (RULES, WIDER))
    back = compared(second, first, (WIDER, RULES))
    keys = ["territory_a", "territory_b"]
    back_changes = back.changes.rename({"territory_a": "territory_b", "territory_b": "territory_a"})
    one, two = there.changes.sort(keys), back_changes.sort(keys)
    assert one.height
    for name in ("change", *PARTS):
        assert units(one, name) == [-value for value in units(two, name)]
    assert one["crossed"].to_list() == two["crossed"].to_list()
    assert one["main_part"].to_list() == two["main_part"].to_list()


@given(worlds(), worlds(), st.booleans())
def test_parts_add_up_in_any_country(one: World, two: World, given_apl: bool) -> None:
    try:
        results = [run_with_network(frames(world)) for world in (one, two)]
        found = compare(
            results[0][0],
            results[1][0],
            networks=(results[0][1], results[1][1]),
            apl_as_given=given_apl,
        )
    except InputDataError:
        # Nobody to rank, too few communes in common, or APLs beyond all decimals.
        return
    check_sums(found)
    people = found.communes.filter(listed="both")["population"].sum()
    assert found.transitions["population"].sum() == pytest.approx(people)
    assert found.pieces["population"].sum() == pytest.approx(people)


def test_the_same_result_twice_changes_nothing() -> None:
    result, network = run_with_network(frames(country()))
    found = compare(result, result, networks=(network, network))
    assert found.changes.is_empty()
    assert found.causes.is_empty()
    moved = found.transitions.filter(pl.col("zone_a") != pl.col("zone_b"))
    assert moved["population"].sum() == 0
    assert found.transitions["communes"].sum() == result.communes.height
    assert found.transitions["territories"].sum() == result.territories.height


def test_a_matrix_counts_whom_it_is_told_to() -> None:
    first, second = country(), with_other_population(country())
    by_b = compared(first, second, (RULES, RULES))
    by_a = compared(first, second, (RULES, RULES), population="first")
    for found, zones in ((by_a, by_a.first), (by_b, by_b.second)):
        people = zones.communes["population"].sum()
        assert found.transitions["population"].sum() == pytest.approx(people)
        assert found.transitions["practitioners"].sum() == zones.communes["practitioners"].sum()
        assert found.transitions["share"].sum() == pytest.approx(100)
    with pytest.raises(ValueError, match="first or second; got 'b'"):
        compared(first, second, (RULES, RULES), population="b")


def test_a_jump_over_two_cuts_is_measured_at_the_lower_one() -> None:
    first, second = country(), country()
    for row in second["practitioners"]:
        if row["commune"] in ("01001", "01002"):
            row["acts"] = 12_000.0
        if row["commune"] in ("01015", "01016"):
            row["acts"] = 1.0
    found = compared(first, second, (RULES, RULES))
    check_sums(found)
    order = [zone.id for zone in RULES.zoning.classes]
    jumps = 0
    for row in found.changes.filter(cause="apl").to_dicts():
        places = sorted(order.index(row[key]) for key in ("zone_a", "zone_b"))
        jumps += places[1] - places[0] > 1
        assert row["crossed"] == order[places[0]]
    assert jumps


def test_zones_that_are_imposed_or_adapted_have_a_cause_of_their_own() -> None:
    result, network = run_with_network(frames(country()))
    rows = result.territories.sort("territory")
    codes = rows["territory"].to_list()
    reasons = {codes[0]: "imposed: no data", codes[1]: "adapted: agency of 84"}

    def changed(column: str, values: dict[str, str]) -> pl.Expr:
        return pl.col("territory").replace_strict(values, default=pl.col(column))

    zones = {
        code: "sous_dotee" if zone != "sous_dotee" else "intermediaire"
        for code, zone in zip(codes, rows["zone"], strict=True)
    }
    moved = rows.with_columns(
        zone=changed("zone", {code: zones[code] for code in codes[:2]}),
        zone_reason=changed("zone_reason", reasons),
    )
    for one, two in ((result, replace(result, territories=moved)),) * 2:
        found = compare(one, two, networks=(network, network))
        causes = dict(found.changes.select("territory_b", "cause").iter_rows())
        assert causes == {codes[0]: "imposed", codes[1]: "adaptation"}
        adapted = found.causes.filter(cause="adaptation")
        assert adapted["region"].to_list() == ["84"]
        assert found.changes["part_cut"].null_count() == 2
    back = compare(replace(result, territories=moved), result, networks=(network, network))
    assert back.causes.filter(cause="adaptation")["region"].to_list() == ["84"]


def test_a_territory_that_is_empty_in_one_year_has_no_zone_there() -> None:
    second = country()
    for row in second["population"]:
        if row["commune"] in ("01003", "01004"):
            row["population"] = 0.0
    found = compared(country(), second, (RULES, RULES))
    rows = found.changes.filter(cause="no_zone").to_dicts()
    assert [(row["territory_a"], row["zone_b"]) for row in rows] == [("T1", None)]
    assert None in found.transitions["zone_b"].to_list()
    check_sums(found)


def test_classes_that_only_one_text_has_are_told() -> None:
    classes = RULES.zoning.classes
    renamed = (*classes[:-1], replace(classes[-1], id="tres_dotee", label="Très dotée"))
    found = compared(country(), country(), (RULES, methodology(zoning_classes=renamed)))
    assert set(found.changes["cause"]) == {"classes"}
    turned = methodology(zoning_classes=(classes[1], classes[0], *classes[2:]))
    found = compared(country(), country(), (RULES, turned))
    # Cuts in another order are not the same cuts.
    assert "apl" not in found.changes["cause"].to_list()


def test_methodologies_that_differ_are_refused_in_words() -> None:
    one, two = run(frames(country()), RULES), run(frames(country()), WIDER)
    with pytest.raises(MethodologyError) as caught:
        compare(one, two)
    words = str(caught.value)
    assert words.startswith("two methodologies of the id mk-2024: 3 parameters differ:")
    assert "apl.per_inhabitants: 100000 in A, 50000 in B" in words
    assert "zoning.aggregation_weight: standardised_population in A, population in B" in words
    assert "--methods-differ" in words
    same = replace(RULES, id="other")
    found = compare(one, run(frames(country()), same), apl_as_given=True)
    assert [note.code for note in found.notes] == ["same_rules", "apl_as_given"]


def test_two_professions_are_refused() -> None:
    one = run(frames(country()))
    other = replace(one, methodology=replace(RULES, profession="orthophoniste"))
    with pytest.raises(InputDataError, match="A is of masseur-kinésithérapeute, B of orthoph"):
        compare(one, other)


def test_rules_on_the_mesh_are_told() -> None:
    found = compared(country(), country(), (RULES, methodology(mesh_cities="whole")))
    assert [note.code for note in found.notes] == ["rules_within_geography"]


def test_a_network_of_another_result_is_refused() -> None:
    one, network = run_with_network(frames(country()))
    two, other = run_with_network(frames(with_other_times(country())))
    with pytest.raises(InputDataError) as caught:
        compare(one, two, networks=(other, network))
    words = str(caught.value)
    assert words.startswith("2 faults")
    assert "the network at hand is not that of A: the stored APL of" in words
    assert "--network-b, or add --apl-as-given" in words
    less = country()
    less["communes"] = less["communes"][:-1]
    for name, key in (("population", "commune"), ("practitioners", "commune")):
        less[name] = [row for row in less[name] if row[key] != "01016"]
    less["travel_times"] = [
        row for row in less["travel_times"] if "01016" not in (row["origin"], row["destination"])
    ]
    _, smaller = run_with_network(frames(less))
    with pytest.raises(InputDataError, match="the network at hand is of other communes than B"):
        compare(one, two, networks=(network, smaller))


def test_tables_of_another_result_are_refused() -> None:
    other = methodology(etp_ceiling_quantile=Fraction(1, 2))
    one, network = run_with_network(frames(country()), RULES)
    two, again = run_with_network(frames(country()), other)
    tables = frames(with_other_supply(country()))
    del tables["travel_times"]
    with pytest.raises(InputDataError, match="the tables at hand are not those of A"):
        compare(one, two, inputs=(tables, None), networks=(network, again), methods_differ=True)


def test_tables_read_for_other_ages_are_read_again_or_left_aside() -> None:
    from datetime import date

    other = methodology(etp_age_reference_date=date(2000, 1, 1), etp_age_limit=Fraction(50))
    world = with_age_at_stake(country())
    found = compared(world, world, (RULES, other))
    check_sums(found)
    assert not some(found.changes["part_supply"])
    assert not found.notes
    tables = [apl_engine.read_inputs(frames(world), by) for by in (RULES, other)]
    results = [run(one, by) for one, by in zip(tables, (RULES, other), strict=True)]
    found = compare(*results, inputs=(tables[0], tables[1]), methods_differ=True)
    assert [note.code for note in found.notes] == ["rules_within_supply"]


def test_an_apl_as_given_is_one_part() -> None:
    second = with_other_mesh(with_other_population(with_other_supply(country())))
    found = compared(country(), second, (RULES, WIDER), apl_as_given=True)
    assert found.parts == ("published_apl", "population", "geography", "method", "cut")
    check_sums(found)
    assert [note.code for note in found.notes] == ["apl_as_given"]
    one, _ = run_with_network(frames(country()))
    # Nothing is at hand of tables that were frames.
    told = compare(one, one)
    assert told.parts[0] == "published_apl"
    assert told.notes[0].warning


small = st.integers(-(10**6), 10**6)


@given(hnp.arrays(np.int64, (16, 3), elements=small))
def test_shapley_values_are_those_of_all_orders(values: Any) -> None:
    parts = shapley(values, 4)
    assert (parts.sum(axis=0) == values[-1] - values[0]).all()
    assert (shapley(values[::-1], 4) == -parts).all()
    for column in range(3):
        exact = by_all_orders(
            lambda state, column=column: Fraction(
                int(values[sum(bit << k for k, bit in enumerate(state)), column])
            )
        )
        for part, whole in zip(exact, parts[:, column], strict=True):
            assert abs(part - int(whole)) < 1


@given(hnp.arrays(np.int64, (5, 4), elements=small), st.integers(1, 1000), st.integers(-1, 1))
def test_parts_of_a_coarser_unit_add_up(parts: Any, unit: int, off: int) -> None:
    totals = rounded(parts.sum(axis=0), unit)
    split = apportion(parts, unit, totals + off)
    assert (split.sum(axis=0) == totals + off).all()
    assert np.abs(split * unit - parts).max() <= 2 * unit
    own = apportion(parts, unit)
    assert (own.sum(axis=0) == totals).all()
    assert np.abs(own * unit - parts).max() < 2 * unit
    assert (apportion(-parts, unit) == -own).all()


def test_what_is_printed_adds_up_too() -> None:
    second = with_other_mesh(with_other_times(with_other_supply(with_other_population(country()))))
    found = compared(country(), second, (RULES, WIDER))
    for table in (found.changes, found.causes):
        shown = with_fewer_decimals(table, found.parts, 1)
        for row in shown.filter(cause="apl").to_dicts():
            tenths = [round(10 * row[name]) for name in PARTS]
            assert sum(tenths) == round(10 * row["change"])
            if "margin_a" in row:
                margins = round(10 * row["margin_b"]) - round(10 * row["margin_a"])
                assert margins == sum(tenths)


def test_an_apl_beyond_all_decimals_is_refused() -> None:
    with pytest.raises(InputDataError, match="an APL is above 9007199"):
        to_units(np.array([1.0, 1e10]))
