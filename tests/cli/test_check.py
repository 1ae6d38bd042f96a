"""`apl check`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import apl
from support.tables import World, commune, practitioner, small_world, write_csv

from apl_engine.networks import prepare_network, save_network


def line_of_communes(count: int) -> World:
    """Return communes on a line, a minute apart, in twenty territories; each pair has a time."""
    codes = [f"01{k:03d}" for k in range(1, count + 1)]
    people = small_world()["population"][:3]
    return {
        "communes": [commune(code, "84", f"T{k % 20}") for k, code in enumerate(codes)],
        "practitioners": [
            practitioner(f"p{k}", code, acts=3000 + k, fees=60_000)
            for k, code in enumerate(codes)
            if k % 3 == 0
        ],
        "population": [{**row, "commune": code} for code in codes for row in people],
        "consumption": small_world()["consumption"],
        "travel_times": [
            {"origin": one, "destination": two, "minutes": float(abs(j - k))}
            for j, one in enumerate(codes)
            for k, two in enumerate(codes)
        ],
    }


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


def _times(change: str, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the times of a line of communes, a minute apart, in another unit or cut short."""
    scale = {"hours": 1 / 60, "seconds": 60.0}.get(change, 1.0)
    most = {"truncated": 15.0, "truncated early": 9.0}.get(change, 1e9)
    return [
        {**row, "minutes": float(str(row["minutes"])) * scale}
        for row in rows
        if float(str(row["minutes"])) <= most
    ]


@pytest.mark.parametrize("change", ["", "hours", "seconds", "truncated", "truncated early"])
@pytest.mark.parametrize("prepared", [False, True])
def test_all_that_a_run_warns_of_is_found(change: str, prepared: bool, tmp_path: Path) -> None:
    world = line_of_communes(40)
    world["travel_times"] = _times(change, world["travel_times"])
    world["practitioners"][0]["commune"] = "97801"
    folder = write_csv(world, tmp_path / "in")
    options: list[object] = []
    if prepared:
        save_network(prepare_network(folder), tmp_path / "n.aplnet")
        options = ["--network", tmp_path / "n.aplnet"]
    checked = apl("check", folder, "--json", *options).json["notes"]
    computed = apl("run", folder, "-o", tmp_path / "out", "--json", *options).json["notes"]
    assert checked == computed
    codes = {note["code"]: note["details"] for note in checked if note["warning"]}
    assert "practitioners.overseas_collectivities" in codes
    found = [codes[c].get("unit", codes[c].get("longest")) for c in codes if c in _OF_TIMES]
    assert found == {"": [], "truncated": [15.0], "truncated early": [9.0]}.get(change, [change])
    # It is among the first lines of both.
    for done in (
        apl("check", folder, *options),
        apl("run", folder, "-o", tmp_path / "again", *options),
    ):
        assert ("travel_times:" in "".join(done.stdout.splitlines()[:12])) == bool(found)


_OF_TIMES = ("travel_times.not_minutes", "travel_times.truncated")
