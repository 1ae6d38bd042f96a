"""Grids of pixels."""

from __future__ import annotations

import numpy as np

from apl_engine.reports.annex.raster import borders, make_grid


def test_a_pixel_is_of_the_nearest_commune() -> None:
    points = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0], [100.0, 100.0]])
    grid = make_grid(points, np.array([True, True, False, False, False]), 50)
    assert grid.commune.shape[1] == 50
    assert set(np.unique(grid.commune)) <= {-1, 0, 1, 2, 3, 4}
    assert {0, 1} <= set(np.unique(grid.commune))
    assert borders(grid.commune).any()
    alone = make_grid(np.array([[0.0, 0.0]]), np.array([True]), 20)
    assert (alone.commune == 0).any()
