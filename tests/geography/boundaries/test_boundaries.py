"""Rings and lines of groups of areas, beside Shapely's."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Voronoi
from support.coverages import STEP, grids, outlines, shape_of, squares

from apl_engine import InputDataError
from apl_engine.geography.boundaries import Boundaries
from apl_engine.geography.boundaries.encode import decode_arcs


def boxes(owner: np.ndarray, area: int) -> shapely.Geometry:
    cells = [
        shapely.box(column * STEP, row * STEP, (column + 1) * STEP, (row + 1) * STEP)
        for row, column in np.argwhere(owner == area)
    ]
    return shapely.union_all(cells) if cells else shapely.MultiPolygon()


@given(owner=grids())
def test_rings_are_the_union_of_the_squares_of_an_area(owner: np.ndarray) -> None:
    drawn = squares(owner)
    for area, polygons in enumerate(drawn.rings(np.arange(len(drawn.units)))):
        shape = shape_of(polygons)
        assert shape.is_valid
        assert shape.equals(boxes(owner, area))
        for outer, *holes in polygons:
            assert shapely.is_ccw(shapely.LinearRing(outer))
            assert not any(shapely.is_ccw(shapely.LinearRing(hole)) for hole in holes)


@given(owner=grids(), data=st.data())
def test_a_group_is_the_union_of_its_units(owner: np.ndarray, data: st.DataObject) -> None:
    drawn = squares(owner)
    count = len(drawn.units)
    group = np.array(data.draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count)), int)
    units = [shape_of(polygons) for polygons in drawn.rings(np.arange(count))]
    for number, polygons in enumerate(drawn.rings(group)):
        union = shapely.union_all([units[k] for k in np.flatnonzero(group == number)])
        assert shape_of(polygons).is_valid
        assert shape_of(polygons).equals(union)


@given(owner=grids())
def test_each_line_is_there_once(owner: np.ndarray) -> None:
    drawn = squares(owner)
    lines = drawn.lines(np.arange(len(drawn.units)))
    edges = [
        tuple(sorted((tuple(a), tuple(b))))
        for line in lines
        for a, b in zip(line[:-1].tolist(), line[1:].tolist(), strict=True)
    ]
    padded = np.pad(owner, 1, constant_values=-1)
    expected = (padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum()
    assert len(set(edges)) == len(edges) == expected


@given(owner=grids(), data=st.data())
def test_arcs_survive_their_encoding(owner: np.ndarray, data: st.DataObject) -> None:
    drawn = squares(owner)
    count = len(drawn.units)
    group = np.array(data.draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)), int)
    between, within = (decode_arcs(block) for block in drawn.encode(group))
    of = np.append(group, -1)
    assert (of[between[2]] != of[between[3]]).all()
    assert (of[within[2]] == of[within[3]]).all()
    assert described(drawn) == sorted(
        (int(left), int(right), points[start[k] : start[k + 1]].tolist())
        for points, start, lefts, rights in (between, within)
        for k, (left, right) in enumerate(zip(lefts, rights, strict=True))
    )


def described(drawn: Boundaries) -> list[tuple[int, int, list[list[int]]]]:
    return sorted(
        (int(left), int(right), drawn.points[drawn.start[k] : drawn.start[k + 1]].tolist())
        for k, (left, right) in enumerate(zip(drawn.left, drawn.right, strict=True))
    )


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), groups=st.integers(1, 6))
def test_cells_around_random_points_cover_as_much_in_groups(seed: int, groups: int) -> None:
    """Edges of any direction, and nodes where three cells meet."""
    random = np.random.default_rng(seed)
    cells = Voronoi(random.integers(0, 100_000, (60, 2)).astype(float))
    rings, of, areas = [], [], []
    for region in cells.point_region:
        corners = cells.regions[region]
        if corners and -1 not in corners:
            ring = shapely.Polygon(cells.vertices[corners].round())
            ring = shapely.orient_polygons(ring)
            areas.append(ring.area)
            rings.append(np.array(ring.exterior.coords).astype(int).tolist())
            of.append(len(of))
    drawn = outlines(rings, of, len(of))
    alone = [shape_of(polygons).area for polygons in drawn.rings(np.arange(len(of)))]
    assert alone == pytest.approx(np.array(areas) * STEP**2)
    group = random.integers(0, groups, len(of))
    shapes = [shape_of(polygons) for polygons in drawn.rings(group)]
    assert sum(shape.area for shape in shapes) == pytest.approx(sum(alone))
    assert all(shape.is_valid for shape in shapes)


def test_an_enclave_is_a_hole_and_may_touch_the_edge() -> None:
    enclosed = squares(np.array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 0]]))
    (polygon,), *_ = enclosed.rings([0, 1, 1])
    assert len(polygon) == 3
    touching = squares(np.array([[0, 0, 0], [0, 1, 0], [1, 0, 0]]))
    (polygon,), _ = touching.rings([0, 1])
    assert [len(ring) for ring in polygon] == [13, 5]


def test_chosen_units_come_in_the_order_given() -> None:
    drawn = squares(np.array([[0, 1, 2, 3]]))
    chosen = drawn.select(["00003", "00001"])
    assert chosen.units == ("00003", "00001")
    assert [polygons[0][0][:, 0].min() for polygons in chosen.rings([0, 1])] == [30, 10]
    assert len(chosen.lines([0, 1])) == 2


def test_units_without_outlines_are_named() -> None:
    with pytest.raises(InputDataError) as caught:
        squares(np.array([[0, 1]])).select(["00000", "01234", "00009"])
    (fault,) = caught.value.faults
    assert (fault.code, fault.values) == ("boundaries.no_outline", ("00009", "01234"))


def test_overlapping_areas_are_refused() -> None:
    square = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    with pytest.raises(ValueError, match="overlap"):
        outlines([square, square], [0, 1], 2)


@given(owner=grids(), data=st.data())
def test_united_units_have_the_rings_of_their_group(owner: np.ndarray, data: st.DataObject) -> None:
    drawn = squares(owner)
    count = len(drawn.units)
    codes = data.draw(st.lists(st.sampled_from(["A", "B", None]), min_size=count, max_size=count))
    united = drawn.united(codes, "territory")
    known = sorted({code for code in codes if code})
    group = [known.index(code) if code else -1 for code in codes]
    assert united.units == tuple(known)
    for before, after in zip(drawn.rings(group), united.rings(np.arange(len(known))), strict=True):
        assert shape_of(before).equals(shape_of(after))


@given(owner=grids(), data=st.data())
def test_coarser_borders_bound_the_same_groups(owner: np.ndarray, data: st.DataObject) -> None:
    whole = squares(owner)
    groups = st.lists(st.integers(0, 2), min_size=len(whole.units), max_size=len(whole.units))
    group = np.array(data.draw(groups), np.int64)
    coarse = whole.coarser(group, times=1, tolerance=0.0)
    for own, other in zip(whole.rings(group), coarse.rings(group), strict=True):
        assert shape_of(own).symmetric_difference(shape_of(other)).area == 0
    beside = np.append(group, -1)
    assert (beside[coarse.left] != beside[coarse.right]).all()


def test_coarser_borders_are_on_the_new_grid() -> None:
    owner = np.array([[0, 0, 1, 1], [0, 0, 1, 1]])
    coarse = squares(owner).coarser([0, 1], times=2, tolerance=0.0)
    assert coarse.step == 2 * STEP
    assert {*map(tuple, coarse.points.tolist())} == {(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)}
