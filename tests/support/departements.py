"""The tables of one departement of the sample, which commands take a moment to read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from support.tables import SAMPLES

OF_PLACES = {
    "population": ["commune"], "practitioners": ["commune"],
    "travel_times": ["origin", "destination"],
}  # fmt: skip


def write_departement(folder: Path, departement: str = "53") -> Path:
    """Write tables of a departement of Pays de la Loire as Parquet; 53 has 240 communes.

    Its communes are reached from each other alone.
    """
    region = SAMPLES / "pays-de-la-loire"
    tables = {path.stem: pl.read_parquet(path) for path in region.glob("*.parquet")}
    communes = tables["communes"].filter(pl.col("departement") == departement)
    inside = communes["commune"].implode()
    tables["communes"] = communes
    for name, columns in OF_PLACES.items():
        both = pl.all_horizontal(pl.col(column).is_in(inside) for column in columns)
        tables[name] = tables[name].filter(both)
    folder.mkdir()
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    return folder
