"""Regions: attribution of territories, and shares by class. Annexe, IV, 4.3 and VI."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..columns import numbered, numbers, starts_of, sums
from ..errors import check_arguments
from ..methodology.model import Methodology
from ..methodology.values import COUNTRY
from ..schemas import Kind, typed_columns

_COMMUNES: dict[str, Kind] = {
    **dict.fromkeys(("commune", "region", "territory"), "text"),
    "population": "number",
}
_TERRITORIES: dict[str, Kind] = {
    **dict.fromkeys(("territory", "region", "zone"), "text"),
    **dict.fromkeys(("population", "communes"), "number"),
}
_REGIONS: dict[str, Kind] = {
    **dict.fromkeys(("region", "region_name", "zone"), "text"),
    "share": "number",
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
    communes = typed_columns(communes, "communes", _COMMUNES).sort("commune")
    territories, territory = numbered(communes["territory"])
    regions, region = numbered(communes["region"])
    cells, shape = territory * len(regions) + region, (len(territories), len(regions))
    # bincount adds in the order of the rows, that of the codes of communes.
    people = np.bincount(cells, numbers(communes["population"]), len(territories) * len(regions))
    there = np.bincount(cells, minlength=people.size).reshape(shape) > 0
    # argmax takes the first of equals, hence the smallest code.
    most = np.where(there, people.reshape(shape), -1.0).argmax(axis=1)
    return pl.DataFrame(
        {"territory": territories, "region": regions[most], "regions": there.sum(axis=1)}
    )


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
    territories = typed_columns(territories, "territories", _TERRITORIES, nullable=["zone"])
    own = territories.select("region", "zone", "population", "communes", "territory")
    # Sums in the order of codes: the same bits for any order of the rows.
    own = own.sort("region", "zone", "territory")
    country = own.with_columns(region=pl.lit(COUNTRY)).sort("zone", "territory")
    everywhere = pl.concat([own, country])
    regions = [*communes["region"].unique().sort(), COUNTRY]
    zones = [c.id for c in methodology.zoning.classes]
    parts, total = _sums(everywhere, ["region", "zone"]), _sums(everywhere, ["region"])
    names = {row.region: row.name for row in methodology.regional.published_shares}
    if not names or not names.keys() <= set(regions):
        names[COUNTRY] = "All regions given"
    grid = pl.DataFrame({"region": regions}).join(pl.DataFrame({"zone": zones}), how="cross")
    return (
        grid.join(parts, on=["region", "zone"], how="left", maintain_order="left")
        .join(
            total.select("region", whole="population"),
            on="region",
            how="left",
            maintain_order="left",
        )
        .select(
            "region",
            region_name=pl.col("region").replace_strict(
                names, default=pl.col("region"), return_dtype=pl.String
            ),
            zone="zone",
            population=pl.col("population").fill_null(0.0),
            share=pl.when(pl.col("whole") > 0).then(
                100.0 * pl.col("population").fill_null(0.0) / pl.col("whole")
            ),
            communes=pl.col("communes").fill_null(0),
            territories=pl.col("territories").fill_null(0),
        )
    )


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
    regions = typed_columns(regions, "regions", _REGIONS, nullable=["share"])
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


def _sums(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Sum runs of equal keys, each in the order of its rows."""
    key = pl.struct(by).rle_id()
    starts = starts_of(rows.select(key).to_series().to_numpy())
    return (
        rows[starts[:-1]]
        .select(by)
        .with_columns(
            population=sums(starts, numbers(rows["population"])),
            communes=sums(starts, numbers(rows["communes"])),
            territories=pl.Series(starts[1:] - starts[:-1]),
        )
        .with_columns(pl.col("communes").cast(pl.Int64))
    )
