"""What the nights say, one after the other: a page in Markdown and a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HISTORY, PAGE, PICTURE = "history.jsonl", "nightly.md", "trend.png"
LONGEST = 365


def add(folder: Path, night: dict[str, Any]) -> list[dict[str, Any]]:
    """Add a night to the history of a folder, and return all."""
    path = folder / HISTORY
    nights = (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if (path.exists())
        else []
    )
    nights = [*nights, night][-LONGEST:]
    path.write_text("".join(json.dumps(one) + "\n" for one in nights), encoding="utf-8")
    return nights


def page(night: dict[str, Any]) -> str:
    """Return the page of one night."""
    lines = [
        f"# Night of {night['date']}",
        "",
        *(["**Failed:**", "", *(f"- {words}" for words in night["failures"])] if night["failures"]
          else ["Nothing is worse, and no result changed."]),
        "",
        *(f"- {words}" for words in night["remarks"]),
        "",
        f"On {night['processor']}, by processor time, in multiples of the calibration; "
        f"{night['rounds']} rounds.",
        "",
        "| work | tonight | quartiles | stored | change |",
        "|---|---|---|---|---|",
    ]  # fmt: skip
    for name, figure in night["figures"].items():
        stored = night["stored"].get(name)
        change = f"{100 * (figure['median'] / stored - 1):+.0f} %" if stored else "-"
        was = f"{stored:.3g}" if stored else "-"
        lines.append(
            f"| {name} | {figure['median']:.3g} | {figure['low']:.3g} to {figure['high']:.3g} | "
            f"{was} | {change} |"
        )
    return "\n".join([*lines, "", f"![Trend]({PICTURE})", ""])


def draw(nights: list[dict[str, Any]], path: Path) -> bool:
    """Draw each figure over the nights of one processor, as shares of its first; or not at all."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot

    same = [night for night in nights if night["processor"] == nights[-1]["processor"]]
    figure, axes = pyplot.subplots(figsize=(9, 5), layout="constrained")
    for name in nights[-1]["figures"]:
        medians = [night["figures"].get(name, {}).get("median") for night in same]
        first = next(value for value in medians if value)
        shares = [value / first if value else float("nan") for value in medians]
        axes.plot(range(1, len(same) + 1), shares, marker="o", markersize=3, label=name)
    axes.axhline(1.15, color="0.6", linestyle=":")
    axes.set(
        xlabel="night", ylabel="processor time over calibration, first night = 1", ylim=(0, None)
    )
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(fontsize=7, loc="lower left")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return True
