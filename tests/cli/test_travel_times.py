"""`apl travel-times` as a process."""

from __future__ import annotations

import json
from pathlib import Path

from support.open_data import open_data
from support.raw_runs import apl

from apl_engine.inputs.provenance import PROVENANCE


def test_a_fetch_that_cannot_begin_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("commune;lat;lon\n01001;46.1;4.9\n01002;46.1;5.0\n")
    done = apl("travel-times", "osrm", "p.csv", "--url", "ftp://x", "-o", "in", cwd=tmp_path)
    assert done.returncode == 1
    assert "'ftp://x' is no http or https URL" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def test_estimated_travel_times_through_the_command(tmp_path: Path) -> None:
    done = apl("travel-times", "estimate", open_data("mairies.csv"), "-o", "in", "--json",
               cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["details"]["quality"]
    assert document["tables"]["travel_times"] > 1_000_000
    imports = json.loads((tmp_path / "in" / PROVENANCE).read_text())["imports"]
    assert imports[0]["kind"] == "estimate"
    assert imports[0]["details"] == document["details"]
