"""One job on threads, processes and workers: overhead, gain of a second one, and the same bits.

The job is draws of France, in units of about a second. Every executor is started, and has done a
unit, before anything is timed; jobs then take turns, and ratios are medians over the rounds.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import distributed
import numpy as np

from apl_engine.networks import load_network, save_network
from apl_engine.runs import load_run
from apl_engine.runs.draws import draws
from apl_engine.runs.run import run
from apl_engine.scenarios.draws import SupplyModels
from apl_engine.scenarios.draws.reduce import UNIT

FRANCE = Path(__file__).parents[1] / "data_samples" / "france"
MODELS = SupplyModels({0: 0.03}, 0.04, 0.1)
# Goals: the most that an executor adds to units of a second, and the least that two processes gain
# of what two threads gain.
OVERHEAD, GAIN = 0.10, 0.95
ONE, PROCESS, WORKER = "1 thread", "1 process", "1 worker of Dask"
THREADS, BOTH = "2 threads", ("2 processes", "2 workers of Dask", "scheduler and 2 workers, TCP")


def digest(value: Any) -> bytes:
    """Return the SHA-256 of all numbers in a result, to the last bit."""
    if isinstance(value, np.ndarray):
        return hashlib.sha256(f"{value.dtype} {value.shape}".encode() + value.tobytes()).digest()
    if dataclasses.is_dataclass(value):
        value = [getattr(value, one.name) for one in dataclasses.fields(value)]
    if isinstance(value, list | tuple):
        return hashlib.sha256(b"".join(map(digest, value))).digest()
    return hashlib.sha256(repr(value).encode()).digest()


class Job:
    """Draws of France from tables in memory and a network on disk."""

    def __init__(self, count: int, folder: Path) -> None:
        self.count, path = count, folder / "france.aplnet"
        self.tables = load_run(FRANCE, "mk-2024").tables
        save_network(run(self.tables, "mk-2024").network.laid_out(), path)
        self.network = load_network(path)

    def __call__(self, executor: Executor | None) -> str:
        """Do the job, and return the digest of what it gives."""
        (found,) = draws(
            self.tables, ["mk-2024"], MODELS, count=self.count, seed=1, threads=1,
            network=self.network, executor=executor,
        )  # fmt: skip
        return digest([found.classes, found.apl, found.cuts, found.computed_in_full]).hex()


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Provide a pool of processes."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=spawn) as pool:
        yield pool


@contextmanager
def local_cluster(count: int) -> Iterator[Executor]:
    """Provide a cluster of processes of this machine."""
    with (
        distributed.LocalCluster(
            n_workers=count, threads_per_worker=1, host="127.0.0.1",
            dashboard_address="127.0.0.1:0", memory_limit=0,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client.get_executor()


@contextmanager
def three_processes(folder: Path) -> Iterator[Executor]:
    """Provide a scheduler and two workers that were started by hand."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    address, here = f"tcp://127.0.0.1:{port}", ("--host", "127.0.0.1", "--no-dashboard")
    worker = ("worker", address, "--nanny", "--nthreads", "1", "--memory-limit", "0",
              "--local-directory", str(folder))  # fmt: skip
    with ExitStack() as stack:
        for command in (("scheduler", "--port", str(port)), worker, worker):
            started = subprocess.Popen(
                [sys.executable, "-m", "dask", *command, *here],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            stack.callback(started.wait)
            stack.callback(started.terminate)
        client = stack.enter_context(distributed.Client(address, timeout=60))
        client.wait_for_workers(2, timeout=60)
        yield client.get_executor()


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=6, help="units of the job")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        job = Job(options.units * UNIT, Path(name))
        ways: dict[str, Executor | None] = {
            ONE: None,
            THREADS: stack.enter_context(ThreadPoolExecutor(2)),
            PROCESS: stack.enter_context(processes(1)),
            WORKER: stack.enter_context(local_cluster(1)),
            BOTH[0]: stack.enter_context(processes(2)),
            BOTH[1]: stack.enter_context(local_cluster(2)),
            BOTH[2]: stack.enter_context(three_processes(Path(name))),
        }
        digests = {way: job(executor) for way, executor in ways.items()}
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, executor in ways.items():
                times[way].append(seconds(lambda executor=executor: job(executor)))

    def ratio(first: str, second: str) -> float:
        pairs = zip(times[first], times[second], strict=True)
        return statistics.median(a / b for a, b in pairs)

    print(f"{'':<32}{'s':>8}{'gain':>8}  SHA-256")
    for way, taken in times.items():
        gain = ratio(ONE, way)
        print(f"{way:<32}{statistics.median(taken):8.2f}{gain:8.2f}  {digests[way][:16]}")
    for way in (PROCESS, WORKER):
        print(f"overhead of {way}: {100 * (ratio(way, ONE) - 1):.1f} % (goal {100 * OVERHEAD:g} %)")
    for way in BOTH:
        print(f"{way}: {ratio(THREADS, way):.2f} of what 2 threads gain (goal {GAIN})")
    if len(set(digests.values())) > 1:
        sys.exit("the digests differ")


if __name__ == "__main__":
    main()
