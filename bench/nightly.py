"""Compare speed, work and results with stored ones; fail if any is worse or has changed.

    .venv/bin/python bench/nightly.py [--accept] [--out DIR]

Four comparisons. Results and work are the same on any machine, and compared exactly: digests of the
tables of the national sample, and the calls of kernels and bytes that each task takes. The digest
of the sources in docs/performance.md must be that of today's. And a task is slower if it takes over
15 % more than stored, relative to a calibration or to a peer, SciPy or another, which does the same
in the same minutes.

To be reproducible on a machine under other load, figures are processor time on one thread, the best
of several repeats in each turn, with both yardsticks before and after each turn; their ratios are
summarised by the median, with a threshold on the lower quartile. The memory layout of a process can
change the speed of a task by a third for the lifetime of that process, so tasks are measured in
several processes: the fastest one counts, and --accept stores their median. A task that seems
slower is measured again, twice at most, before the run fails.

On a processor without stored figures, the highest of other processors count, with the tolerance
`verdict.ELSEWHERE`; if nothing is slower, its own are stored beside the history for the next run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "bench" / "peers"))

import figures  # noqa: E402
import golden  # noqa: E402
import sources  # noqa: E402
import trend  # noqa: E402
import verdict  # noqa: E402
import work  # noqa: E402
from synthetic import SAMPLE  # noqa: E402
from verdict import Figures, failures, lowest, slower_tasks  # noqa: E402

BASELINE = ROOT / "bench" / "baseline.json"
SESSIONS, REPEATS = 3, 2


@dataclass(frozen=True)
class Expected:
    """The figures to compare with, and how much more a task may take."""

    stored: verdict.Stored
    tolerance: float


def measure(
    names: Sequence[str], rounds: int, count: int, expected: Expected
) -> tuple[list[dict[str, Figures]], list[str]]:
    """Measure, and measure again what seems slower; return the sessions and notes."""
    measured, notes = sessions(names, rounds, count), []
    for _ in range(REPEATS):
        if slower := slower_tasks(lowest(measured), expected.stored, expected.tolerance):
            notes.append(f"measured again: {', '.join(slower)}")
            measured += sessions(slower, rounds, count)
    return measured, notes


def sessions(names: Sequence[str], rounds: int, count: int) -> list[dict[str, Figures]]:
    """Measure in several processes, one after another."""
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, figures.__file__, str(rounds), *names]
    measured = []
    for _ in range(count):
        printed = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, check=True
        ).stdout
        read = json.loads(printed).items()
        measured.append({name: Figures.read(values) for name, values in read})
    return measured


def medians(measured: Sequence[dict[str, Figures]]) -> dict[str, dict[str, float]]:
    """Return the median over sessions of each figure."""
    return {
        name: {
            yardstick: statistics.median(
                getattr(session[name], yardstick).median for session in measured if name in session
            )
            for yardstick in verdict.YARDSTICKS
        }
        for name in measured[0]
    }


def read(path: Path) -> dict[str, Any]:
    """Return stored data, or empty ones: ``golden``, ``work`` and, by processor, ``figures``."""
    empty: dict[str, Any] = {"golden": None, "work": {}, "figures": {}}
    return empty | (json.loads(path.read_text("utf-8")) if path.exists() else {})


def expected_on(processor: str, *stored: dict[str, Any]) -> Expected:
    """Return what to compare with: figures of this processor, or else of any other."""
    for data in stored:
        if own := data["figures"].get(processor):
            return Expected(own, verdict.TOLERANCE)
    return Expected(verdict.highest(stored[0]["figures"]), verdict.ELSEWHERE)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure and compare."""
    baseline, processor = read(options.baseline), sources.machine()["processor"]
    local = read(options.out / "figures.json")
    names = options.only or list(figures.NAMES)
    expected = expected_on(processor, baseline, local)
    of_names = {name: of_task for name, of_task in expected.stored.items()
                if name in names or not options.only}  # fmt: skip
    expected = Expected({} if options.accept else of_names, expected.tolerance)
    results = golden.measure(SAMPLE)
    with tempfile.TemporaryDirectory() as folder:
        counts = figures.count(Path(folder), names)
    failed = sources.failures(options.page)
    count = 2 * options.sessions - 1 if options.accept else options.sessions
    measured, notes = measure(names, options.rounds, count, expected)
    best = lowest(measured)
    if options.accept:
        baseline["golden"] = results
        baseline["work"] |= counts
        known = baseline["figures"].setdefault(processor, {})
        known |= medians(measured)
        write(options.baseline, baseline)
        notes.append(f"accepted: stored in {options.baseline.name}")
    else:
        failed += golden.failures(baseline["golden"], results)
        failed += work.failures(baseline["work"], counts)
        slower = failures(best, expected.stored, expected.tolerance)
        failed += slower
        if expected.tolerance != verdict.TOLERANCE:
            notes.append(
                f"no figures are stored for {processor}: compared with those of other processors, "
                f"{100 * expected.tolerance:.0f} % allowed"
            )
            if not slower and not options.only:
                local["figures"][processor] = medians(measured)
                write(options.out / "figures.json", local)
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": processor,
        "rounds": options.rounds,
        "figures": {name: of_task.as_dict() for name, of_task in best.items()},
        "stored": expected.stored,
        "work": counts,
        "results": results,
        "notes": notes,
        "failures": failed,
    }


def write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--accept", action="store_true", help="store these figures, counts and results"
    )
    parser.add_argument("--out", type=Path, default=ROOT / ".benchmarks" / "nightly", metavar="DIR")
    parser.add_argument("--baseline", type=Path, default=BASELINE, metavar="FILE")
    parser.add_argument(
        "--page", type=Path, default=sources.PAGE, metavar="FILE",
        help="the page that carries the digest of the sources it was measured on",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, default=figures.ROUNDS)
    parser.add_argument(
        "--sessions", type=int, default=SESSIONS, help="number of processes that measure"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=figures.NAMES,
        metavar="TASK",
        help="one task; may be repeated",
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    outcome = run(options)
    history = trend.add(options.out, outcome)
    trend.draw(history, options.out / trend.CHART)
    text = trend.page(outcome)
    (options.out / trend.PAGE).write_text(text, encoding="utf-8")
    print(text)
    for failure in outcome["failures"]:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if outcome["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
