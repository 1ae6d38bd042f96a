"""The record of a run: how each figure came about, as plain values."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl

from .._version import __version__
from ..errors import check_arguments
from ..inputs.samples import sample_of
from ..method.regions import compare_with_published
from ..method.result import Published, Result, Rezoned, Zoning, totals_of
from .read import StoredResult
from .samples import SAMPLE

FORMAT, VERSION = 1, __version__
# What the record of an adapted result does not take from that of the national one.
_CHANGED_BY_ADAPTATION = ("zones", "regions", "article_vi", "notes")
_OF_FILES = ("located", "outputs", "sha256")
# What a publication takes from the record of the exact result.
_PUBLISHED = ("inputs", "network", "imports", "environment")
# Imports that read public files alone; one of activity states what its files hold of each kind.
_PUBLIC_IMPORTS = frozenset({"apl", "distancier", "mesh", "population", "territories", "zoning"})


@check_arguments(result=("Zoning",))
def make_record(result: Zoning) -> dict[str, Any]:
    """Return all that documents a result, ready for JSON.

    Nothing in it identifies a practitioner. All but ``timings`` is the same for the same inputs,
    methodology and versions.

    Parameters
    ----------
    result : Zoning
        As from `run`, `zone_published` or `adapt`.

    Returns
    -------
    dict
        Plain values.
    """
    made = _made(result)
    if isinstance(result, Published):
        return _of_publication(result, made)
    if not isinstance(result, Rezoned):
        return made
    base = result.base
    national = base.record if isinstance(base, StoredResult) else make_record(base)
    return {
        **{key: value for key, value in national.items() if key not in _OF_FILES},
        **{key: made[key] for key in _CHANGED_BY_ADAPTATION},
        "adaptation": {"national": national.get("sha256"), **result.adaptation},
    }


def _of_publication(result: Published, made: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a publication: no digest or place of what must stay secret."""
    exact = result.base.record if isinstance(result.base, StoredResult) else _made(result.base)
    kept = {name: exact[name] for name in _PUBLISHED}
    values = {**exact["reference_values"], "cuts": made["reference_values"]["cuts"]}
    inputs = [_public_input(entry) for entry in kept["inputs"]]
    imports = [entry for entry in kept["imports"] if entry.get("kind") in _PUBLIC_IMPORTS]
    return {**made, **kept, "inputs": inputs, "imports": imports, "reference_values": values}


def _public_input(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what may be known of a table.

    The digest of practitioners would tell when somebody guessed all of them, and the number of
    rows how many are excluded. Those of a sample are public, and fictitious.
    """
    if entry["table"] != "practitioners":
        return entry
    sample = sample_of(entry)
    named = {SAMPLE: sample} if sample else {}
    return {"table": entry["table"], "format": entry["format"], "rows": None, **named}


def _made(result: Zoning) -> dict[str, Any]:
    computed = result if isinstance(result, Result) else None
    return {
        "format": FORMAT,
        "apl_engine": VERSION,
        "methodology": result.methodology.as_dict(),
        "inputs": [dict(entry) for entry in computed.inputs] if computed else [],
        "network": computed.network.as_dict() if computed and computed.prepared else {},
        "imports": [dict(entry) for entry in result.imports],
        "counts": {name: dict(counts) for name, counts in result.counts.items()},
        "totals": dict(totals_of(result)),
        "publication": result.publication.as_dict() if result.publication else None,
        "reference_values": {
            **(_reference_values(computed) if computed else {}),
            "cuts": [asdict(cut) for cut in result.cuts],
        },
        "zones": _zones(result),
        "regions": result.regions.to_dicts(),
        "article_vi": compare_with_published(result.regions, result.methodology).to_dicts(),
        "ambiguous_zones": [] if result.ambiguous is None else result.ambiguous.to_dicts(),
        "notes": [note.as_dict() for note in result.notes],
        "environment": {
            **environment(),
            "machine": platform.machine(),
            "system": platform.system(),
        },
        "timings": dict(result.timings),
    }


def environment() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a figure may depend on."""
    # Importing Numba would take longer than reading its metadata.
    libraries = {
        "numba": version("numba"), "numpy": np.__version__, "polars": pl.__version__,
    }  # fmt: skip
    return {"python": platform.python_version(), **libraries}


def _reference_values(result: Result) -> dict[str, Any]:
    return {
        "median_acts": result.median_acts,
        "ceiling_acts": result.ceiling_acts,
        "age_bands": result.bands.to_dicts(),
    }


def _zones(result: Zoning) -> list[Mapping[str, Any]]:
    """Return the whole country by class."""
    rows = {row["zone"]: row for row in result.regions.to_dicts() if row["region"] == "FR"}
    return [
        {
            "zone": zone.id,
            "label": zone.label,
            **{key: rows[zone.id][key] for key in ("population", "share", "communes")},
            "territories": rows[zone.id]["territories"],
        }
        for zone in result.methodology.zoning.classes
    ]
