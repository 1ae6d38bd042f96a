"""Areas and lines of a window, beside those of Shapely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path
from support.coverages import STEP, grids, outlines, shape_of, squares

from apl_engine.reports.maps.outlines import Outlines, simplify


def area_of(path: Path | None) -> float:
    """Return the area of a path, by the rule of winding numbers if none overlap."""
    if path is None:
        return 0.0
    x, y = path.vertices.T
    inner = path.codes[1:] != Path.MOVETO
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    return float(cross[inner].sum() / 2)


def everything(drawn: Outlines) -> tuple[float, float, float, float]:
    left, bottom, right, top = drawn.box_of(np.ones(len(drawn.boundaries.units), bool))
    return left - 1, bottom - 1, right + 1, top + 1


@given(owner=grids(), data=st.data())
def test_areas_are_those_of_the_units(owner: np.ndarray, data: st.DataObject) -> None:
    boundaries = squares(owner)
    count = len(boundaries.units)
    if not (owner >= 0).any():
        return
    group = np.array(data.draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count)), int)
    drawn = Outlines(boundaries)
    parts = np.unique(group, return_inverse=True)[1]
    piece = drawn.piece(0, everything(drawn), parts, 0.0)
    shapes = [shape_of(polygons) for polygons in boundaries.rings(group)]
    for number, path in enumerate(piece.areas(group, 3)):
        wanted = shapes[number] if number < len(shapes) else None
        assert area_of(path) == pytest.approx(wanted.area if wanted else 0.0)
        if path is not None and wanted:
            for row, column in np.ndindex(owner.shape):
                centre = (column + 0.5) * STEP, (row + 0.5) * STEP
                inside = owner[row, column] >= 0 and group[owner[row, column]] == number
                # Matplotlib takes a point in a hole for one inside.
                rings = [Path(ring) for ring in path.to_polygons()]
                assert sum(ring.contains_point(centre) for ring in rings) % 2 == inside


@given(owner=grids())
def test_moments_are_those_of_the_squares(owner: np.ndarray) -> None:
    drawn = Outlines(squares(owner))
    for unit, (area, x, y) in enumerate(drawn.moments):
        rows, columns = np.nonzero(owner == unit)
        assert area == pytest.approx(len(rows) * STEP**2)
        if len(rows):
            centre = (columns.mean() + 0.5) * STEP, (rows.mean() + 0.5) * STEP
            assert (x / area, y / area) == pytest.approx(centre)


@given(owner=grids(), side=st.integers(0, 3))
def test_a_window_shows_what_it_meets(owner: np.ndarray, side: int) -> None:
    """Areas that reach beyond it are whole, so that their fill ends at no edge of the window."""
    boundaries = squares(owner)
    drawn = Outlines(boundaries)
    box = (side * STEP + 1, 1.0, side * STEP + 2, 2.0)
    group = np.arange(len(boundaries.units))
    seen = drawn.seen_in(0, box)
    for unit, path in enumerate(drawn.piece(0, box, group, 0.0).areas(group, len(group))):
        wanted = drawn.moments[unit, 0] if seen[unit] else 0.0
        assert area_of(path) == pytest.approx(wanted)
    if side < owner.shape[1] and owner[0, side] >= 0:
        assert seen[owner[0, side]]


def test_lines_lie_between_areas() -> None:
    drawn = Outlines(squares(np.array([[0, 1]])))
    piece = drawn.piece(0, everything(drawn), np.arange(2), 0.0)
    one, other = piece.sides(np.arange(2), -1)
    between = piece.lines((one >= 0) & (other >= 0))
    assert sorted(between.vertices.tolist()) == [[STEP, 0.0], [STEP, STEP]]
    assert piece.lines(np.zeros(len(one), bool)) is None


def test_details_are_left_out_and_ends_stay() -> None:
    points = np.array([[0, 0], [1, 0.01], [2, 0], [4, 3], [6, 0], [0, 0], [0, 9]], float)
    kept, start = simplify(points, np.array([0, 5, 7]), 0.5)
    assert kept.tolist() == [[0, 0], [2, 0], [4, 3], [6, 0], [0, 0], [0, 9]]
    assert start.tolist() == [0, 4, 6]
    whole, _ = simplify(points, np.array([0, 5, 7]), 0.0)
    assert whole.tolist() == points.tolist()


def test_neighbours_are_simplified_as_one() -> None:
    ring = [(0, 0), (4, 0), (4, 1), (5, 2), (4, 3), (4, 4), (0, 4), (0, 0)]
    beside = [(4, 0), (8, 0), (8, 4), (4, 4), (4, 3), (5, 2), (4, 1), (4, 0)]
    drawn = Outlines(outlines([ring, beside], [0, 1], 2))
    piece = drawn.piece(0, everything(drawn), np.arange(2), 4 * STEP)
    one, two = piece.areas(np.arange(2), 2)
    both = piece.areas(np.zeros(2, int), 1)[0]
    assert area_of(one) + area_of(two) == pytest.approx(area_of(both)) == 32 * STEP**2
