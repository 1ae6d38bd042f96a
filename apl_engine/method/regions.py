"""Regions: attribution of territories, and shares by class. Annexe, IV, 4.3 and VI."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from ..columns import Float, Indices, numbered, numbers
from ..errors import check_arguments
from ..methodology.model import Methodology
from ..methodology.values import COUNTRY
from ..schemas import OUTPUT_TABLES, Kind, typed_columns

_COMMUNES: dict[str, Kind] = {
    **dict.fromkeys(("commune", "region", "territory"), "text"),
    "population": "quantity",
}
_TERRITORIES: dict[str, Kind] = {
    **dict.fromkeys(("territory", "region", "zone"), "text"),
    "population": "quantity",
    "communes": "count",
}
_REGIONS: dict[str, Kind] = {
    **dict.fromkeys(("region", "region_name", "zone"), "text"),
    "share": "quantity",
}


def attribute_regions(communes: pl.DataFrame) -> pl.DataFrame:
    """Attribute each territory whole to the region with most of its population.

    Arrêté of 20 March 2024, annexe, IV, 4.3; the smallest code if two have as much.

    Parameters
    ----------
    communes : pl.DataFrame
        One row per commune: ``commune``, ``region``, ``territory``, ``population``.

    Returns
    -------
    pl.DataFrame
        One row per territory, sorted by code: ``territory``, ``region``, ``regions`` (number of
        regions that it lies in).

    Raises
    ------
    InputDataError
        The table lacks a column, or has one of another type.
    """
    communes = typed_columns(
        communes, "communes", _COMMUNES, identified=OUTPUT_TABLES["communes"]
    ).sort("commune")
    territories, territory = numbered(communes["territory"])
    regions, there = main_regions(communes, territory, len(territories))
    return pl.DataFrame({"territory": territories, "region": regions, "regions": there})


def main_regions(
    communes: pl.DataFrame, territory: Indices, size: int
) -> tuple[pl.Series, Indices]:
    """Return the region with most of the population of each territory, and its number of regions.

    Parameters
    ----------
    communes : pl.DataFrame
        ``region`` and ``population``, sorted by code of the commune.
    territory : int64 (n_communes,)
        The territory of each commune, below `size`.
    size : int
        Number of territories.
    """
    regions, region = numbered(communes["region"])
    cells, shape = territory * len(regions) + region, (size, len(regions))
    # bincount adds in the order of the rows, that of the codes of communes.
    people = np.bincount(cells, numbers(communes["population"]), math.prod(shape)).reshape(shape)
    there = np.bincount(cells, minlength=math.prod(shape)).reshape(shape) > 0
    # argmax takes the first of equals, hence the smallest code.
    most = np.where(there, people, -1.0).argmax(axis=1)
    return regions[most], there.sum(axis=1)


@check_arguments(methodology=Methodology)
def regional_shares(
    communes: pl.DataFrame, territories: pl.DataFrame, methodology: Methodology
) -> pl.DataFrame:
    """Compute the share of each region's population by class, as in the table of article VI.

    A territory counts whole in its region of attribution (arrêté of 20 March 2024, annexe, IV,
    4.3). A territory without a zone counts in the population of its region only.

    Parameters
    ----------
    communes : pl.DataFrame
        With ``region``: every region gets its rows, even if no territory is attributed to it.
    territories : pl.DataFrame
        As from `classify`.
    methodology : Methodology
        The classes, and the names of regions.

    Returns
    -------
    pl.DataFrame
        One row per region and class, the country last: ``region``, ``region_name``, ``zone``,
        ``population``, ``share`` (%, null without inhabitants), ``communes``, ``territories``.

    Raises
    ------
    InputDataError
        A table lacks a column, or has one of another type.
    """
    communes = typed_columns(communes, "communes", {"region": "text"})
    territories = typed_columns(
        territories, "territories", _TERRITORIES, nullable=["zone"],
        identified=OUTPUT_TABLES["territories"],
    )  # fmt: skip
    # Sums in the order of codes: the same bits for any order of the rows.
    own = territories.select("region", "zone", "population", "communes", "territory")
    own = own.sort("zone", "territory")
    known = communes["region"].unique().sort().to_list()
    regions, zones = [*known, COUNTRY], [c.id for c in methodology.zoning.classes]
    # Each territory counts in its region and in the country, the last row; the row before it and
    # the last column take what is in no region or class of these.
    shape = (len(regions) + 1, len(zones) + 1)
    region = np.concatenate((_positions(own["region"], known), np.full(own.height, len(regions))))
    cells = region * shape[1] + np.tile(_positions(own["zone"], zones), 2)

    def by_class(values: Float) -> Float:
        sums = _summed(cells, values, math.prod(shape)).reshape(shape)
        return np.delete(sums, len(known), axis=0)[:, :-1].ravel()

    people = numbers(own["population"])
    population = by_class(people)
    whole = np.delete(_summed(region, people, shape[0]), len(known)).repeat(len(zones))
    share = np.divide(100.0 * population, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    names = {row.region: row.name for row in methodology.regional.published_shares}
    if not names or not names.keys() <= set(regions):
        names[COUNTRY] = "All regions given"
    return pl.DataFrame(
        {
            "region": np.repeat(regions, len(zones)),
            "region_name": np.repeat([names.get(code, code) for code in regions], len(zones)),
            "zone": zones * len(regions),
            "population": population,
            "share": pl.Series(share, nan_to_null=True),
            "communes": by_class(numbers(own["communes"])).astype(np.int64),
            "territories": by_class(np.ones(own.height)).astype(np.int64),
        },
        schema_overrides=dict.fromkeys(("region", "region_name", "zone"), pl.String),
    )


def _positions(values: pl.Series, names: list[str]) -> Indices:
    """Return the position of each value in a list, its length for one that is not there."""
    rows = values.cast(pl.Enum(names), strict=False).to_physical().cast(pl.Int64)
    return rows.fill_null(len(names)).to_numpy()


def _summed(cells: Indices, values: Float, size: int) -> Float:
    """Return the sum of values in each cell, float64 (size,); each value is in two cells."""
    # bincount adds in the order of the rows.
    return np.bincount(cells, np.tile(values, 2), size).astype(np.float64, copy=False)


@check_arguments(methodology=Methodology)
def compare_with_published(regions: pl.DataFrame, methodology: Methodology) -> pl.DataFrame:
    """Compare the shares of regions with those of the table published in the text.

    Arrêté of 20 March 2024, annexe, VI.

    Parameters
    ----------
    regions : pl.DataFrame
        As from `regional_shares`.
    methodology : Methodology
        The published table.

    Returns
    -------
    pl.DataFrame
        One row per region and class of that table, in its order: ``region``, ``region_name``,
        ``zone``, ``share`` and ``published`` (% of the region's population, as printed),
        ``difference`` (points), ``corrected`` (what a misprinted row is taken to mean, %; null
        for others) and ``corrected_difference``.
    """
    published = [
        {"region": row.region, "region_name": row.name, "zone": zone, "published": float(share),
         "corrected": float(row.misprint.shares[zone]) if row.misprint else None}
        for row in methodology.regional.published_shares
        for zone, share in row.shares.items()
    ]  # fmt: skip
    regions = typed_columns(
        regions, "regions", _REGIONS, nullable=["share"], identified=OUTPUT_TABLES["regions"]
    )
    columns = ("region", "region_name", "zone", "share", "published")
    if not published:
        return regions.select(columns[:4]).clear()
    own = regions.select("region", "zone", "share")
    return (
        pl.DataFrame(published, schema_overrides={"corrected": pl.Float64})
        .join(own, on=["region", "zone"], how="left", maintain_order="left")
        .select(
            *columns,
            "corrected",
            difference=pl.col("share") - pl.col("published"),
            corrected_difference=pl.col("share") - pl.col("corrected"),
        )
    )
