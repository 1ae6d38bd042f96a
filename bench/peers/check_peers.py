"""Check that the peers agree: APL of communes to rounding, zones of territories exactly.

``python check_peers.py FOLDER`` compares them on the Parquet files of FOLDER.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import duckdb_query
import numpy as np
import polars as pl
import polars_query
import pysal_access
import scipy_csr
from numpy.typing import NDArray

RTOL = 1e-12

Vector = NDArray[np.float64]


class Problem(NamedTuple):
    """Supply, demand and weighted pairs, by row number of the communes."""

    codes: pl.Series
    origin_idx: NDArray[np.int32]
    destination_idx: NDArray[np.int32]
    weights: Vector
    supply: Vector
    demand: Vector


def read(folder: str | Path) -> dict[str, pl.DataFrame]:
    """Read the five tables of a folder."""
    return {name: table.collect() for name, table in polars_query.scan(folder).items()}


def problem(frames: dict[str, pl.DataFrame]) -> Problem:
    """Return the arrays that SciPy and PySAL start from."""
    codes = frames["communes"].get_column("commune").sort()
    tables = polars_query.lazy(frames)
    minutes = pl.col("minutes")
    step = pl.when(minutes < 10).then(1.0).when(minutes < 15).then(2 / 3).otherwise(1 / 3)
    rows = pl.col("origin", "destination").cast(pl.Enum(codes)).to_physical().cast(pl.Int32)
    pairs = frames["travel_times"].filter(minutes <= 20).select(rows, weight=step)
    vectors = (
        pl.LazyFrame({"commune": codes})
        .join(polars_query.supply(tables["practitioners"]), on="commune", how="left")
        .join(
            polars_query.demand(tables["population"], tables["consumption"]),
            on="commune",
            how="left",
        )
        .sort("commune")
        .select(pl.col("etp", "standardised").fill_null(0.0))
        .collect()
    )
    return Problem(
        codes,
        pairs.get_column("origin").to_numpy(),
        pairs.get_column("destination").to_numpy(),
        pairs.get_column("weight").to_numpy(),
        vectors.get_column("etp").to_numpy(),
        vectors.get_column("standardised").to_numpy(),
    )


def pysal_frames(frames: dict[str, pl.DataFrame], arrays: Problem) -> tuple:
    """Return pairs (own pairs included), supply and demand as pandas frames, with codes as text."""
    pairs = pysal_access.with_own_communes(
        frames["travel_times"].to_pandas(), arrays.codes.to_pandas()
    )
    vectors = pl.DataFrame(
        {"commune": arrays.codes, "supply": arrays.supply, "demand": arrays.demand}
    )
    indexed = vectors.to_pandas().set_index("commune")
    return pairs, indexed[["supply"]], indexed[["demand"]]


def largest_difference(one: Vector, other: Vector) -> float:
    """Return the largest relative difference (0 if both are 0)."""
    scale = np.maximum(np.abs(one), np.abs(other))
    gaps = np.abs(one - other)
    return float(np.max(np.divide(gaps, scale, out=np.zeros_like(gaps), where=scale > 0)))


def commune_differences(frames: dict[str, pl.DataFrame]) -> dict[str, float]:
    """Return the largest difference of each peer from the Polars query, by commune."""
    arrays = problem(frames)
    base = polars_query.commune_apl_of(frames).sort("commune").get_column("apl").to_numpy()
    matrix = scipy_csr.prepare(*arrays[1:4], len(base))
    order = np.random.default_rng(0).permutation(len(arrays.weights))
    shuffled = (array[order] for array in arrays[1:4])
    tables = pysal_frames(frames, arrays)
    codes = arrays.codes.to_list()
    others = {
        "DuckDB": duckdb_query.commune_apl_of(frames).sort("commune").get_column("apl").to_numpy(),
        "SciPy": scipy_csr.accessibility(*arrays[1:]),
        "SciPy, shuffled pairs": scipy_csr.accessibility(*shuffled, *arrays[4:]),
        "SciPy, prepared": scipy_csr.prepared_accessibility(matrix, *arrays[4:]),
        "PySAL": pysal_access.accessibility(*tables).reindex(codes).to_numpy(),
        "PySAL, weights": pysal_access.weighted_accessibility(*tables).reindex(codes).to_numpy(),
    }
    return {name: largest_difference(base, apl) for name, apl in others.items()}


def zones_agree(folder: str | Path, frames: dict[str, pl.DataFrame]) -> bool:
    """Return whether Polars and DuckDB give the same zones, from files and from memory."""
    peers = (polars_query, duckdb_query)
    tables = [peer.zones(folder) for peer in peers] + [peer.zones_of(frames) for peer in peers]
    first, *rest = (table.sort("territory") for table in tables)
    return all(
        table.select("territory", "zone").equals(first.select("territory", "zone"))
        and largest_difference(table["apl"].to_numpy(), first["apl"].to_numpy()) <= RTOL
        for table in rest
    )


def main() -> int:
    """Print the differences; exit with 1 if the peers disagree."""
    frames = read(sys.argv[1])
    differences = commune_differences(frames)
    for name, difference in differences.items():
        print(f"{name:26} {difference:.1e}")
    same = zones_agree(sys.argv[1], frames)
    print(f"zones equal: {same}")
    return 0 if same and all(gap <= RTOL for gap in differences.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
