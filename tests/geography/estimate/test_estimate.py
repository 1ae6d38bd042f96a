"""Estimated travel times as a whole, with their notes."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.points import haversine, located, points

from apl_engine.errors import InputDataError, Note
from apl_engine.geography.estimate.estimate import Estimate, estimate_travel_times
from apl_engine.geography.estimate.model import PARAMETERS_FILE, Parameters
from apl_engine.methodology import load_methodology

RULES = load_methodology("mk-2024")
LINE = Parameters(access_minutes=2.0, first_km_minutes=1.5, length_km=8.0)


def minutes(estimate: Estimate, origin: str, destination: str) -> list[float]:
    pairs = estimate.travel_times.filter(origin=origin, destination=destination)
    return pairs["minutes"].to_list()


def note(estimate: Estimate, code: str) -> Note:
    return next(note for note in estimate.notes if note.code == code)


@settings(max_examples=25)
@given(st.lists(points, min_size=2, max_size=8), st.booleans(), st.randoms())
def test_times_are_those_of_the_formula(world: Any, populated: bool, random: Any) -> None:
    """Every pair against the formula in plain Python; none missing, none too many."""
    codes = [f"{number:05d}" for number in range(1, len(world) + 1)]
    people = [float(random.randrange(0, 30_000)) for _ in codes]
    more = {"population": people} if populated else {}
    frame = located(dict(zip(codes, world, strict=True)), **more)
    estimate = estimate_travel_times(frame.sample(fraction=1, shuffle=True, seed=1), RULES)
    p = estimate.parameters
    expected = {}
    for a, origin in enumerate(codes):
        for b, destination in enumerate(codes):
            factor = 1.0
            for end in (a, b) if populated else ():
                near = [haversine(world[end], other) for other in world]
                around = sum(
                    n for n, km in zip(people, near, strict=True) if km <= p.crowd_km
                )  # fmt: skip
                size = min(max(people[end], p.smallest), p.largest) / 1000
                crowd = max(around / (math.pi * p.crowd_km**2), p.thinnest) / 100
                factor *= math.sqrt(size**p.size_exponent * crowd**p.crowd_exponent)
            curve = p.length_km * math.log1p(haversine(world[a], world[b]) / p.length_km)
            time = p.access_minutes + p.first_km_minutes * factor * curve
            if a != b:
                expected[origin, destination] = time
    times = {(o, d): m for o, d, m in estimate.travel_times.iter_rows()}
    assert all(time > 19.99 for pair, time in expected.items() if pair not in times)
    for pair, time in times.items():
        assert time == pytest.approx(expected[pair], abs=0.0051)
        assert 0 < time <= 20
        assert times[pair[::-1]] == time


def test_row_order_changes_no_bit() -> None:
    random = np.random.default_rng(3)
    size = 400
    frame = pl.DataFrame(
        {
            "commune": [f"{number:05d}" for number in range(1000, 1000 + size)],
            "lat": 46 + random.random(size),
            "lon": 2 + random.random(size),
            "population": random.integers(20, 50_000, size),
        }
    )
    first = estimate_travel_times(frame, RULES).travel_times
    assert first.height > size
    for seed in range(3):
        again = estimate_travel_times(frame.sample(fraction=1, shuffle=True, seed=seed), RULES)
        assert again.travel_times.equals(first)
    assert first.equals(first.sort("origin", "destination"))
    assert first.schema == {"origin": pl.String, "destination": pl.String, "minutes": pl.Float64}


def test_two_communes_with_one_point_are_a_trip_apart() -> None:
    frame = located({"01001": (46.0, 5.0), "01002": (46.0, 5.0)})
    estimate = estimate_travel_times(frame, RULES, parameters=Parameters(0.0, 2.0, 5.0))
    assert minutes(estimate, "01001", "01002") == [0.01]


def test_reach_is_that_of_the_methodology_or_the_one_given() -> None:
    frame = located({"01001": (46.0, 5.0), "01002": (46.1, 5.0), "01004": (46.4, 5.0)})
    near = estimate_travel_times(frame, RULES, parameters=LINE)
    far = estimate_travel_times(frame, RULES, parameters=LINE, reach_minutes=60)
    assert near.travel_times["minutes"].max() < 20
    assert far.travel_times.height == 6 > near.travel_times.height
    assert note(near, "estimate.no_commune_in_reach").examples == ("01004",)


def test_no_commune_gives_no_time() -> None:
    frame = pl.DataFrame(schema={"commune": pl.String, "lat": pl.Float64, "lon": pl.Float64})
    assert estimate_travel_times(frame, RULES).travel_times.is_empty()


def test_the_first_note_warns_with_the_figures() -> None:
    frame = located({"01001": (46.0, 5.0), "01002": (46.1, 5.0)}, population=[500, 9000])
    estimate = estimate_travel_times(frame, RULES)
    held_out = json.loads(PARAMETERS_FILE.read_text("utf-8"))["with_population"]["quality"]
    assert estimate.quality == held_out
    first = estimate.notes[0]
    assert first.warning
    assert first.code == "estimate.straight_lines"
    assert first.details.items() <= held_out.items()
    assert f"{held_out['right_class_near']:.0%}" in first.text
    assert f"{held_out['bias_of_weights']:+.1%}" in first.text
    assert "estimate.without_population" not in [each.code for each in estimate.notes]
    assert json.dumps(estimate.as_dict())
    assert estimate.as_dict()["pairs"] == 2


def test_missing_populations_are_reported() -> None:
    estimate = estimate_travel_times(located({"01001": (46.0, 5.0)}), RULES)
    assert estimate.notes[1].code == "estimate.without_population"
    assert estimate.quality["right_class_near"] < 0.46


def test_other_parameters_have_no_figures() -> None:
    estimate = estimate_travel_times(located({"01001": (46.0, 5.0)}), RULES, parameters=LINE)
    assert estimate.quality == {}
    assert estimate.notes[0].code == "estimate.own_parameters"
    assert estimate.notes[0].warning


def test_communes_without_a_point_or_population_are_reported() -> None:
    rows = {"01001": (46.0, 5.0), "01002": (46.01, 5.0), "01004": (None, 5.0)}
    estimate = estimate_travel_times(located(rows, population=[100, None, 5]), RULES)
    assert note(estimate, "points.no_point").examples == ("01004",)
    assert note(estimate, "points.no_point").warning
    assert note(estimate, "points.no_population").examples == ("01002",)


def test_an_invalid_table_is_refused() -> None:
    with pytest.raises(InputDataError) as caught:
        estimate_travel_times(located({"01001": (96.0, 5.0)}), RULES)
    assert caught.value.faults[0].code == "points.invalid_degrees"


def test_islands_reach_only_themselves() -> None:
    rows = {"29083": (48.04, -4.85), "29168": (48.04, -4.80), "56009": (47.34, -3.15),
            "56241": (47.35, -3.2)}  # fmt: skip
    estimate = estimate_travel_times(located(rows), RULES)
    assert set(estimate.travel_times["origin"]) == {"56009", "56241"}
    assert note(estimate, "estimate.cut_off_communes").count == 3


def test_the_gironde_is_crossed_at_bordeaux() -> None:
    """Blaye and Lamarque face each other over 5 km of water."""
    rows = {"33058": (45.127, -0.662), "33220": (45.096, -0.714), "33063": (44.838, -0.579)}
    estimate = estimate_travel_times(located(rows), RULES, reach_minutes=200)
    bridge = (44.88, -0.536)
    expected = haversine(rows["33058"], bridge) + haversine(bridge, rows["33220"])
    p = estimate.parameters
    time = p.access_minutes + p.first_km_minutes * p.length_km * math.log1p(expected / p.length_km)
    assert minutes(estimate, "33058", "33220") == [pytest.approx(time, abs=0.005)]
    detours = note(estimate, "estimate.detours_around_water")
    assert detours.examples == ("33058-33063", "33058-33220")
    assert not estimate_travel_times(located(rows), RULES).travel_times.height
