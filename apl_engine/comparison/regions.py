"""The shares of each region in both results, and how they evolved. Annexe, VII."""

from __future__ import annotations

import polars as pl

from ..method.result import Zoning
from ..methodology.values import COUNTRY

_KEYS = ("region", "zone")
_FIGURES = ("population", "share", "territories")


def regions_of_both(first: Zoning, second: Zoning) -> pl.DataFrame:
    """Return the shares of regions and country by class, and their evolution.

    Arrêté of 20 March 2024, annexe, VII: "les parts de population définies pour chaque type de
    zone peuvent être amenées à évoluer". Each result counts its own inhabitants, by region of
    attribution (IV, 4.3).

    Parameters
    ----------
    first, second : Zoning
        A and B.

    Returns
    -------
    pl.DataFrame
        One row per region and class that either has, by region, the country last: ``region``,
        ``region_name``, ``zone``; ``population_a``, ``share_a`` (% of the region's population) and
        ``territories_a`` and the same of b, null if that result has no such region or class; and
        ``difference`` (points).
    """
    sides = [
        zones.regions.select("region", "region_name", "zone", *_FIGURES).rename(
            {name: f"{name}_{side}" for name in ("region_name", *_FIGURES)}
        )
        for side, zones in (("a", first), ("b", second))
    ]
    classes = [zone.id for zones in (second, first) for zone in zones.methodology.zoning.classes]
    rank = {zone: place for place, zone in reversed(list(enumerate(classes)))}
    return (
        sides[0]
        .join(sides[1], on=_KEYS, how="full", coalesce=True)
        .sort(
            pl.col("region") == COUNTRY,
            "region",
            pl.col("zone").replace_strict(rank, return_dtype=pl.Int64),
        )
        .select(
            "region",
            pl.coalesce("region_name_b", "region_name_a").alias("region_name"),
            "zone",
            *(f"{name}_{side}" for side in "ab" for name in _FIGURES),
            difference=pl.col("share_b") - pl.col("share_a"),
        )
    )
