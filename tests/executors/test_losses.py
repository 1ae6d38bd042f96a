"""Workers that are killed, a scheduler that starts again, interruptions, and a full disk."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support import units
from support.command import APL, hear_interruptions
from support.tables import SAMPLES
from support.units import Given

from apl_engine import ExecutorError, Result, run
from apl_engine.executors import open_workers, workers
from apl_engine.executors.cluster import open_cluster
from apl_engine.scenarios import WhatIf, margins, zone_margins

REGION = SAMPLES / "pays-de-la-loire"
TESTS = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def result() -> Result:
    return run(REGION)


@pytest.fixture(autouse=True)
def _many_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(margins, "_AT_ONCE", 4)


def table(result: Result, executor: Any = None, on_step: Any = None) -> bytes:
    """Return the margins of all territories as bytes."""
    found = zone_margins(result, WhatIf(result), executor=executor, on_step=on_step)
    return found.write_csv().encode()


def until(condition: Callable[[], Any], seconds: float = 120.0) -> Any:
    """Wait for a condition, and return what it is then."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("moments", [1, pytest.param(50, marks=pytest.mark.nightly)])
def test_a_killed_worker_changes_no_bit(result: Result, moments: int) -> None:
    start, seed = time.monotonic(), random.Random(7)
    expected = table(result)
    took = time.monotonic() - start
    for _ in range(moments):
        # Anew: a worker that is killed as it starts is not replaced, and others do its work.
        with open_cluster("local:2") as cluster:
            victim = seed.choice(until(lambda own=cluster: two_processes(own)))
            killing = threading.Timer(seed.uniform(0, took), os.kill, (victim, signal.SIGKILL))
            killing.start()
            assert table(result, cluster.executor) == expected
            killing.join()


def two_processes(cluster: Any) -> list[int]:
    """Return the processes of two workers; none while one of them starts."""
    found = cluster._client.run(os.getpid, on_error="ignore")
    return sorted(found.values()) if len(found) == 2 else []


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Machines:
    """A scheduler and workers as processes of their own, over TCP."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self._processes = folder, free_port(), ExitStack()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.start_scheduler()
        self.start_workers()

    def start_scheduler(self) -> None:
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", self.port, "--no-dashboard",
            "--dashboard-address", "127.0.0.1:0",
        )  # fmt: skip

    def start_workers(self) -> None:
        self.workers = [
            self._start("worker", self.address, "--host", "127.0.0.1", "--nthreads", 1,
                        "--nanny", "--no-dashboard", "--local-directory", self.folder)
            for _ in range(2)
        ]  # fmt: skip

    def _start(self, *arguments: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *map(str, arguments)]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )  # fmt: skip
        self._processes.callback(_end, process)
        return process

    def restart_scheduler(self, *, with_workers: bool) -> None:
        """Start it again; workers end with it, and whoever started them starts them again."""
        _end(self.scheduler, signal.SIGKILL)
        self.start_scheduler()
        if with_workers:
            self.start_workers()

    def close(self) -> None:
        self._processes.close()


def _end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    with suppress(OSError):
        process.send_signal(number)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    made = Machines(tmp_path)
    until(lambda: answers(made.port))
    yield made
    made.close()


class Restart:
    """Restarts the scheduler once some units are done."""

    def __init__(self, machines: Machines, *, with_workers: bool) -> None:
        self.machines, self.with_workers, self.steps = machines, with_workers, list[str]()
        self._thread: threading.Thread | None = None

    def __call__(self, step: str) -> None:
        self.steps.append(step)
        if self._thread is None and re.match(r"units: [4-9] of", step):
            self._thread = threading.Thread(
                target=self.machines.restart_scheduler, kwargs={"with_workers": self.with_workers}
            )
            self._thread.start()

    def join(self) -> None:
        assert self._thread
        self._thread.join()


def test_a_scheduler_that_starts_again(machines: Machines) -> None:
    restart = Restart(machines, with_workers=True)
    with open_workers(machines.address, restart) as here:
        done = list(here.map(units.slow, Given(np.arange(3)), range(40), label="units"))
    restart.join()
    assert done == list(range(40))
    assert "units: waiting for the scheduler" in restart.steps


@pytest.mark.nightly
def test_workers_that_do_not_come_back(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    restart = Restart(machines, with_workers=False)
    with open_workers(machines.address, restart) as here:
        cluster = here._cluster
        assert cluster
        until(lambda: cluster.count() == 2)
        monkeypatch.setattr(workers, "PATIENCE", 10.0)
        with pytest.raises(ExecutorError) as error:
            list(here.map(units.slow, Given(np.arange(3)), range(40), label="units"))
    restart.join()
    # On a slow machine the scheduler may take longer as well.
    (fault,) = error.value.faults
    assert fault.code in ("executor.no_workers", "executor.lost")


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def of_session(session: int) -> dict[int, str]:
    """Return the processes of a session that have not ended, with their commands."""
    found = {}
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            state = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(state[3]) == session and state[0] != "Z":
                command = (folder / "cmdline").read_bytes()
                found[int(folder.name)] = command.replace(b"\0", b" ").decode()
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs the processes of Linux")
@pytest.mark.parametrize(
    ("kill", "moment"),
    [
        (os.kill, "units are under way"),
        pytest.param(os.killpg, "processes start", marks=pytest.mark.nightly),
        pytest.param(os.kill, "processes start", marks=pytest.mark.nightly),
        pytest.param(os.killpg, "units are under way", marks=pytest.mark.nightly),
    ],
)
def test_an_interruption(tmp_path: Path, kill: Callable[[int, int], None], moment: str) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    codes = pl.read_parquet(REGION / "communes.parquet")["commune"]
    etp = np.random.default_rng(1).integers(0, 9, (len(codes), 3000)).astype(np.float32)
    names = [f"s{k}" for k in range(etp.shape[1])]
    pl.DataFrame(etp, names).insert_column(0, codes).write_parquet(tmp_path / "plans.parquet")
    command = [*APL, "scenarios", REGION, tmp_path / "plans.parquet", "-o", tmp_path / "out",
               "--cluster", "local:2"]  # fmt: skip
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)}, start_new_session=True,
        preexec_fn=hear_interruptions,
    ) as process:  # fmt: skip
        if moment == "processes start":
            until(lambda: sum("spawn_main" in one for one in of_session(process.pid).values()) == 2)
        else:
            until(lambda: [*temporary.glob("apl_engine-*/" + "?" * 64)])
        kill(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)
    assert (process.returncode, *said) == (130, b"", b"\nInterrupted; nothing was written.\n")
    until(lambda: not of_session(process.pid), 20)
    assert not (tmp_path / "out").exists()
    assert not [*temporary.iterdir()]


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    script = """
import resource, signal, sys, numpy
from concurrent.futures import ProcessPoolExecutor
from apl_engine.executors import open_workers
from support import units
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, most))
with ProcessPoolExecutor(1) as pool, open_workers(pool) as here:
    try:
        list(here.map(units.process, units.Given(numpy.zeros(1_000_000)), range(3), label="units"))
    except Exception as error:
        print([fault.code for fault in error.faults])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(TESTS)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("['executor.not_shared']\n", "")
    assert not [*tmp_path.glob("apl_engine-*")]
