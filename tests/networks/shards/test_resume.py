"""A build that is stopped at any moment goes on where it was, and ends with the same bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.command import hear_interruptions
from support.faults import fault_of
from support.tables import SAMPLES

from apl_engine import OutputError
from apl_engine.networks import reading
from apl_engine.networks.shards import arrange, build, build_shards, collect, parts
from apl_engine.networks.shards.limits import Limits
from apl_engine.networks.shards.work import Work, folder_of

REGION = SAMPLES / "pays-de-la-loire"
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name, value in ((Limits, "MOST", 12_000), (reading, "ROWS", 7_000),
                               (collect, "COMMITTED", 10_000)):  # fmt: skip
        monkeypatch.setattr(owner, name, value)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def built(folder: Path, **options: Any) -> dict[str, bytes]:
    given = {"memory": "2GiB", "reach": 40, "threads": 1, **options}
    build_shards(REGION, folder / "n.aplnet", **given)
    return content(folder / "n.aplnet")


class Killed(BaseException):
    """What nothing catches."""


def stop_at(monkeypatch: pytest.MonkeyPatch, stop: int, error: BaseException) -> list[int]:
    """Raise an error at one of the calls that change the disk, before or after it."""
    calls = [0]

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] == stop and stop % 2:
                raise error
            done = call(*args, **kwargs)
            if calls[0] == stop:
                raise error
            return done

        return run

    for name in ("append", "commit", "forget"):
        monkeypatch.setattr(Work, name, watched(getattr(Work, name)))
    monkeypatch.setattr(arrange, "write_part", watched(parts.write_part))
    monkeypatch.setattr(build, "write_part", watched(parts.write_part))
    monkeypatch.setattr(build, "_put", watched(build._put))
    return calls


@cache
def calls_and_content() -> tuple[int, dict[str, bytes]]:
    import tempfile

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        calls = stop_at(patch, 0, Killed())
        return (0, {}) if not (made := built(Path(folder))) else (calls[0], made)


@pytest.mark.parametrize("share", [0.02, 0.15, 0.35, 0.5, 0.62, 0.75, 0.9, 1.0])
def test_killed_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    calls, expected = calls_and_content()
    with monkeypatch.context() as patch:
        stop_at(patch, max(1, round(share * calls)), Killed())
        with pytest.raises(Killed):
            built(tmp_path)
    assert not (tmp_path / "n.aplnet").exists()
    read = []
    with monkeypatch.context() as patch:
        counted = collect.read_piece
        patch.setattr(collect, "read_piece", lambda *a: read.append(1) or counted(*a))
        assert built(tmp_path) == expected
    if share > 0.7:
        assert not read, "what was read is read again"
    assert [path.name for path in tmp_path.iterdir()] == ["n.aplnet"]


def test_other_options_start_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, expected = calls_and_content()
    with monkeypatch.context() as patch:
        stop_at(patch, calls // 2, Killed())
        with pytest.raises(Killed):
            built(tmp_path, reach=30)
    assert built(tmp_path) == expected


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, expected = calls_and_content()
    with monkeypatch.context() as patch:
        stop_at(patch, calls // 2, OSError(28, "No space left on device"))
        fault = fault_of(lambda: built(tmp_path), OutputError)
    path = tmp_path / "n.aplnet"
    assert fault.code == "network.build_stopped"
    assert fault.details == {
        "path": str(path), "reason": "No space left on device", "folder": str(folder_of(path)),
    }  # fmt: skip
    assert [each.name for each in tmp_path.iterdir()] == [folder_of(path).name]
    assert built(tmp_path) == expected


@pytest.mark.parametrize("damage", ["journal", "words", "nothing known"])
def test_a_damaged_work_folder_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    calls, expected = calls_and_content()
    with monkeypatch.context() as patch:
        stop_at(patch, calls // 3, Killed())
        with pytest.raises(Killed):
            built(tmp_path)
    work = folder_of(tmp_path / "n.aplnet")
    if damage == "journal":
        (work / "journal.json").write_text('{"state": {"key": 1, "x": []}}')
    elif damage == "words":
        for path in work.glob("*.words"):
            with path.open("ab") as file:
                file.write(b"half a wor")
    else:
        (work / "journal.json").unlink(missing_ok=True)
    assert built(tmp_path) == expected


BUILD = """
import sys
from apl_engine.networks import reading
from apl_engine.networks.shards import build_shards, collect
from apl_engine.networks.shards.limits import Limits
Limits.MOST, reading.ROWS, collect.COMMITTED = 12_000, 3_000, 3_000
print("go", flush=True)
build_shards(sys.argv[1], sys.argv[2], memory="2GiB", reach=40, threads=2)
"""


def run_process(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILD, str(REGION), str(path)]
    process = subprocess.Popen(
        command,
        stdout=-1,
        stderr=-1,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
        preexec_fn=hear_interruptions,
    )
    assert process.stdout
    assert process.stdout.readline() == "go\n"
    return process


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_killed_by_a_signal(tmp_path: Path, kind: signal.Signals) -> None:
    random.seed(int(kind))
    path = tmp_path / "n.aplnet"
    process = run_process(path)
    time.sleep(random.uniform(0.0, 0.3))
    process.send_signal(kind)
    process.communicate(timeout=60)
    # A fast machine may have been done before.
    if not path.exists():
        process = run_process(path)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert content(path) == calls_and_content()[1]
