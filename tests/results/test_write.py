"""Results in files: whole or not at all, and a record that explains them."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from support.tables import frames, small_world

from apl_engine import OutputError, Result, make_record, run, write_result
from apl_engine.results.atomic_folder import whole_folder
from apl_engine.schemas import OUTPUTS

FILES = {
    f"{name}.{ending}"
    for name in ("communes", "territories", "regions")
    for ending in ("csv", "parquet")
} | {"record.json"}


@pytest.fixture(scope="module")
def result() -> Result:
    return run(frames(small_world()))


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_files_hold_the_tables(result: Result, tmp_path: Path) -> None:
    record = write_result(result, tmp_path / "deep" / "out")
    out = tmp_path / "deep" / "out"
    assert left_in(out) == FILES
    assert left_in(tmp_path / "deep") == {"out"}
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


def test_record_explains_the_run(result: Result, tmp_path: Path) -> None:
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    record = make_record(run(tmp_path))
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
    assert len(record["methodology"]["parameters"]) == 45
    assert {"python", "numba", "polars", "numpy"} <= record["environment"].keys()


def test_record_is_the_same_but_for_the_time(result: Result) -> None:
    one, two = make_record(result), make_record(run(frames(small_world())))
    assert one.pop("timings").keys() == two.pop("timings").keys()
    assert one == two


def test_nothing_tells_who_the_practitioners_are(tmp_path: Path) -> None:
    world = small_world()
    for row in world["practitioners"]:
        row["practitioner_id"] = f"SECRET-{row['practitioner_id']}"
    write_result(run(frames(world)), tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        assert b"SECRET" not in path.read_bytes()


def test_an_earlier_result_stays_unless_told_otherwise(result: Result, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_result(result, out)
    (out / "communes.csv").write_text("mine")
    with pytest.raises(OutputError, match=r"already holds a result.*or add --replace"):
        write_result(result, out)
    assert (out / "communes.csv").read_text() == "mine"
    write_result(result, out, replace=True)
    assert (out / "communes.csv").read_text() != "mine"
    assert left_in(tmp_path) == {"out"}


def test_a_folder_of_something_else_is_never_replaced(result: Result, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(OutputError, match=r"not of a result \(letter.txt\)"):
        write_result(result, tmp_path, replace=True)
    assert left_in(tmp_path) == {"letter.txt"}


def test_a_file_or_link_in_the_way(result: Result, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("out", "link"):
        with pytest.raises(OutputError, match="is a file or a link, not a folder"):
            write_result(result, tmp_path / name)


def test_an_empty_folder_is_filled(result: Result, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_result(result, tmp_path / "out")
    assert left_in(tmp_path / "out") == FILES


def test_a_parent_that_is_a_file(result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot be (read|written)"):
        write_result(result, tmp_path / "file" / "out")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_whatever_happens_inside_nothing_is_left(
    result: Result, tmp_path: Path, error: type[BaseException]
) -> None:
    out = tmp_path / "out"
    write_result(result, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(error), whole_folder(out, replace=True) as draft:  # noqa: PT012
        (draft / "record.json").write_text("half")
        raise error
    assert left_in(tmp_path) == {"out"}
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_failure_while_putting_in_place_brings_the_old_back(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_result(result, out)
    move = os.replace

    def fail_on_the_draft(source: Path, target: Path) -> None:
        if str(source).endswith(".partial"):
            raise OSError(28, "No space left on device")
        move(source, target)

    monkeypatch.setattr("apl_engine.results.atomic_folder.os.replace", fail_on_the_draft)
    with pytest.raises(OutputError, match=r"could not be written \(No space left on device"):
        write_result(result, out, replace=True)
    assert left_in(tmp_path) == {"out"}
    assert left_in(out) == FILES


@pytest.mark.parametrize("moves", [1, 2])
def test_an_interruption_at_any_move_leaves_a_whole_result(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    """A signal may fall as a move returns: the old result is there, or the new one."""
    out = tmp_path / "out"
    write_result(result, out)
    move, done = os.replace, []

    def interrupted(source: Path, target: Path) -> None:
        move(source, target)
        done.append(target)
        if len(done) == moves:
            raise KeyboardInterrupt

    monkeypatch.setattr("apl_engine.results.atomic_folder.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_result(result, out, replace=True)
    assert left_in(tmp_path) == {"out"}
    assert left_in(out) == FILES


def test_folders_made_for_nothing_go(result: Result, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"), whole_folder(tmp_path / "a" / "b" / "c"):
        raise ValueError("stop")
    assert left_in(tmp_path) == set()


def test_the_record_holds_what_was_read(tmp_path: Path) -> None:
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    before = hashlib.sha256((tmp_path / "consumption.parquet").read_bytes()).hexdigest()
    found = run(tmp_path)
    (tmp_path / "consumption.parquet").write_text("changed")
    (tmp_path / "communes.parquet").unlink()
    digests = {entry["table"]: entry["sha256"] for entry in make_record(found)["inputs"]}
    assert digests["consumption"] == before


DISK_FULL = """
import resource, signal, sys
sys.path.insert(0, "tests")
from support.tables import frames, small_world
from apl_engine import OutputError, run, write_result
result = run(frames(small_world()))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
try:
    write_result(result, sys.argv[1])
except OutputError as error:
    print(error)
"""


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
    assert "could not be written (" in done.stdout
    assert "File too large" in done.stdout
    assert left_in(tmp_path) == set()
