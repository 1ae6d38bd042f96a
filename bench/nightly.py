"""Compare speed and results with stored ones; fail if a task is slower or a result has changed.

    .venv/bin/python bench/nightly.py [--accept] [--out DIR]

A task is slower if it takes over 15 % more. To be reproducible on a machine under other load,
figures are processor time on one thread, the best of several repeats in each turn, with a fixed
calibration before and after each turn; the ratios to the calibration are summarised by their
median, with a threshold on their lower quartile. The memory layout of a process can change the
speed of a task by a third for the lifetime of that process, so tasks are measured in several
processes: the fastest one counts, and --accept stores their median. A task that seems slower is
measured again, twice at most, before the run fails. Figures are valid for one model of processor;
on another one, only results are compared, and its figures are stored beside the history.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "bench" / "peers"))

import figures  # noqa: E402
import golden  # noqa: E402
import trend  # noqa: E402
from goals import machine  # noqa: E402
from synthetic import SAMPLE  # noqa: E402
from verdict import Figure, failures, lowest, slower_tasks  # noqa: E402

BASELINE = ROOT / "bench" / "baseline.json"
SESSIONS, REPEATS = 3, 2


def measure(
    names: Sequence[str] | None, rounds: int, count: int, stored: dict[str, float]
) -> tuple[dict[str, Figure], list[str]]:
    """Measure, and measure again what seems slower; return figures and notes."""
    measured = lowest(sessions(names or figures.NAMES, rounds, count))
    notes = []
    for _ in range(REPEATS):
        if slower := slower_tasks(measured, stored):
            notes.append(f"measured again: {', '.join(slower)}")
            measured = lowest([measured, *sessions(slower, rounds, count)])
    return measured, notes


def sessions(names: Sequence[str], rounds: int, count: int) -> list[dict[str, Figure]]:
    """Measure in several processes, one after another."""
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, figures.__file__, str(rounds), *names]
    measured = []
    for _ in range(count):
        printed = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, check=True
        ).stdout
        measured.append({name: Figure(**values) for name, values in json.loads(printed).items()})
    return measured


def read(path: Path) -> dict[str, Any]:
    """Return stored data, or empty ones: ``golden`` and, by processor, ``figures``."""
    empty: dict[str, Any] = {"golden": None, "figures": {}}
    return json.loads(path.read_text("utf-8")) if path.exists() else empty


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure and compare."""
    baseline, processor = read(options.baseline), machine()["processor"]
    local = read(options.out / "figures.json")
    known = baseline["figures"].get(processor) or local["figures"].get(processor) or {}
    stored = {
        name: value for name, value in known.items() if not options.only or name in options.only
    }
    results = golden.measure(SAMPLE)
    failed = golden.failures(baseline["golden"], results)
    rounds, notes = options.rounds, []
    if options.accept or not stored:
        several = sessions(options.only or figures.NAMES, rounds, 2 * options.sessions - 1)
        measured = lowest(several)
        medians = {
            name: statistics.median(session[name].median for session in several)
            for name in measured
        }
    else:
        measured, notes = measure(options.only, rounds, options.sessions, stored)
    if options.accept:
        baseline["golden"], failed = results, []
        baseline["figures"][processor] = known | medians
        options.baseline.write_text(json.dumps(baseline, indent=1, sort_keys=True) + "\n", "utf-8")
        notes.append(f"accepted: stored in {options.baseline.name}")
    elif not stored:
        local["figures"][processor] = medians
        (options.out / "figures.json").write_text(json.dumps(local, indent=1) + "\n", "utf-8")
        notes.append(f"no figures were stored for {processor}: these are stored now")
    else:
        failed += failures(measured, stored)
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": processor,
        "rounds": rounds,
        "figures": {name: asdict(figure) for name, figure in measured.items()},
        "stored": stored,
        "results": results,
        "notes": notes,
        "failures": failed,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", action="store_true", help="store these figures and results")
    parser.add_argument("--out", type=Path, default=ROOT / ".benchmarks" / "nightly", metavar="DIR")
    parser.add_argument("--baseline", type=Path, default=BASELINE, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=figures.ROUNDS)
    parser.add_argument(
        "--sessions", type=int, default=SESSIONS, help="number of processes that measure"
    )
    parser.add_argument("--only", action="append", metavar="TASK", help="one task; may be repeated")
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
