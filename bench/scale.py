"""Time and memory by number of pairs, 2.5 to 250 million, each size in its own process.

    .venv/bin/python bench/scale.py [--most MILLIONS] [--runs N] [--json]

Communes are 200 m squares on a full grid, each linked to those around it; pairs are made a few rows
at a time. Timed are building the network from indexed pairs, laying it out in runs, and one APL on
the runs by one thread.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "peers"))

import numpy as np
import polars as pl
from building import network_from, rules, touched_bytes
from national import kernels_alone

from apl_engine import kernels
from apl_engine.method.network import TravelNetwork, edges_of
from apl_engine.method.sparse_rows import CommunePairs, time_bands

# Squared distance, in squares, of the farthest square within 20 minutes.
RADIUS2 = 20
# The largest size then has as many people as France.
MOST_PEOPLE = 38
# Rows of squares made at once.
ROWS_AT_ONCE = 200
MILLIONS = (2.5, 7.9, 25.0, 79.0, 250.0)


def neighbours() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the offsets of the squares around one, in rows and columns, and their minutes."""
    side = np.arange(-math.isqrt(RADIUS2), math.isqrt(RADIUS2) + 1)
    down, across = (grid.ravel() for grid in np.meshgrid(side, side, indexing="ij"))
    gap2 = down**2 + across**2
    near = (gap2 <= RADIUS2) & (gap2 > 0)
    minutes = np.round(20 * np.sqrt(gap2[near] / RADIUS2), 1)
    return down[near], across[near], minutes


def side_of(millions: float) -> int:
    """Return the side of the grid with about so many pairs, own pairs included."""
    return round(math.sqrt(millions * 1e6 / (len(neighbours()[0]) + 1)))


def grid_pairs(side: int) -> Iterator[CommunePairs]:
    """Make the pairs of a grid by rising origin and destination, some rows at a time."""
    down, across, minutes = neighbours()
    bands = time_bands(minutes, edges_of(rules().travel))
    column = np.arange(side, dtype=np.int32)
    for first in range(0, side, ROWS_AT_ONCE):
        row = np.repeat(np.arange(first, min(first + ROWS_AT_ONCE, side), dtype=np.int32), side)
        to_row = row[:, None] + down.astype(np.int32)
        to_column = np.tile(column, len(row) // side)[:, None] + across.astype(np.int32)
        inside = (to_row >= 0) & (to_row < side) & (to_column >= 0) & (to_column < side)
        origin = np.arange(first * side, first * side + len(row), dtype=np.uint32)
        yield CommunePairs(
            np.repeat(origin, inside.sum(axis=1)),
            (to_row * np.int32(side) + to_column)[inside].astype(np.uint32),
            np.broadcast_to(bands, inside.shape)[inside],
        )


def build(side: int) -> tuple[TravelNetwork, float, float]:
    """Return a network, and the seconds spent on its pairs and on building it."""
    start = time.perf_counter()
    parts = list(grid_pairs(side))
    codes = pl.select(pl.int_range(side * side).cast(pl.String).str.zfill(8)).to_series()
    ready = time.perf_counter()
    return network_from(codes, parts), ready - start, time.perf_counter() - ready


def measure_one(millions: float) -> dict[str, Any]:
    """Measure one size in this process."""
    kernels.prepare()
    side = side_of(millions)
    raw, making_s, building_s = build(side)
    start = time.perf_counter()
    network = raw.laid_out()
    layout_s = time.perf_counter() - start
    people = np.random.default_rng(0).uniform(0, MOST_PEOPLE, side * side)
    one_apl, apl_s = kernels_alone(network.ways(rules()), people / 900, people, threads=1), []
    for _ in range(5):
        start = time.perf_counter()
        one_apl()
        apl_s.append(time.perf_counter() - start)
    # KiB on Linux, bytes on macOS.
    unit = 1024 if sys.platform != "darwin" else 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {
        "communes": side * side, "pairs": network.pairs, "making_s": making_s,
        "building_s": building_s, "layout_s": layout_s, "apl_s": apl_s, "peak_bytes": peak,
        "bytes_per_pair": touched_bytes(network) / network.pairs,
    }  # fmt: skip


def sizes(most: float) -> list[float]:
    return [millions for millions in MILLIONS if millions <= most]


def measure(millions: list[float], runs: int) -> list[dict[str, Any]]:
    """Measure each size in separate processes, sizes in turn.

    Returns the least seconds of building and laying out, and the seconds of every APL.
    """
    measured: dict[float, list[dict[str, Any]]] = {size: [] for size in millions}
    for _ in range(runs):
        for size in millions:
            command = [sys.executable, __file__, "--one", str(size)]
            printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            measured[size].append(json.loads(printed))
    return [
        {
            **tries[0],
            **{key: min(t[key] for t in tries) for key in ("making_s", "building_s", "layout_s")},
            "apl_s": [seconds for t in tries for seconds in t["apl_s"]],
        }
        for tries in measured.values()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=float, default=250, help="millions of pairs (default 250)")
    parser.add_argument("--runs", type=int, default=1, help="processes per size (default 1)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure_one(options.one)))
        return
    points = measure(sizes(options.most), options.runs)
    if options.json:
        print(json.dumps(points, indent=1))
        return
    for p in points:
        print(f"{p['pairs']:12,} pairs: built in {p['building_s']:7.3f} s, laid out in "
              f"{p['layout_s']:7.3f} s, one APL "
              f"{statistics.median(p['apl_s']):6.3f} s, {p['peak_bytes'] / 2**20:6.0f} MiB peak, "
              f"{p['bytes_per_pair']:.2f} bytes per pair")  # fmt: skip


if __name__ == "__main__":
    main()
