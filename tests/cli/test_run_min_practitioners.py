"""`apl run --min-practitioners` as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.tables import SAMPLES, small_world, write_csv

from apl_engine import read_result, run

SAMPLE = SAMPLES / "pays-de-la-loire"


def apl(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apl_engine", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_command_suppresses_and_reports_it(tmp_path: Path) -> None:
    done = apl("run", SAMPLE, "-o", tmp_path / "out", "--min-practitioners", 5)
    assert done.returncode == 0, done.stderr
    expected = run(SAMPLE, min_practitioners=5)
    assert read_result(tmp_path / "out").communes.equals(expected.communes)
    record = json.loads((tmp_path / "out" / "record.json").read_text("utf-8"))
    assert expected.suppression
    assert record["suppression"] == expected.suppression.as_dict()
    plain = done.stdout.replace(" ", "")
    assert all(str(count) in plain for count in expected.suppression.counts.values())


@pytest.mark.slow
def test_suppressed_totals_are_not_shown(tmp_path: Path) -> None:
    tables = write_csv(small_world(), tmp_path / "in")
    done = apl("run", tables, "-o", tmp_path / "out", "--min-practitioners", 1000)
    assert done.returncode == 0, done.stderr
    totals = json.loads((tmp_path / "out" / "record.json").read_text("utf-8"))["totals"]
    suppressed = {name for name, total in totals.items() if total is None}
    assert suppressed == {"etp", "reachable_etp", "distributed_etp"}
    assert "None" not in done.stdout


def test_a_minimum_of_one_is_refused(tmp_path: Path) -> None:
    done = apl("run", SAMPLE, "-o", tmp_path / "out", "--min-practitioners", 1)
    assert done.returncode == 2
    assert "--min-practitioners" in done.stderr
    assert not (tmp_path / "out").exists()
