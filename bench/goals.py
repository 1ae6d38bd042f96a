"""One table of the performance goals: each task, what it is compared with, goal and outcome.

    .venv/bin/python bench/goals.py [--quick] [--only PART] [--json FILE] [--worlds DIR]

Both sides of a row are timed in turn, within the same minutes on the same machine. A missed goal
fails nothing. A part that fails, or whose data are absent, says why, and the others go on; if one
failed, the exit code is 1.

A part is a function that returns rows; `@part` adds it to the table.
"""

from __future__ import annotations

import argparse
import json
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

import activity  # noqa: E402
import building  # noqa: E402
import change  # noqa: E402
import distancier  # noqa: E402
import national  # noqa: E402
import scale  # noqa: E402
import sources  # noqa: E402
import synthetic  # noqa: E402
import thousand  # noqa: E402
import whole  # noqa: E402
import work  # noqa: E402
import worlds  # noqa: E402
from turns import Row, compare, in_turn, of_values, quartiles  # noqa: E402


@dataclass(frozen=True)
class Effort:
    """Numbers of rounds, in memory and of processes, and sizes of some tasks, in millions."""

    memory: int
    processes: int
    scenarios: int
    large: str
    scale: tuple[float, ...]
    travel_times: float
    prestations: float


FULL = Effort(15, 11, 1000, "dense", scale.MILLIONS, 50, 100)
QUICK = Effort(5, 3, 128, "twofold", (2.5, 7.9), 2, 10)
Part = Callable[[Effort, Path], list[Row]]
PARTS: dict[str, Part] = {}


def part(function: Part) -> Part:
    """Add a part to the table, under the name of its function."""
    PARTS[function.__name__] = function
    return function


def in_worlds(rows_of: Callable[[str, synthetic.World], list[Row]], letters: str) -> list[Row]:
    """Return the rows of several worlds, without those whose data are absent."""
    rows = []
    for letter in letters:
        try:
            rows += rows_of(letter, worlds.world(letter))
        except worlds.AbsentDataError as absent:
            print(f"  world {letter} skipped: {absent}", file=sys.stderr, flush=True)
    return rows


@part
def apl(effort: Effort, _: Path) -> list[Row]:
    """Compute one APL in memory, through the public function."""
    title, goals = "APL in memory, prepared", {
        national.TWO_PRODUCTS: {"S": 0.35, "D": 0.42},
        national.SUPPLY_COLUMNS: {"S": 0.65, "D": 0.8},
    }  # fmt: skip

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        tasks = {national.ENGINE: national.engine(world), **national.scipy_tasks(world)}
        national.check(tasks)
        seconds = in_turn(tasks, effort.memory)
        ours = seconds.pop(national.ENGINE)
        return [compare(title, name, goals[name].get(letter), ours, theirs, letter)
                for name, theirs in seconds.items()]  # fmt: skip

    return in_worlds(rows_of, "SDI")


@part
def kernels(effort: Effort, _: Path) -> list[Row]:
    """Compute both passes alone, and count the bytes of their rows."""
    title, touched = "both passes, kernels alone, 1 thread", "bytes of rows a pair, both ways"
    goals, bytes_goals = {"S": 0.21, "D": 0.29, "I": 0.39}, {"S": 2.0, "D": 2.6, "I": 3.2}

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        network, scipy = building.network_of(world), national.scipy_tasks(world)
        engine = national.kernels_alone(network, world.etp, world.people, threads=1)
        peer = national.TWO_PRODUCTS
        national.check({national.ENGINE: engine, peer: scipy[peer]})
        seconds = in_turn({title: engine, peer: scipy[peer]}, effort.memory)
        size = work.count(national.engine(world, 1)).row_bytes(world.size) / network.pairs
        return [
            compare(title, peer, goals[letter], seconds[title], seconds[peer], letter),
            of_values(touched, "-", bytes_goals[letter], [size], "B", letter),
        ]

    return in_worlds(rows_of, "SDI")


@part
def tools(effort: Effort, _: Path) -> list[Row]:
    """Compute the same APL with every other tool."""
    tasks = national.tasks(worlds.world("S"), pysal=effort is FULL)
    national.check(tasks)
    for name in (national.TWO_PRODUCTS, national.SUPPLY_COLUMNS):
        del tasks[name]
    seconds = in_turn(tasks, max(effort.memory // 3, 3))
    ours = seconds.pop(national.ENGINE)
    return [compare("APL in memory, prepared", name, None, ours, theirs, "S")
            for name, theirs in seconds.items()]  # fmt: skip


@part
def scenarios(effort: Effort, _: Path) -> list[Row]:
    """Compute many supply scenarios."""
    world, count = worlds.world("S"), effort.scenarios
    supplies = thousand.draw_supplies(world, count)
    thousand.check(world, supplies)
    block, milliseconds = thousand.best_block(world, supplies)
    ours, theirs = f"{count} scenarios, all results", f"SciPy, blocks of {block}"
    seconds = in_turn(
        {
            ours: thousand.engine(world, supplies),
            theirs: thousand.scipy_blocks(world, supplies, block),
        },
        max(effort.memory // 3, 3),
    )
    detail = {"scipy_blocks_ms": milliseconds}
    return [compare(ours, theirs, 0.09, seconds[ours], seconds[theirs], "S", **detail)]


@part
def what_if(effort: Effort, _: Path) -> list[Row]:
    """Change the supply of one commune, and zone again."""
    world = worlds.world("S")
    case, peer = change.Case(world), national.TWO_PRODUCTS
    case.check()
    title = "what-if of one commune"
    seconds = in_turn({title: case.change, peer: national.scipy_tasks(world)[peer]}, effort.memory)
    return [compare(title, peer, 0.15, seconds[title], seconds[peer], "S")]


@part
def rows(effort: Effort, _: Path) -> list[Row]:
    """Build rows in both directions."""
    world, compared = worlds.world("S"), []
    for order in ("sorted", "shuffled"):
        pairs = building.indexed_pairs(world, shuffled=order == "shuffled")
        building.check(pairs, world.size)
        engine = {national.ENGINE: building.build_rows(pairs, world.size)}
        seconds = in_turn({**engine, **building.scipy_ways(pairs, world.size)}, effort.memory)
        ours = seconds.pop(national.ENGINE)
        best = min(seconds, key=lambda name: quartiles(seconds[name])[1])
        compared.append(compare(f"rows both ways, {order}", best, 0.35, ours, seconds[best], "S"))
    return compared


@part
def jobs(effort: Effort, folder: Path) -> list[Row]:
    """Run whole jobs as processes."""
    job = whole.Job(worlds.NAMES["S"], folder)
    job.prepare()
    job.check()
    goals = {
        (whole.PREPARED, whole.DUCK_JOB_PREPARED): 0.95,
        (whole.PREPARED, whole.POLARS_JOB_PREPARED): None,
        (whole.PREPARED, whole.DUCK_QUERY): 1.3,
        (whole.RAW, whole.DUCK_JOB): 1.1,
        (whole.RAW, whole.POLARS_JOB): None,
        (whole.RAW, whole.DUCK_QUERY): 1.6,
        (whole.RAW, whole.POLARS_QUERY): None,
    }
    runs = job.in_turn(list(dict.fromkeys(name for pair in goals for name in pair)),
                       effort.processes)  # fmt: skip
    walls = {name: [run.wall for run in timed] for name, timed in runs.items()}
    return [compare(ours, theirs, goal, walls[ours], walls[theirs], "S")
            for (ours, theirs), goal in goals.items()]  # fmt: skip


@part
def first(effort: Effort, folder: Path) -> list[Row]:
    """Run without any cached machine code."""
    job = whole.Job(worlds.NAMES["S"], folder)
    job.prepare()
    timed = zip(*job.first_and_later(max(effort.processes // 3, 2)), strict=True)
    extra = [one.wall - other.wall for one, other in timed]
    return [of_values("first run, no cached kernels", "a later run", 0.1, extra, "+s", "S")]


@part
def large(effort: Effort, folder: Path) -> list[Row]:
    """Zone from a large distancier, as processes."""
    job = whole.Job(effort.large, folder)
    runs = job.in_turn([whole.RAW, whole.DUCK_QUERY], max(effort.processes // 2, 2))
    walls = {name: [run.wall for run in timed] for name, timed in runs.items()}
    title = {"dense": "25", "twofold": "5"}[effort.large] + " million raw pairs to zones"
    goal = 0.8 if effort is FULL else None
    return [compare(title, whole.DUCK_QUERY, goal, walls[whole.RAW], walls[whole.DUCK_QUERY])]


@part
def travel_times(effort: Effort, folder: Path) -> list[Row]:
    """Read a distancier, as processes."""
    drawn = folder / f"distancier-{effort.travel_times:g}"
    drawn.mkdir(exist_ok=True)
    distancier.apart(distancier.generate, drawn, effort.travel_times)
    goals = (1.0, 0.9) if effort is FULL else (None, None)
    titles = [f"distancier of {effort.travel_times:g} million rows, {kind}"
              for kind in ("Parquet", "CSV")]  # fmt: skip
    timed = distancier.bench(drawn, max(effort.processes // 2, 2))
    return [of_pairs(title, goal, row)
            for title, goal, row in zip(titles, goals, timed, strict=True)]  # fmt: skip


@part
def prestations(effort: Effort, folder: Path) -> list[Row]:
    """Read activity files larger than memory, as processes."""
    drawn = folder / f"activity-{effort.prestations:g}"
    if not (drawn / "prestations").is_dir():
        drawn.mkdir(exist_ok=True)
        activity.draw(drawn, round(effort.prestations * 1e6))
    title = f"{effort.prestations:g} million prestations"
    goal = 1.1 if effort is FULL else None
    return [of_pairs(title, goal, activity.bench(drawn, max(effort.processes // 2, 2)))]


def of_pairs(title: str, goal: float | None, timed: dict[str, Any]) -> Row:
    """Return the row of a summary by `processes.row`."""
    low, high = timed["ratio_quartiles"]
    detail = {key: timed[key] for key in ("ours_s", "theirs_s", "peak_mib", "their_peak_mib")}
    return Row(title, "DuckDB", goal, timed["ratio"], low, high, detail=detail)


@part
def growth(effort: Effort, _: Path) -> list[Row]:
    """Measure seconds and memory by number of pairs."""
    points = scale.measure(list(effort.scale), 1)
    most = round(points[-1]["pairs"] / 1e6)
    low, middle, high = quartiles(points[-1]["apl_s"])
    goal = 0.25 if effort is FULL else None
    title, detail = f"{most} million pairs, one APL, 1 thread", {"scale": points}
    return [Row(title, "-", goal, middle, low, high, "s", detail=detail)]


def measure(effort: Effort, folder: Path, names: list[str]) -> dict[str, Any]:
    """Return the rows of some parts, and what they were measured on, as plain values."""
    rows: list[Row] = []
    not_measured = {name: "not selected" for name in PARTS if name not in names}
    failed = []
    start = time.perf_counter()
    # Before anything is timed: the figures are of these sources, whatever is edited meanwhile.
    of_sources = {"commit": sources.commit(), "digest": sources.digest()}
    for name in names:
        print(f"{name}: {PARTS[name].__doc__}".rstrip("."), file=sys.stderr, flush=True)
        try:
            rows += PARTS[name](effort, folder)
        except (Exception, SystemExit) as error:
            not_measured[name] = f"{type(error).__name__}: {error}".strip()
            failed.append(name)
            print(f"  FAILED: {not_measured[name]}", file=sys.stderr, flush=True)
    return {
        "quick": effort is QUICK,
        "seconds": time.perf_counter() - start,
        **of_sources,
        "machine": sources.machine(),
        "versions": {name: version(name) for name in sources.LIBRARIES},
        "rows": [row.as_dict() for row in rows],
        "not_measured": not_measured,
        "failed": failed,
    }


def format_value(number: float | None, unit: str) -> str:
    """Format a goal or an outcome."""
    if number is None:
        return "-"
    if unit:
        return {"+s": f"{number:+.2f} s", "s": f"{number:.3g} s"}.get(unit, f"{number:.2f}")
    return f"{number:.3g}"


def markdown_table(rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines of the table in Markdown."""
    head = ["task", "world", "against", "goal", "measured", "quartiles", "spread", "reached"]
    body = [
        [
            row["task"], row["world"], row["against"], format_value(row["goal"], row["unit"]),
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short version of everything")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures to FILE")
    parser.add_argument(
        "--worlds", type=Path, help="folder for the drawn tables, reused if present"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.worlds or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        effort = QUICK if options.quick else FULL
        figures = measure(effort, folder, options.only or list(PARTS))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"{figures['machine']['processor']}, sources {figures['digest']}")
    print("\n".join(markdown_table(figures["rows"])))
    return 1 if figures["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
