"""The job of `apl run` in Polars: five tables to communes, territories and regions, as files.

``python polars_job.py FOLDER OUT [PAIRS]`` does what ``duckdb_job.py`` describes.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import polars_query
from job_rules import (
    COUNTRY,
    CUTS,
    IMPOSED_REASON,
    IMPOSED_REGION,
    IMPOSED_ZONE,
    NO_DEMAND,
    NOBODY,
    RANKED,
    REGIONS,
    SOME_REGIONS,
    ZONES,
)

PER_INHABITANTS = 100_000
# Sums in another order move the last digits of equal APLs: twelve leave ties together.
DIGITS = 12


def practices(practitioners: pl.LazyFrame) -> pl.LazyFrame:
    """Return the practices with a share of an ETP: commune, practitioner_id, etp."""
    return polars_query.practices(practitioners).filter(pl.col("etp") > 0)


def trips(folder: Path, pairs: Path | None) -> pl.LazyFrame:
    """Return origin, destination, thirds: the weight times 3, a whole number."""
    if pairs:
        return pl.scan_parquet(pairs)
    minutes = pl.col("minutes")
    thirds = pl.when(minutes < 10).then(3.0).when(minutes < 15).then(2.0).otherwise(1.0)
    times = pl.scan_parquet(folder / "travel_times.parquet").filter(minutes <= 20)
    return times.select("origin", "destination", thirds=thirds)


def weighted_sums(trips: pl.LazyFrame, by: str, other: str, values: pl.LazyFrame) -> pl.LazyFrame:
    """Return place, others: the weighted sum, by one end, of a value of the other end."""
    carried = (pl.col("thirds") * pl.col("value")).sum() / 3
    joined = trips.join(values, left_on=other, right_on="place")
    return joined.group_by(place=by).agg(others=carried)


def communes(folder: Path, pairs: Path | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the communes without their zone, unsorted, and the practices."""
    tables = polars_query.scan(folder)
    counted = practices(tables["practitioners"]).cache()
    supply = counted.group_by("commune").agg(
        pl.col("etp").sum(), practitioners=pl.len().cast(pl.Int64)
    )
    demand = polars_query.demand(tables["population"], tables["consumption"])
    places = (
        tables["communes"]
        .select("commune", "name", "region", "territory", "territory_name")
        .join(demand.rename({"standardised": "standardised_population"}), "commune", how="left")
        .join(supply, "commune", how="left")
        .with_columns(
            pl.col("etp", "practitioners", "standardised_population").fill_null(0),
            pl.col("population").fill_null(0).cast(pl.Float64),
        )
    )
    if pairs:
        places = places.sort("commune").with_row_index("place")
    else:
        places = places.with_columns(place="commune")
    places, both = places.cache(), trips(folder, pairs).cache()
    people, reached = pl.col("standardised_population"), pl.col("demand_reached")
    others = pl.col("others").fill_null(0)
    ratios = (
        places.join(
            weighted_sums(both, "destination", "origin", places.select("place", value=people)),
            "place",
            how="left",
        )
        .with_columns(demand_reached=people + others)
        .with_columns(ratio=pl.when(reached > 0).then(pl.col("etp") / reached).otherwise(0.0))
        .drop("others")
        .cache()
    )
    supplied = ratios.filter(pl.col("ratio") > 0).select("place", value="ratio")
    results = ratios.join(
        weighted_sums(both, "origin", "destination", supplied), "place", how="left"
    ).with_columns(apl=PER_INHABITANTS * (pl.col("ratio") + others))
    result, of_practitioners = pl.collect_all([results, counted], engine="streaming")
    return result, of_practitioners


def territories(communes: pl.DataFrame, practices: pl.DataFrame) -> pl.DataFrame:
    """Return the table of territories, sorted by code."""
    people, weight, imposed = pl.col("population"), pl.col("standardised_population"), "imposed"
    persons = (
        practices.join(communes.select("commune", "territory"), "commune")
        .group_by("territory")
        .agg(practitioners=pl.col("practitioner_id").n_unique().cast(pl.Int64))
    )
    parts = communes.group_by("territory", "region").agg(
        pl.col("territory_name").first(), people.sum(), weight.sum(), pl.col("etp").sum(),
        communes=pl.len().cast(pl.Int64), product=(pl.col("apl") * weight).sum(),
    )  # fmt: skip
    whole = parts.group_by("territory").agg(
        pl.col("territory_name").first(), pl.col("communes", "etp", "product").sum(),
        people.sum(), weight.sum(),
        region=pl.col("region").filter(people == people.max()).min(),
    )  # fmt: skip
    ranked = ~pl.col(imposed) & pl.col("apl").is_not_null()
    held = people.filter(pl.col(imposed)).sum()
    through = pl.when(ranked).then(people).otherwise(0.0).cum_sum()
    share = (through + held) / people.filter(pl.col(imposed) | ranked).sum()
    zone = pl.when(imposed).then(pl.lit(IMPOSED_ZONE)).when(pl.col("rank").is_null()).then(None)
    for name, cut in zip(ZONES, CUTS, strict=False):
        zone = zone.when(pl.col("cumulative_share") <= 100 * cut).then(pl.lit(name))
    reason = pl.when(imposed).then(pl.lit(IMPOSED_REASON)).when(ranked).then(pl.lit(RANKED))
    reason = reason.when(people > 0).then(pl.lit(NO_DEMAND)).otherwise(pl.lit(NOBODY))
    return (
        whole.join(persons, "territory", how="left")
        .with_columns(
            pl.col("practitioners").fill_null(0),
            apl=pl.when(weight > 0).then(pl.col("product") / weight),
            imposed=pl.col("region") == IMPOSED_REGION,
        )
        .sort(pl.col("apl").round_sig_figs(DIGITS), "territory", nulls_last=True)
        .with_columns(
            rank=pl.when(ranked).then(ranked.cum_sum().cast(pl.UInt32)),
            cumulative_share=pl.when(ranked).then(100 * share),
        )
        .with_columns(zone=zone.otherwise(pl.lit(ZONES[-1])), zone_reason=reason)
        .sort("territory")
        .select(
            "territory", "territory_name", "region", "communes", "etp", "practitioners",
            "population", "standardised_population", "apl", "rank", "cumulative_share", "zone",
            "zone_reason",
        )
    )  # fmt: skip


def regions(communes: pl.DataFrame, territories: pl.DataFrame) -> pl.DataFrame:
    """Return the shares of regions by zone, the country last."""
    own = territories.select("region", "zone", "population", "communes")
    everywhere = pl.concat([own, own.with_columns(region=pl.lit(COUNTRY))])
    parts = everywhere.group_by("region", "zone").agg(
        pl.col("population", "communes").sum(), territories=pl.len().cast(pl.Int64)
    )
    totals = everywhere.group_by("region").agg(total=pl.col("population").sum())
    codes = [*communes["region"].unique().sort(), COUNTRY]
    names = REGIONS if len(codes) >= len(REGIONS) else {**REGIONS, COUNTRY: SOME_REGIONS}
    grid = pl.DataFrame({"region": codes}).join(pl.DataFrame({"zone": ZONES}), how="cross")
    people = pl.col("population").fill_null(0.0)
    return (
        grid.join(parts, ["region", "zone"], how="left", maintain_order="left")
        .join(totals, "region", how="left", maintain_order="left")
        .select(
            "region",
            region_name=pl.col("region").replace(names),
            zone="zone",
            population=people,
            share=pl.when(pl.col("total") > 0).then(100 * people / pl.col("total")),
            communes=pl.col("communes").fill_null(0),
            territories=pl.col("territories").fill_null(0),
        )
    )


def compute(folder: Path, pairs: Path | None) -> dict[str, pl.DataFrame]:
    """Return the three tables by name."""
    table, counted = communes(folder, pairs)
    zoned = territories(table, counted)
    columns = (
        "commune", "name", "region", "etp", "practitioners", "population",
        "standardised_population", "demand_reached", "apl", "territory", "territory_name", "zone",
    )  # fmt: skip
    of_communes = table.join(zoned.select("territory", "zone"), "territory").sort("commune")
    return {
        "communes": of_communes.select(columns),
        "territories": zoned,
        "regions": regions(table, zoned),
    }


def write(tables: dict[str, pl.DataFrame], out: Path) -> None:
    """Write the three tables; the largest file beside all others."""

    def others() -> None:
        for name, table in tables.items():
            table.write_parquet(out / f"{name}.parquet")
            if name != "communes":
                table.write_csv(out / f"{name}.csv")

    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(others)
        tables["communes"].write_csv(out / "communes.csv")
        beside.result()


def main() -> None:
    """Read, compute and write."""
    folder, out, *pairs = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    write(compute(folder, pairs[0] if pairs else None), out)
    os._exit(0)


if __name__ == "__main__":
    main()
