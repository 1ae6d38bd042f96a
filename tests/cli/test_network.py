"""`apl network`, and runs on a prepared network, as processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.tables import SAMPLES, small_world, write_csv

from apl_engine import InputDataError, load_inputs, prepare_network, run, save_network
from apl_engine.imports import read_run_file

REGION = SAMPLES / "pays-de-la-loire"


def apl(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apl_engine", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(small_world(), tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module")
def network(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network") / "small.aplnet"
    save_network(prepare_network(tables, vintage=2023), path)
    return path


def test_built_shown_and_run_on_with_the_same_bytes(tmp_path: Path) -> None:
    built = apl("network", "build", REGION, "-o", "r.aplnet", "--vintage", 2023, cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert built.stderr == ""
    for words in ("communes        1 561", "of              2023", "reach           20 minutes",
                  "made of         travel_times.parquet", "take 0 minutes",
                  "Written: r.aplnet ("):  # fmt: skip
        assert words in built.stdout
    assert "Intact: r.aplnet" in apl("network", "show", "r.aplnet", cwd=tmp_path).stdout
    plain = apl("run", REGION, "-o", "plain", "--threads", 2, cwd=tmp_path)
    fast = apl("run", REGION, "--network", "r.aplnet", "-o", "fast", "--threads", 1, cwd=tmp_path)
    assert (plain.returncode, fast.returncode) == (0, 0), fast.stderr
    assert "by a prepared network, of the communes of" in fast.stdout
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
    document = json.loads(built.stdout)
    assert document["network"]["reach"] == 30
    assert document["bytes"] == out.stat().st_size
    assert document["bytes_per_pair"] == out.stat().st_size / document["network"]["pairs"]
    assert document["notes"][0]["code"] == "same_commune"
    shown = json.loads(apl("network", "show", out, "--json").stdout)
    assert shown.pop("intact") is True
    assert shown == document
    checked = json.loads(apl("check", tables, "--network", network, "--json").stdout)
    assert checked["network"]["vintage"] == 2023
    assert "travel_times" not in checked["rows"]


def test_damaged(network: Path, tables: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "n.aplnet"
    damaged.write_bytes(network.read_bytes()[:-1])
    shown = apl("network", "show", damaged, "--json")
    assert shown.returncode == 3
    assert "n.aplnet: is cut short" in shown.stderr
    assert json.loads(shown.stdout)["faults"][0]["table"] == "n.aplnet"
    done = apl("run", tables, "-o", tmp_path / "out", "--network", damaged)
    assert (done.returncode, "is cut short" in done.stderr) == (3, True)
    assert not (tmp_path / "out").exists()


def test_usage_and_places(tables: Path, network: Path, tmp_path: Path) -> None:
    def build(*options: object) -> tuple[int, str]:
        done = apl("network", "build", tables, *options)
        return done.returncode, done.stderr

    code, words = build("-o", tmp_path / "n.aplnet", "--reach", 5)
    assert code == 2
    assert "--reach: reach must be between the end of the last step, 20 minutes, and 127" in words
    before = network.read_bytes()
    code, words = build("-o", network)
    assert (code, "is there already. Choose another name, or add --replace" in words) == (1, True)
    assert network.read_bytes() == before
    code, words = build("-o", tmp_path / "n.aplnet", "--communes", tmp_path)
    assert (code, "is a folder. Give the file itself" in words) == (3, True)
    assert list(tmp_path.iterdir()) == []


def test_other_rules_are_seen_by_check(tables: Path, network: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'id = "own"\nextends = "mk-2024"\n[travel.two_way_pairs]\nvalue = "min"\nreason = "x"\n'
    )
    done = apl("check", tables, "--network", network, "-m", own)
    assert done.returncode == 1
    assert "own: [travel.two_way_pairs] the network was built with as_given, here it is min. " \
        "Build the network again" in done.stderr  # fmt: skip


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
    rules, read = load_inputs(path)
    assert read.travel_times is None
    assert run(read, rules, network=network).communes.equals(found.communes)
    # That of the command counts, as --methodology does.
    with pytest.raises(InputDataError, match=r"no\.aplnet: cannot be opened"):
        run(path, network=tmp_path / "no.aplnet")


@pytest.mark.parametrize("by_file", [True, False])
def test_a_run_file_that_contradicts_itself(
    tables: Path, network: Path, tmp_path: Path, by_file: bool
) -> None:
    top = f'network = "{network}"' if by_file else ""
    given: dict[str, Any] = {} if by_file else {"network": network}
    path = run_file(tables, tmp_path, top, *FOUR, "travel_times")
    words = r"run.toml: \[tables\] travel_times and a prepared network both give travel times"
    with pytest.raises(InputDataError, match=words):
        run(path, **given)
    path = run_file(tables, tmp_path, top, *FOUR, more='[distancier]\nfiles = ["d.csv"]')
    with pytest.raises(InputDataError, match=r"run.toml: \[distancier\] and a prepared network"):
        run(path, **given)


def test_a_network_that_is_no_text(tables: Path, tmp_path: Path) -> None:
    path = run_file(tables, tmp_path, "network = 3", *FOUR, "travel_times")
    with pytest.raises(InputDataError) as caught:
        run(path)
    assert "network is no text. Write it in quotes." in str(caught.value)
    assert "both give travel times" in str(caught.value)


def test_examples_in_help_stand_on_lines_of_their_own() -> None:
    for arguments in (["network"], ["network", "build"], ["network", "show"], ["warmup"]):
        done = apl(*arguments, "--help")
        assert any(line.startswith("    apl ") for line in done.stdout.splitlines())
