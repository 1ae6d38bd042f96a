"""The tasks of a nightly run, each measured relative to the calibration and to a peer.

All are measured by their processor time, on one thread, Polars included: with two, a figure depends
on the load of the other core. `figures.py ROUNDS NAME ...` prints some figures as JSON.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent / "peers"))

import building
import calibration
import change
import national
import polars_query
import processes
import scipy_csr
import synthetic
import thousand
import work
from processes import FRANCE, PEERS
from verdict import CALIBRATION, PEER, Figures

import apl_engine

ROUNDS, TURN, MOST_REPEATS = 5, 0.15, 8
SCENARIOS = 32
Task = Callable[[], Any]


class Pair(NamedTuple):
    """A task, and that of a peer. One that runs a process returns its processor seconds."""

    task: Task
    peer: Task


ONE_APL = "APL on a prepared network"
NAMES = (
    ONE_APL,
    f"{SCENARIOS} scenarios",
    "what-if of one commune",
    "run on a prepared network, in memory",
    "rows both ways, sorted",
    "rows both ways, shuffled",
    "prepared network from its file, checked",
    "apl run on the sample, a process",
)
RAW = "run of the sample, in memory"


def tasks(folder: Path) -> dict[str, Callable[[], Pair]]:
    """Return a function that prepares each task and its peer, by name; files go to `folder`."""
    # `make` caches the world.
    world = lambda: synthetic.make("france")  # noqa: E731
    two_products = lambda: national.scipy_tasks(world())[national.TWO_PRODUCTS]  # noqa: E731

    def scenarios() -> Pair:
        supplies = thousand.draw_supplies(world(), SCENARIOS)
        theirs = partial(scipy_csr.scenarios, national.scipy_matrix(world()))
        return Pair(
            thousand.engine(world(), supplies, 1),
            lambda: theirs(supplies, world().people, SCENARIOS),
        )

    def full() -> Pair:
        case, frames = change.Case(world()), synthetic.tables(world())
        return Pair(lambda: case.full(1), lambda: polars_query.zones_of(frames))

    def rows(shuffled: bool) -> Pair:
        pairs = building.indexed_pairs(world(), shuffled=shuffled)
        *_, theirs = building.scipy_ways(pairs, world().size).values()
        return Pair(building.build_rows(pairs, world().size, 1), theirs)

    def load() -> Pair:
        path = folder / "times.aplnet"
        apl_engine.networks.save_network(building.prepared(world()), path, replace=True)
        return Pair(
            lambda: apl_engine.load_network(path),
            lambda: hashlib.sha256(path.read_bytes()).digest(),
        )

    def process() -> Pair:
        ours, theirs = folder / "ours", folder / "theirs"
        commands = (
            [str(processes.APL), "run", str(FRANCE), "-o", str(ours), "--replace"],
            processes.peer(PEERS / "duckdb_job.py", FRANCE, str(theirs)),
        )
        threads = {"POLARS_MAX_THREADS": "1"}
        seconds = lambda command: processes.measure(command, threads).processor  # noqa: E731
        return Pair(*(partial(seconds, command) for command in commands))

    prepared: tuple[Callable[[], Pair], ...] = (
        lambda: Pair(national.engine(world(), 1), two_products()),
        scenarios,
        lambda: Pair(change.Case(world()).change, two_products()),
        full,
        lambda: rows(False),
        lambda: rows(True),
        load,
        process,
    )
    return dict(zip(NAMES, prepared, strict=True))


def count(folder: Path, names: Iterable[str]) -> dict[str, work.Counts]:
    """Count the work of tasks, by name; for that of the process, of the same run in memory."""
    ready, counts = tasks(folder), {}
    for name in names:
        if name == NAMES[-1]:
            inputs = apl_engine.read_inputs(FRANCE, building.rules())
            counts[RAW] = work.count(partial(apl_engine.run, inputs, threads=1)).counts()
        elif name != NAMES[-2]:
            # Loading a network calls no kernel.
            counts[name] = work.count(ready[name]().task).counts()
    return counts


def measure(
    ready: Mapping[str, Callable[[], Pair]], names: Iterable[str], rounds: int
) -> dict[str, Figures]:
    """Measure some tasks; the peer and the calibration run before and after every round."""
    calibrate, measured = calibration.task(), {}
    for name in names:
        task, peer = ready[name]()
        best(task)
        best(peer)
        yardsticks = {CALIBRATION: calibrate, PEER: peer}
        times = []
        around = {yardstick: [best(other)] for yardstick, other in yardsticks.items()}
        for _ in range(rounds):
            times.append(best(task))
            for yardstick, other in yardsticks.items():
                around[yardstick].append(best(other))
        measured[name] = Figures.of(times, around)
    return measured


def best(task: Task) -> float:
    """Return the least processor seconds of a repeated task.

    A task that runs a process returns the seconds of that process.
    """
    gc.collect()
    least, first_start = float("inf"), time.perf_counter()
    for _ in range(MOST_REPEATS):
        start = time.process_time()
        returned = task()
        seconds = time.process_time() - start
        least = min(least, returned if isinstance(returned, float) else seconds)
        if time.perf_counter() - first_start > TURN:
            break
    return least


def main(rounds: int, names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(tasks(Path(folder)), names, rounds)
    print(json.dumps({name: asdict(figures) for name, figures in measured.items()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
