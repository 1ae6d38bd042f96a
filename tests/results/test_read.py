"""Results are read as they were written; one that was changed since is refused."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path

import pytest
from support.faults import fault_of, faults_of
from support.tables import frames, small_world

from apl_engine import (
    MethodologyError,
    Result,
    __version__,
    load_methodology,
    read_result,
    run,
    write_result,
)
from apl_engine.errors import Fault
from apl_engine.inputs.half_written import JOURNAL
from apl_engine.methodology import restore_methodology
from apl_engine.results.read import record_sha256


@pytest.fixture(scope="module")
def result() -> Result:
    return run(frames(small_world()))


@pytest.fixture
def folder(result: Result, tmp_path: Path) -> Path:
    write_result(result, tmp_path / "out")
    return tmp_path / "out"


def refused(folder: Path) -> Fault:
    return fault_of(lambda: read_result(folder))


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "record.json"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_result_is_read_as_it_was_written(result: Result, folder: Path) -> None:
    stored = read_result(str(folder))
    for name in ("communes", "territories", "regions"):
        assert getattr(stored, name).equals(getattr(result, name))
    assert stored.cuts == result.cuts
    assert stored.notes == result.notes
    assert stored.methodology == result.methodology
    assert stored.has_supply
    assert stored.located("inputs") is None
    assert stored.located("network") is None


def test_inputs_are_located_relative_to_the_result(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / "in" / f"{name}.parquet")
    write_result(run(tmp_path / "in"), tmp_path / "deep" / "out")
    (tmp_path / "moved").mkdir()
    for name in ("in", "deep"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    stored = read_result(tmp_path / "moved" / "deep" / "out")
    found = stored.located("inputs")
    assert found is not None
    assert found.samefile(tmp_path / "moved" / "in")
    assert str(tmp_path) not in json.dumps(dict(stored.record))


@pytest.mark.parametrize("name", ["mk-2024", "mk-2018"])
def test_a_methodology_is_restored_from_its_record(name: str) -> None:
    rules = load_methodology(name)
    again = restore_methodology(json.loads(json.dumps(rules.as_dict())))
    for field in fields(rules):
        if field.name != "parameters":
            assert getattr(again, field.name) == getattr(rules, field.name)
    assert again.as_dict() == rules.as_dict()


def test_a_record_of_fewer_parameters_is_refused(folder: Path) -> None:
    recorded = json.loads((folder / "record.json").read_text("utf-8"))["methodology"]
    recorded["parameters"] = recorded["parameters"][1:]
    with pytest.raises(MethodologyError):
        restore_methodology(recorded)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_that_was_edited_is_refused(folder: Path, ending: str) -> None:
    path = folder / f"territories.{ending}"
    path.write_bytes(path.read_bytes() + b" ")
    fault = refused(folder)
    assert (fault.code, fault.table) == ("result.file_changed", f"territories.{ending}")


def test_all_that_differs_is_reported_at_once(folder: Path) -> None:
    (folder / "communes.csv").unlink()
    (folder / "regions.parquet").write_bytes(b"")
    edit(folder, '"median_acts": ', '"median_acts": 1')
    faults = faults_of(lambda: read_result(folder))
    assert [(fault.code, fault.table) for fault in faults] == [
        ("result.file_unreadable", "communes.csv"),
        ("result.file_changed", "regions.parquet"),
        ("result.record_changed", "record.json"),
    ]


def test_the_layout_of_a_record_is_free(folder: Path, result: Result) -> None:
    path = folder / "record.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")), sort_keys=True), "utf-8")
    assert read_result(folder).communes.equals(result.communes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"outputs": 1, "apl_engine": "0"}', "TypeError"),
        ('{"outputs": [{}], "apl_engine": "0"}', "KeyError"),
        ('{"outputs": [null], "apl_engine": "0"}', "TypeError"),
        ('{"outputs": [], "outputs": []}', "ValueError"),
        ("[" * 100_000, "RecursionError"),
        ("{}", "KeyError"),
    ],
)
def test_an_unreadable_record_is_refused(folder: Path, content: str, reason: str) -> None:
    (folder / "record.json").write_text(content, "utf-8")
    fault = refused(folder)
    assert (fault.code, fault.table) == ("result.record_unreadable", "record.json")
    assert fault.details["reason"] == reason


def test_a_folder_without_a_record_is_refused(folder: Path) -> None:
    (folder / "record.json").write_text('{"outputs": [], "apl_engine": "0"}', "utf-8")
    assert refused(folder).code == "result.not_a_record"
    (folder / "record.json").unlink()
    fault = refused(folder)
    assert (fault.code, fault.table) == ("result.record_missing", str(folder))
    assert str(fault).startswith(f"{folder}: not a result folder: record.json is missing.")


def test_a_record_of_other_files_is_refused(folder: Path) -> None:
    content = '{"outputs": [{"file": "x", "sha256": "\\ud800"}], "apl_engine": "0"}'
    (folder / "record.json").write_text(content, "utf-8")
    faults = faults_of(lambda: read_result(folder))
    assert [(fault.code, fault.table) for fault in faults] == [
        ("result.file_unreadable", "x"),
        *(
            ("result.file_unlisted", f"{table}{ending}")
            for table in ("communes", "regions", "territories")
            for ending in (".csv", ".parquet")
        ),
        ("result.record_changed", "record.json"),
    ]


def test_paths_that_are_not_folders_are_refused(folder: Path) -> None:
    assert refused(folder / "none").code == "result.no_folder"
    assert refused(folder / "record.json").code == "result.not_a_folder"


def test_another_version_is_reported(folder: Path) -> None:
    path = folder / "record.json"
    record = json.loads(path.read_text("utf-8"))
    del record["methodology"]["parameters"][0]
    record["sha256"] = record_sha256(record)
    path.write_text(json.dumps(record), "utf-8")
    fault = refused(folder)
    assert (fault.code, fault.details["version"]) == ("result.other_version", __version__)


def test_files_that_are_not_regular_are_refused(folder: Path) -> None:
    (folder / "communes.csv").unlink()
    os.mkfifo(folder / "communes.csv")
    (folder / "regions.csv").unlink()
    (folder / "regions.csv").mkdir()
    faults = faults_of(lambda: read_result(folder))
    assert [(fault.code, fault.table) for fault in faults] == [
        ("result.not_a_file", "communes.csv"),
        ("result.not_a_file", "regions.csv"),
    ]
    (folder / "record.json").unlink()
    os.mkfifo(folder / "record.json")
    assert refused(folder).details["reason"] == "OSError"


@pytest.mark.parametrize("name", ["communes.csv", "communes.parquet", "regions.xlsx"])
def test_a_table_without_a_digest_is_refused(folder: Path, name: str) -> None:
    """Whoever leaves a table out of the record could put any other in its place."""
    record = json.loads((folder / "record.json").read_text("utf-8"))
    record["outputs"] = [entry for entry in record["outputs"] if entry["file"] != name]
    record["sha256"] = record_sha256(record)
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / name).touch()
    fault = refused(folder)
    assert (fault.code, fault.table) == ("result.file_unlisted", name)


def test_a_folder_that_is_half_written_is_refused(folder: Path) -> None:
    journal = {"command": "apl run in -o out", "moves": [{"target": folder.name}]}
    (folder.parent / JOURNAL).write_text(json.dumps(journal))
    fault = refused(folder)
    assert fault.code == "inputs.half_written"
    assert fault.details == {"folder": str(folder.parent), "command": "apl run in -o out"}
    journal["moves"] = [{"target": "another"}]
    (folder.parent / JOURNAL).write_text(json.dumps(journal))
    read_result(folder)
