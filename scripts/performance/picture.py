"""The picture of docs/performance.md."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def draw_scale(points: list[dict[str, Any]], path: Path) -> None:
    """Draw seconds and memory by number of pairs."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    pairs = [p["pairs"] for p in points]
    left.plot(pairs, [p["building_s"] for p in points], "o-", label="building the network")
    left.plot(pairs, [p["layout_s"] for p in points], "^-", label="laying it out in runs")
    left.plot(pairs, [median(p["apl_s"]) for p in points], "s-", label="one APL, 1 thread")
    right.plot(pairs, [p["peak_bytes"] / 2**30 for p in points], "o-", label="peak of the process")
    held = [p["pairs"] * p["bytes_per_pair"] / 2**30 for p in points]
    right.plot(pairs, held, "s-", label="rows that an APL reads")
    for axes, label in ((left, "seconds"), (right, "GiB")):
        axes.set(xscale="log", yscale="log", xlabel="pairs", ylabel=label)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
