"""`apl check`."""

from __future__ import annotations

from pathlib import Path

from support.command import apl
from support.tables import small_world, write_csv

from apl_engine.networks import prepare_network, save_network


def test_tables_are_listed(tables: Path) -> None:
    done = apl("check", tables)
    assert done.returncode == 0
    assert "practitioners 6 practitioners.csv" in done.words
    assert "No fault found." in done.stdout
    assert apl("check", tables, "--json").json["rows"]["population"] == 12


def test_a_prepared_network_is_checked(tables: Path, tmp_path: Path) -> None:
    network = tmp_path / "small.aplnet"
    save_network(prepare_network(tables, vintage=2023), network)
    done = apl("check", tables, "--network", network)
    assert f"network {prepare_network(tables).pairs} small.aplnet" in done.words
    document = apl("check", tables, "--network", network, "--json").json
    assert document["network"]["vintage"] == 2023
    assert "travel_times" not in document["rows"]
    own = tmp_path / "own.toml"
    own.write_text(
        'id = "own"\nextends = "mk-2024"\n[travel.two_way_pairs]\nvalue = "min"\nreason = "x"\n'
    )
    done = apl("check", tables, "--network", network, "-m", own, "--json")
    assert done.returncode == 1
    assert done.json["faults"][0]["key"] == "travel.two_way_pairs"


def test_missing_tables_are_reported_at_once(tmp_path: Path) -> None:
    done = apl("check", tmp_path, "--json")
    assert done.returncode == 3
    assert {fault["table"] for fault in done.json["faults"]} == {
        "communes",
        "practitioners",
        "population",
        "consumption",
        "travel_times",
    }
    assert done.json["error"] in done.stderr


def test_no_practitioner_may_remain(tmp_path: Path) -> None:
    world = small_world()
    for row in world["practitioners"]:
        row["age"] = 70
    done = apl("check", write_csv(world, tmp_path / "in"), "--json")
    assert done.returncode == 3
    assert done.json["faults"][0]["table"] == "practitioners"
