"""How much of a result is shown, by step of the APL of communes: a table and a picture."""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path
from typing import Any

from apl_engine import run
from apl_engine.disclosure_control import publish

ROOT = Path(__file__).parents[1]
PAGE, PICTURE = ROOT / "docs" / "secrecy.md", ROOT / "docs" / "secrecy.png"
STEPS = (1.0, 2.0, 5.0, 10.0, 20.0)
COLUMNS = (
    "step", "APL of communes shown", "inhabitants", "APL of territories shown", "unprotected",
    "CPU s", "wall s",
)  # fmt: skip
Row = tuple[float, Any, float, float]
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"


def measure(sample: str, steps: list[float], **options: Any) -> list[Row]:
    """Return each step with its publication, seconds of processor, and seconds passed."""
    result = run(ROOT / "data_samples" / sample)
    rows = []
    for step in steps:
        cpu, start = time.process_time(), time.perf_counter()
        publication = publish(result, step=step, **options).publication
        passed = time.perf_counter() - start
        rows.append((step, publication, time.process_time() - cpu, passed))
        print(line(*rows[-1]), flush=True)
    return rows


def line(step: float, publication: Any, cpu: float, passed: float) -> str:
    """Return one row of the table."""
    shown = publication.shown
    cells = [
        f"{step:g}",
        *(
            f"{shown[name]:.1f} %"
            for name in ("communes_apl", "inhabitants_apl", "territories_apl")
        ),
        str(len(publication.unprotected)),
        f"{cpu:.0f}",
        f"{passed:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def write_table(sample: str, rows: list[Row]) -> None:
    """Replace the table of a sample in the page."""
    text = PAGE.read_text("utf-8")
    start, end = f"<!-- {sample} -->", f"<!-- end of {sample} -->"
    table = "\n".join([start, HEAD, *(line(*row) for row in rows), end])
    pattern = re.escape(start) + ".*?" + re.escape(end)
    PAGE.write_text(re.sub(pattern, lambda _: table, text, flags=re.S), "utf-8")


def draw(sample: str, rows: list[Row]) -> None:
    """Draw the curve."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = sorted(rows, key=lambda row: row[0])
    figure, axes = pyplot.subplots(figsize=(6, 3.5), layout="constrained")
    for name, label, colour in (
        ("communes_apl", "communes", "#c44e10"),
        ("inhabitants_apl", "their inhabitants", "#f4a259"),
        ("territories_apl", "territories", "#35618f"),
    ):
        axes.plot(
            [row[0] for row in rows],
            [row[1].shown[name] for row in rows],
            "o-", label=label, color=colour,
        )  # fmt: skip
    axes.set(
        xscale="log", xlabel="step of the published APL of communes", ylabel="APL shown, %",
        ylim=(0, 102),
    )  # fmt: skip
    name = {"france": "France", "pays-de-la-loire": "Pays de la Loire"}[sample]
    axes.set_title(f"{name}: fewer than 5 practitioners protected at 20 %", fontsize=10)
    axes.set_xticks([row[0] for row in rows], [f"{row[0]:g}" for row in rows])
    axes.legend(loc="lower right")
    axes.grid(alpha=0.3)
    figure.savefig(PICTURE, dpi=120, metadata={"Software": None})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", choices=["pays-de-la-loire", "france"])
    parser.add_argument("--steps", nargs="+", type=float, default=list(STEPS))
    parser.add_argument("--picture", action="store_true", help="draw docs/secrecy.png too")
    given = parser.parse_args()
    measured = measure(given.sample, given.steps)
    write_table(given.sample, measured)
    if given.picture:
        draw(given.sample, measured)
