"""Write docs/performance.md and its picture; see scripts/write_performance."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "peers")]

import sources  # noqa: E402
from goals import NOT_SELECTED, markdown_table  # noqa: E402

from scripts.performance.page import page  # noqa: E402
from scripts.performance.picture import draw_scale  # noqa: E402


def main(runs: Sequence[Path], out: Path = sources.PAGE) -> None:
    """Write the page of some runs beside its picture; refuse figures of other sources than today's.

    The runs are of different parts, on one machine.
    """
    figures = merged([read(run) for run in runs])
    points = [p for row in figures["rows"] for p in row["detail"].get("scale", [])]
    draw_scale(points, out.with_name("performance-scale.png"))
    out.write_text(page(figures, markdown_table(figures["rows"])), encoding="utf-8")
    print(f"Written: {out}")


def read(run: Path) -> dict[str, Any]:
    """Return the figures of a run."""
    figures: dict[str, Any] = json.loads(run.read_text("utf-8"))
    if figures["digest"] != (today := sources.digest()):
        raise SystemExit(
            f"{run.name}: its figures are of other sources ({figures['digest']}, today's are "
            f"{today}): measure again"
        )
    return figures


def merged(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of several runs as those of one."""
    one, *others = runs
    if any(run["machine"] != one["machine"] for run in others):
        raise SystemExit("the runs are of different machines")
    missing = [run["not_measured"] for run in runs]
    return {
        **one,
        "quick": any(run["quick"] for run in runs),
        "rows": [row for run in runs for row in run["rows"]],
        "not_measured": {
            # What one run leaves out, another may have tried.
            part: max((reasons[part] for reasons in missing), key=lambda r: r != NOT_SELECTED)
            for part in missing[0]
            if all(part in reasons for reasons in missing)
        },
    }


if __name__ == "__main__":
    main([*map(Path, sys.argv[1:])])
