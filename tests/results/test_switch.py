"""Several names of a folder are changed together, or not at all."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from support.faults import codes_of
from support.results import names_in

from apl_engine import OutputError
from apl_engine.inputs.half_written import JOURNAL
from apl_engine.results import switch


def _change(folder: Path) -> None:
    with switch.drafts_in(folder) as drafts:
        for name in ("a", "b"):
            (drafts / name).write_text("new")
        switch.switch(folder, {name: drafts / name for name in ("a", "b")}, ["gone", "never"])


def _content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "gone", "stays"):
        (tmp_path / name).write_text("old")
    return tmp_path


def test_names_change_together(folder: Path) -> None:
    _change(folder)
    assert _content(folder) == {"a": "new", "b": "new", "stays": "old"}


@pytest.mark.parametrize("failing", range(5))
def test_a_failing_move_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    before, move, calls = _content(folder), os.replace, []

    def fail(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == failing + 1:
            raise OSError(28, "No space left on device")
        move(source, target)

    monkeypatch.setattr(switch.os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        _change(folder)
    assert _content(folder) == before


@pytest.mark.parametrize(
    "moves",
    [
        [{"target": "../a", "draft": None, "old": ".x.abcdefgh.partial/a"}],
        [{"target": "a", "draft": None, "old": "/tmp/a"}],
        [{"target": "a", "draft": ".x.abcdefgh.partial/..", "old": ".x.abcdefgh.partial.old"}],
        [{"target": "a"}],
        None,
    ],
)
def test_a_journal_of_somebody_else_moves_nothing(folder: Path, moves: object) -> None:
    (folder / JOURNAL).write_text(json.dumps({"moves": moves}))
    before = names_in(folder)
    codes = codes_of(lambda: switch.finish_interrupted(folder), OutputError)
    assert codes == ["output.journal_damaged"]
    assert names_in(folder) == before


def test_writers_of_one_folder_wait_for_each_other(folder: Path) -> None:
    entered = threading.Event()

    def other() -> None:
        with switch.drafts_in(folder):
            entered.set()

    with switch.drafts_in(folder):
        waiting = threading.Thread(target=other)
        waiting.start()
        assert not entered.wait(0.2)
    waiting.join()
    assert entered.is_set()
    assert names_in(folder) == {"a", "gone", "stays"}
