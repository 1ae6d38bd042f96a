"""The national run on the sample, identified bit for bit by digests."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import apl_engine

TABLES = ("communes", "territories", "regions")
# Versions that may change the last bit of a figure.
LIBRARIES = ("polars", "numpy", "numba", "llvmlite")


def versions() -> dict[str, str]:
    return {"machine": platform.machine(), **{name: version(name) for name in LIBRARIES}}


def digests(result: apl_engine.Result) -> dict[str, str]:
    """Return the SHA-256 of each table as CSV, which covers names, order and every digit."""
    return {
        name: hashlib.sha256(getattr(result, name).write_csv().encode()).hexdigest()
        for name in TABLES
    }


def measure(folder: Path) -> dict[str, Any]:
    """Run on a folder of tables, from raw travel times and on a prepared network.

    Raises
    ------
    SystemExit
        The two results differ.
    """
    rules = apl_engine.load_methodology("mk-2024")
    tables = apl_engine.read_inputs(folder, rules)
    network = apl_engine.build_network(tables.travel_times, tables.communes, rules).laid_out()
    expected = digests(apl_engine.run(tables, rules))
    if digests(apl_engine.run(tables, rules, network=network)) != expected:
        raise SystemExit(
            "a run on a prepared network and one on raw travel times give different results"
        )
    return {"versions": versions(), "digests": expected}


def changed_tables(stored: dict[str, Any], measured: dict[str, Any]) -> list[str]:
    """Return the tables whose digests differ from the stored ones."""
    return [name for name in TABLES if stored["digests"].get(name) != measured["digests"][name]]


def changed_versions(
    stored: dict[str, Any], measured: dict[str, Any]
) -> dict[str, tuple[str | None, str]]:
    """Return the versions that differ from the stored ones: before and now, by name."""
    return {
        name: (stored["versions"].get(name), version_now)
        for name, version_now in measured["versions"].items()
        if stored["versions"].get(name) != version_now
    }


def failures(stored: dict[str, Any] | None, measured: dict[str, Any]) -> list[str]:
    """Describe what has changed."""
    if stored is None:
        return ["no results are stored to compare with; --accept stores these"]
    tables = changed_tables(stored, measured)
    if not tables:
        return []
    versions = changed_versions(stored, measured)
    cause = (
        "; versions differ too: "
        + ", ".join(f"{name} {before} -> {now}" for name, (before, now) in versions.items())
        if versions
        else ", with the same versions"
    )
    return [f"changed result: {', '.join(tables)} of the sample{cause}"]
