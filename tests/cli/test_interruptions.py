"""Signals end a command even while a library waits and runs no handler of Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apl_engine import unfinished

# A query that reads from a FIFO that nobody writes to stands for one on a drive that hangs.
WAITING = """
import pathlib, signal, sys, polars
from apl_engine import unfinished
from apl_engine.cli import interruptions
signal.signal(signal.SIGINT, signal.default_int_handler)
interruptions.watch()
interruptions.handle()
unfinished.begin(pathlib.Path(sys.argv[2]))
print("waiting", flush=True)
polars.scan_csv(sys.argv[1], infer_schema=False).collect()
"""
# What cleans up waits too.
CLEANING = """
import pathlib, signal, sys, time
from apl_engine import unfinished
from apl_engine.cli import interruptions
signal.signal(signal.SIGINT, signal.default_int_handler)
interruptions.watch()
interruptions.handle()
unfinished.begin(pathlib.Path(sys.argv[2]))
try:
    print("waiting", flush=True)
    time.sleep(60)
finally:
    print("cleaning", flush=True)
    time.sleep(60)
"""


def start(script: str, folder: Path) -> subprocess.Popen[bytes]:
    os.mkfifo(folder / "fifo")
    (folder / "draft").mkdir()
    (folder / "draft" / "part").touch()
    arguments = [sys.executable, "-c", script, str(folder / "fifo"), str(folder / "draft")]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"waiting\n"
    return process


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [(signal.SIGINT, 130, b"Interrupted"), (signal.SIGTERM, 143, b"Terminated")],
)
def test_a_library_that_waits(
    tmp_path: Path, number: signal.Signals, code: int, words: bytes
) -> None:
    with start(WAITING, tmp_path) as process:
        time.sleep(0.2)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (code, b"\n" + words + b"; nothing was written.\n")
    assert not (tmp_path / "draft").exists()


def test_a_second_signal_ends_what_cleans_up(tmp_path: Path) -> None:
    with start(CLEANING, tmp_path) as process:
        assert process.stdout
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == b"cleaning\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert not (tmp_path / "draft").exists()


def test_what_is_not_finished_is_removed(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).mkdir() if name < "c" else (tmp_path / name).touch()
        unfinished.begin(tmp_path / name)
    unfinished.end(tmp_path / "b")
    unfinished.remove_all()
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
