"""The text of docs/performance.md: the template, with every figure of a run filled in."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from string import Template
from typing import Any

TEMPLATE = Path(__file__).with_name("template.md")


def page(figures: dict[str, Any], table: list[str]) -> str:
    """Return the page.

    Parameters
    ----------
    figures : dict of str to object
        What `bench/goals.py --json` wrote.
    table : list of str
        Lines of the table of goals, in Markdown.
    """
    machine, details = figures["machine"], [row["detail"] for row in figures["rows"]]
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        kind="a quick" if figures["quick"] else "a full",
        processor=machine["processor"],
        cores=machine["cores"],
        system=machine["system"],
        python=machine["python"],
        versions=", ".join(f"{name} {number}" for name, number in figures["versions"].items()),
        commit=figures["commit"],
        digest=figures["digest"],
        table="\n".join(table),
        not_measured="\n".join(
            f"- Not measured: {part} ({reason})."
            for part, reason in figures["not_measured"].items()
        ),
        blocks=_blocks(_detail(details, "scipy_blocks_ms", {})),
        column_blocks=_blocks(_detail(details, "scipy_supply_columns_blocks_ms", {})),
        processes="; ".join(_processes(figures["rows"])) or "not measured",
        scale="\n".join(_scale(_detail(details, "scale", []))),
    )


def _detail(details: list[dict[str, Any]], key: str, default: Any) -> Any:
    return next((detail[key] for detail in details if key in detail), default)


def _blocks(milliseconds: dict[str, float]) -> str:
    """Return SciPy's time per scenario by size of block."""
    tried = (f"{block} ({ms:.2f} ms per scenario)" for block, ms in milliseconds.items())
    return ", ".join(tried) or "not measured"


def _processes(rows: list[dict[str, Any]]) -> list[str]:
    """Return the median seconds of each process in the rows on `apl run`."""
    seconds = {}
    for row in rows:
        if row["task"].startswith("apl run"):
            seconds[row["task"], row["world"]] = row["detail"]["ours_s"]
            seconds[row["against"], row["world"]] = row["detail"]["theirs_s"]
    return [f"{name} ({world}) {value:.2f} s" for (name, world), value in seconds.items()]


def _scale(points: list[dict[str, Any]]) -> list[str]:
    return [
        "| pairs | communes | building, s | laying out, s | one APL, 1 thread, s | peak, MiB "
        "| bytes a pair |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {p['pairs']:,} | {p['communes']:,} | {p['building_s']:.3f} | "
            f"{p['layout_s']:.3f} | "
            f"{median(p['apl_s']):.4f} | {p['peak_bytes'] / 2**20:,.0f} | "
            f"{p['bytes_per_pair']:.2f} |"
            for p in points
        ),
    ]
