"""Networks in parts against networks in memory, from the same Parquet files, by number of pairs.

    .venv/bin/python bench/out_of_core.py [--millions M ...] [--memory SIZE] [--runs N]
        [--json] [--picture FILE]

Places are 200 m squares on a full grid, as in bench/scale.py, with codes of eight digits and
coordinates; their pairs are written to files of about six million each. Each measurement is a
process of its own, both ways in turn: building in parts within --memory, building in memory and
saving, and one APL through the parts. Time is of the clock and of the processor; memory is the
highest resident size. The last lines fit time to the number of pairs, and extend the fit to a
country. The data take some 1 byte per pair, and what is built 8 or fewer, twice while it is built.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "peers"))

import numpy as np
import polars as pl
import scale
from building import rules

from apl_engine import kernels, load_network
from apl_engine.method.accessibility import reached_demand, reached_supply, supply_ratios
from apl_engine.networks import prepare_network, save_network
from apl_engine.networks.shards import build_shards

MILLIONS = (25.0, 79.0, 250.0)
# Pairs of a file, and degrees of a square's side.
PAIRS_PER_FILE, SIDE = 6e6, 0.0018
# Pairs of all 200 m squares of a country with inhabitants.
COUNTRY = 7e9
WAYS = ("parts", "memory")


def write_grid(millions: float, folder: Path) -> None:
    """Write the pairs of a grid as Parquet files, and the table of its squares."""
    side = scale.side_of(millions)
    down, across, minutes = scale.neighbours()
    codes = pl.select(pl.int_range(side * side).cast(pl.String).str.zfill(8)).to_series()
    row, column = np.divmod(np.arange(side * side), side)
    places = {"commune": codes, "lat": 44 + SIDE * row, "lon": 1 + SIDE * column}
    (folder / "times").mkdir(parents=True)
    pl.DataFrame(places).write_parquet(folder / "squares.parquet")
    at_once = max(1, int(PAIRS_PER_FILE / len(down) / side))
    across_one = np.arange(side, dtype=np.int32)
    for number, first in enumerate(range(0, side, at_once)):
        rows = np.repeat(np.arange(first, min(first + at_once, side), dtype=np.int32), side)
        to_row = rows[:, None] + down.astype(np.int32)
        to_column = np.tile(across_one, len(rows) // side)[:, None] + across.astype(np.int32)
        inside = (to_row >= 0) & (to_row < side) & (to_column >= 0) & (to_column < side)
        origins = np.arange(first * side, first * side + len(rows), dtype=np.uint32)
        table = {
            "origin": codes.gather(np.repeat(origins, inside.sum(axis=1))),
            "destination": codes.gather((to_row * np.int32(side) + to_column)[inside]),
            "minutes": np.broadcast_to(minutes, inside.shape)[inside],
        }
        path = folder / "times" / f"part-{number:04}.parquet"
        pl.DataFrame(table).write_parquet(path, row_group_size=1_000_000)


def peak_bytes() -> int:
    # KiB on Linux, bytes on macOS.
    unit = 1024 if sys.platform != "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure_one(way: str, folder: Path, memory: str) -> dict[str, Any]:
    """Build a network, or compute one APL through its parts, in this process."""
    kernels.prepare()
    start, started = time.perf_counter(), time.process_time()
    times, squares = folder / "times", folder / "squares.parquet"
    if way == "parts":
        network = build_shards(
            times, folder / "parts.aplnet", squares, memory=memory, coordinates=squares,
            replace=True,
        )  # fmt: skip
    elif way == "memory":
        network = prepare_network(times, squares)
        save_network(network, folder / "whole.aplnet", replace=True)
    else:
        network = load_network(folder / "parts.aplnet")
        people = np.random.default_rng(0).uniform(0, scale.MOST_PEOPLE, len(network.communes))
        start, started = time.perf_counter(), time.process_time()
        ways = network.ways(rules())
        reached_supply(ways, supply_ratios(people / 900, reached_demand(ways, people)))
    return {
        "pairs": network.pairs, "places": len(network.communes),
        "s": time.perf_counter() - start, "cpu_s": time.process_time() - started,
        "peak_bytes": peak_bytes(),
    }  # fmt: skip


def run_one(way: str, folder: Path, memory: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", way, "--folder", str(folder), "--memory", memory]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(printed or "{}")


def measure(millions: float, folder: Path, memory: str, runs: int, ways: list[str]) -> Any:
    """Measure each way so many times, in turn; return the least seconds and the highest memory."""
    if not folder.exists():
        # Elsewhere: a process starts with the highest memory of the one that starts it.
        run_one(str(millions), folder, memory)
    tries: dict[str, list[dict[str, Any]]] = {way: [] for way in [*ways, "apl"]}
    for _ in range(runs):
        for way in tries:
            tries[way].append(run_one(way, folder, memory))
    return {
        way: {**made[0], **{key: min(each[key] for each in made) for key in ("s", "cpu_s")},
              "peak_bytes": max(each["peak_bytes"] for each in made)}
        for way, made in tries.items()
    }  # fmt: skip


def fit(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Fit seconds = factor * pairs ** power; return both, and the worst relative deviation."""
    x, y = (np.log([point[k] for point in points]) for k in (0, 1))
    power, level = np.polyfit(x, y, 1)
    return (
        float(np.exp(level)),
        float(power),
        float(np.abs(np.exp(level + power * x - y) - 1).max()),
    )


def draw(measured: list[dict[str, Any]], path: Path) -> None:
    """Draw time and memory by number of pairs, and the fit of time up to a country."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    times, peaks = figure.subplots(1, 2)
    names = {"parts": "built in parts", "memory": "built in memory", "apl": "one APL by the parts"}
    for way, name in names.items():
        made = [sizes[way] for sizes in measured if way in sizes]
        pairs = [each["pairs"] for each in made]
        times.loglog(pairs, [each["s"] for each in made], "o-", label=name)
        peaks.semilogx(pairs, [each["peak_bytes"] / 2**30 for each in made], "o-", label=name)
    factor, power, _ = fit([(made["parts"]["pairs"], made["parts"]["s"]) for made in measured])
    line = np.geomspace(measured[0]["parts"]["pairs"], COUNTRY)
    formula = f"fit: {factor:.2g} s x pairs ^ {power:.2f}"
    times.loglog(line, factor * line**power, "--", color="0.5", label=formula)
    times.annotate(f"{factor * COUNTRY**power / 60:.0f} min", (COUNTRY, factor * COUNTRY**power),
                   (-4, -26), textcoords="offset points", ha="right")  # fmt: skip
    peaks.set_ylim(bottom=0)
    for axes, title in ((times, "seconds"), (peaks, "highest memory, GiB")):
        axes.set(title=title, xlabel="pairs")
        axes.xaxis.set_minor_formatter("")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    figure.savefig(path, dpi=120, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, nargs="+", default=list(MILLIONS))
    parser.add_argument("--memory", default="1.5GiB", help="of building in parts (default 1.5GiB)")
    parser.add_argument("--runs", type=int, default=1, help="processes of each (default 1)")
    parser.add_argument("--only-parts", action="store_true", help="do not build in memory")
    parser.add_argument("--folder", type=Path, help="where the files are, and stay")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--picture", type=Path, help="draw the curves; needs matplotlib")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one in (*WAYS, "apl"):
        print(json.dumps(measure_one(options.one, options.folder, options.memory)))
        return
    if options.one:
        write_grid(float(options.one), options.folder)
        return
    ways = ["parts"] if options.only_parts else list(WAYS)
    with tempfile.TemporaryDirectory() as temporary:
        top = options.folder or Path(temporary)
        measured = [
            measure(millions, top / f"grid-{millions:g}", options.memory, options.runs, ways)
            for millions in options.millions
        ]
    if options.picture:
        draw(measured, options.picture)
    if options.json:
        print(json.dumps(measured, indent=1))
        return
    for made in measured:
        for way, figures in made.items():
            mib = figures["peak_bytes"] / 2**20
            print(f"{figures['pairs']:13,} pairs, {way:6}: {figures['s']:7.1f} s, "
                  f"processor {figures['cpu_s']:7.1f} s, {mib:6.0f} MiB")  # fmt: skip
    if "memory" in ways:
        ratio = statistics.median(m["parts"]["s"] / m["memory"]["s"] for m in measured)
        print(f"in parts takes {ratio:.2f} times the time in memory")
    if len(measured) > 2:
        points = [(made["parts"]["pairs"], made["parts"]["cpu_s"]) for made in measured]
        factor, power, worst = fit(points)
        hours = factor * COUNTRY**power / 3600
        print(f"processor seconds in parts = {factor:.3g} * pairs ** {power:.3f}, "
              f"within {worst:.0%}; {COUNTRY:.0e} pairs: {hours:.1f} hours")  # fmt: skip


if __name__ == "__main__":
    main()
