"""A network built from batches is the one that a run builds, with the same faults and notes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from support.faults import codes_of, fault_of, faults_of
from support.networks import check_same_bits, small_network
from support.tables import SAMPLES, frames, methodology, small_world, write_csv, write_imported

from apl_engine import build_network
from apl_engine.inputs.tables import stamp_of
from apl_engine.method import network as method_network
from apl_engine.networks import prepare_network
from apl_engine.runs.run import load_run

REGION = SAMPLES / "pays-de-la-loire"


def test_its_source_is_recorded(tmp_path: Path) -> None:
    folder = write_csv(small_world(), tmp_path / "in")
    stamp = stamp_of(folder / "travel_times.csv")
    entry = {"file": stamp.name, "bytes": stamp.size, "sha256": stamp.sha256}
    assert prepare_network(folder).source == {"vintage": None, "files": [entry]}
    assert small_network().source == {"vintage": 2023, "files": []}


def test_its_vintage_is_that_of_the_import(tmp_path: Path) -> None:
    folder = write_imported(tmp_path / "in", travel_times=2023, population=2021)
    assert prepare_network(folder).source["vintage"] == 2023
    assert prepare_network(folder, vintage=2023).source["vintage"] == 2023
    several = write_imported(tmp_path / "several", travel_times=2023, communes=2022)
    assert codes_of(lambda: prepare_network(several)) == ["inputs.several_vintages"]
    (folder / "imports.json").write_text("{")
    assert codes_of(lambda: prepare_network(folder)) == ["inputs.provenance_unreadable"]


def test_another_vintage_is_refused_before_any_row_is_read(tmp_path: Path) -> None:
    folder = write_imported(tmp_path / "in", travel_times=2023)
    steps: list[str] = []
    fault = fault_of(lambda: prepare_network(folder, vintage=2022, on_step=steps.append))
    assert (fault.code, fault.table) == ("network.vintage_mismatch", "travel_times")
    assert fault.details == {"recorded": (2023,), "asked": 2022}
    assert steps == ["reading the codes of communes"]


def test_communes_are_given_or_beside_or_those_of_the_pairs(tmp_path: Path) -> None:
    world = small_world()
    world["travel_times"] = [row for row in world["travel_times"] if "75101" not in row.values()]
    folder = write_csv(world, tmp_path / "in")
    assert len(prepare_network(folder / "travel_times.csv").communes) == 4
    (folder / "communes.csv").rename(tmp_path / "elsewhere.csv")
    assert len(prepare_network(folder, tmp_path / "elsewhere.csv").communes) == 4
    alone = prepare_network(folder)
    assert alone.communes.to_list() == ["01001", "01002", "2A004"]
    note = alone.notes[0]
    assert (note.code, note.count) == ("network.communes_from_pairs", 3)
    assert str(note)


def test_all_faults_of_travel_times_at_once(tmp_path: Path) -> None:
    world = small_world()
    # Of the table communes, only the codes are used.
    world["communes"][0]["region"] = "x"
    world["travel_times"][0]["minutes"] = -1.0
    world["travel_times"][1]["destination"] = "99999"
    faults = faults_of(lambda: prepare_network(write_csv(world, tmp_path / "in")))
    assert [(f.code, f.column, f.count, f.rows, f.values) for f in faults] == [
        ("travel_times.negative_value", "minutes", 1, (1,), ("-1.0",)),
        ("travel_times.unknown_communes", None, None, (), ("99999",)),
    ]


@pytest.mark.parametrize(
    ("codes", "kind", "values"),
    [
        (["01001", None, "01002"], "no_value", ()),
        (["01001", "01001"], "duplicate_key", ("01001",)),
    ],
)
def test_communes_that_are_wrong(
    codes: list[str | None], kind: str, values: tuple[str, ...]
) -> None:
    times = frames(small_world())["travel_times"]
    table = pl.DataFrame({"commune": codes})
    fault = fault_of(lambda: prepare_network(times, table))
    assert (fault.code, fault.column) == (f"communes.{kind}", "commune")
    assert (fault.count, fault.values) == (1, values)


def test_communes_without_their_column() -> None:
    times = frames(small_world())["travel_times"]
    fault = fault_of(lambda: prepare_network(times, pl.DataFrame({"code": ["01001"]})))
    assert (fault.code, fault.column) == ("communes.missing_column", "commune")
    assert fault.details == {"columns": ("code",)}


@pytest.mark.parametrize("rule", ["as_given", "both_ways"])
def test_it_is_the_network_that_a_run_builds(rule: str) -> None:
    rules = methodology(travel_one_way_pairs=rule)
    tables = load_run(REGION, rules)[1]
    built = build_network(tables.travel_times, tables.communes, rules, reach=30)
    prepared = prepare_network(REGION, methodology=rules, reach=30)
    assert prepared.by_origin.pairs.tobytes() == built.by_origin.pairs.tobytes()
    assert prepared.by_destination.pairs.tobytes() == built.by_destination.pairs.tobytes()
    assert prepared.notes == built.notes


@pytest.mark.parametrize("minutes", [5, 30])
@pytest.mark.parametrize("same_commune", ["where_absent", "always"])
@pytest.mark.parametrize("rule", ["as_given", "both_ways"])
def test_times_to_oneself_are_treated_and_noted_as_in_a_run(
    rule: str, same_commune: str, minutes: int
) -> None:
    """Within reach, 20 minutes, or beyond it."""
    rules = methodology(
        travel_one_way_pairs=rule,
        travel_same_commune=same_commune,
        travel_same_commune_minutes=Fraction(minutes),
    )
    world = small_world()
    for code, own in (("01001", 4.0), ("2A004", 99.0)):
        world["travel_times"].append({"origin": code, "destination": code, "minutes": own})
    tables = load_run(frames(world), rules)[1]
    built = build_network(tables.travel_times, tables.communes, rules)
    given = frames(world)
    prepared = prepare_network(given["travel_times"], given["communes"], rules)
    check_same_bits(replace(prepared, source={}), built)
    replaced = [n for n in prepared.notes if n.code == "travel_times.own_times_replaced"]
    expected = [(2, {"minutes": minutes})] if same_commune == "always" else []
    assert [(note.count, note.details) for note in replaced if str(note)] == expected


@pytest.mark.parametrize(("factor", "unit"), [(60, "seconds"), (1 / 60, "hours"), (1, None)])
def test_times_in_another_unit(factor: float, unit: str | None) -> None:
    world = small_world()
    world["travel_times"].append({"origin": "01001", "destination": "01001", "minutes": 0.1})
    times = frames(world)["travel_times"].with_columns(pl.col("minutes") * factor)
    units = [
        note.details["unit"]
        for note in prepare_network(times).notes
        if note.code == "travel_times.not_minutes" and note.warning and str(note)
    ]
    assert units == ([unit] if unit else [])


def test_repeated_pairs(tmp_path: Path) -> None:
    world = small_world()
    once = prepare_network(frames(world)["travel_times"])
    world["travel_times"].append(dict(world["travel_times"][0]))
    twice = prepare_network(frames(world)["travel_times"])
    assert twice.by_origin.pairs.tobytes() == once.by_origin.pairs.tobytes()
    assert [note.count for note in twice.notes if note.code == "travel_times.repeated_pairs"] == [1]
    world["travel_times"][-1]["minutes"] = 11.0
    read = fault_of(lambda: load_run(frames(world)))
    for given in (write_csv(world, tmp_path / "in"), frames(world)["travel_times"]):
        fault = fault_of(lambda given=given: prepare_network(given))
        assert fault == read
        assert (fault.code, fault.count) == ("travel_times.conflicting_pairs", 1)
        assert (fault.rows, fault.values) == ((13,), ("01001-01002: 10, 11",))


def test_nothing_within_reach() -> None:
    times = frames(small_world())["travel_times"].with_columns(pl.col("minutes") + 1200)
    assert fault_of(lambda: prepare_network(times)).code == "travel_times.none_within"


def test_rows_in_doubt_are_settled_as_in_a_run(tmp_path: Path) -> None:
    """Without a time, with a lost zero, beyond reach; and islands that a road seems to leave."""
    world = small_world()
    for k, (column, value) in enumerate(
        [("minutes", None), ("origin", "1001"), ("origin", "Lyon")]
    ):
        world["travel_times"][k if k < 2 else 10][column] = value
    world["travel_times"][10]["minutes"] = 99.0
    folder = write_csv(world, tmp_path / "in")
    prepared = prepare_network(folder)
    tables = load_run(folder)[1]
    built = build_network(tables.travel_times, tables.communes, methodology())
    assert prepared.by_origin.pairs.tobytes() == built.by_origin.pairs.tobytes()
    codes = [note.code for note in tables.notes]
    assert codes == [f"travel_times.{kind}" for kind in
                     ("not_computed", "unmatched_beyond_reach", "codes_repaired")]  # fmt: skip
    assert [note.code for note in prepared.notes][:3] == codes


def test_islands_with_times_to_other_land() -> None:
    times = {"origin": ["56087", "56106", "56106"], "destination": ["56106", "56106", "56008"],
             "minutes": [12.0, 0.0, 8.0]}  # fmt: skip
    (note,) = [note for note in prepare_network(pl.DataFrame(times)).notes if note.warning]
    assert (note.code, note.examples) == ("travel_times.islands_by_road", ("56087",))
    assert str(note)


def test_missing_tables(tmp_path: Path) -> None:
    assert codes_of(lambda: prepare_network(tmp_path)) == ["travel_times.missing_file"]
    both = ["travel_times.cannot_open", "communes.cannot_open"]
    assert codes_of(lambda: prepare_network(tmp_path / "no.csv", tmp_path / "not.csv")) == both


def test_more_communes_than_a_network_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method_network, "MOST_COMMUNES", 3)
    world = frames(small_world())
    fault = fault_of(lambda: prepare_network(world["travel_times"], world["communes"]))
    assert (fault.code, fault.details) == ("network.too_many_communes", {"communes": 4, "most": 3})
