"""The record of a run explains it, and is the same for the same inputs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from support.tables import frames, small_world

from apl_engine import run
from apl_engine.results import make_record


def test_record_explains_the_run(tmp_path: Path) -> None:
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    result = run(tmp_path)
    record = make_record(result)
    for entry in record["inputs"]:
        content = (tmp_path / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
        assert entry["rows"] == len(small_world()[entry["table"]])
    totals = record["totals"]
    assert totals["distributed_etp"] == pytest.approx(totals["reachable_etp"], rel=1e-9)
    assert totals["standardised_population"] == pytest.approx(totals["population"], rel=1e-9)
    assert record["reference_values"]["median_acts"] == result.median_acts
    assert len(record["reference_values"]["cuts"]) == 3
    assert next(zone["label"] for zone in record["zones"]) == "Très sous dotée"
    assert len(record["methodology"]["parameters"]) == 49
    assert {"python", "numba", "polars", "numpy"} <= record["environment"].keys()


def test_record_is_the_same_but_for_the_time() -> None:
    one, two = make_record(run(frames(small_world()))), make_record(run(frames(small_world())))
    assert one.pop("timings").keys() == two.pop("timings").keys()
    assert one == two


def test_the_record_holds_what_was_read(tmp_path: Path) -> None:
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    before = hashlib.sha256((tmp_path / "consumption.parquet").read_bytes()).hexdigest()
    found = run(tmp_path)
    (tmp_path / "consumption.parquet").write_text("changed")
    (tmp_path / "communes.parquet").unlink()
    digests = {entry["table"]: entry["sha256"] for entry in make_record(found)["inputs"]}
    assert digests["consumption"] == before
