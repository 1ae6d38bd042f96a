"""The pictures of docs/performance.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

COLOURS = {1: "tab:blue", 2: "tab:orange"}


def draw_bandwidth(figures: dict[str, Any], path: Path) -> None:
    """Draw the bandwidth by size of array, and the rate of each pass at its number of bytes."""
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for threads, colour in COLOURS.items():
        points = [p for p in figures["bandwidths"] if p["threads"] == threads]
        points = sorted(points, key=lambda p: p["bytes"])
        label = f"reading an array, {threads} thread(s)"
        sizes, rates = [p["bytes"] for p in points], [p["gb_s"] for p in points]
        axes.plot(sizes, rates, color=colour, marker=".", label=label)
    markers = dict(zip(dict.fromkeys(p["pass"] for p in figures["passes"]), "os^", strict=False))
    for p in figures["passes"]:
        label = f"{p['pass']}, {p['threads']} thread(s)"
        axes.plot(
            p["bytes"], p["gb_s"], markers[p["pass"]], color=COLOURS[p["threads"]], label=label
        )
    axes.set(xscale="log", xlabel="bytes", ylabel="GB/s", ylim=(0, None))
    axes.legend(fontsize=7)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def draw_scale(points: list[dict[str, Any]], path: Path) -> None:
    """Draw seconds and memory by number of pairs."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    pairs = [p["pairs"] for p in points]
    left.plot(pairs, [p["building_s"] for p in points], "o-", label="building the network")
    left.plot(pairs, [p["apl_s"] for p in points], "s-", label="one APL")
    right.plot(pairs, [p["peak_bytes"] / 2**30 for p in points], "o-", label="peak of the process")
    held = [p["pairs"] * p["bytes_per_pair"] / 2**30 for p in points]
    right.plot(pairs, held, "s-", label="the network")
    for axes, label in ((left, "seconds"), (right, "GiB")):
        axes.set(xscale="log", yscale="log", xlabel="pairs", ylabel=label)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
