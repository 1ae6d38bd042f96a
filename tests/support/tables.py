"""Small countries for tests: tables as lists of rows, and as frames or files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from apl_engine.inputs.tables import stamp_of
from apl_engine.methodology import load_methodology
from apl_engine.methodology.model import Methodology
from apl_engine.methodology.values import Imposed, Step, ZoneClass

SAMPLES = Path(__file__).parents[2] / "data_samples"

Row = dict[str, Any]
World = dict[str, list[Row]]

BANDS = ("00-04", "05-09", "10+")

_TYPES: dict[str, dict[str, Any]] = {
    "practitioners": {
        "practitioner_id": pl.String,
        "commune": pl.String,
        "age": pl.Int64,
        "acts": pl.Float64,
        "fees": pl.Float64,
        "newly_installed": pl.Boolean,
    },
    "population": {"commune": pl.String, "age_band": pl.String, "population": pl.Float64},
    "consumption": {"age_band": pl.String, "fees": pl.Float64},
    "travel_times": {"origin": pl.String, "destination": pl.String, "minutes": pl.Float64},
    "communes": {
        "commune": pl.String,
        "name": pl.String,
        "region": pl.String,
        "territory": pl.String,
        "territory_name": pl.String,
    },
}


def small_world() -> World:
    """Four communes on a line, ten minutes apart, in two territories and two regions."""
    codes = ["01001", "01002", "2A004", "75101"]
    return {
        "practitioners": [
            practitioner("p1", "01001", acts=4000, fees=70_000),
            practitioner("p2", "01002", acts=2000, fees=40_000),
            practitioner("p3", "01002", acts=3000, fees=60_000),
            practitioner("p3", "2A004", acts=1000, fees=20_000),
            practitioner("p4", "75101", acts=100, fees=2_000, new=True),
            practitioner("p5", "75101", acts=5000, fees=90_000, age=66),
        ],
        "population": [
            {"commune": code, "age_band": band, "population": 100.0 * (k + 1) + 10 * b}
            for k, code in enumerate(codes)
            for b, band in enumerate(BANDS)
        ],
        "consumption": [
            {"age_band": band, "fees": 1000.0 * (b + 1)} for b, band in enumerate(BANDS)
        ],
        "travel_times": [
            {"origin": one, "destination": two, "minutes": 10.0 * abs(j - k)}
            for j, one in enumerate(codes)
            for k, two in enumerate(codes)
            if j != k
        ],
        "communes": [
            commune("01001", "84", "T1"),
            commune("01002", "84", "T1"),
            commune("2A004", "94", "T2"),
            commune("75101", "11", "T2"),
        ],
    }


def practitioner(
    identifier: str,
    place: str,
    *,
    acts: float = 3000,
    fees: float = 50_000,
    age: int = 40,
    new: bool = False,
) -> Row:
    return {
        "practitioner_id": identifier,
        "commune": place,
        "age": age,
        "acts": float(acts),
        "fees": float(fees),
        "newly_installed": new,
    }


def commune(code: str, region: str, territory: str) -> Row:
    return {
        "commune": code,
        "name": f"Commune {code}",
        "region": region,
        "territory": territory,
        "territory_name": f"Territory {territory}",
    }


def frames(world: World) -> dict[str, pl.DataFrame]:
    """Return a world as the frames that the library takes."""
    return {name: pl.DataFrame(rows, schema=_TYPES[name]) for name, rows in world.items()}


def write_csv(world: World, folder: Path, separator: str = ",") -> Path:
    """Write a world as CSV files and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames(world).items():
        frame.write_csv(folder / f"{name}.csv", separator=separator)
    return folder


def write_imported(folder: Path, *, activity: int | None = None, **years: int) -> Path:
    """Write a small world, and the years that its tables were imported as."""
    write_csv(small_world(), folder)
    entries = [
        {
            "vintage": year,
            **({"year": activity} if activity else {}),
            "tables": [{"table": table, "sha256": stamp_of(folder / f"{table}.csv").sha256}],
        }
        for table, year in years.items()
    ]
    (folder / "imports.json").write_text(json.dumps({"imports": entries}))
    return folder


def methodology(**changes: Any) -> Methodology:
    """Return mk-2024 with some parameters changed, named as ``section_parameter``."""
    rules = load_methodology("mk-2024")
    for name, value in changes.items():
        section, parameter = name.split("_", 1)
        rules = replace(rules, **{section: replace(getattr(rules, section), **{parameter: value})})
    return rules


def from_reference(parameters: Any) -> Methodology:
    """Return the methodology that has the parameters of the reference."""
    changes = {name: value for name, value in vars(parameters).items() if "quantile" not in name}
    changes["etp_quantile_definition"] = parameters.etp_quantile_definition
    changes["travel_steps"] = tuple(
        Step(step.to, step.included, step.weight) for step in parameters.travel_steps
    )
    changes["zoning_classes"] = tuple(
        ZoneClass(name, name, share) for name, share in parameters.zoning_classes
    )
    changes["zoning_imposed"] = tuple(Imposed(*row) for row in parameters.zoning_imposed)
    return methodology(**changes)
