"""The points of communes: validated, and the pairs close to each other."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.faults import faults_of
from support.points import haversine, located, points

from apl_engine.errors import Fault
from apl_engine.geography.estimate.points import near_pairs, read_points


def faults(frame: pl.DataFrame) -> tuple[Fault, ...]:
    return faults_of(lambda: read_points(frame))


ONE = located({"01001": (46.0, 5.0)})


@pytest.mark.parametrize(
    ("frame", "kind", "column", "values"),
    [
        (located({"1001": (46.0, 5.0)}), "invalid_code", "commune", ("1001",)),
        (located({"01001": (96.0, 5.0)}), "invalid_degrees", "lat", ("96.0",)),
        (located({"01001": (46.0, 884211.5)}), "invalid_degrees", "lon", ("884211.5",)),
        (located({"01001": (math.nan, 5.0)}), "invalid_degrees", "lat", ("nan",)),
        (ONE.with_columns(population=-3), "invalid_population", "population", ("-3",)),
        (ONE.with_columns(lat=pl.lit("46,1")), "not_a_number", "lat", ("46,1",)),
        (ONE.with_columns(commune=pl.lit(None, pl.String)), "invalid_code", "commune", ("None",)),
    ],
)
def test_invalid_values(
    frame: pl.DataFrame, kind: str, column: str, values: tuple[str, ...]
) -> None:
    (found,) = faults(frame)
    assert (found.code, found.column) == (f"points.{kind}", column)
    assert (found.count, found.rows, found.values) == (1, (1,), values)


def test_missing_columns() -> None:
    found = faults(pl.DataFrame({"commune": ["01001"], "y": [1]}))
    assert [(each.code, each.column) for each in found] == [
        ("communes.missing_column", "lat"),
        ("communes.missing_column", "lon"),
    ]
    assert found[0].details == {"columns": ("commune", "y")}


def test_exchanged_columns() -> None:
    (found,) = faults(located({"01001": (2.3, 48.9), "01002": (2.4, 48.8)}))
    assert (found.code, found.column) == ("points.swapped", "lat")


def test_all_faults_are_reported_together() -> None:
    frame = located({"1001": (96.0, 5.0), "01002": (46.0, 181.0)}, population=[1, -1])
    assert [fault.column for fault in faults(frame)] == ["commune", "lat", "lon", "population"]


def test_a_repeated_commune() -> None:
    (found,) = faults(pl.concat([ONE, located({"01001": (46.1, 5.0)})]))
    assert found.code == "points.repeated_commune"
    assert (found.count, found.rows, found.values) == (2, (1, 2), ("01001", "01001"))


def test_rows_that_repeat_a_point() -> None:
    rows: Any = {f"{1000 + k:05d}": (46.0 + k / 100, 5.0) for k in range(12)}
    read = read_points(pl.concat([located(rows), located(rows)]))
    assert read.codes == list(rows)
    (note,) = read.notes
    assert (note.code, note.count) == ("points.repeated_rows", 12)
    assert str(note)


@pytest.mark.parametrize(
    ("code", "point"),
    [
        ("01001", (0.0, 0.0)),
        ("01001", (5.1, 46.2)),
        ("01001", (46.2, -5.1)),
        ("2A004", (41.9, -8.7)),
        ("55180", (49.2, 49.2)),
        ("97102", (16.47, 61.51)),
        ("97411", (20.9, 55.4)),
    ],
)
def test_misplaced_points(code: str, point: tuple[float, float]) -> None:
    frame = located({"38185": (45.19, 5.72), "69123": (45.76, 4.84), code: point})
    (found,) = faults(frame)
    assert (found.code, found.column) == ("points.misplaced", "lat")
    assert (found.count, found.rows, found.values) == (1, (3,), (code,))


def test_a_few_misplaced_points_are_ignored() -> None:
    rows: Any = {f"{1000 + k:05d}": (46.0 + k / 10_000, 5.0) for k in range(1_000)}
    read = read_points(located({**rows, "55180": (49.2, 49.2)}))
    assert len(read.codes) == 1_000
    misplaced, without = read.notes
    assert (misplaced.code, misplaced.count) == ("points.misplaced", 1)
    assert (misplaced.examples, misplaced.warning) == (("55180",), True)
    assert (without.code, without.count) == ("points.no_point", 1)


def test_communes_with_the_same_point() -> None:
    rows: Any = {f"{1000 + k:05d}": (46.0 + k // 2 / 100, 5.0) for k in range(12)}
    (found,) = faults(located(rows))
    assert (found.code, found.count) == ("points.shared", 12)
    apart: Any = {f"{2000 + k:05d}": (49.0 + k / 100, 3.0) for k in range(12)}
    (note,) = read_points(located({**dict(list(rows.items())[:2]), **apart})).notes
    assert (note.code, note.count, note.examples) == ("points.shared", 2, ("01000", "01001"))


def test_a_population_column_without_values() -> None:
    assert read_points(located({"01001": (46.0, 5.0)}, population=[None])).population is None


@settings(max_examples=40)
@given(st.lists(points, max_size=8), st.floats(0.1, 60))
def test_near_pairs_are_all_pairs_within_the_distance(world: Any, km: float) -> None:
    codes = [f"{number:05d}" for number in range(1, len(world) + 1)]
    frame = pl.DataFrame(
        {"commune": codes, "lat": [lat for lat, _ in world], "lon": [lon for _, lon in world]},
        schema={"commune": pl.String, "lat": pl.Float64, "lon": pl.Float64},
    )
    near = set(zip(*(side.tolist() for side in near_pairs(read_points(frame), km)), strict=True))
    for a in range(len(world)):
        for b in range(a + 1, len(world)):
            distance = haversine(world[a], world[b])
            if abs(distance - km) > 1e-5:
                assert ((a, b) in near) == (distance < km)
