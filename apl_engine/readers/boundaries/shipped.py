"""The outlines that the package ships."""

from __future__ import annotations

import polars as pl

from ...geography.boundaries.boundaries import Boundaries
from ...inputs.samples import sample_folder
from .arcs import from_arcs


def shipped_boundaries() -> Boundaries:
    """Return the outlines of the communes of 1 January 2023.

    Paris, Lyon and Marseille are given by arrondissement. They are simplified (300 m, overseas 100
    m) and on a grid of 20 m.
    """
    path = sample_folder("france") / "boundaries.parquet"
    return from_arcs(pl.read_parquet(path), pl.read_parquet_metadata(path))
