"""Cells around points."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from support.coverages import shape_of
from support.tables import SAMPLES

from apl_engine.geography.boundaries import Boundaries
from apl_engine.geography.boundaries.cells import cells_around
from apl_engine.geography.boundaries.frames import project
from apl_engine.readers.boundaries import shipped_boundaries


def cells_at(lon: np.ndarray, lat: np.ndarray) -> Boundaries:
    return cells_around([f"{k:05d}" for k in range(len(lon))], lon, lat, "points")


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 40))
def test_cells_do_not_overlap_and_hold_their_points(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    lon, lat = random.uniform(0, 1, count), random.uniform(46, 47, count)
    drawn = cells_at(lon, lat)
    shapes = np.array([shape_of(rings) for rings in drawn.rings(np.arange(count))])
    assert drawn.approximate
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum())
    plane = shapely.points(project(lon, lat, drawn.frame))
    # Less than the diagonal of a step off, since corners are on the grid.
    assert (shapely.distance(shapes, plane) < 30).all()


def test_points_that_coincide_have_cells_of_their_own() -> None:
    drawn = cells_at(np.full(4, 2.0), np.full(4, 48.0))
    shapes = [shape_of(rings) for rings in drawn.rings(np.arange(4))]
    assert all(shape.area > 0 for shape in shapes)


def test_points_elsewhere_have_no_cell() -> None:
    drawn = cells_at(np.array([2.0, -73.9, np.nan]), np.array([48.0, 40.7, np.nan]))
    assert [len(rings) for rings in drawn.rings(np.arange(3))] == [1, 0, 0]
    nothing = cells_at(np.array([-73.9]), np.array([40.7]))
    assert (nothing.rings([0]), nothing.lines([0]), len(nothing.placed().left)) == ([[]], [], 0)


def test_cells_of_a_region_are_of_a_plausible_size() -> None:
    communes = pl.read_parquet(SAMPLES / "pays-de-la-loire" / "communes.parquet")
    codes = communes["commune"].to_list()
    drawn = cells_around(codes, communes["lon"].to_numpy(), communes["lat"].to_numpy(), "")
    one = np.zeros(len(codes), int)
    cells, real = (
        shape_of(each.rings(one)[0]).area for each in (drawn, shipped_boundaries().select(codes))
    )
    assert real < cells < 1.3 * real
