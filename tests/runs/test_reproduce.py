"""Inputs of a result located again, and refused unless its figures follow from them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from support.compared import (
    RULES,
    check_sums,
    compared,
    country,
    some,
    with_age_at_stake,
    with_other_supply,
    with_other_times,
)
from support.full_runs import run_with_network
from support.results import write_zones
from support.tables import frames, methodology

import apl_engine
from apl_engine import InputDataError, MethodologyError, compare, read_result, run
from apl_engine.runs import locate_inputs


def test_rules_on_pairs_take_a_network_of_their_own() -> None:
    world = country()
    for row in world["travel_times"]:
        row["minutes"] *= 1.0 if row["origin"] < row["destination"] else 1.9
    other = methodology(travel_two_way_pairs="max")
    for rules in ((RULES, other), (other, RULES)):
        comparison = compared(world, world, rules)
        assert comparison.changes.height
        check_sums(comparison)
        assert some(comparison.changes["part_method"])
        assert not some(comparison.changes["part_geography"])
    one, network = run_with_network(frames(world), RULES)
    two, again = run_with_network(frames(world), other)
    with pytest.raises(MethodologyError):
        compare(one, two, networks=(network, again), methods_differ=True)


def test_without_tables_rules_on_etp_are_within_supply() -> None:
    other = methodology(etp_age_limit=Fraction(50), demand_normalised=False)
    world = with_age_at_stake(country())
    one, network = run_with_network(frames(world), RULES)
    two, again = run_with_network(frames(world), other)
    comparison = compare(one, two, networks=(network, again), methods_differ=True)
    check_sums(comparison)
    assert not some(comparison.changes["part_method"])
    assert [note.code for note in comparison.notes] == ["comparison.rules_within_supply"]


def test_a_network_of_another_result_is_refused() -> None:
    one, network = run_with_network(frames(country()))
    two, other = run_with_network(frames(with_other_times(country())))
    with pytest.raises(InputDataError) as caught:
        compare(one, two, networks=(other, network))
    assert [(fault.code, fault.table) for fault in caught.value.faults] == [
        ("reproduction.other_apl", "A: network"),
        ("reproduction.other_apl", "B: network"),
    ]
    assert caught.value.faults[0].details["of"] == 16
    less = country()
    less["communes"] = less["communes"][:-1]
    for name, key in (("population", "commune"), ("practitioners", "commune")):
        less[name] = [row for row in less[name] if row[key] != "01016"]
    less["travel_times"] = [
        row for row in less["travel_times"] if "01016" not in (row["origin"], row["destination"])
    ]
    _, smaller = run_with_network(frames(less))
    with pytest.raises(InputDataError) as caught:
        compare(one, two, networks=(network, smaller))
    assert [fault.table for fault in caught.value.faults] == ["B: network"]


def test_tables_of_another_result_are_refused() -> None:
    other = methodology(etp_ceiling_quantile=Fraction(1, 2))
    one, network = run_with_network(frames(country()), RULES)
    two, again = run_with_network(frames(country()), other)
    tables = frames(with_other_supply(country()))
    del tables["travel_times"]
    with pytest.raises(InputDataError) as caught:
        compare(one, two, inputs=(tables, None), networks=(network, again), methods_differ=True)
    assert [(fault.code, fault.table) for fault in caught.value.faults] == [
        ("reproduction.other_etp", "A: inputs")
    ]


def test_tables_read_for_other_ages_are_read_again_or_not_used() -> None:
    other = methodology(etp_age_reference_date=date(2000, 1, 1), etp_age_limit=Fraction(50))
    world = with_age_at_stake(country())
    comparison = compared(world, world, (RULES, other))
    check_sums(comparison)
    assert not some(comparison.changes["part_supply"])
    assert not comparison.notes
    tables = [apl_engine.read_inputs(frames(world), by) for by in (RULES, other)]
    results = [run(one, by) for one, by in zip(tables, (RULES, other), strict=True)]
    comparison = compare(*results, inputs=(tables[0], tables[1]), methods_differ=True)
    assert [note.code for note in comparison.notes] == ["comparison.rules_within_supply"]


def test_a_published_apl_has_no_inputs(tmp_path: Path) -> None:
    row = {"population": 10.0, "region": "84", "zone": "sous_dotee", "territory": "T1"}
    commune = {"commune": "01001", "name": "A", "territory_name": "One"}
    names = {"territory_name": "One"}
    write_zones(tmp_path / "out", [{**row, **commune}], [{**row, **names}])
    zones = read_result(tmp_path / "out")
    located = locate_inputs(zones)
    assert located.missing
    assert located.missing.code == "published"
    with pytest.raises(InputDataError) as caught:
        locate_inputs(zones, tmp_path)
    assert [fault.code for fault in caught.value.faults] == ["reproduction.published_apl"]
