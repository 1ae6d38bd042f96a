"""Results read again: what was written, and nothing that was changed since."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path

import pytest
from support.tables import frames, small_world

import apl_engine
from apl_engine import InputDataError, Result, load_methodology, read_result, run, write_result
from apl_engine.methodology import restore_methodology


@pytest.fixture(scope="module")
def result() -> Result:
    return run(frames(small_world()))


@pytest.fixture
def folder(result: Result, tmp_path: Path) -> Path:
    write_result(result, tmp_path / "out")
    return tmp_path / "out"


def words(folder: Path) -> str:
    with pytest.raises(InputDataError) as caught:
        read_result(folder)
    return str(caught.value)


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "record.json"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_was_written_is_read(result: Result, folder: Path) -> None:
    stored = read_result(str(folder))
    for name in ("communes", "territories", "regions"):
        assert getattr(stored, name).equals(getattr(result, name))
    assert stored.cuts == result.cuts
    assert stored.notes == result.notes
    assert stored.methodology == result.methodology
    assert stored.has_supply
    assert stored.located("inputs") is None
    assert stored.located("network") is None


def test_inputs_are_found_where_they_lay(tmp_path: Path) -> None:
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
def test_a_methodology_comes_back_from_its_record(name: str) -> None:
    rules = load_methodology(name)
    again = restore_methodology(json.loads(json.dumps(rules.as_dict())))
    for field in fields(rules):
        if field.name != "parameters":
            assert getattr(again, field.name) == getattr(rules, field.name)
    assert again.as_dict() == rules.as_dict()


def test_a_record_of_fewer_parameters_is_refused(folder: Path) -> None:
    told = json.loads((folder / "record.json").read_text("utf-8"))["methodology"]
    told["parameters"] = told["parameters"][1:]
    with pytest.raises(apl_engine.MethodologyError, match="written by another version"):
        restore_methodology(told)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_that_was_edited_is_refused(folder: Path, ending: str) -> None:
    path = folder / f"territories.{ending}"
    path.write_bytes(path.read_bytes() + b" ")
    assert f"territories.{ending}: is not the file that record.json tells of" in words(folder)


def test_all_that_differs_is_told_at_once(folder: Path) -> None:
    (folder / "communes.csv").unlink()
    (folder / "regions.parquet").write_bytes(b"")
    edit(folder, '"median_acts": ', '"median_acts": 1')
    told = words(folder)
    assert told.startswith("3 faults")
    assert "communes.csv: cannot be opened" in told
    assert "regions.parquet: is not the file" in told
    assert "record.json: was changed since it was written" in told


def test_the_layout_of_a_record_is_free(folder: Path, result: Result) -> None:
    path = folder / "record.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")), sort_keys=True), "utf-8")
    assert read_result(folder).communes.equals(result.communes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is missing: the folder is none of a result"),
        ("{", "cannot be read (JSONDecodeError)"),
        ("[]", "cannot be read (TypeError)"),
        ('{"outputs": 1, "apl_engine": "0"}', "cannot be read (TypeError)"),
        ('{"outputs": [], "apl_engine": "0"}', "is no record of a result"),
        ('{"outputs": [{}], "apl_engine": "0"}', "cannot be read (KeyError)"),
        ('{"outputs": [null], "apl_engine": "0"}', "cannot be read (TypeError)"),
        ('{"outputs": [], "outputs": []}', "cannot be read (ValueError)"),
        ("[" * 100_000, "cannot be read (RecursionError)"),
        (
            '{"outputs": [{"file": "x", "sha256": "\\ud800"}], "apl_engine": "0"}',
            "x: cannot be opened",
        ),
        ("{}", "cannot be read (KeyError)"),
    ],
)
def test_a_folder_without_a_record_is_refused(folder: Path, content: str | None, said: str) -> None:
    (folder / "record.json").unlink()
    if content is not None:
        (folder / "record.json").write_text(content, "utf-8")
    assert said in words(folder)


def test_what_is_no_folder_is_refused(folder: Path) -> None:
    assert "does not exist" in words(folder / "none")
    assert "is a file, not a folder" in words(folder / "record.json")


def test_another_version_is_told(folder: Path) -> None:
    from apl_engine.results.read import record_sha256

    path = folder / "record.json"
    record = json.loads(path.read_text("utf-8"))
    del record["methodology"]["parameters"][0]
    record["sha256"] = record_sha256(record)
    path.write_text(json.dumps(record), "utf-8")
    assert "is of version" in words(folder)


def test_what_is_no_file_is_told(folder: Path) -> None:
    (folder / "communes.csv").unlink()
    os.mkfifo(folder / "communes.csv")
    (folder / "regions.csv").unlink()
    (folder / "regions.csv").mkdir()
    told = words(folder)
    assert "communes.csv: is no file" in told
    assert "regions.csv: is no file" in told
    (folder / "record.json").unlink()
    os.mkfifo(folder / "record.json")
    assert "record.json: cannot be read (OSError)" in words(folder)
