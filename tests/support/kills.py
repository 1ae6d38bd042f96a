"""Kill a command as it enters any system call that changes a name, by strace."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

STRACE = shutil.which("strace")
_CALLS = (
    "rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,symlinkat"
)

# Imports once, then runs each command in a fork that waits for strace. No table is read before a
# fork: threads of Polars would be missing in it.
_SERVER = """
import ctypes, faulthandler, importlib, json, os, pkgutil, signal, sys
sys.dont_write_bytecode = True
from apl_engine.cli import main
import apl_engine.cli
for module in pkgutil.iter_modules(apl_engine.cli.__path__):
    importlib.import_module("apl_engine.cli." + module.name)
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
from apl_engine.results import switch
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
for line in sys.stdin:
    folder, exchange, arguments, waits = json.loads(line)
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            os.chdir(folder)
            quiet = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            if not exchange:
                switch._exchange = lambda *_: False
            sys.argv = ["apl", *arguments]
            if waits:
                # Where a process may be traced by its parents alone (Yama), it allows any.
                PR_SET_PTRACER, ANY = 0x59616D61, -1
                ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(ANY), 0, 0, 0)
                signal.alarm(120)
                signal.sigwait({signal.SIGUSR1})
                signal.alarm(0)
            faulthandler.dump_traceback_later(120, exit=True)
            main(arguments, standalone_mode=True)
            code = 0
        except SystemExit as left:
            code = left.code or 0
        finally:
            os._exit(code)
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""
_MODULES = [
    "apl_engine.runs.run", "apl_engine.runs.sweep", "apl_engine.results.write",
    "apl_engine.results.tables", "apl_engine.reports.inputs", "apl_engine.reports.comparison",
    "apl_engine.reports.scenarios", "apl_engine.reports.figures.write", "apl_engine.networks.save",
    "apl_engine.reports.annex.write", "apl_engine.networks.stream", "apl_engine.comparison.compare",
    "apl_engine.readers.activity.read", "apl_engine.geography.estimate.estimate", "xlsxwriter",
    "docx", "apl_engine.reports.annex.docx", "apl_engine.reports.annex.xlsx",
    "apl_engine.imports.kinds", "apl_engine.scenarios.zones", "apl_engine.regional",
]  # fmt: skip


class CannotTraceError(Exception):
    """This system lets no process trace another."""


class Server:
    """Runs commands in forks of one process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, folder: Path, arguments: Sequence[str], *, exchange: bool = True) -> None:
        """Run a command in a folder; it must succeed."""
        self._start(folder, arguments, exchange, waits=False)
        status = self._wait()
        assert status == 0, (folder / "output").read_text()

    def traced(
        self, folder: Path, arguments: Sequence[str], *, exchange: bool = True, kill: str = ""
    ) -> list[str]:
        """Run a command; return the calls that change a name, in order, as strace shows them.

        It is killed as it enters one of them, given as ``rename:2`` for the second of its name.
        """
        pid, log = self._start(folder, arguments, exchange, waits=True), folder / "strace"
        call, _, number = kill.partition(":")
        inject = ["-e", f"inject={call}:signal=KILL:when={number}"] if kill else []
        command = [str(STRACE), "-f", "-p", str(pid), "-o", str(log), "-e", f"trace={_CALLS}"]
        with subprocess.Popen([*command, *inject], stderr=subprocess.PIPE, text=True) as tracing:
            assert tracing.stderr
            attached = tracing.stderr.readline()
            os.kill(pid, signal.SIGUSR1 if "attached" in attached else signal.SIGKILL)
            status = self._wait()
        if "attached" not in attached:
            raise CannotTraceError(attached)
        assert status in (0, signal.SIGKILL if kill else 0), (folder / "output").read_text()
        # Calls are counted for each thread, and names are changed by the first alone: others, and
        # what strace does not know by name, are left out.
        known = re.compile(rf"{pid} +({_CALLS.replace(',', '|')})\(")
        lines = [line for line in log.read_text().splitlines() if known.match(line)]
        return [line.split(maxsplit=1)[1] for line in lines]

    def _start(self, folder: Path, arguments: Sequence[str], exchange: bool, *, waits: bool) -> int:
        assert self._process.stdin
        assert self._process.stdout
        request = json.dumps([str(folder), exchange, list(arguments), waits])
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def _wait(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())


@contextmanager
def server() -> Iterator[Server]:
    """Start a process that runs commands."""
    command = [sys.executable, "-c", _SERVER, json.dumps(_MODULES)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield Server(process)
        finally:
            process.kill()


def content_of(path: Path) -> dict[str, str]:
    """Return a digest of each file that a user sees, by name; without when and how fast it ran."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return {
        file.relative_to(path.parent).as_posix(): _digest(file)
        for file in files
        if file.is_file() and not any(part.startswith(".") for part in file.parts)
    }


def _digest(file: Path) -> str:
    content = file.read_bytes()
    if file.suffix == ".json":
        record = json.loads(content)
        content = json.dumps([record.get("outputs"), record.get("imports")]).encode()
    return hashlib.sha256(content).hexdigest()


def hidden_in(path: Path) -> list[str]:
    """Return the hidden names below a folder."""
    return sorted(file.name for file in path.rglob(".*"))


def kills_of(calls: Sequence[str]) -> list[str]:
    """Return each call as `Server.traced` takes it: its name, and its number among these."""
    names = [call.partition("(")[0] for call in calls]
    return [
        f"{name}:{names[: k + 1].count(name)}"
        for k, name in enumerate(names)
        # Folders of stored machine code are none of the output.
        if "__pycache__" not in calls[k]
    ]


def shown(line: str) -> str:
    """Return a call as its name and what it changes, for a table."""
    names = [Path(name).name for name in re.findall(r'"([^"]*)"', line)]
    names = [re.sub(r"\.[a-z0-9_]{8}\.partial", ".*.partial", name) for name in names]
    return f"{line.partition('(')[0]} {' '.join(names)}"
