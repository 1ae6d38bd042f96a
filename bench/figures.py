"""The tasks of a nightly run, each measured by its processor time relative to the calibration.

All run on one thread, Polars included: with two, a figure depends on the load of the other core.
`figures.py ROUNDS NAME ...` prints some figures as JSON.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "peers"))

import building
import calibration
import change
import national
import processes
import synthetic
import thousand
from verdict import Figure

import apl_engine

ROUNDS, TURN, MOST_REPEATS = 5, 0.15, 8
SCENARIOS = 32
Task = Callable[[], Any]


NAMES = (
    "APL on a prepared network",
    f"{SCENARIOS} scenarios",
    "what-if of one commune",
    "run on a prepared network, in memory",
    "rows both ways, sorted",
    "rows both ways, shuffled",
    "prepared network from its file, checked",
    "apl run on the sample, a process",
)


def tasks(folder: Path) -> dict[str, Callable[[], Task]]:
    """Return a function that prepares each task, by name; files go to `folder`."""
    # `make` caches the world.
    world = lambda: synthetic.make("france")  # noqa: E731

    def scenarios() -> Task:
        network, supplies = building.network_of(world()), thousand.draw_supplies(world(), SCENARIOS)
        people = world().people
        return lambda: apl_engine.scenarios.scenario_accessibility(
            network, supplies, people, building.rules(), threads=1
        )

    def load() -> Task:
        path = folder / "times.aplnet"
        apl_engine.networks.save_network(building.network_of(world()), path, replace=True)
        return lambda: apl_engine.load_network(path)

    def full() -> Task:
        case = change.Case(world())
        return lambda: apl_engine.run(
            case.inputs, building.rules(), network=case.network, threads=1
        )

    def rows(shuffled: bool) -> Task:
        return building.build_rows(
            building.indexed_pairs(world(), shuffled=shuffled), world().size, 1
        )

    def process() -> Task:
        command = [str(processes.APL), "run", str(processes.FRANCE), "-o", str(folder / "out")]
        threads = {"POLARS_MAX_THREADS": "1"}
        return lambda: processes.measure([*command, "--replace"], threads).processor

    prepared: tuple[Callable[[], Task], ...] = (
        lambda: national.engine(world(), 1),
        scenarios,
        lambda: change.Case(world()).change,
        full,
        lambda: rows(False),
        lambda: rows(True),
        load,
        process,
    )
    return dict(zip(NAMES, prepared, strict=True))


def measure(
    ready: Mapping[str, Callable[[], Task]], names: Iterable[str], rounds: int
) -> dict[str, Figure]:
    """Measure some tasks; the calibration runs before and after every round."""
    calibrate, measured = calibration.task(), {}
    for name in names:
        task = ready[name]()
        best(task)
        times, calibrations = [], [best(calibrate)]
        for _ in range(rounds):
            times.append(best(task))
            calibrations.append(best(calibrate))
        measured[name] = Figure.of(times, calibrations)
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
    print(json.dumps({name: asdict(figure) for name, figure in measured.items()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
