"""The command as a process: help, streams, terminals, signals and exit codes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command import APL, apl, apl_process, helped
from support.tables import SAMPLES

from apl_engine.__main__ import leave_when_interrupted
from apl_engine._version import __version__
from apl_engine.cli import _COMMANDS

SUBCOMMANDS = (
    ("methodologies", "show"), ("network", "build"), ("network", "show"), ("region", "annex"),
    ("region", "apply"), ("region", "check"), ("region", "propose"), ("region", "show"),
)  # fmt: skip


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [(), *((name,) for name in _COMMANDS), *SUBCOMMANDS])
def test_help_has_an_example(arguments: tuple[str, ...]) -> None:
    assert "Example" in helped(*arguments)


def test_help_lists_the_commands() -> None:
    shown = apl("-h").stdout
    for name, (_, text) in _COMMANDS.items():
        assert f"  {name:<15}{text}"[:60] in shown
    assert apl("--version").stdout.strip() == f"apl, version {__version__}"
    unknown = apl("rum")
    assert unknown.returncode == 2
    assert "No such command 'rum'" in unknown.stderr


@pytest.mark.slow
def test_a_process_exits_with_the_code_of_the_error(tables: Path, tmp_path: Path) -> None:
    assert apl_process("run", tables, "-o", tmp_path / "out").returncode == 0
    done = apl_process("check", tmp_path)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert apl_process("run").returncode == 2


def test_a_current_folder_that_was_removed(tables: Path, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    # The package is found from its installation, not from the folder.
    done = shell(f"cd {tmp_path}/gone && rmdir ../gone && {' '.join(APL)} run {tables} -o out")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_terminals_of_another_encoding(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [*APL, "methodologies", "show", "mk-2024"]
    shown = subprocess.run(command, capture_output=True, env=environment, check=False, cwd=tmp_path)
    assert shown.returncode == 0


def test_a_full_disk() -> None:
    done = shell(f"{' '.join(APL)} methodologies >/dev/full")
    assert done.returncode == 1
    assert "Error: printing failed (No space left on device)" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["2>&-", ">&-"])
def test_closed_streams(tables: Path, tmp_path: Path, closed: str) -> None:
    done = shell(f"{' '.join(APL)} run {tables} -o {tmp_path / 'out'} {closed}")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 7


@pytest.mark.slow
def test_progress_is_shown_on_a_terminal_only(tables: Path, tmp_path: Path) -> None:
    parent, child = pty.openpty()
    command = [*APL, "run", str(tables), "-o", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=child) as process:
        assert process.wait(60) == 0
    os.close(child)
    shown = os.read(parent, 10_000).decode()
    os.close(parent)
    assert "writing the result ..." in shown
    assert shown.endswith("\r\x1b[2K")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_a_whole_result_or_none(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    codes, there = set(), False
    for tenths in (2, 4, 6, 8, 10, 12, 16, 20, 30):
        command = [*APL, "run", str(SAMPLES / "france"), "-o", str(out), "--replace"]
        # Measuring coverage writes a file of its own, which an interruption would cut short.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        ) as process:
            time.sleep(tenths / 10)
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
        codes.add(process.returncode)
        assert {path.name for path in tmp_path.iterdir()} <= {"out"}
        # An earlier result stays, or is replaced by a whole one.
        there = there or out.exists()
        assert out.exists() == there
        assert not there or len(list(out.iterdir())) == 7
        if process.returncode == code and number == signal.SIGINT:
            assert b"Interrupted; nothing was written." in said
    assert code in codes


def test_an_interruption_while_the_command_loads() -> None:
    """A module that waits in the place of click: a message, and no traceback."""
    code = (
        # The tests may run where interruptions are ignored.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import sys, time, types; from apl_engine.__main__ import command\n"
        "class Slow:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'click':\n"
        "            print('loading', flush=True); time.sleep(60)\n"
        "sys.meta_path.insert(0, Slow()); command()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"\nInterrupted; nothing was written.\n")


def test_ignored_interruptions_stay_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        leave_when_interrupted()
        apl("methodologies")
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.heavy
@pytest.mark.slow
def test_the_same_bytes_on_one_and_two_threads(tmp_path: Path) -> None:
    for threads in ("1", "2"):
        options = ("-o", tmp_path / threads, "--threads", threads)
        environment = {**os.environ, "POLARS_MAX_THREADS": threads}
        done = apl_process("run", SAMPLES / "france", *options, env=environment)
        assert done.returncode == 0, done.stderr
    for name in ("communes", "territories", "regions"):
        for ending in ("parquet", "csv"):
            one, two = ((tmp_path / t / f"{name}.{ending}").read_bytes() for t in ("1", "2"))
            assert one == two, (name, ending)


@pytest.mark.heavy
@pytest.mark.slow
def test_the_installed_command_exits_as_the_module_does(tables: Path, tmp_path: Path) -> None:
    """It ends without tearing down the interpreter; nothing printed or written may be lost."""
    script = str(Path(sys.executable).with_name("apl"))

    def installed(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [script, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = installed("run", tables, "-o", tmp_path / "out", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "record.json").read_text())
    assert installed("run", tables, "-o", tmp_path / "out").returncode == 1
    assert installed("run").returncode == 2
    assert installed("check", tmp_path).returncode == 3
    closed = shell(f"set -o pipefail; '{script}' methodologies show mk-2024 | head -1")
    assert closed.stdout == "Masseurs-kinésithérapeutes, arrêté du 20 mars 2024\n"
    assert "Traceback" not in closed.stderr
    assert "Exception" not in closed.stderr
