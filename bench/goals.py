"""One table of the performance goals: each task, what it is compared with, goal and ratio.

    .venv/bin/python bench/goals.py [--quick] [--json FILE] [--worlds DIR]

Both sides of a row are timed in turn, within the same minutes on the same machine. A missed goal
fails nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "bench" / "peers"))

import building  # noqa: E402
import change  # noqa: E402
import national  # noqa: E402
import roofline  # noqa: E402
import scale  # noqa: E402
import synthetic  # noqa: E402
import thousand  # noqa: E402
import whole  # noqa: E402
from turns import Row, compare, in_turn, quartiles  # noqa: E402

LIBRARIES = ("polars", "duckdb", "numpy", "scipy", "pandas", "access", "numba", "llvmlite")


@dataclass(frozen=True)
class Effort:
    """Numbers of rounds, for tasks in memory and for processes, and sizes of some tasks."""

    memory: int
    processes: int
    scenarios: int
    polars_times: int
    large: str
    most_millions: float
    scale_runs: int


FULL = Effort(15, 11, 1000, 20, "dense", 79.0, 3)
QUICK = Effort(5, 3, 128, 5, "twofold", 25.0, 1)
Measured = tuple[list[Row], dict[str, Any]]


def jobs(effort: Effort, folder: Path) -> Measured:
    """Run whole jobs on France as processes."""
    job = whole.Job("france", folder)
    job.check()
    names = [whole.PREPARED, whole.RAW, whole.POLARS, whole.DUCK]
    runs = job.in_turn(names, effort.processes)
    walls = {name: [run.wall for run in runs[name]] for name in names}
    medians = {name: quartiles(seconds)[1] for name, seconds in walls.items()}
    best = min((whole.POLARS, whole.DUCK), key=lambda name: medians[name])
    detail = {"medians_s": medians, "pairs": "2.5 million"}
    compiled = {"compile_s": job.compile_seconds()} if effort is FULL else {}
    first, later = job.first_and_later(max(effort.processes // 3, 2))
    extra = quartiles([a.wall - b.wall for a, b in zip(first, later, strict=True)])
    return [
        compare(whole.PREPARED, best, 1.0, walls[whole.PREPARED], walls[best], **detail),
        compare(whole.RAW, best, 1.3, walls[whole.RAW], walls[best], **detail),
        Row("first run, no cached kernels", "a later run", 2.0, extra[1], extra[0], extra[2], "s"),
    ], {"takes_network": whole.takes_network()} | compiled


def apl(effort: Effort, _: Path) -> Measured:
    """Compute one APL of France in memory."""
    tasks = national.tasks(synthetic.make("france"), pysal=effort is FULL)
    national.check(tasks)
    seconds = in_turn(tasks, effort.memory)
    goals = {"Polars, streaming": 1 / 100, "SciPy, two products of CSR": 0.35}
    rows = [
        compare("APL in memory, prepared", name, goals.get(name), seconds[national.ENGINE], others)
        for name, others in seconds.items()
        if name != national.ENGINE
    ]
    return sorted(rows, key=lambda row: row.goal is None), {}


def bandwidth(effort: Effort, _: Path) -> Measured:
    """Compare both passes and a block with the bandwidth of the machine."""
    network = building.network_of(synthetic.make("france"))
    passes = [p for threads in (1, 2) for p in roofline.measure(network, threads, effort.memory)]
    sizes = [10**6, 10**7, passes[0]["bytes"], 2 * 10**8]
    rows = [
        Row(
            p["pass"], f"its bytes at full bandwidth, {p['threads']} thread(s)",
            1.3 if p["pass"] == roofline.BOTH else None, p["times"], p["low"], p["high"], detail=p,
        )
        for p in sorted(passes, key=lambda p: (p["pass"] != roofline.BOTH, -p["threads"]))
    ]  # fmt: skip
    return rows, {"passes": passes, "bandwidths": roofline.bandwidths(sizes, effort.processes)}


def scenarios(effort: Effort, _: Path) -> Measured:
    """Compute many supply scenarios."""
    world, count, times = synthetic.make("france"), effort.scenarios, effort.polars_times
    supplies = thousand.draw_supplies(world, count)
    thousand.check(world, supplies)
    block, milliseconds = thousand.best_block(world, supplies)
    tasks: dict[str, Callable[[], Any]] = {
        "engine": thousand.engine(world, supplies),
        "scipy": thousand.scipy_blocks(world, supplies, block),
        "polars": thousand.polars_one_by_one(world, supplies, times),
    }
    seconds = in_turn(tasks, max(effort.memory // 3, 3))
    extrapolated = [value * count / times for value in seconds["polars"]]
    title = f"{count} scenarios"
    return [
        compare(title, f"SciPy, blocks of {block}", 1 / 8, seconds["engine"], seconds["scipy"]),
        compare(title, f"Polars, extrapolated from {times}", 1 / 800, seconds["engine"],
                extrapolated),
    ], {"scipy_blocks_ms": milliseconds}  # fmt: skip


def what_if(effort: Effort, _: Path) -> Measured:
    """Change the supply of one commune."""
    case = change.Case(synthetic.make("france"))
    case.check()
    seconds = in_turn(case.tasks(), effort.memory)
    small, full = seconds
    return [compare(small, full, 1 / 20, seconds[small], seconds[full])], {}


def rows(effort: Effort, _: Path) -> Measured:
    """Build rows in both directions, and measure the size of a network."""
    world = synthetic.make("france")
    compared = []
    for order in ("sorted", "shuffled"):
        pairs = building.indexed_pairs(world, shuffled=order == "shuffled")
        building.check(pairs, world.size)
        seconds = in_turn(
            {
                "engine": building.build_rows(pairs, world.size),
                **building.scipy_ways(pairs, world.size),
            },
            effort.memory,
        )
        engine = seconds.pop("engine")
        best = min(seconds, key=lambda name: quartiles(seconds[name])[1])
        compared.append(compare(f"build rows, {order}", best, 1 / 3, engine, seconds[best]))
    size = building.bytes_per_pair(building.network_of(world))
    return [*compared, Row("prepared network", "bytes per pair", 8.5, size, size, size, "B")], {}


def large(effort: Effort, folder: Path) -> Measured:
    """Zone from a large distancier, as processes."""
    job = whole.Job(effort.large, folder)
    runs = job.in_turn([whole.RAW, whole.DUCK], max(effort.processes // 2, 2))
    walls = {name: [run.wall for run in timed] for name, timed in runs.items()}
    title = {"dense": "25", "twofold": "5"}[effort.large] + " million pairs, raw to zones"
    return [compare(title, whole.DUCK, 0.7, walls[whole.RAW], walls[whole.DUCK])], {}


def growth(effort: Effort, _: Path) -> Measured:
    """Measure seconds by number of pairs."""
    points = scale.measure(scale.sizes(effort.most_millions), effort.scale_runs)
    return [growth_row(points)], {"scale": points}


def growth_row(points: list[dict[str, Any]]) -> Row:
    power, low, high = scale.exponent(points)
    most = round(points[-1]["pairs"] / 1e6)
    return Row("growth exponent", f"pairs, 2.5 to {most} million", 1.05, power, low, high)


PARTS: tuple[Callable[[Effort, Path], Measured], ...] = (
    jobs, apl, bandwidth, scenarios, what_if, rows, large, growth,
)  # fmt: skip


def measure(effort: Effort, folder: Path) -> dict[str, Any]:
    """Return the rows and further figures, as plain values."""
    rows: list[Row] = []
    figures: dict[str, Any] = {}
    start = time.perf_counter()
    for part in PARTS:
        print(f"{part.__doc__}".rstrip("."), file=sys.stderr, flush=True)
        more_rows, more_figures = part(effort, folder)
        rows += more_rows
        figures |= more_figures
    return {
        "quick": effort is QUICK,
        "seconds": time.perf_counter() - start,
        "machine": machine(),
        "versions": {name: version(name) for name in LIBRARIES},
        "rows": [row.as_dict() for row in rows],
        **figures,
    }


def machine() -> dict[str, Any]:
    """Describe this machine."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
        name = next((line.split(":")[1].strip() for line in lines if "model name" in line), name)
    return {"processor": name, "cores": os.cpu_count(), "system": platform.system(),
            "python": platform.python_version()}  # fmt: skip


def format_value(number: float | None, unit: str) -> str:
    """Format a goal or a ratio; up to a tenth as a fraction."""
    if number is None:
        return "-"
    if unit:
        return f"{number:+.2f} s" if unit == "s" else f"{number:.2f}"
    return f"1/{1 / number:.0f}" if 0 < number <= 0.1 else f"{number:.3g}"


def markdown_table(rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines of the table in Markdown."""
    head = ["task", "against", "goal", "measured", "quartiles", "spread", "reached"]
    body = [
        [
            row["task"], row["against"], format_value(row["goal"], row["unit"]),
            format_value(row["ratio"], row["unit"]),
            f"{format_value(row['low'], row['unit'])} to "
            f"{format_value(row['high'], row['unit'])}",
            f"{100 * row['spread']:.0f} %",
            "" if row["goal"] is None else "yes" if row["ratio"] <= row["goal"] else "no",
        ]
        for row in rows
    ]  # fmt: skip
    widths = [max(len(line[k]) for line in [head, *body]) for k in range(len(head))]
    rule = ["-" * width for width in widths]
    return [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in [head, rule, *body]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short version of everything")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures to FILE")
    parser.add_argument(
        "--worlds", type=Path, help="folder for the drawn tables, reused if present"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.worlds or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(QUICK if options.quick else FULL, folder)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print("\n".join(markdown_table(figures["rows"])))


if __name__ == "__main__":
    main()
