"""Results in files: the tables of the result, with nothing about practitioners."""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from support.results import RESULT_FILES, names_in
from support.tables import frames, small_world

from apl_engine import Result, run, write_result
from apl_engine.schemas import OUTPUTS


@pytest.fixture(scope="module")
def result() -> Result:
    return run(frames(small_world()))


def test_files_hold_the_tables(result: Result, tmp_path: Path) -> None:
    record = write_result(result, tmp_path / "deep" / "out")
    out = tmp_path / "deep" / "out"
    assert names_in(out) == RESULT_FILES
    assert names_in(tmp_path / "deep") == {"out"}
    for name in ("communes", "territories", "regions"):
        table = getattr(result, name)
        assert table.columns == list(OUTPUTS[name])
        assert pl.read_parquet(out / f"{name}.parquet").equals(table)
        text = dict.fromkeys(("commune", "region", "territory"), pl.String)
        read = pl.read_csv(out / f"{name}.csv", schema_overrides=text)
        assert read.select(table.columns).cast(dict(table.schema)).equals(table)
    assert json.loads((out / "record.json").read_text()) == json.loads(json.dumps(record))
    for entry in record["outputs"]:
        assert hashlib.sha256((out / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_no_file_identifies_practitioners(tmp_path: Path) -> None:
    world = small_world()
    for row in world["practitioners"]:
        row["practitioner_id"] = f"SECRET-{row['practitioner_id']}"
    write_result(run(frames(world)), tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        assert b"SECRET" not in path.read_bytes()


DISK_FULL = """
import resource, signal, sys
sys.path.insert(0, "tests")
from support.tables import frames, small_world
from apl_engine import (OutputError, run, write_result)
result = run(frames(small_world()))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
try:
    write_result(result, sys.argv[1])
except OutputError as error:
    print(error.faults[0].code, error.faults[0].details["reason"])
"""


@pytest.mark.heavy
@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on file sizes")
def test_disk_full_in_the_middle(tmp_path: Path) -> None:
    """Files may not grow past 600 bytes: the first tables fit, the others do not."""
    done = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    assert done.stdout.startswith("output.not_written")
    assert "File too large" in done.stdout
    assert names_in(tmp_path) == set()
