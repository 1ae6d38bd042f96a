"""`apl report`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.annexes import national
from support.command import apl

from apl_engine import write_result


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "zones"
    write_result(national(), folder)
    return folder


def test_figures(out: Path, tmp_path: Path) -> None:
    done = apl("report", "figures", out, "-o", tmp_path / "sent")
    assert (done.returncode, done.stderr) == (0, "")
    assert "parts-regionales.xlsx, parts-regionales.csv, parts-regionales.md" in done.stdout
    assert len(list((tmp_path / "sent").iterdir())) == 3
    done = apl("report", "figures", out, "--before", out, "-o", tmp_path / "again", "--json")
    assert done.returncode == 0, done.stderr
    assert {row["evolution"] for row in done.json["rows"]} <= {0.0, None}
    assert sum("SHA-256" in remark for remark in done.json["remarks"]) == 2
    assert done.json["files"][0] == "parts-regionales.xlsx"


def test_what_is_no_result_is_refused_and_nothing_written(out: Path, tmp_path: Path) -> None:
    done = apl("report", "figures", out, "--before", tmp_path, "-o", tmp_path / "sent", "--json")
    assert (done.returncode, done.codes) == (3, ["result.record_missing"])
    assert not (tmp_path / "sent").exists()
