"""Time processes in pairs, A B A B ...: the ratio of each pair, its median and quartiles.

    .venv/bin/python bench/processes.py [--runs N] [--json]

The speed of a machine varies over time, but alike for both sides of a pair. Peak memory is what
the operating system reports for each process. Both sides have their bytecode ready, as an installed
package does. Printed are starts and imports; whole jobs are in the table of `goals.py`.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
FRANCE = ROOT / "data_samples" / "france"
PEERS = ROOT / "bench" / "peers"
QUERY, DUCKDB = PEERS / "polars_query.py", PEERS / "duckdb_query.py"
APL = Path(sys.executable).with_name("apl")


_BYTECODE = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


@dataclass(frozen=True)
class Run:
    """Resources of one process: wall-clock and processor seconds, peak memory in MiB."""

    wall: float
    processor: float
    memory: float


def measure(command: list[str], environment: dict[str, str] | None = None) -> Run:
    """Run a command and return the resources it used."""
    # Without bytecode in its usual place, imports take longer.
    inherited = {k: v for k, v in os.environ.items() if k not in _BYTECODE}
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**inherited, **(environment or {})}
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} exited with {process.returncode}")
    # KiB on Linux, bytes on macOS.
    memory = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return Run(wall, usage.ru_utime + usage.ru_stime, memory)


def compile_all() -> None:
    """Compile the bytecode of everything that is timed."""
    for name in ("apl_engine", "click", "numpy", "polars", "_polars_runtime_32", "duckdb"):
        spec = importlib.util.find_spec(name)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            compileall.compile_dir(folder, quiet=2)
    compileall.compile_dir(QUERY.parent, quiet=2)


def peer(script: Path, folder: Path, *more: str) -> list[str]:
    """Return the command of a peer, imported as a module so that it uses its bytecode."""
    code = f"import sys; sys.path.insert(0, {str(script.parent)!r}); import {script.stem} as peer; "
    return [sys.executable, "-c", code + "peer.main()", str(folder), *more]


def pairs(one: Callable[[], Run], other: Callable[[], Run], runs: int) -> list[tuple[Run, Run]]:
    """Run two commands alternately; the first pair is a warm-up and is dropped."""
    return [(one(), other()) for _ in range(runs + 1)][1:]


def row(title: str, goal: str, runs: list[tuple[Run, Run]]) -> dict[str, object]:
    """Summarise pairs: medians of both sides, median and quartiles of the ratios."""
    ratios = sorted(a.wall / b.wall for a, b in runs)
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "what": title,
        "goal": goal,
        "ours_s": statistics.median(a.wall for a, _ in runs),
        "theirs_s": statistics.median(b.wall for _, b in runs),
        "ratio": middle,
        "ratio_quartiles": (low, high),
        "peak_mib": max(a.memory for a, _ in runs),
        "their_peak_mib": max(b.memory for _, b in runs),
    }


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def bench(runs: int) -> list[dict[str, object]]:
    compile_all()
    commands = {
        ("apl --help / import click", "3"): ([str(APL), "--help"], python("import click")),
        ("import of every public name / import polars", "2"): (
            python("from apl_engine import *"), python("import polars"),
        ),
    }  # fmt: skip
    return [
        row(title, goal, pairs(partial(measure, one), partial(measure, other), runs))
        for (title, goal), (one, other) in commands.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="number of timed pairs (default 20)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    rows = bench(options.runs)
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print("| what | goal | first, s | second, s | ratio (quartiles) | peak, MiB | peak of second |")
    print("|---|---|---|---|---|---|---|")
    for r in rows:
        low, high = r["ratio_quartiles"]  # type: ignore[misc]
        print(
            f"| {r['what']} | {r['goal']} | {r['ours_s']:.3f} | {r['theirs_s']:.3f} "
            f"| {r['ratio']:.2f} ({low:.2f} to {high:.2f}) "
            f"| {r['peak_mib']:.0f} | {r['their_peak_mib']:.0f} |"
        )


if __name__ == "__main__":
    main()
