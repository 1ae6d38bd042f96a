"""The bounds of each part of France: a point outside is not that of its commune."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl


@cache
def land_data() -> Mapping[str, Any]:
    """Return what is known of the land of France: bounds, islands and waters."""
    data: Mapping[str, Any] = json.loads(Path(__file__).with_name("land.json").read_text("utf-8"))
    return data


def outside(communes: pl.DataFrame) -> pl.Series:
    """Return which points lie outside the part of France of their code.

    Parameters
    ----------
    communes : pl.DataFrame
        commune, lat, lon (degrees, WGS 84; null if unknown).

    Returns
    -------
    pl.Series
        Boolean; false for communes without a point, and for codes without known bounds.
    """
    code = pl.col("commune").str
    wrong = pl.lit(False)
    # Boxes of lowest and highest latitude and longitude, by the first characters of codes.
    for start, boxes in land_data()["boxes"]["of"].items():
        here = code.starts_with(start) if start else ~code.contains("^(?:2A|2B|97|98)")
        within = pl.any_horizontal(
            pl.col("lat").is_between(south, north) & pl.col("lon").is_between(west, east)
            for south, north, west, east in boxes
        )
        wrong = wrong | (here & ~within)
    return communes.select(wrong.fill_null(False).alias("outside")).to_series()
