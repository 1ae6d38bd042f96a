"""What `scripts/prepare` shows while it sets up; its tools are replaced by ones that do nothing."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Stands for Python, uv and apl: creates what it is asked for, and logs its arguments.
TOOL = """#!/usr/bin/env bash
here="$(cd "$(dirname "$0")" && pwd)"
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in
"-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
"-m pip install "*) cp "$0" "$here/uv" && cp "$0" "$here/apl" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/prepare", tmp_path / "scripts")
    (tmp_path / "uv.lock").touch()
    (tmp_path / "tool").write_text(TOOL)
    (tmp_path / "tool").chmod(0o755)
    return tmp_path


def prepare(checkout: Path, *, terminal: bool) -> tuple[list[str], list[str]]:
    """Return the first word of each line that it shows, and the calls of its tools."""
    log = checkout / "log"
    environment = {**os.environ, "PYTHON": str(checkout / "tool"), "LOG": str(log)}
    command = [str(checkout / "scripts/prepare"), "--no-default-groups"]
    parent, child = pty.openpty() if terminal else os.pipe()
    subprocess.run(command, stdout=child, stderr=child, env=environment, check=True)
    os.write(child, b"end\n")
    shown = b""
    # A terminal gives what was written in several pieces, and an error at the end.
    while not shown.rstrip().endswith(b"end"):
        shown += os.read(parent, 10_000)
    os.close(child)
    os.close(parent)
    called = log.read_text().splitlines()
    log.unlink()
    return [line.split()[0] for line in shown.decode().splitlines()], called


def test_a_terminal_shows_each_step_the_first_time(checkout: Path) -> None:
    shown, called = prepare(checkout, terminal=True)
    assert shown == ["Creating", "Installing", "Installing", "Compiling", "end"]
    assert any(call.startswith("uv sync --compile-bytecode --locked") for call in called)
    assert "apl warmup" in called
    shown, called = prepare(checkout, terminal=True)
    assert shown == ["end"]
    assert any(call.startswith("uv sync --locked") and "--quiet" in call for call in called)
    assert "apl warmup" not in called


def test_elsewhere_nothing_is_shown(checkout: Path) -> None:
    shown, called = prepare(checkout, terminal=False)
    assert shown == ["end"]
    assert any("--quiet" in call for call in called if call.startswith("uv sync"))
