"""Changes of zone attributed to their causes, and margins split among factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest
from support.compared import (
    FACTORS,
    RULES,
    WIDER,
    by_all_orders,
    check_sums,
    compared,
    country,
    some,
    units,
    value_of,
    with_age_at_stake,
    with_other_mesh,
    with_other_population,
    with_other_supply,
    with_other_times,
)
from support.full_runs import run_with_network
from support.tables import World, frames, methodology

from apl_engine import compare, run
from apl_engine.comparison.attribution import round_parts

PARTS = [f"part_{name}" for name in (*FACTORS, "cut")]

CHANGES: dict[str, Callable[[World], World]] = {
    "supply": with_other_supply,
    "population": with_other_population,
    "travel": with_other_times,
    "mesh": with_other_mesh,
}


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_has_a_part(name: str) -> None:
    comparison = compared(country(), CHANGES[name](country()), (RULES, RULES))
    assert comparison.changes.filter(cause="apl").height
    check_sums(comparison)
    own = {"travel": "geography", "mesh": "geography"}.get(name, name)
    for part in FACTORS:
        moved = comparison.changes.filter(pl.col(f"part_{part}") != 0).height
        assert bool(moved) == (part == own), part


def test_rules_alone_have_the_part_of_the_method() -> None:
    comparison = compared(country(), country(), (RULES, WIDER))
    assert comparison.changes.height
    check_sums(comparison)
    for part in ("supply", "population", "geography"):
        assert not some(comparison.changes[f"part_{part}"])
    assert [one.key for one in comparison.differing] == [
        "travel.steps",
        "apl.per_inhabitants",
        "zoning.aggregation_weight",
    ]


def test_rules_on_etp_and_ages_have_the_part_of_the_method_if_tables_are_available() -> None:
    other = methodology(etp_age_limit=Fraction(50))
    world = with_age_at_stake(country())
    comparison = compared(world, world, (RULES, other))
    assert comparison.changes.height
    check_sums(comparison)
    assert some(comparison.changes["part_method"])
    assert not some(comparison.changes["part_supply"])
    assert not comparison.notes


def test_parts_of_several_changes_are_means_over_all_orders() -> None:
    first = country()
    second = with_other_mesh(
        with_other_times(with_other_population(with_other_supply(country(), 5)))
    )
    rules = RULES, WIDER
    comparison = compared(first, second, rules)
    check_sums(comparison)
    split = comparison.changes.filter(cause="apl")
    assert split.height >= 3
    results = run(frames(first), RULES), run(frames(second), WIDER)
    for row in split.to_dicts():
        value = value_of((first, second), results, rules, (row["territory_a"], row["territory_b"]))
        parts = by_all_orders(value)
        for name, part in zip(FACTORS, parts, strict=True):
            assert float(part) == pytest.approx(row[f"part_{name}"], abs=2e-9)
        assert float(value((1, 1, 1, 1))) == pytest.approx(row["apl_b"], rel=1e-12)


def test_the_reverse_comparison_has_the_negative_parts() -> None:
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


def test_a_jump_over_two_cuts_is_measured_at_the_lower_one() -> None:
    first, second = country(), country()
    for row in second["practitioners"]:
        if row["commune"] in ("01001", "01002"):
            row["acts"] = 12_000.0
        if row["commune"] in ("01015", "01016"):
            row["acts"] = 1.0
    comparison = compared(first, second, (RULES, RULES))
    check_sums(comparison)
    order = [zone.id for zone in RULES.zoning.classes]
    jumps = 0
    for row in comparison.changes.filter(cause="apl").to_dicts():
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
        comparison = compare(one, two, networks=(network, network))
        cause = dict(comparison.changes.select("territory_b", "cause").iter_rows())
        assert cause == {codes[0]: "imposed", codes[1]: "adaptation"}
        adapted = comparison.attribution.filter(cause="adaptation")
        assert adapted["region"].to_list() == ["84"]
        assert comparison.changes["part_cut"].null_count() == 2
    back = compare(replace(result, territories=moved), result, networks=(network, network))
    assert back.attribution.filter(cause="adaptation")["region"].to_list() == ["84"]


def test_a_territory_that_is_empty_in_one_year_has_no_zone_in_it() -> None:
    second = country()
    for row in second["population"]:
        if row["commune"] in ("01003", "01004"):
            row["population"] = 0.0
    comparison = compared(country(), second, (RULES, RULES))
    rows = comparison.changes.filter(cause="no_zone").to_dicts()
    assert [(row["territory_a"], row["zone_b"]) for row in rows] == [("T1", None)]
    assert None in comparison.transitions["zone_b"].to_list()
    check_sums(comparison)


def test_classes_of_one_text_only_are_a_cause() -> None:
    classes = RULES.zoning.classes
    renamed = (*classes[:-1], replace(classes[-1], id="tres_dotee", label="Très dotée"))
    comparison = compared(country(), country(), (RULES, methodology(zoning_classes=renamed)))
    assert set(comparison.changes["cause"]) == {"classes"}
    turned = methodology(zoning_classes=(classes[1], classes[0], *classes[2:]))
    comparison = compared(country(), country(), (RULES, turned))
    # Cuts in another order are not the same cuts.
    assert "apl" not in comparison.changes["cause"].to_list()


def test_rounded_parts_add_up_too() -> None:
    second = with_other_mesh(with_other_times(with_other_supply(with_other_population(country()))))
    comparison = compared(country(), second, (RULES, WIDER))
    for table in (comparison.changes, comparison.attribution):
        shown = round_parts(table, comparison.parts, 1)
        for row in shown.filter(cause="apl").to_dicts():
            tenths = [round(10 * row[name]) for name in PARTS]
            assert sum(tenths) == round(10 * row["change"])
            if "margin_a" in row:
                margins = round(10 * row["margin_b"]) - round(10 * row["margin_a"])
                assert margins == sum(tenths)
