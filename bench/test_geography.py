"""The mesh of France, and tables converted from one year's communes to another's.

The events are invented, as many as in a year with many communes nouvelles. The mesh is that of
INSEE's table if the open data are present, or else is derived from the communes of the sample.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import apl_engine
from apl_engine.geography.history.convert import convert_population, convert_travel_times
from apl_engine.geography.history.events import COLUMNS
from apl_engine.geography.history.mergers import convert_communes
from apl_engine.geography.history.passage import passage_from_events
from apl_engine.geography.mesh.build import build_mesh

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("APL_ENGINE_OPEN_DATA", ROOT.parent / "shared" / "data"))

MESH = "mesh of territories, France"
YEARS = "from one year's communes to another's, France"


@pytest.fixture(scope="module")
def movements(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return 14 000 events since 1960; a thousand mergers between 2018 and 2024 are real codes."""
    codes = frames["communes"]["commune"].sort().to_list()
    rows: list[tuple[Any, ...]] = []
    for k in range(0, 2000, 2):
        day, keeper, other = date(2018 + k // 334, 1, 1), codes[10 * k], codes[10 * k + 1]
        rows += [(32, day, "COM", code, "old", "COM", keeper, "new") for code in (keeper, other)]
        rows.append((32, day, "COM", other, "old", "COMD", other, "old"))
    for k in range(11_000):
        day = date(1960 + k % 50, 1 + k % 12, 1)
        rows.append((31, day, "COM", f"x{k:04d}", "old", "COM", codes[3 * k + 2], "new"))
    return pl.DataFrame(rows, COLUMNS, orient="row")


@pytest.fixture(scope="module")
def communes(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    path = DATA / "insee_appartenance_2023.csv"
    if path.exists():
        table = pl.read_csv(path, separator=";", infer_schema=False)
        names = ["commune", "name", "departement", "region", "canton", "urban_unit", "living_area"]
        table.columns = [*names, "population"]
        return table.with_columns(pl.col("population").cast(pl.Int64))
    people = frames["population"].group_by("commune").agg(pl.col("population").sum())
    table = frames["communes"].join(people, on="commune", how="left").sort("commune")
    return table.with_columns(
        departement=pl.col("commune").str.head(2),
        canton=pl.col("commune").str.head(4),
        urban_unit=pl.col("commune").str.head(3) + "01",
        living_area=pl.col("commune").first().over("territory"),
        population=pl.col("population").fill_null(0.0),
    )


@pytest.mark.benchmark(group=MESH)
def test_mesh(benchmark: Any, communes: pl.DataFrame) -> None:
    rules = apl_engine.load_methodology("mk-2024")
    mesh = benchmark(build_mesh, communes, rules)
    assert mesh.territories.height > 1000


@pytest.mark.benchmark(group=YEARS)
def test_passage(benchmark: Any, movements: pl.DataFrame) -> None:
    passage = benchmark(passage_from_events, movements, 2017, 2024)
    assert passage.links.height == 2000


@pytest.mark.benchmark(group=YEARS)
def test_population(
    benchmark: Any, frames: dict[str, pl.DataFrame], movements: pl.DataFrame
) -> None:
    passage = passage_from_events(movements, 2017, 2024)
    converted = benchmark(convert_population, frames["population"], passage)
    assert converted.table.height < frames["population"].height


@pytest.mark.benchmark(group=YEARS)
def test_communes(benchmark: Any, frames: dict[str, pl.DataFrame], movements: pl.DataFrame) -> None:
    passage = passage_from_events(movements, 2017, 2024)
    converted = benchmark(convert_communes, frames["communes"], passage)
    assert converted.table.height == frames["communes"].height - 1000


@pytest.mark.benchmark(group=YEARS)
def test_travel_times(
    benchmark: Any, frames: dict[str, pl.DataFrame], movements: pl.DataFrame
) -> None:
    passage = passage_from_events(movements, 2017, 2024)
    converted = benchmark(convert_travel_times, frames["travel_times"], passage)
    assert converted.table.height < frames["travel_times"].height


@pytest.mark.benchmark(group="all of it, France")
def test_mesh_and_years(
    benchmark: Any,
    frames: dict[str, pl.DataFrame],
    communes: pl.DataFrame,
    movements: pl.DataFrame,
) -> None:
    rules = apl_engine.load_methodology("mk-2024")

    def job() -> int:
        passage = passage_from_events(movements, 2017, 2024)
        mesh = build_mesh(communes, rules)
        people = convert_population(frames["population"], passage).table
        return (
            mesh.communes.height
            + people.height
            + convert_communes(frames["communes"], passage).table.height
        )

    assert benchmark(job) > 0
