"""Write the pages of docs/ that are made from the code."""

from __future__ import annotations

from pathlib import Path

from apl_engine.reports.reference import methodology_page, outputs_page

PAGES = {"reference-outputs.md": outputs_page, "reference-methodology.md": methodology_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (Path(__file__).parents[1] / "docs" / name).write_text(page(), encoding="utf-8")
