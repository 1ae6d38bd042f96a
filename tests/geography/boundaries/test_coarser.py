"""Lines of fewer points stay close to what they were."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from apl_engine.geography.boundaries.coarser import simplify

NUMBERS = st.integers(-50, 50)
LINES = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=40)


@given(line=LINES, tolerance=st.floats(0, 30))
def test_points_left_out_lie_near_the_new_line(line: list, tolerance: float) -> None:
    points = np.array(line, np.float64)
    short = simplify(points, tolerance)
    assert (short[[0, -1]] == points[[0, -1]]).all()
    far = shapely.distance(shapely.LineString(short), shapely.points(points))
    assert far.max() <= tolerance + 1e-9


@given(line=LINES, tolerance=st.floats(0, 200))
def test_closed_lines_stay_closed_and_keep_an_inside(line: list, tolerance: float) -> None:
    points = np.array([*line, (60, 60), line[0]], np.float64)
    short = simplify(points, tolerance)
    assert (short[0] == short[-1]).all()
    if shapely.area(shapely.convex_hull(shapely.MultiPoint(points))) > 0:
        assert shapely.area(shapely.convex_hull(shapely.MultiPoint(short))) > 0
