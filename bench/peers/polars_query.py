"""APL and zones as one lazy Polars query, without checks, record or outputs.

From the five tables to the zone of every territory, with the default parameters of the method and
region 06 imposed inside the cuts. ``python polars_query.py FOLDER`` reads the Parquet
files of FOLDER and prints the number of territories of each zone.

Variants tried on the national sample (a million pairs of communes), with two cores under other
load; milliseconds of the query in a new process, best of thirteen runs taken in turn. Importing
Polars takes 140 or more on top:

====================================================================  ====
this query: one plan, ``cache()`` on what is used twice, one join of
the pairs with the supply, one with the demand, and a window over the
destinations, on the streaming engine                                  100
the same, sortedness of the communes declared (and assumed)            103
pairs reduced by a semi-join, the supply joined later                  104
without ``cache()``: the optimiser finds the common subplans           106
age bands as Enum codes                                                108
practitioners by group-by and explode instead of windows               115
a group-by and a join instead of the window over the destinations      116
in four collects, one of them ``collect_all``                          118
the same through lists: one group-by, then explode                     120
communes as Enum codes, 16 bits, once the pairs are reduced            128
communes as Enum codes, 16 bits, from the start                        136
the in-memory engine on this query                                     167
communes as row numbers, vectors gathered instead of joins             172
====================================================================  ====

A plan that joins the pairs again in each of the two stages, without ``cache()``, takes 250: the
optimiser then reads the tables twice. The cast to Categorical takes twice as long as that to Enum,
one column per age band twice as long as the joins, and morsel sizes make no difference.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl

TABLES = ("practitioners", "population", "consumption", "travel_times", "communes")

AGE_LIMIT = 65
MINIMUM_FEES = 10_000
PER_INHABITANTS = 100_000
IMPOSED_REGION = "06"
IMPOSED_ZONE = "tres_sous_dotee"
CUTS = (("tres_sous_dotee", 0.15), ("sous_dotee", 0.30), ("intermediaire", 0.70))
LAST_ZONE = "non_prioritaire"


def scan(folder: str | Path) -> dict[str, pl.LazyFrame]:
    """Return the five tables of a folder, which are read when the query runs."""
    return {name: pl.scan_parquet(Path(folder) / f"{name}.parquet") for name in TABLES}


def supply(practitioners: pl.LazyFrame) -> pl.LazyFrame:
    """Return the ETP of every commune that has a practice: commune, etp."""
    return practices(practitioners).group_by("commune").agg(pl.col("etp").sum())


def practices(practitioners: pl.LazyFrame) -> pl.LazyFrame:
    """Return the share of an ETP in each practice that counts: commune, practitioner_id, etp."""
    acts, fees, new = pl.col("total_acts"), pl.col("total_fees"), pl.col("newly_installed")
    reference = acts.filter(pl.col("first_row") & ~new & (fees >= MINIMUM_FEES))
    activity = pl.min_horizontal(acts, "ceiling") / pl.col("median")
    share = pl.when(acts > 0).then(pl.col("acts") / acts).otherwise(1 / pl.col("practices"))
    return (
        practitioners.filter(pl.col("age") <= AGE_LIMIT)
        .select(
            "commune",
            "practitioner_id",
            "acts",
            "newly_installed",
            total_acts=pl.col("acts").sum().over("practitioner_id"),
            total_fees=pl.col("fees").sum().over("practitioner_id"),
            practices=pl.len().over("practitioner_id"),
            first_row=pl.col("practitioner_id").is_first_distinct(),
        )
        .with_columns(
            median=reference.quantile(0.5, "linear"), ceiling=reference.quantile(0.9, "linear")
        )
        .filter(new | (fees >= MINIMUM_FEES))
        .select(
            "commune", "practitioner_id", etp=pl.when(new).then(1.0).otherwise(activity) * share
        )
    )


def demand(population: pl.LazyFrame, consumption: pl.LazyFrame) -> pl.LazyFrame:
    """Return the total and standardised population: commune, population, standardised."""
    population = population.cache()
    people, fees = pl.col("population"), pl.col("fees")
    weights = (
        population.group_by("age_band")
        .agg(people.sum())
        .join(consumption, on="age_band")
        .select("age_band", weight=fees / people / (fees.sum() / people.sum()))
    )
    return (
        population.join(weights, on="age_band")
        .group_by("commune")
        .agg(people.sum(), standardised=(people * pl.col("weight")).sum())
    )


def communes(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Return commune, region, territory, population, standardised and apl."""
    etp = supply(tables["practitioners"]).cache()
    people = demand(tables["population"], tables["consumption"]).cache()
    minutes, weight = pl.col("minutes"), pl.col("weight")
    trips = (
        tables["travel_times"]
        .filter(minutes <= 20)
        .join(etp, left_on="destination", right_on="commune")
        .select(
            "origin",
            "destination",
            "etp",
            weight=pl.when(minutes < 10).then(1.0).when(minutes < 15).then(2 / 3).otherwise(1 / 3),
        )
    )
    # Own pairs are needed only for communes with a practice.
    own = etp.select(origin="commune", destination="commune", etp=pl.col("etp"), weight=pl.lit(1.0))
    reached = (weight * pl.col("standardised")).sum().over("destination")
    apl = (
        pl.concat([trips, own])
        .join(people, left_on="origin", right_on="commune")
        .select(commune="origin", apl=weight * pl.col("etp") / reached)
        .filter(pl.col("apl").is_finite())
        .group_by("commune")
        .agg(pl.col("apl").sum() * PER_INHABITANTS)
    )
    return (
        tables["communes"]
        .select("commune", "region", "territory")
        .join(people, on="commune", how="left")
        .join(apl, on="commune", how="left")
        .with_columns(pl.col("population", "standardised", "apl").fill_null(0))
    )


def territories(table: pl.LazyFrame) -> pl.LazyFrame:
    """Return territory, apl and zone from the table of the communes."""
    people, weights = pl.col("population"), pl.col("standardised")
    mean = pl.col("product").sum() / weights.sum()
    home = pl.col("region").filter(people == people.max()).min()
    imposed = pl.col("imposed")
    zone = pl.when(imposed).then(pl.lit(IMPOSED_ZONE)).when(pl.col("apl").is_null()).then(None)
    for name, cut in CUTS:
        zone = zone.when(pl.col("share") <= cut).then(pl.lit(name))
    return (
        table.group_by("territory", "region")
        .agg(people.sum(), weights.sum(), product=(pl.col("apl") * weights).sum())
        .group_by("territory")
        .agg(
            people.sum(),
            apl=pl.when(weights.sum() > 0).then(mean),
            imposed=home == IMPOSED_REGION,
        )
        # Imposed zones come first, so that their population counts in every cumulative sum.
        .sort("imposed", "apl", "territory", descending=[True, False, False], nulls_last=True)
        .with_columns(share=people.cum_sum() / people.sum())
        .select("territory", "apl", zone=zone.otherwise(pl.lit(LAST_ZONE)))
    )


def collect(query: pl.LazyFrame) -> pl.DataFrame:
    """Run the query on the streaming engine."""
    return query.collect(engine="streaming")


def lazy(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.LazyFrame]:
    """Return tables in memory as the inputs of a query."""
    return {name: frame.lazy() for name, frame in frames.items()}


def zones(folder: str | Path) -> pl.DataFrame:
    """Return territory, apl and zone from the files of a folder."""
    return collect(territories(communes(scan(folder))))


def zones_of(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return territory, apl and zone from tables in memory."""
    return collect(territories(communes(lazy(frames))))


def main() -> None:
    """Print the number of territories of each zone."""
    counts = zones(sys.argv[1]).get_column("zone").value_counts().sort("zone")
    print(", ".join(f"{zone} {count}" for zone, count in counts.iter_rows()), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
