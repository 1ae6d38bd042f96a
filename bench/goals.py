"""One table of all that the prepared network is to be measured by: work, against, goal, ratio.

    .venv/bin/python bench/goals.py [--quick] [--json FILE] [--worlds DIR]

Both sides of a row are timed in turn, in the same minutes on the same machine. Goals are shown, and
fail nothing.
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
    """How much is measured: rounds of works in memory, of processes, and the sizes of some."""

    memory: int
    processes: int
    scenarios: int
    polars_times: int
    large: str
    most_millions: float
    scale_runs: int


FULL = Effort(15, 11, 1000, 20, "dense", 79.0, 3)
QUICK = Effort(5, 3, 128, 5, "twofold", 25.0, 1)
Found = tuple[list[Row], dict[str, Any]]


def jobs(effort: Effort, folder: Path) -> Found:
    """Whole jobs of France as processes."""
    job = whole.Job("france", folder)
    job.check()
    names = [whole.PREPARED, whole.RAW, whole.POLARS, whole.DUCK]
    runs = job.in_turn(names, effort.processes)
    walls = {name: [run.wall for run in runs[name]] for name in names}
    medians = {name: quartiles(found)[1] for name, found in walls.items()}
    best = min((whole.POLARS, whole.DUCK), key=lambda name: medians[name])
    told = {"medians_s": medians, "pairs": "2.5 million"}
    compiled = {"compile_s": job.compile_seconds()} if effort is FULL else {}
    first, later = job.first_and_later(max(effort.processes // 3, 2))
    more = quartiles([a.wall - b.wall for a, b in zip(first, later, strict=True)])
    return [
        compare(whole.PREPARED, best, 1.0, walls[whole.PREPARED], walls[best], **told),
        compare(whole.RAW, best, 1.3, walls[whole.RAW], walls[best], **told),
        Row("first run, no kernel kept", "a later run", 2.0, more[1], more[0], more[2], "s"),
    ], {"takes_network": whole.takes_network()} | compiled


def apl(effort: Effort, _: Path) -> Found:
    """One APL of France in memory."""
    works = national.works(synthetic.make("france"), pysal=effort is FULL)
    national.check(works)
    found = in_turn(works, effort.memory)
    goals = {"Polars, streaming": 1 / 100, "SciPy, two products of CSR": 0.35}
    rows = [
        compare("APL in memory, prepared", name, goals.get(name), found[national.OURS], seconds)
        for name, seconds in found.items()
        if name != national.OURS
    ]
    return sorted(rows, key=lambda row: row.goal is None), {}


def floor(effort: Effort, _: Path) -> Found:
    """Both passes and a block beside the bandwidth."""
    network = building.network_of(synthetic.make("france"))
    passes = [p for threads in (1, 2) for p in roofline.measure(network, threads, effort.memory)]
    sizes = [10**6, 10**7, passes[0]["bytes"], 2 * 10**8]
    rows = [
        Row(
            p["pass"], f"its bytes at the bandwidth, {p['threads']} thread(s)",
            1.3 if p["pass"] == roofline.BOTH else None, p["times"], p["low"], p["high"], detail=p,
        )
        for p in sorted(passes, key=lambda p: (p["pass"] != roofline.BOTH, -p["threads"]))
    ]  # fmt: skip
    return rows, {"passes": passes, "bandwidths": roofline.bandwidths(sizes, effort.processes)}


def scenarios(effort: Effort, _: Path) -> Found:
    """Many scenarios of supply."""
    world, count, times = synthetic.make("france"), effort.scenarios, effort.polars_times
    supplies = thousand.draws(world, count)
    thousand.check(world, supplies)
    block, tried = thousand.best_block(world, supplies)
    works: dict[str, Callable[[], Any]] = {
        "ours": thousand.ours(world, supplies),
        "scipy": thousand.scipys(world, supplies, block),
        "polars": thousand.polars(world, supplies, times),
    }
    found = in_turn(works, max(effort.memory // 3, 3))
    extrapolated = [seconds * count / times for seconds in found["polars"]]
    title = f"{count} scenarios"
    return [
        compare(title, f"SciPy, blocks of {block}", 1 / 8, found["ours"], found["scipy"]),
        compare(title, f"Polars, {count} times, from {times}", 1 / 800, found["ours"],
                extrapolated),
    ], {"scipy_blocks_ms": tried}  # fmt: skip


def what_if(effort: Effort, _: Path) -> Found:
    """Change the supply of one commune."""
    case = change.Case(synthetic.make("france"))
    case.check()
    found = in_turn(case.works(), effort.memory)
    small, full = found
    return [compare(small, full, 1 / 20, found[small], found[full])], {}


def rows(effort: Effort, _: Path) -> Found:
    """Rows both ways, and what they hold."""
    world, made = synthetic.make("france"), []
    for order in ("sorted", "shuffled"):
        pairs = building.mapped(world, shuffled=order == "shuffled")
        building.check(pairs, world.size)
        works = {"ours": building.ours(pairs, world.size), **building.scipys(pairs, world.size)}
        found = in_turn(works, effort.memory)
        mine = found.pop("ours")
        best = min(found, key=lambda name: quartiles(found[name])[1])
        made.append(compare(f"build rows, {order}", best, 1 / 3, mine, found[best]))
    held = building.bytes_per_pair(building.network_of(world))
    return [*made, Row("a prepared network", "bytes a pair", 8.5, held, held, held, "B")], {}


def large(effort: Effort, folder: Path) -> Found:
    """Take a large distancier to zones, as processes."""
    job = whole.Job(effort.large, folder)
    runs = job.in_turn([whole.RAW, whole.DUCK], max(effort.processes // 2, 2))
    walls = {name: [run.wall for run in found] for name, found in runs.items()}
    title = {"dense": "25", "twofold": "5"}[effort.large] + " million pairs, raw to zones"
    ours, theirs = walls[whole.RAW], walls[whole.DUCK]
    return [compare(title, whole.DUCK, 0.7, ours, theirs)], {}


def growth(effort: Effort, _: Path) -> Found:
    """Seconds against the number of pairs."""
    points = scale.measure(scale.sizes(effort.most_millions), effort.scale_runs)
    return [growth_row(points)], {"scale": points}


def growth_row(points: list[dict[str, Any]]) -> Row:
    power, low, high = scale.exponent(points)
    most = round(points[-1]["pairs"] / 1e6)
    return Row("growth exponent", f"pairs, 2.5 to {most} million", 1.05, power, low, high)


PARTS: tuple[Callable[[Effort, Path], Found], ...] = (
    jobs, apl, floor, scenarios, what_if, rows, large, growth,
)  # fmt: skip


def measure(effort: Effort, folder: Path) -> dict[str, Any]:
    """Return rows and what is behind them, as plain values."""
    found: list[Row] = []
    behind: dict[str, Any] = {}
    start = time.perf_counter()
    for part in PARTS:
        print(f"{part.__doc__}".rstrip("."), file=sys.stderr, flush=True)
        made, more = part(effort, folder)
        found += made
        behind |= more
    return {
        "quick": effort is QUICK,
        "seconds": time.perf_counter() - start,
        "machine": machine(),
        "versions": {name: version(name) for name in LIBRARIES},
        "rows": [row.as_dict() for row in found],
        **behind,
    }


def machine() -> dict[str, Any]:
    """Return what this machine is."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        told = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
        name = next((line.split(":")[1].strip() for line in told if "model name" in line), name)
    return {"processor": name, "cores": os.cpu_count(), "system": platform.system(),
            "python": platform.python_version()}  # fmt: skip


def value(number: float | None, unit: str) -> str:
    """Write a goal or a ratio: below a tenth as a fraction of one."""
    if number is None:
        return "-"
    if unit:
        return f"{number:+.2f} s" if unit == "s" else f"{number:.2f}"
    return f"1/{1 / number:.0f}" if 0 < number <= 0.1 else f"{number:.3g}"


def lines(rows: list[dict[str, Any]]) -> list[str]:
    """Return the table in Markdown."""
    head = ["work", "against", "goal", "measured", "quartiles", "spread", "reached"]
    body = [
        [
            row["work"], row["against"], value(row["goal"], row["unit"]),
            value(row["ratio"], row["unit"]),
            f"{value(row['low'], row['unit'])} to {value(row['high'], row['unit'])}",
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
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    parser.add_argument("--worlds", type=Path, help="folder for made tables, used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.worlds or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        found = measure(QUICK if options.quick else FULL, folder)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print("\n".join(lines(found["rows"])))


if __name__ == "__main__":
    main()
