"""The works that a night measures, each by processor time beside the calibration.

All run on one thread, Polars too: with two, a figure depends on what else has the other core.
`figures.py ROUNDS NAME ...` prints some as JSON.
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

ROUNDS, TURN, MOST = 5, 0.15, 8
SCENARIOS = 32
Work = Callable[[], Any]


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


def works(folder: Path) -> dict[str, Callable[[], Work]]:
    """Return what makes each work ready, by name; `folder` takes files."""
    # The first call makes it, later ones have it: a world kept in memory.
    world = lambda: synthetic.make("france")  # noqa: E731

    def scenarios() -> Work:
        network, supplies = building.network_of(world()), thousand.draws(world(), SCENARIOS)
        people = world().people
        return lambda: apl_engine.scenarios.scenario_accessibility(
            network, supplies, people, building.rules(), threads=1
        )

    def loading() -> Work:
        path = folder / "times.aplnet"
        apl_engine.networks.save_network(building.network_of(world()), path, replace=True)
        return lambda: apl_engine.load_network(path)

    def full() -> Work:
        case = change.Case(world())
        return lambda: apl_engine.run(
            case.inputs, building.rules(), network=case.network, threads=1
        )

    def rows(shuffled: bool) -> Work:
        return building.ours(building.mapped(world(), shuffled=shuffled), world().size, 1)

    def process() -> Work:
        command = [str(processes.APL), "run", str(processes.FRANCE), "-o", str(folder / "out")]
        threads = {"POLARS_MAX_THREADS": "1"}
        return lambda: processes.measure([*command, "--replace"], threads).processor

    ready: tuple[Callable[[], Work], ...] = (
        lambda: national.ours(world(), 1),
        scenarios,
        lambda: change.Case(world()).change,
        full,
        lambda: rows(False),
        lambda: rows(True),
        loading,
        process,
    )
    return dict(zip(NAMES, ready, strict=True))


def measure(
    ready: Mapping[str, Callable[[], Work]], names: Iterable[str], rounds: int
) -> dict[str, Figure]:
    """Measure some works, each round between two of the calibration."""
    calibrate, found = calibration.work(), {}
    for name in names:
        work = ready[name]()
        best(work)
        times, between = [], [best(calibrate)]
        for _ in range(rounds):
            times.append(best(work))
            between.append(best(calibrate))
        found[name] = Figure.of(times, between)
    return found


def best(work: Work) -> float:
    """Return the least processor seconds of a work that is done for a while.

    A work that is a process returns its own.
    """
    gc.collect()
    least, begun = float("inf"), time.perf_counter()
    for _ in range(MOST):
        start = time.process_time()
        told = work()
        took = time.process_time() - start
        least = min(least, told if isinstance(told, float) else took)
        if time.perf_counter() - begun > TURN:
            break
    return least


def main(rounds: int, names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = measure(works(Path(folder)), names, rounds)
    print(json.dumps({name: asdict(figure) for name, figure in found.items()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
