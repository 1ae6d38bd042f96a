"""Whole processes, in pairs: A B A B ..., the ratio of each pair, its median and spread.

    .venv/bin/python bench/processes.py [--runs N] [--json]

A machine's speed drifts; pairs drift together. Peak memory is the kernel's own account of each
process. Both sides find their bytecode, as an installed package does. Nothing here is a test: it
prints a table.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FRANCE = ROOT / "data_samples" / "france"
QUERY = ROOT / "bench" / "peers" / "polars_query.py"
DUCKDB = ROOT / "bench" / "peers" / "duckdb_query.py"
APL = Path(sys.executable).with_name("apl")


_BYTECODE = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


@dataclass(frozen=True)
class Run:
    """What one process took: seconds of the clock and of processors, MiB at most."""

    wall: float
    processor: float
    memory: float


def measure(command: list[str], environment: dict[str, str] | None = None) -> Run:
    """Run a command and return what it took."""
    # Without bytecode, or with a place for it that is not the usual one, imports take longer.
    plain = {k: v for k, v in os.environ.items() if k not in _BYTECODE}
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**plain, **(environment or {})}
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} exited with {process.returncode}")
    # Linux counts in KiB, macOS in bytes.
    memory = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return Run(wall, usage.ru_utime + usage.ru_stime, memory)


def compile_all() -> None:
    """Make the bytecode of all that is timed, ours and the peers'."""
    for name in ("apl_engine", "click", "numpy", "polars", "_polars_runtime_32", "duckdb"):
        found = importlib.util.find_spec(name)
        for folder in (found.submodule_search_locations or []) if found else []:
            compileall.compile_dir(folder, quiet=2)
    compileall.compile_dir(QUERY.parent, quiet=2)


def peer(script: Path, folder: Path) -> list[str]:
    """Return the command of a peer's query, imported as a module so that its bytecode is used."""
    code = f"import sys; sys.path.insert(0, {str(script.parent)!r}); import {script.stem} as peer; "
    return [sys.executable, "-c", code + "peer.main()", str(folder)]


def pairs(one: Callable[[], Run], other: Callable[[], Run], runs: int) -> list[tuple[Run, Run]]:
    """Run two things in turn; the first pair warms up and is dropped."""
    return [(one(), other()) for _ in range(runs + 1)][1:]


def row(title: str, goal: str, found: list[tuple[Run, Run]]) -> dict[str, object]:
    """Sum up pairs: medians of both, median and quartiles of the ratios."""
    ratios = sorted(a.wall / b.wall for a, b in found)
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "what": title,
        "goal": goal,
        "ours_s": statistics.median(a.wall for a, _ in found),
        "theirs_s": statistics.median(b.wall for _, b in found),
        "ratio": middle,
        "ratio_quartiles": (low, high),
        "peak_mib": max(a.memory for a, _ in found),
        "their_peak_mib": max(b.memory for _, b in found),
    }


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def bench(runs: int) -> list[dict[str, object]]:
    compile_all()
    with tempfile.TemporaryDirectory() as folder:
        out, cold = Path(folder) / "out", Path(folder) / "cold"
        run = [str(APL), "run", str(FRANCE), "-o", str(out), "--replace"]

        def warm() -> Run:
            return measure(run)

        def empty() -> Run:
            shutil.rmtree(cold, ignore_errors=True)
            return measure(run, {"APL_ENGINE_CACHE": str(cold)})

        def query() -> Run:
            return measure(peer(QUERY, FRANCE))

        def duckdb() -> Run:
            return measure(peer(DUCKDB, FRANCE))

        def text(command: list[str]) -> Callable[[], Run]:
            return lambda: measure(command)

        return [
            row("national run / bare Polars query", "2.0", pairs(warm, query, runs)),
            row("national run / bare DuckDB query", "-", pairs(warm, duckdb, runs)),
            row(
                "first run, no kernel kept / warm run",
                "+5 s",
                pairs(empty, warm, max(runs // 4, 2)),
            ),
            row(
                "apl --help / import click",
                "3",
                pairs(text([str(APL), "--help"]), text(python("import click")), runs),
            ),
            row(
                "import of every public name / import polars",
                "2",
                pairs(
                    text(python("from apl_engine import *")), text(python("import polars")), runs
                ),
            ),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="pairs that count (default 20)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    rows = bench(options.runs)
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print("| what | goal | ours, s | theirs, s | ratio (quartiles) | peak, MiB | theirs |")
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
