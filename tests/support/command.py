"""The command `apl`, run in this process or as one of its own."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from apl_engine.cli import main

APL = [sys.executable, "-m", "apl_engine"]
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and output."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def words(self) -> str:
        """The output with every run of spaces and line breaks as one space."""
        return " ".join(self.stdout.split())

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def codes(self) -> list[str]:
        """The codes of the faults that --json prints."""
        return [fault["code"] for fault in self.json["faults"]]


def apl(*arguments: object, cwd: Path | None = None) -> Done:
    """Run the command in this process, which takes no time to start."""
    with contextlib.chdir(cwd or "."), _handlers_kept():
        done = CliRunner().invoke(main, list(map(str, arguments)), prog_name="apl")
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def apl_process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command as a process."""
    command = [*APL, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def helped(*arguments: object) -> str:
    """Return the help of a command, which must have an example on a line of its own."""
    done = apl(*arguments, "--help")
    assert done.returncode == 0
    assert any(line.startswith("    apl ") for line in done.stdout.splitlines())
    return done.stdout


def all_commands(
    group: click.Group = main, *names: str
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command, groups included, with the words that call it."""
    context = click.Context(group)
    yield names, group
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            yield from all_commands(command, *names, name)
        else:
            yield (*names, name), command


def examples_of(command: click.Command) -> list[str]:
    """Return the examples in the help of a command, one line each."""
    lines = (command.help or "").replace("\\\n", " ").splitlines()
    examples = [line.strip() for line in lines if line.strip().startswith("apl ")]
    assert examples or "Example" not in str(command.help)
    return examples


@contextlib.contextmanager
def _handlers_kept() -> Iterator[None]:
    handlers = [signal.getsignal(number) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, handlers, strict=True):
            signal.signal(number, handler)


def hear_interruptions() -> None:
    """Let a process that is started hear Ctrl-C, even if the tests run where it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
