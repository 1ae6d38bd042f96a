"""The history of nightly runs, as a Markdown page and a chart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HISTORY, PAGE, CHART = "history.jsonl", "nightly.md", "trend.png"
LONGEST = 365


def add(folder: Path, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Append a run to the history in a folder, and return all runs."""
    path = folder / HISTORY
    runs = (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    )
    runs = [*runs, run][-LONGEST:]
    path.write_text("".join(json.dumps(run) + "\n" for run in runs), encoding="utf-8")
    return runs


def page(run: dict[str, Any]) -> str:
    """Return the page on one run."""
    lines = [
        f"# Nightly run of {run['date']}",
        "",
        *(["**Failed:**", "", *(f"- {failure}" for failure in run["failures"])]
          if run["failures"] else ["No task is slower, and no work or result has changed."]),
        "",
        *(f"- {note}" for note in run["notes"]),
        "",
        f"Processor time on {run['processor']}, in multiples of the calibration and of a peer; "
        f"{run['rounds']} rounds.",
        "",
        "| task | in multiples of | now | quartiles | stored | change |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, figures in run["figures"].items():
        for yardstick, figure in figures.items():
            stored = run["stored"].get(name, {}).get(yardstick)
            change = f"{100 * (figure['median'] / stored - 1):+.0f} %" if stored else "-"
            before = f"{stored:.3g}" if stored else "-"
            lines.append(
                f"| {name} | {yardstick} | {figure['median']:.3g} | "
                f"{figure['low']:.3g} to {figure['high']:.3g} | {before} | {change} |"
            )
    lines += ["", "| task | kernel | calls | bytes |", "|---|---|---|---|"]
    for name, kernels in run["work"].items():
        for kernel, counts in kernels.items():
            lines.append(f"| {name} | {kernel} | {counts['calls']} | {counts['bytes']:,} |")
    return "\n".join([*lines, "", f"![Trend]({CHART})", ""])


def _median(run: dict[str, Any], name: str) -> float | None:
    # Runs from before there were two yardsticks have none.
    figure = run["figures"].get(name, {}).get("calibration", {})
    return figure.get("median")  # type: ignore[no-any-return]


def draw(runs: list[dict[str, Any]], path: Path) -> bool:
    """Draw each task by the calibration over the runs on this processor, the first run as 1.

    Returns False, and draws nothing, without Matplotlib.
    """
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot

    same = [run for run in runs if run["processor"] == runs[-1]["processor"]]
    figure, axes = pyplot.subplots(figsize=(9, 5), layout="constrained")
    for name in runs[-1]["figures"]:
        medians = [_median(run, name) for run in same]
        first = next(value for value in medians if value)
        shares = [value / first if value else float("nan") for value in medians]
        axes.plot(range(1, len(same) + 1), shares, marker="o", markersize=3, label=name)
    axes.axhline(1.15, color="0.6", linestyle=":")
    axes.set(xlabel="run", ylabel="processor time over calibration, first run = 1", ylim=(0, None))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(fontsize=7, loc="lower left")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return True
