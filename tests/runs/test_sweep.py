"""Several methodologies on one reading: each as if it were alone; a run and its network."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from support.faults import codes_of, fault_of
from support.full_runs import run_with_network
from support.tables import SAMPLES, frames, methodology, small_world

from apl_engine import Methodology, MethodologyError, Result, build_network, read_inputs, run
from apl_engine.method import compute
from apl_engine.methodology.values import Step
from apl_engine.networks import save_network
from apl_engine.runs import diff_zones, sweep
from apl_engine.runs import run as pipeline
from apl_engine.scenarios import WhatIf

REGION = SAMPLES / "pays-de-la-loire"


def variant(name: str, *ends: float, **changes: Any) -> Methodology:
    """Return mk-2024 under another id; with steps that end there, where any are given."""
    if ends:
        weights = (Fraction(1, k + 1) for k in range(len(ends)))
        steps = (Step(Fraction(end), True, weight) for end, weight in zip(ends, weights))  # noqa: B905
        changes["travel_steps"] = tuple(steps)
    return replace(methodology(**changes), id=name)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Count the readings, and the networks that hold any commune."""
    calls: dict[str, list[Any]] = {"read": [], "built": []}

    def read(*arguments: Any, **options: Any) -> Any:
        calls["read"].append(arguments)
        return read_inputs(*arguments, **options)

    def build(times: Any, communes: Any, rules: Methodology, **options: Any) -> Any:
        if communes.height:
            calls["built"].append((rules.id, options.get("reach")))
        return build_network(times, communes, rules, **options)

    monkeypatch.setattr(pipeline, "read_inputs", read)
    for module in (compute, import_module("apl_engine.runs.sweep")):
        monkeypatch.setattr(module, "build_network", build)
    return calls


def check_same(found: Result, alone: Result) -> None:
    for name in ("communes", "territories", "regions", "bands"):
        assert getattr(found, name).equals(getattr(alone, name)), name
    for name in ("cuts", "median_acts", "ceiling_acts", "reachable_etp", "methodology"):
        assert getattr(found, name) == getattr(alone, name), name


def test_each_methodology_has_the_bits_it_has_alone(counted: dict[str, list[Any]]) -> None:
    rules = [
        methodology(),
        variant("far", 10, 30),
        variant("halves", 7.5, 12.5),
        variant("older", etp_age_limit=Fraction(70)),
        variant("dated", etp_age_reference_date=date(2021, 12, 31)),
    ]
    found = sweep(REGION, rules, threads=1)
    assert list(found) == [one.id for one in rules]
    # One reading for the date of ages of each; one network, by the only one whose edges serve all.
    assert len(counted["read"]) == 2
    assert counted["built"] == [("halves", 30.0)]
    assert {result.network.as_dict()["reach"] for result in found.values()} == {30.0}
    for one in rules:
        check_same(found[one.id], run(REGION, one))


def test_rules_on_pairs_that_differ_take_another_network(counted: dict[str, list[Any]]) -> None:
    rules = [
        variant("both", 10, 15, travel_one_way_pairs="both_ways"),
        methodology(),
        variant("near", 5, 10),
        variant("sixths", 3.2, 25),
        variant("thirds", 3.3, 20),
    ]
    tables = frames(small_world())
    found = sweep(tables, rules)
    assert counted["built"] == [("sixths", 25.0), ("both", 15.0), ("thirds", 20.0)]
    for one in rules:
        check_same(found[one.id], run(tables, one))


def test_steps_too_far_to_tell_all_minutes(counted: dict[str, list[Any]]) -> None:
    rules = [methodology(), variant("days", 20, 600)]
    found = sweep(frames(small_world()), rules)
    assert counted["built"] == [("mk-2024", 20.0), ("days", None)]
    check_same(found["days"], run(frames(small_world()), rules[1]))


def test_a_prepared_network_serves_all(tmp_path: Path, counted: dict[str, list[Any]]) -> None:
    rules = methodology()
    tables = read_inputs(REGION, rules)
    network = build_network(tables.travel_times, tables.communes, rules, reach=40)
    save_network(network, tmp_path / "n.aplnet")
    found = sweep(REGION, ["mk-2024", variant("far", 10, 40)], network=tmp_path / "n.aplnet")
    assert counted["built"] == []
    check_same(found["mk-2024"], run(tables, rules))
    farther = [rules, variant("farther", 60)]
    fault = fault_of(lambda: sweep(REGION, farther, network=network), MethodologyError)
    assert (fault.code, fault.table) == ("network.step_not_on_edge", "farther")
    assert fault.details == {"minutes": (60.0,), "reach": 40.0}
    others = {name: table for name, table in frames(small_world()).items() if name[0] != "t"}
    codes = codes_of(lambda: sweep(others, [rules], network=network))
    assert codes == ["network.missing_communes", "network.unexpected_communes"]


def test_the_network_of_a_run_file_serves_all(
    tmp_path: Path, counted: dict[str, list[Any]]
) -> None:
    tables = read_inputs(REGION, methodology())
    network = build_network(tables.travel_times, tables.communes, methodology())
    save_network(network, tmp_path / "n.aplnet")
    names = ("communes", "practitioners", "population", "consumption")
    lines = [f'{name} = "{REGION / name}.parquet"' for name in names]
    run_file = tmp_path / "run.toml"
    run_file.write_text("\n".join(['network = "n.aplnet"', "[tables]", *lines]))
    counted["built"].clear()
    found = sweep(run_file, ["mk-2024", variant("near", 5, 10)])
    assert counted["built"] == []
    assert found["mk-2024"].located == {"inputs": run_file}
    check_same(found["mk-2024"], run(run_file))
    lines.append(f'travel_times = "{REGION}/travel_times.parquet"')
    run_file.write_text("\n".join(["[tables]", *lines]))
    twice = codes_of(lambda: sweep(run_file, ["mk-2024"], network=network))
    assert twice == codes_of(lambda: run(run_file, network=network))


def test_methodologies_of_one_id() -> None:
    rules = ["mk-2024", methodology(etp_age_limit=Fraction(60))]
    fault = fault_of(lambda: sweep(REGION, rules), MethodologyError)
    assert (fault.code, fault.table, fault.key) == ("sweep.repeated_id", "mk-2024", "id")


def test_no_methodology() -> None:
    fault = fault_of(lambda: sweep(REGION, []))
    assert (fault.code, fault.table) == ("argument.empty", "methodologies")


def test_tables_without_travel_times() -> None:
    tables = read_inputs(REGION, methodology(), travel_times=False)
    assert fault_of(lambda: sweep(tables, ["mk-2024"])).table == "travel_times"


def test_steps_are_reported() -> None:
    steps: list[str] = []
    sweep(frames(small_world()), ["mk-2024", "mk-2018"], on_step=steps.append)
    assert steps[:2] == ["reading and checking the tables", "building the network"]
    assert "mk-2018: APL of communes" in steps


def test_the_territories_whose_zone_differs() -> None:
    results = sweep(REGION, ["mk-2024", variant("near", 5, 10)])
    first, other = results.values()
    rows = diff_zones(first, other)
    assert not rows.is_empty()
    zones = dict(first.territories.select("territory", "zone").iter_rows())
    for row in rows.iter_rows(named=True):
        assert row["zone_first"] == zones[row["territory"]] != row["zone"]
    assert diff_zones(first, first).is_empty()


def test_a_run_and_its_network(counted: dict[str, list[Any]]) -> None:
    result, network = run_with_network(REGION)
    assert len(counted["built"]) == 1
    check_same(result, run(REGION))
    assert WhatIf(result, network).change({}).moved.is_empty()
    again, same = run_with_network(REGION, network=network)
    assert same is network
    check_same(again, result)
