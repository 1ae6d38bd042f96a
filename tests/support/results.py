"""Folders of results with the zones that a test gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from apl_engine import load_methodology, write_result
from apl_engine.results import StoredResult
from apl_engine.runs import zone_published

RESULT_FILES = {
    f"{name}.{ending}"
    for name in ("communes", "territories", "regions")
    for ending in ("csv", "parquet")
} | {"record.json"}

# Values of a territory or a commune that a test does not give.
_TERRITORY: dict[str, Any] = {
    "communes": 1, "population": 1000.0, "standardised_population": 1000.0, "apl": 50.0,
    "rank": None, "cumulative_share": None, "zone_reason": "ranked",
}  # fmt: skip
_COMMUNE: dict[str, Any] = {"population": 1000.0, "standardised_population": 1000.0, "apl": 50.0}


def names_in(folder: Path) -> set[str]:
    """Return the names of all that a folder holds."""
    return {path.name for path in folder.iterdir()}


def write_zones(
    folder: Path, communes: list[dict[str, Any]], territories: list[dict[str, Any]]
) -> Path:
    """Write a result of these communes and territories, ranks and shares aside."""
    one = {"commune": ["75101"], "population": [10.0], "standardised_population": [10.0]}
    base = zone_published(
        pl.DataFrame({**one, "apl": [1.0]}),
        pl.DataFrame({"commune": ["75101"], "name": ["x"], "region": ["11"], "territory": ["T"],
                      "territory_name": ["T"]}),
        load_methodology("mk-2024"),
    )  # fmt: skip

    def filled(rows: list[dict[str, Any]], rest: dict[str, Any], like: pl.DataFrame) -> Any:
        frame = pl.DataFrame([{**rest, **row} for row in rows], infer_schema_length=None)
        return frame.select(pl.col(name).cast(dtype) for name, dtype in like.schema.items())

    zones = replace(
        base,
        communes=filled(communes, _COMMUNE, base.communes),
        territories=filled(territories, _TERRITORY, base.territories),
    )
    write_result(zones, folder)
    return folder


def territory_of(zones: StoredResult, zone: str) -> str:
    """Return the code of the territory of a class with most communes."""
    rows = zones.territories.filter(zone=zone).sort("communes", "territory", descending=True)
    return str(rows.item(0, "territory"))
