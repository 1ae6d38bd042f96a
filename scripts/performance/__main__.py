"""Write docs/performance.md and its picture; see scripts/write_performance."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "peers")]

import sources  # noqa: E402
from goals import markdown_table  # noqa: E402

from scripts.performance.page import page  # noqa: E402
from scripts.performance.picture import draw_scale  # noqa: E402


def main(run: Path, out: Path = sources.PAGE) -> None:
    """Write the page of a run beside its picture; refuse figures of other sources than today's."""
    figures = json.loads(run.read_text("utf-8"))
    if figures["digest"] != (today := sources.digest()):
        raise SystemExit(
            f"{run.name}: its figures are of other sources ({figures['digest']}, today's are "
            f"{today}): measure again"
        )
    points = [p for row in figures["rows"] for p in row["detail"].get("scale", [])]
    draw_scale(points, out.with_name("performance-scale.png"))
    out.write_text(page(figures, markdown_table(figures["rows"])), encoding="utf-8")
    print(f"Written: {out}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
