"""Write docs/performance.md and its figures; see scripts/write_performance."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "peers")]

from goals import growth_row, markdown_table  # noqa: E402

from scripts.performance.page import page  # noqa: E402
from scripts.performance.picture import draw_bandwidth, draw_scale  # noqa: E402

DOCS = ROOT / "docs"


def main(run: Path, scale: Path | None) -> None:
    figures = json.loads(run.read_text("utf-8"))
    if scale:
        # A run of the full scale replaces the one in the figures.
        figures["scale"] = json.loads(scale.read_text("utf-8"))
        others = [row for row in figures["rows"] if row["task"] != "growth exponent"]
        figures["rows"] = [*others, growth_row(figures["scale"]).as_dict()]
    draw_bandwidth(figures, DOCS / "performance-bandwidth.png")
    draw_scale(figures["scale"], DOCS / "performance-scale.png")
    text = page(figures, markdown_table(figures["rows"]))
    (DOCS / "performance.md").write_text(text, encoding="utf-8")
    print(f"Written: {DOCS / 'performance.md'}")


if __name__ == "__main__":
    paths = [Path(name) for name in sys.argv[1:]]
    main(paths[0], paths[1] if len(paths) > 1 else None)
