"""`apl network`, and runs on a prepared network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.command import apl

from apl_engine import InputDataError, run
from apl_engine.imports import read_run_file
from apl_engine.networks import prepare_network, save_network
from apl_engine.runs.run import load_run


@pytest.fixture(scope="module")
def network(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network") / "small.aplnet"
    save_network(prepare_network(tables, vintage=2023), path)
    return path


def test_a_run_on_a_built_network_has_the_same_bytes(region: Path, tmp_path: Path) -> None:
    built = apl("network", "build", region, "-o", "r.aplnet", "--vintage", 2023, cwd=tmp_path)
    assert (built.returncode, built.stderr) == (0, "")
    for words in ("communes 1 561", "year of the communes 2023", "reach 20 minutes",
                  "made from travel_times.parquet", "same_commune_minutes = 0",
                  "Written: r.aplnet ("):  # fmt: skip
        assert words in built.words
    assert "Intact: r.aplnet" in apl("network", "show", "r.aplnet", cwd=tmp_path).stdout
    plain = apl("run", region, "-o", "plain", "--threads", 2, cwd=tmp_path)
    fast = apl("run", region, "--network", "r.aplnet", "-o", "fast", "--threads", 1, cwd=tmp_path)
    assert (plain.returncode, fast.returncode) == (0, 0), fast.stderr
    assert "in a prepared network; year of its communes 2023" in fast.words
    assert "a prepared network" not in plain.stdout
    for table in ("communes", "territories", "regions"):
        for ending in ("parquet", "csv"):
            one, two = (tmp_path / f / f"{table}.{ending}" for f in ("plain", "fast"))
            assert one.read_bytes() == two.read_bytes()
    record = json.loads((tmp_path / "fast" / "record.json").read_text())
    assert record["network"]["vintage"] == 2023
    assert record["network"]["files"][0]["file"] == "travel_times.parquet"


def test_as_json(tables: Path, network: Path, tmp_path: Path) -> None:
    out = tmp_path / "n.aplnet"
    built = apl("network", "build", tables, "-o", out, "--reach", 30, "--threads", 1, "--json")
    document = built.json
    assert document["network"]["reach"] == 30
    assert document["bytes"] == out.stat().st_size
    assert document["bytes_per_pair"] == out.stat().st_size / document["network"]["pairs"]
    assert len(document["notes"]) == 1
    shown = apl("network", "show", out, "--json").json
    assert shown.pop("intact") is True
    assert shown == document


def test_a_damaged_network_is_refused(network: Path, tables: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "n.aplnet"
    damaged.write_bytes(network.read_bytes()[:-1])
    shown = apl("network", "show", damaged, "--json")
    assert shown.returncode == 3
    assert shown.json["faults"][0]["table"] == "n.aplnet"
    assert apl("run", tables, "-o", tmp_path / "out", "--network", damaged).returncode == 3
    assert not (tmp_path / "out").exists()


def test_wrong_usage_writes_nothing(tables: Path, network: Path, tmp_path: Path) -> None:
    out = tmp_path / "n.aplnet"
    assert apl("network", "build", tables, "-o", out, "--reach", 5).returncode == 2
    before = network.read_bytes()
    assert apl("network", "build", tables, "-o", network).returncode == 1
    assert network.read_bytes() == before
    assert apl("network", "build", tables, "-o", out, "--communes", tmp_path).returncode == 3
    assert list(tmp_path.iterdir()) == []


def run_file(tables: Path, folder: Path, top: str, *names: str, more: str = "") -> Path:
    lines = [f'{name} = "{tables / name}.csv"' for name in names]
    path = folder / "run.toml"
    path.write_text("\n".join([top, "[tables]", *lines, more]))
    return path


FOUR = ("communes", "practitioners", "population", "consumption")


def test_a_run_file_names_a_network(tables: Path, network: Path, tmp_path: Path) -> None:
    """Its path is from the folder of the run file."""
    (tmp_path / "small.aplnet").write_bytes(network.read_bytes())
    path = run_file(tables, tmp_path, 'network = "small.aplnet"', *FOUR)
    assert read_run_file(path).network == tmp_path / "small.aplnet"
    found = run(path)
    assert found.communes.equals(run(tables).communes)
    assert found.network.source["vintage"] == 2023
    rules, read, _ = load_run(path)
    assert read.travel_times is None
    assert run(read, rules, network=network).communes.equals(found.communes)
    # The option takes precedence over the run file, as --methodology does.
    with pytest.raises(InputDataError) as caught:
        run(path, network=tmp_path / "no.aplnet")
    assert caught.value.faults[0].table == "no.aplnet"


@pytest.mark.parametrize("by_file", [True, False])
def test_a_run_file_that_contradicts_itself(
    tables: Path, network: Path, tmp_path: Path, by_file: bool
) -> None:
    top = f'network = "{network}"' if by_file else ""
    given: dict[str, Any] = {} if by_file else {"network": network}
    for names, more in (
        ((*FOUR, "travel_times"), ""),
        (FOUR, '[distancier]\nfiles = ["d.csv"]'),
    ):
        path = run_file(tables, tmp_path, top, *names, more=more)
        with pytest.raises(InputDataError) as caught:
            run(path, **given)
        assert [fault.table for fault in caught.value.faults] == ["run.toml"]


def test_a_network_that_is_not_text(tables: Path, tmp_path: Path) -> None:
    path = run_file(tables, tmp_path, "network = 3", *FOUR, "travel_times")
    with pytest.raises(InputDataError) as caught:
        run(path)
    assert len(caught.value.faults) == 2
