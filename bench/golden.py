"""The national run on the sample, as digests: which results they are, bit for bit."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import apl_engine

TABLES = ("communes", "territories", "regions")
# What may move the last bit of a figure.
LIBRARIES = ("polars", "numpy", "numba", "llvmlite")


def versions() -> dict[str, str]:
    return {"machine": platform.machine(), **{name: version(name) for name in LIBRARIES}}


def digests(result: apl_engine.Result) -> dict[str, str]:
    """Return the SHA-256 of each table as CSV: names, order, and every digit of every figure."""
    return {
        name: hashlib.sha256(getattr(result, name).write_csv().encode()).hexdigest()
        for name in TABLES
    }


def measure(folder: Path) -> dict[str, Any]:
    """Run on a folder of tables, from raw times and on a network made of them.

    Raises
    ------
    SystemExit
        Both are not the same.
    """
    rules = apl_engine.load_methodology("mk-2024")
    tables = apl_engine.read_inputs(folder, rules)
    network = apl_engine.build_network(tables.travel_times, tables.communes, rules)
    found = digests(apl_engine.run(tables, rules))
    if digests(apl_engine.run(tables, rules, network=network)) != found:
        raise SystemExit("a run on a prepared network gives other results than one on raw times")
    return {"versions": versions(), "digests": found}


def changes(stored: dict[str, Any] | None, found: dict[str, Any]) -> list[str]:
    """Say which tables are not those stored, and whether versions differ too."""
    if stored is None:
        return ["no results are stored to compare with; --accept stores these"]
    tables = [name for name in TABLES if stored["digests"].get(name) != found["digests"][name]]
    if not tables:
        return []
    moved = [
        f"{name} {stored['versions'].get(name)} -> {now}"
        for name, now in found["versions"].items()
        if stored["versions"].get(name) != now
    ]
    why = f"; not the same either: {', '.join(moved)}" if moved else ", on the same versions"
    return [f"changed result: {', '.join(tables)} of the sample{why}"]
