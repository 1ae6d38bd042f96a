"""The words of docs/performance.md: the template, with every figure from the run."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Any

TEMPLATE = Path(__file__).with_name("template.md")


def page(figures: dict[str, Any], table: list[str]) -> str:
    """Return the page; `table` is that of the run, in Markdown."""
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
            f"{block} ({ms:.2f} ms a scenario)" for block, ms in figures["scipy_blocks_ms"].items()
        ),
        passes="\n".join(_passes(figures["passes"])),
        scale="\n".join(_scale(figures["scale"])),
    )


def _processes(figures: dict[str, Any]) -> str:
    told = next(row["detail"] for row in figures["rows"] if "medians_s" in row["detail"])
    said = [f"{name}: {seconds:.2f} s" for name, seconds in told["medians_s"].items()]
    return f"Medians: {'; '.join(said)}."


def _compiling(figures: dict[str, Any]) -> str:
    took = figures.get("compile_s")
    return f"Compiling every kernel takes {took:.1f} s of it." if took else ""


def _passes(passes: list[dict[str, Any]]) -> list[str]:
    return [
        "| pass | threads | bytes | GB/s | of the machine, GB/s | share |",
        "|---|---|---|---|---|---|",
        *(
            f"| {p['pass']} | {p['threads']} | {p['bytes'] / 1e6:.1f} million | {p['gb_s']:.1f} | "
            f"{p['machine_gb_s']:.1f} | {100 / p['times']:.0f} % |"
            for p in passes
        ),
    ]


def _scale(points: list[dict[str, Any]]) -> list[str]:
    return [
        "| pairs | places | building, s | one APL, s | peak, MiB | bytes a pair, held |",
        "|---|---|---|---|---|---|",
        *(
            f"| {p['pairs']:,} | {p['places']:,} | {p['building_s']:.3f} | {p['apl_s']:.4f} | "
            f"{p['peak_bytes'] / 2**20:,.0f} | {p['bytes_per_pair']:.2f} |"
            for p in points
        ),
    ]
