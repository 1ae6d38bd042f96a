"""A folder of output appears whole or not at all; an earlier one is never damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.faults import codes_of, fault_of
from support.results import RESULT_FILES, names_in
from support.tables import frames, small_world

from apl_engine import OutputError, Result, run, write_result
from apl_engine.results import switch
from apl_engine.results.atomic_folder import whole_folder
from apl_engine.results.read import read_result


@pytest.fixture(scope="module")
def result() -> Result:
    return run(frames(small_world()))


def test_an_earlier_result_is_replaced_only_on_request(result: Result, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_result(result, out)
    (out / "communes.csv").write_text("mine")
    assert codes_of(lambda: write_result(result, out), OutputError) == ["output.result_exists"]
    assert (out / "communes.csv").read_text() == "mine"
    write_result(result, out, replace=True)
    assert (out / "communes.csv").read_text() != "mine"
    assert names_in(tmp_path) == {"out"}


def test_a_folder_of_something_else_is_never_replaced(result: Result, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    fault = fault_of(lambda: write_result(result, tmp_path, replace=True), OutputError)
    assert fault.code == "output.other_files"
    assert fault.details == {"path": str(tmp_path), "files": ("letter.txt",)}
    assert names_in(tmp_path) == {"letter.txt"}


def test_a_file_or_link_in_the_way(result: Result, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("out", "link"):
        path = tmp_path / name
        fault = fault_of(lambda path=path: write_result(result, path), OutputError)
        assert (fault.code, fault.details) == ("output.not_a_folder", {"path": str(path)})


def test_an_empty_folder_is_filled(result: Result, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_result(result, tmp_path / "out")
    assert names_in(tmp_path / "out") == RESULT_FILES


def test_a_parent_that_is_a_file(result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    codes = codes_of(lambda: write_result(result, tmp_path / "file" / "out"), OutputError)
    assert codes == ["output.not_writable"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_error_inside_leaves_nothing(
    result: Result, tmp_path: Path, error: type[BaseException]
) -> None:
    out = tmp_path / "out"
    write_result(result, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(error), whole_folder(out, replace=True) as draft:  # noqa: PT012
        (draft / "record.json").write_text("half")
        raise error
    assert names_in(tmp_path) == {"out"}
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.fixture
def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put folders in place as a system must that exchanges none."""
    monkeypatch.setattr(switch, "_exchange", lambda *_: False)


@pytest.mark.usefixtures("without_exchange")
def test_a_failure_to_put_it_in_place_restores_the_earlier_result(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_result(result, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    move = os.replace

    def fail_on_the_draft(source: Path, target: Path) -> None:
        if target == out and str(source).endswith(".partial"):
            raise OSError(28, "No space left on device")
        move(source, target)

    monkeypatch.setattr(switch.os, "replace", fail_on_the_draft)
    fault = fault_of(lambda: write_result(result, out, replace=True), OutputError)
    assert fault.code == "output.not_written"
    assert fault.details["reason"] == "No space left on device"
    assert names_in(tmp_path) == {"out"}
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.usefixtures("without_exchange")
@pytest.mark.parametrize("moves", [1, 2, 3])
def test_an_interruption_at_any_move_leaves_a_whole_result(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    """A signal may come as a move returns: the old result is there, or the new one."""
    out = tmp_path / "out"
    write_result(result, out)
    move, done = os.replace, []

    def interrupted(source: Path, target: Path) -> None:
        move(source, target)
        done.append(target)
        if len(done) == moves:
            raise KeyboardInterrupt

    monkeypatch.setattr(switch.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_result(result, out, replace=True)
    read_result(out)
    assert names_in(tmp_path) == {"out"}
    assert names_in(out) == RESULT_FILES


def test_two_commands_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out"):
        action = whole_folder(tmp_path / "out").__enter__
        assert codes_of(action, OutputError) == ["output.in_progress"]
        with whole_folder(tmp_path / "other"):
            pass
    assert names_in(tmp_path) == {"out", "other"}


def test_parents_created_in_vain_are_removed(result: Result, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"), whole_folder(tmp_path / "a" / "b" / "c"):
        raise ValueError("stop")
    assert names_in(tmp_path) == set()


def test_a_folder_without_a_record_is_not_replaced(result: Result, tmp_path: Path) -> None:
    (tmp_path / "communes.csv").write_text("mine")
    fault = fault_of(lambda: write_result(result, tmp_path, replace=True), OutputError)
    assert (fault.code, fault.details["record"]) == ("output.no_record", "record.json")
    assert names_in(tmp_path) == {"communes.csv"}


def test_the_current_folder_is_refused(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert codes_of(lambda: write_result(result, "."), OutputError) == ["output.in_use"]


def test_a_current_folder_that_was_deleted(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    codes = codes_of(lambda: write_result(result, "out"), OutputError)
    assert codes == ["output.no_current_folder"]
