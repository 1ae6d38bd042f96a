"""`apl travel-times`: estimated times, and those of a server."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from support.command import Done, apl, helped
from support.open_data import open_data
from support.osrm_server import RULES, expected, fetch, grid, running

from apl_engine.geography.estimate.estimate import estimate_travel_times
from apl_engine.inputs.provenance import PROVENANCE

JOURNAL = "osrm-journal.jsonl"


def travel_times(*arguments: object, cwd: Path) -> Done:
    return apl("travel-times", *arguments, cwd=cwd)


@pytest.fixture
def communes(tmp_path: Path) -> Path:
    grid().write_csv(tmp_path / "communes.csv")
    return tmp_path / "communes.csv"


def codes(document: dict[str, list[dict[str, str]]]) -> list[str]:
    return [note["code"] for note in document["notes"]]


def test_estimate(communes: Path, tmp_path: Path) -> None:
    done = travel_times("estimate", communes, "-o", "in", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    estimate = estimate_travel_times(grid(), RULES)
    written = pl.read_parquet(tmp_path / "in" / "travel_times.parquet")
    assert written.equals(estimate.travel_times)
    assert document["tables"] == {"travel_times": written.height}
    assert codes(document)[:2] == ["estimate.straight_lines", "estimate.without_population"]
    assert document["details"]["parameters"] == vars(estimate.parameters)
    again = travel_times("estimate", "absent.csv", "-o", "in", cwd=tmp_path)
    assert again.returncode == 1
    assert "travel_times.parquet" in again.stderr
    replaced = travel_times("estimate", communes, "-o", "in", "--replace", cwd=tmp_path)
    assert replaced.returncode == 0, replaced.stderr
    assert "in/travel_times.parquet" in replaced.stdout


@pytest.mark.slow
def test_estimate_of_france_is_recorded_with_its_quality(tmp_path: Path) -> None:
    done = apl(
        "travel-times", "estimate", open_data("mairies.csv"), "-o", "in", "--json", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["details"]["quality"]
    assert document["tables"]["travel_times"] > 1_000_000
    imports = json.loads((tmp_path / "in" / PROVENANCE).read_text())["imports"]
    assert imports[0]["kind"] == "estimate"
    assert imports[0]["details"] == document["details"]


@pytest.mark.slow
def test_osrm_resumes_after_an_interruption(communes: Path, tmp_path: Path) -> None:
    with running() as server:
        command = [
            "osrm",
            communes,
            "--url",
            server.url,
            "--largest-table",
            "10",
            "--rate",
            "500",
            "-o",
            "in",
        ]
        server.dies_after = 3
        lost = travel_times(*command, cwd=tmp_path)
        assert lost.returncode == 1
        assert f"in/{JOURNAL}" in lost.stderr
        assert len((tmp_path / "in" / JOURNAL).read_text().splitlines()) == 4
        server.dies_after = None
        server.targets.clear()
        done = travel_times(*command, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        requests = len(server.targets)
        assert codes(json.loads(done.stdout))[0] == "osrm.source"
        written = pl.read_parquet(tmp_path / "in" / "travel_times.parquet")
        fetched = fetch(server, largest_table=10)
        assert requests == fetched.blocks - 3
        assert written.equals(fetched.travel_times)
        assert written.height == len(expected(grid()))
        assert not (tmp_path / "in" / JOURNAL).exists()


def test_a_named_journal_remains(communes: Path, tmp_path: Path) -> None:
    with running() as server:
        done = travel_times(
            "osrm",
            communes,
            "--url",
            server.url,
            "--journal",
            "own.jsonl",
            "-o",
            "in",
            cwd=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "own.jsonl").exists()
    assert not (tmp_path / "in" / JOURNAL).exists()


def test_a_fetch_that_cannot_begin_leaves_no_folder(communes: Path, tmp_path: Path) -> None:
    done = travel_times("osrm", communes, "--url", "ftp://x", "-o", "in", cwd=tmp_path)
    assert done.returncode == 1
    assert "'ftp://x'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["communes.csv"]


def test_an_option_out_of_range(communes: Path, tmp_path: Path) -> None:
    done = travel_times(
        "osrm", communes, "--url", "http://127.0.0.1:9", "--rate", "0", "-o", "in", cwd=tmp_path
    )
    assert done.returncode == 1
    assert "rate" in done.stderr


@pytest.mark.parametrize("command", [(), ("estimate",), ("osrm",)])
def test_help_names_the_table_of_communes(command: tuple[str, ...]) -> None:
    assert "COMMUNES" in helped("travel-times", *command)
