"""One table of the performance goals: each task, what it is compared with, goal and outcome.

    .venv/bin/python bench/goals.py [--quick | --large] [--only PART] [--json FILE] [--worlds DIR]

A full run measures all parts but the large ones; a quick one measures all, at small sizes. Both
sides of a row are timed in turn, within the same minutes on the same machine. A missed goal fails
nothing. A part that fails, or whose data are absent, says why, and the others go on; if one failed,
the exit code is 1.

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
import processes  # noqa: E402
import scale  # noqa: E402
import sources  # noqa: E402
import synthetic  # noqa: E402
import thousand  # noqa: E402
import whole  # noqa: E402
import worlds  # noqa: E402
from turns import Row, compare, in_turn, of_values, quartiles  # noqa: E402


@dataclass(frozen=True)
class Effort:
    """Numbers of rounds, in memory and of processes, and sizes of some tasks, in millions."""

    memory: int
    processes: int
    scenarios: int
    dense: str
    scale: tuple[float, ...]
    travel_times: float
    prestations: float

    @property
    def few(self) -> int:
        """Return the number of rounds of tasks that take seconds."""
        return max(self.memory // 3, 3)


FULL = Effort(15, 11, 1000, "dense", scale.MILLIONS, 50, 100)
QUICK = Effort(5, 3, 128, "twofold", (2.5, 7.9), 2, 10)
Part = Callable[[Effort, Path], list[Row]]
PARTS: dict[str, Part] = {}
# Those that take minutes each, or gigabytes.
LARGE: list[str] = []
WORLDS = "SDI"
NOT_SELECTED = "not selected"


def part(function: Part) -> Part:
    """Add a part to the table, under the name of its function."""
    PARTS[function.__name__] = function
    return function


def large(function: Part) -> Part:
    """Add a part that is measured only if asked for."""
    LARGE.append(function.__name__)
    return part(function)


def in_worlds(
    rows_of: Callable[[str, synthetic.World], list[Row]], letters: str = WORLDS
) -> list[Row]:
    """Return the rows of several worlds, without those whose data are absent."""
    rows = []
    for letter in letters:
        start = time.perf_counter()
        try:
            rows += rows_of(letter, worlds.world(letter))
        except worlds.AbsentDataError as absent:
            print(f"  world {letter} skipped: {absent}", file=sys.stderr, flush=True)
        else:
            seconds = time.perf_counter() - start
            print(f"  world {letter}: {seconds:.0f} s", file=sys.stderr, flush=True)
    return rows


@part
def apl(effort: Effort, _: Path) -> list[Row]:
    """Compute one APL in memory, through the public function."""
    ours, raw = "APL in memory, prepared", "APL in memory, raw"
    compared: list[tuple[str, str, dict[str, float]]] = [
        (ours, national.TWO_PRODUCTS, {"S": 0.35, "D": 0.42}),
        (ours, national.SUPPLY_COLUMNS, {"S": 0.65, "D": 0.8}),
        (raw, national.TWO_PRODUCTS, {}),
    ]

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        engine, on_pairs = national.engine(world), national.engine(world, raw=True)
        scipy = national.scipy_tasks(world)
        national.check({national.ENGINE: engine, raw: on_pairs, **scipy})
        seconds = in_turn({ours: engine, raw: on_pairs, **scipy}, effort.memory)
        return [compare(title, peer, goals.get(letter), seconds[title], seconds[peer], letter)
                for title, peer, goals in compared]  # fmt: skip

    return in_worlds(rows_of)


@part
def kernels(effort: Effort, _: Path) -> list[Row]:
    """Compute both passes alone, and count bytes."""
    title, peer = "both passes, kernels alone, prepared, 1 thread", national.TWO_PRODUCTS
    goals, bytes_goals = {"S": 0.21, "D": 0.29, "I": 0.39}, {"S": 2.0, "D": 2.6, "I": 3.2}

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        network, scipy = building.prepared(world), national.scipy_tasks(world)[peer]
        ways = network.ways(building.rules())
        engine = national.kernels_alone(ways, world.etp, world.people, threads=1)
        national.check({national.ENGINE: engine, peer: scipy})
        seconds = in_turn({title: engine, peer: scipy}, effort.memory)
        touched = building.touched_bytes(network) / network.pairs
        in_file = building.file_bytes_per_pair(network)
        return [
            compare(title, peer, goals[letter], seconds[title], seconds[peer], letter),
            of_values("bytes a pair that a run reads, both ways", "-", bytes_goals[letter],
                      [touched], "B", letter),
            of_values("bytes a pair of the prepared file", "-", None, [in_file], "B", letter),
        ]  # fmt: skip

    return in_worlds(rows_of)


@part
def tools(effort: Effort, _: Path) -> list[Row]:
    """Compute the same APL with every other tool."""
    tasks = national.tasks(worlds.world("S"), pysal=effort is FULL)
    national.check(tasks)
    for name in (national.TWO_PRODUCTS, national.SUPPLY_COLUMNS):
        del tasks[name]
    seconds = in_turn(tasks, effort.few)
    ours = seconds.pop(national.ENGINE)
    return [compare("APL in memory, prepared", name, None, ours, theirs, "S")
            for name, theirs in seconds.items()]  # fmt: skip


@part
def layout(effort: Effort, _: Path) -> list[Row]:
    """Find the order of places, and derive runs."""
    order, goals = "order of places", {1: 0.040, 2: 0.025}

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        titles = {n: f"runs derived both ways, {n} thread{'s' * (n > 1)}" for n in goals}
        derive = {titles[n]: building.derive_runs(world, n) for n in goals}
        found = in_turn({order: building.order(world)}, effort.few)
        seconds = in_turn(derive, effort.memory)
        return [
            of_values(order, "-", 2.0, found[order], "s", letter),
            *(of_values(titles[n], "-", goals[n], seconds[titles[n]], "s", letter) for n in goals),
        ]

    return in_worlds(rows_of)


@part
def scenarios(effort: Effort, _: Path) -> list[Row]:
    """Compute many supply scenarios."""
    count = effort.scenarios
    every, zones = f"{count} scenarios, all APLs", f"{count} scenarios, zones only"
    whole_of_ten, rows_of_ten = (
        f"{count} scenarios of {thousand.CHANGED} communes, {results}"
        for results in ("all APLs", "changed APLs only")
    )
    goals = {every: 0.09, zones: 0.05, whole_of_ten: 0.05, rows_of_ten: 0.005}

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        supplies, changes = (
            thousand.draw_supplies(world, count),
            thousand.draw_changes(world, count),
        )
        case, base = change.Case(world), thousand.base_of(world)
        thousand.check(world, supplies)
        thousand.check_changes(world, changes)
        thousand.check_classes(case, supplies)
        block, milliseconds = thousand.best_block(world, supplies)
        few, of_few = thousand.best_block(world, supplies, thousand.scipy_supply_columns)
        theirs = f"SciPy, all APLs, blocks of {block}"
        columns = f"SciPy, all APLs, supply columns only, blocks of {few}"
        # SciPy takes as long for supplies that differ in ten communes: the same products.
        seconds = in_turn(
            {
                every: thousand.engine(world, supplies),
                zones: thousand.classes(case, supplies),
                whole_of_ten: lambda: base.whole(*changes),
                rows_of_ten: lambda: base.changed(*changes),
                theirs: thousand.scipy_blocks(world, supplies, block),
                columns: thousand.scipy_supply_columns(world, supplies, few),
            },
            effort.few,
        )
        detail = {"scipy_blocks_ms": milliseconds, "scipy_supply_columns_blocks_ms": of_few}
        return [
            *(compare(title, theirs, goal, seconds[title], seconds[theirs], letter, **detail)
              for title, goal in goals.items()),
            compare(every, columns, None, seconds[every], seconds[columns], letter),
        ]  # fmt: skip

    return in_worlds(rows_of)


@part
def what_if(effort: Effort, _: Path) -> list[Row]:
    """Change the supply of one commune, and zone again."""
    title, peer = "what-if of one commune, prepared", national.TWO_PRODUCTS

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        case = change.Case(world)
        case.check()
        tasks = {title: case.change, peer: national.scipy_tasks(world)[peer]}
        seconds = in_turn(tasks, effort.memory)
        return [compare(title, peer, 0.15, seconds[title], seconds[peer], letter)]

    return in_worlds(rows_of)


@part
def rows(effort: Effort, _: Path) -> list[Row]:
    """Build rows in both directions."""

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        compared = []
        for order in ("sorted", "shuffled"):
            pairs = building.indexed_pairs(world, shuffled=order == "shuffled")
            building.check(pairs, world.size)
            engine = {national.ENGINE: building.build_rows(pairs, world.size)}
            seconds = in_turn({**engine, **building.scipy_ways(pairs, world.size)}, effort.memory)
            ours = seconds.pop(national.ENGINE)
            best = min(seconds, key=lambda name: quartiles(seconds[name])[1])
            title = f"rows both ways, {order}"
            compared.append(compare(title, best, 0.35, ours, seconds[best], letter))
        return compared

    return in_worlds(rows_of)


@part
def jobs(effort: Effort, folder: Path) -> list[Row]:
    """Run whole jobs as processes."""
    goals = {
        (whole.PREPARED, whole.DUCK_JOB_PREPARED): 0.95,
        (whole.PREPARED, whole.POLARS_JOB_PREPARED): None,
        (whole.PREPARED, whole.DUCK_QUERY): 1.3,
        (whole.RAW, whole.DUCK_JOB): 1.1,
        (whole.RAW, whole.POLARS_JOB): None,
        (whole.RAW, whole.DUCK_QUERY): 1.6,
        (whole.RAW, whole.POLARS_QUERY): None,
    }
    names = list(dict.fromkeys(name for pair in goals for name in pair))

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        job = whole.Job(world, folder)
        job.prepare()
        job.check()
        runs = job.in_turn(names, effort.processes)
        walls = {name: [run.wall for run in timed] for name, timed in runs.items()}
        return [compare(ours, theirs, goal, walls[ours], walls[theirs], letter)
                for (ours, theirs), goal in goals.items()]  # fmt: skip

    return in_worlds(rows_of)


@part
def first(effort: Effort, folder: Path) -> list[Row]:
    """Run a wheel for the first time, without any cached machine code."""
    program = whole.install_wheel(folder)

    def rows_of(letter: str, world: synthetic.World) -> list[Row]:
        job = whole.Job(world, folder)
        job.prepare()
        timed = job.first_and_later(program, max(effort.processes // 2, 3))
        extra = [one.wall - other.wall for one, other in timed]
        return [of_values("first run of a wheel", "a later run", 0.1, extra, "+s", letter)]

    return in_worlds(rows_of)


@part
def starts(effort: Effort, _: Path) -> list[Row]:
    """Start and import, as processes."""
    compared = []
    for timed in processes.bench(effort.processes):
        title, against = str(timed["what"]).split(" / ")
        compared.append(of_pairs(title, float(str(timed["goal"])), timed, against))
    return compared


@large
def raw_pairs(effort: Effort, folder: Path) -> list[Row]:
    """Zone from a large distancier, as processes."""
    job = whole.Job(synthetic.make(effort.dense), folder)
    runs = job.in_turn([whole.RAW, whole.DUCK_QUERY], max(effort.processes // 2, 2))
    walls = {name: [run.wall for run in timed] for name, timed in runs.items()}
    title = {"dense": "25", "twofold": "5"}[effort.dense] + " million raw pairs to zones"
    goal = 0.8 if effort is FULL else None
    return [compare(title, whole.DUCK_QUERY, goal, walls[whole.RAW], walls[whole.DUCK_QUERY])]


@large
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


@large
def prestations(effort: Effort, folder: Path) -> list[Row]:
    """Read activity files larger than memory, as processes."""
    drawn = folder / f"activity-{effort.prestations:g}"
    if not (drawn / "prestations").is_dir():
        drawn.mkdir(exist_ok=True)
        activity.draw(drawn, round(effort.prestations * 1e6))
    title = f"{effort.prestations:g} million prestations"
    goal = 1.1 if effort is FULL else None
    return [of_pairs(title, goal, activity.bench(drawn, max(effort.processes // 2, 2)))]


def of_pairs(title: str, goal: float | None, timed: dict[str, Any], against: str = "DuckDB") -> Row:
    """Return the row of a summary by `processes.row`."""
    low, high = timed["ratio_quartiles"]
    detail = {key: timed[key] for key in ("ours_s", "theirs_s", "peak_mib", "their_peak_mib")}
    return Row(title, against, goal, timed["ratio"], low, high, detail=detail)


@large
def growth(effort: Effort, _: Path) -> list[Row]:
    """Measure seconds and memory by number of pairs."""
    points = scale.measure(list(effort.scale), 1)
    most = round(points[-1]["pairs"] / 1e6)
    low, middle, high = quartiles(points[-1]["apl_s"])
    goal = 0.25 if effort is FULL else None
    title, detail = f"{most} million pairs, prepared, one APL, 1 thread", {"scale": points}
    return [Row(title, "-", goal, middle, low, high, "s", detail=detail)]


def measure(effort: Effort, folder: Path, names: list[str]) -> dict[str, Any]:
    """Return the rows of some parts, and what they were measured on, as plain values."""
    rows: list[Row] = []
    not_measured = {name: NOT_SELECTED for name in PARTS if name not in names}
    failed = []
    start = time.perf_counter()
    # Before anything is timed: the figures are of these sources, whatever is edited meanwhile.
    of_sources = {"commit": sources.commit(), "digest": sources.digest()}
    for name in names:
        print(f"{name}: {PARTS[name].__doc__}".rstrip("."), file=sys.stderr, flush=True)
        begun = time.perf_counter()
        try:
            rows += PARTS[name](effort, folder)
            print(f"  {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
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
    parser.add_argument(
        "--large", action="store_true", help=f"only the large parts: {', '.join(LARGE)}"
    )
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
        names = [name for name in PARTS if options.quick or (name in LARGE) == options.large]
        figures = measure(effort, folder, options.only or names)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"{figures['machine']['processor']}, sources {figures['digest']}")
    print("\n".join(markdown_table(figures["rows"])))
    return 1 if figures["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
