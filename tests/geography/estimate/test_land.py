"""Islands without a road, and waters with few crossings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.points import haversine, located

from apl_engine.geography.estimate.land import (
    MAINLAND,
    Water,
    around_waters,
    cut_off,
    lands_of,
    waters,
)
from apl_engine.geography.estimate.points import kilometres, read_points


def test_each_overseas_departement_and_corse_is_land_of_its_own() -> None:
    codes = ["01001", "2A004", "2B033", "97105", "97209", "97302", "97411", "97611", "97615"]
    lands = lands_of(codes)
    assert lands[1] == lands[2] == "Corse"
    assert lands[0] == MAINLAND
    assert len(set(lands)) == len(codes) - 1


@pytest.mark.parametrize(
    ("near", "far", "crosses"),
    [
        ((50.216, 1.625), (50.188, 1.63), True),  # Le Crotoy, Saint-Valery
        ((47.288, -2.03), (47.277, -2.06), False),  # Paimbœuf, Corsept: both south of the Loire
        ((47.273, -2.213), (47.247, -2.168), True),  # Saint-Nazaire, Saint-Brevin
        ((48.39, -4.486), (48.288, -4.463), True),  # Brest, Lanvéoc
        ((46.159, -1.267), (46.203, -1.367), False),  # Rivedoux, Saint-Martin: both on Ré
        ((43.272, 6.64), (43.308, 6.637), True),  # Saint-Tropez, Sainte-Maxime
    ],
)
def test_lines_over_water(near: Any, far: Any, crosses: bool) -> None:
    points = read_points(located({"01001": near, "01002": far}))
    start, end = np.array([0]), np.array([1])
    straight = kilometres(points.xyz, start, end)
    km, over = around_waters(points, start, end, straight, waters())
    assert over[0] == crosses
    assert (km[0] > straight[0]) == crosses


def test_the_nearest_crossing_and_of_two_waters_the_longer_detour() -> None:
    points = read_points(located({"01001": (46.0, 4.9), "01002": (46.0, 5.1)}))
    rows = np.array([0]), np.array([1])
    straight = kilometres(points.xyz, *rows)
    line = np.array([[45.0, 5.0], [47.0, 5.0]])
    near, far = np.array([[46.1, 5.0]]), np.array([[46.5, 5.0]])
    two_bridges = Water("one", line, np.concatenate([far, near]))
    one_bridge = Water("two", line, far)
    for known, over in (((two_bridges,), near[0]), ((two_bridges, one_bridge), far[0])):
        km, _ = around_waters(points, *rows, straight, known)
        expected = haversine((46.0, 4.9), tuple(over)) + haversine(tuple(over), (46.0, 5.1))
        assert km[0] == pytest.approx(expected)


def test_the_file_of_land_is_well_formed() -> None:
    for water in waters():
        assert water.line.shape[1] == water.crossings.shape[1] == 2
        assert len(water.line) > 1 <= len(water.crossings)
    assert all(len(code) == 5 for code in cut_off())
