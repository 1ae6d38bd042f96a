"""The text of docs/performance.md: the template, with every figure of a run filled in."""

from __future__ import annotations

from pathlib import Path
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
    machine = figures["machine"]
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        kind="a quick" if figures["quick"] else "a full",
        processor=machine["processor"],
        cores=machine["cores"],
        system=machine["system"],
        python=machine["python"],
        versions=", ".join(f"{name} {number}" for name, number in figures["versions"].items()),
        table="\n".join(table),
        processes=_processes(figures),
        compiling=_compiling(figures),
        blocks=", ".join(
            f"{block} ({ms:.2f} ms per scenario)"
            for block, ms in figures["scipy_blocks_ms"].items()
        ),
        passes="\n".join(_passes(figures["passes"])),
        scale="\n".join(_scale(figures["scale"])),
    )


def _processes(figures: dict[str, Any]) -> str:
    detail = next(row["detail"] for row in figures["rows"] if "medians_s" in row["detail"])
    medians = [f"{name}: {seconds:.2f} s" for name, seconds in detail["medians_s"].items()]
    return f"Medians: {'; '.join(medians)}."


def _compiling(figures: dict[str, Any]) -> str:
    seconds = figures.get("compile_s")
    return f"Compiling every kernel takes {seconds:.1f} s of it." if seconds else ""


def _passes(passes: list[dict[str, Any]]) -> list[str]:
    return [
        "| pass | threads | bytes | GB/s | machine, GB/s | share |",
        "|---|---|---|---|---|---|",
        *(
            f"| {p['pass']} | {p['threads']} | {p['bytes'] / 1e6:.1f} million | {p['gb_s']:.1f} | "
            f"{p['machine_gb_s']:.1f} | {100 / p['times']:.0f} % |"
            for p in passes
        ),
    ]


def _scale(points: list[dict[str, Any]]) -> list[str]:
    return [
        "| pairs | communes | building, s | one APL, s | peak, MiB | bytes per pair |",
        "|---|---|---|---|---|---|",
        *(
            f"| {p['pairs']:,} | {p['communes']:,} | {p['building_s']:.3f} | {p['apl_s']:.4f} | "
            f"{p['peak_bytes'] / 2**20:,.0f} | {p['bytes_per_pair']:.2f} |"
            for p in points
        ),
    ]
