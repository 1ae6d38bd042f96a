"""Where the communes of each departement can lie: a point elsewhere is of another place."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import polars as pl

_LAND_FILE = Path(__file__).with_name("land.json")


@cache
def _boxes() -> dict[str, list[list[float]]]:
    """Return boxes (lowest and highest latitude and longitude) by the first letters of codes."""
    boxes: dict[str, list[list[float]]] = json.loads(_LAND_FILE.read_text("utf-8"))["boxes"]["of"]
    return boxes


def outside(places: pl.DataFrame) -> pl.Series:
    """Tell points that are not where their commune can be.

    Parameters
    ----------
    places : commune, lat, lon; null where there is none.

    Returns
    -------
    pl.Series
        Of Boolean; false without a point, and for codes of which no box is known.
    """
    code = pl.col("commune").str
    wrong = pl.lit(False)
    for start, boxes in _boxes().items():
        here = code.starts_with(start) if start else ~code.contains("^(?:2A|2B|97|98)")
        within = pl.any_horizontal(
            pl.col("lat").is_between(south, north) & pl.col("lon").is_between(west, east)
            for south, north, west, east in boxes
        )
        wrong = wrong | (here & ~within)
    return places.select(wrong.fill_null(False).alias("outside")).to_series()
