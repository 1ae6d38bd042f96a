"""The five tables of a sample and their Parquet files."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl

ROWS_PER_GROUP = 200_000
SORTED_BY = {
    "communes": ["commune"],
    "population": ["commune", "age_band"],
    "consumption": ["age_band"],
    "travel_times": ["origin", "destination"],
    "practitioners": ["practitioner_id", "commune"],
}


@dataclass(frozen=True)
class Sample:
    """The five tables, named as their files."""

    communes: pl.DataFrame
    population: pl.DataFrame
    consumption: pl.DataFrame
    travel_times: pl.DataFrame
    practitioners: pl.DataFrame


def write(sample: Sample, folder: Path) -> None:
    """Write the five files atomically, each sorted by its key."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields(sample):
        table: pl.DataFrame = getattr(sample, field.name)
        write_table(table.sort(SORTED_BY[field.name]), folder / f"{field.name}.parquet")


def write_table(table: pl.DataFrame, target: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a file atomically."""
    partial = target.with_suffix(".partial")
    table.write_parquet(
        partial,
        compression="zstd",
        compression_level=19,
        statistics=True,
        row_group_size=ROWS_PER_GROUP,
        metadata=metadata,
    )
    partial.replace(target)


def around_region(sample: Sample, region: str, fees_per_head: pl.DataFrame) -> Sample:
    """Limit the sample to a region and every commune within its reach."""
    inside = sample.communes.filter(pl.col("region") == region).get_column("commune")
    reached = sample.travel_times.filter(pl.col("origin").is_in(inside.implode()))
    members = pl.concat([inside, reached.get_column("destination")]).unique().implode()
    population = sample.population.filter(pl.col("commune").is_in(members))
    return Sample(
        communes=sample.communes.filter(pl.col("commune").is_in(members)),
        population=population,
        consumption=consumption(population, fees_per_head),
        travel_times=sample.travel_times.filter(
            pl.col("origin").is_in(members) & pl.col("destination").is_in(members)
        ),
        practitioners=sample.practitioners.filter(pl.col("commune").is_in(members)),
    )


def consumption(population: pl.DataFrame, fees_per_head: pl.DataFrame) -> pl.DataFrame:
    """Return the fees of this population over the year, by age band."""
    heads = population.group_by("age_band").agg(pl.col("population").sum())
    fees = (pl.col("population") * pl.col("fees_per_head")).cast(pl.Float64).alias("fees")
    return heads.join(fees_per_head, on="age_band").select("age_band", fees).sort("age_band")
