"""Estimated travel times: the model, the land, the figures that go with them."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import math
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apl_engine import AplError, InputDataError, load_methodology
from apl_engine.geography.estimate import land, model
from apl_engine.geography.estimate.estimate import Estimate, estimate_travel_times
from apl_engine.geography.estimate.points import kilometres, near_pairs, read_places
from apl_engine.geography.estimate.quality import judge, step_of

ROOT = Path(__file__).parents[3]
OPEN_DATA = Path(os.environ.get("APL_ENGINE_OPEN_DATA") or ROOT / "../shared/data")
RULES = load_methodology("mk-2024")
STEPS = RULES.travel.steps
LINE = model.Parameters(access_minutes=2.0, first_km_minutes=1.5, length_km=8.0)


def table(rows: dict[str, tuple[float | None, float | None]], **more: list[Any]) -> pl.DataFrame:
    lat, lon = zip(*rows.values(), strict=True)
    return pl.DataFrame({"commune": list(rows), "lat": lat, "lon": lon, **more})


def haversine(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return km between two points, in plain Python."""
    (la, oa), (lb, ob) = (tuple(map(math.radians, point)) for point in (a, b))
    h = math.sin((la - lb) / 2) ** 2
    h += math.cos(la) * math.cos(lb) * math.sin((oa - ob) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def minutes(estimate: Estimate, origin: str, destination: str) -> list[float]:
    found = estimate.travel_times.filter(origin=origin, destination=destination)
    return found["minutes"].to_list()


def note(estimate: Estimate, code: str) -> Any:
    return next(note for note in estimate.notes if note.code == code)


# --- the model -----------------------------------------------------------------------------------

points = st.tuples(st.floats(46.0, 46.4), st.floats(2.0, 2.5))


@settings(max_examples=30)
@given(st.lists(points, min_size=2, max_size=8), st.booleans(), st.randoms())
def test_times_are_those_of_the_formula(world: Any, peopled: bool, random: Any) -> None:
    """Every pair against the formula in plain Python; none forgotten, none too many."""
    codes = [f"{number:05d}" for number in range(1, len(world) + 1)]
    people = [float(random.randrange(0, 30_000)) for _ in codes]
    more = {"population": people} if peopled else {}
    frame = table(dict(zip(codes, world, strict=True)), **more)
    estimate = estimate_travel_times(frame.sample(fraction=1, shuffle=True, seed=1), RULES)
    p = estimate.parameters
    expected = {}
    for a, origin in enumerate(codes):
        for b, destination in enumerate(codes):
            factor = 1.0
            for end in (a, b) if peopled else ():
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
    got = {(o, d): m for o, d, m in estimate.travel_times.iter_rows()}
    assert all(time > 19.99 for pair, time in expected.items() if pair not in got)
    for pair, time in got.items():
        assert time == pytest.approx(expected[pair], abs=0.0051)
        assert 0 < time <= 20
        assert got[pair[::-1]] == time


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0.2, 3))
def test_times_never_fall_with_distance(a: float, b: float, factor: float) -> None:
    low, high = sorted((a, b))
    p = model.fitted_parameters(True)
    both = model.minutes_of(np.array([low, high]), np.array([factor, factor]), p)
    assert both[0] <= both[1]
    assert both[0] >= p.access_minutes


@given(st.floats(3, 200), st.floats(0.3, 3))
def test_the_farthest_pair_takes_just_the_time_given(time: float, factor: float) -> None:
    km = model.farthest_km(time, factor, LINE)
    assert model.minutes_of(np.array([km]), np.array([factor]), LINE)[0] <= time * (1 + 1e-9)
    if km < 10_000:
        assert model.minutes_of(np.array([km]), np.array([factor]), LINE)[0] == pytest.approx(time)


def test_no_trip_is_shorter_than_getting_in_and_out() -> None:
    assert model.farthest_km(1.0, 1.0, LINE) == 0


@pytest.mark.parametrize("name", ["first_km_minutes", "length_km", "smallest", "crowd_km"])
def test_parameters_that_make_no_sense_are_refused(name: str) -> None:
    numbers = {"access_minutes": 1.0, "first_km_minutes": 2.0, "length_km": 5.0, name: 0.0}
    with pytest.raises(ValueError, match=f"{name} must be above 0, not 0"):
        model.Parameters(**numbers)


def test_a_negative_access_time_is_refused() -> None:
    with pytest.raises(ValueError, match="access_minutes must be 0 or more, not -1"):
        model.Parameters(-1.0, 2.0, 5.0)


def test_features_need_populations() -> None:
    with pytest.raises(ValueError, match="populations are not known"):
        model.features(read_places(table({"01001": (46.0, 5.0)})), LINE)


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


def test_two_halls_at_one_place_are_still_a_trip() -> None:
    free = model.Parameters(0.0, 2.0, 5.0)
    frame = table({"01001": (46.0, 5.0), "01002": (46.0, 5.0)})
    estimate = estimate_travel_times(frame, RULES, parameters=free)
    assert minutes(estimate, "01001", "01002") == [0.01]


def test_reach_is_the_methodology_s_or_the_one_given() -> None:
    frame = table({"01001": (46.0, 5.0), "01002": (46.1, 5.0), "01004": (46.4, 5.0)})
    near = estimate_travel_times(frame, RULES, parameters=LINE)
    far = estimate_travel_times(frame, RULES, parameters=LINE, reach_minutes=60)
    assert near.travel_times["minutes"].max() < 20
    assert far.travel_times.height == 6 > near.travel_times.height
    assert note(near, "no_commune_in_reach").examples == ("01004",)


def test_no_commune_at_all_gives_no_time() -> None:
    frame = pl.DataFrame(schema={"commune": pl.String, "lat": pl.Float64, "lon": pl.Float64})
    assert estimate_travel_times(frame, RULES).travel_times.is_empty()


# --- what goes with the times --------------------------------------------------------------------


def test_the_first_note_warns_with_the_figures() -> None:
    frame = table({"01001": (46.0, 5.0), "01002": (46.1, 5.0)}, population=[500, 9000])
    estimate = estimate_travel_times(frame, RULES)
    held_out = json.loads(model.PARAMETERS_FILE.read_text("utf-8"))["with_population"]["quality"]
    assert estimate.quality == held_out
    first = estimate.notes[0]
    assert first.warning
    assert "estimated from straight lines" in first.text
    assert f"{held_out['right_class_near']:.0%} of the pairs within reach" in first.text
    assert f"off by {held_out['bias_of_weights']:+.1%}" in first.text
    assert "`population`" not in first.text
    assert json.dumps(estimate.as_dict())
    assert estimate.as_dict()["pairs"] == 2


def test_without_populations_it_says_so() -> None:
    estimate = estimate_travel_times(table({"01001": (46.0, 5.0)}), RULES)
    assert "With a column `population`" in estimate.notes[0].text
    assert estimate.quality["right_class_near"] < 0.46


def test_own_parameters_carry_no_figures_of_ours() -> None:
    estimate = estimate_travel_times(table({"01001": (46.0, 5.0)}), RULES, parameters=LINE)
    assert estimate.quality == {}
    assert "parameters of your own" in estimate.notes[0].text
    assert estimate.notes[0].warning


def test_communes_without_a_point_or_population_are_said() -> None:
    rows = {"01001": (46.0, 5.0), "01002": (46.01, 5.0), "01004": (None, 5.0)}
    estimate = estimate_travel_times(table(rows, population=[100, None, 5]), RULES)
    assert note(estimate, "no_point").examples == ("01004",)
    assert note(estimate, "no_point").warning
    assert note(estimate, "no_population").examples == ("01002",)


def test_a_column_of_no_population_is_none() -> None:
    frame = table({"01001": (46.0, 5.0)}, population=[None])
    assert read_places(frame).population is None


# --- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pl.DataFrame({"commune": ["01001"], "y": [1]}), ["'lat'", "'lon'", "are commune, y;"]),
        (table({"1001": (46.0, 5.0)}), ["not a commune code", "'1001'", "01001, not 1001"]),
        (table({"01001": (96.0, 5.0)}), ["column 'lat'", "cannot be right", "'96.0'", "WGS 84"]),
        (table({"01001": (46.0, 884211.5)}), ["column 'lon'", "'884211.5'", "Lambert 93"]),
        (table({"01001": (math.nan, 5.0)}), ["column 'lat'", "cannot be right", "'nan'"]),
        (table({"01001": (2.3, 48.9), "01002": (2.4, 48.8)}), ["lat and lon look swapped"]),
        (table({"01001": (46.0, 5.0)}, population=[-3]), ["column 'population'", "'-3'"]),
        (table({"01001": (46.0, 5.0)}).with_columns(lat=pl.lit("46,1")), ["not a number", "46,1"]),
        (table({"01001": (46.0, 5.0)}).with_columns(commune=pl.lit(None, pl.String)), ["'None'"]),
    ],
)  # fmt: skip
def test_wrong_places_are_refused(frame: pl.DataFrame, words: list[str]) -> None:
    with pytest.raises(InputDataError) as caught:
        estimate_travel_times(frame, RULES)
    for word in words:
        assert word in str(caught.value)


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
def test_points_that_are_elsewhere(code: str, point: tuple[float, float]) -> None:
    frame = table({"38185": (45.19, 5.72), "69123": (45.76, 4.84), code: point})
    with pytest.raises(InputDataError) as caught:
        read_places(frame)
    text = str(caught.value)
    assert "points that are not in the part of France of their code" in text
    assert f"(1 row; row 3; value '{code}'" in text
    assert "a sign lost" in text


def test_a_few_points_that_are_elsewhere_are_told() -> None:
    rows: Any = {f"{1000 + k:05d}": (46.0 + k / 10_000, 5.0) for k in range(1_000)}
    read = read_places(table({**rows, "55180": (49.2, 49.2)}))
    assert len(read.codes) == 1_000
    (told,) = (note for note in read.notes if note.code == "misplaced")
    assert (told.count, told.examples, told.warning) == (1, ("55180",), True)
    assert {note.code for note in read.notes} == {"misplaced", "no_point"}


def test_communes_of_one_point() -> None:
    rows: Any = {f"{1000 + k:05d}": (46.0 + k // 2 / 100, 5.0) for k in range(12)}
    with pytest.raises(InputDataError, match=r"points that stand for several communes \(12 rows"):
        read_places(table(rows))
    apart: Any = {f"{2000 + k:05d}": (49.0 + k / 100, 3.0) for k in range(12)}
    (told,) = read_places(table({**dict(list(rows.items())[:2]), **apart})).notes
    assert (told.code, told.count, told.examples) == ("same_points", 2, ("01000", "01001"))


def test_points_of_every_part_of_france() -> None:
    places = {
        "01001": (46.15, 4.93), "29155": (48.46, -5.1), "66150": (42.4, 2.4),
        "59183": (51.03, 2.38), "67249": (48.97, 8.2), "06083": (43.77, 7.5),
        "85113": (46.7, -2.35), "64260": (43.36, -1.77), "2A041": (41.39, 9.16),
        "2B107": (42.99, 9.38), "97127": (16.3, -61.05), "97209": (14.6, -61.07),
        "97302": (4.94, -52.33), "97411": (-20.88, 55.45), "97611": (-12.78, 45.23),
        "97502": (46.78, -56.17),
    }  # fmt: skip
    assert len(read_places(table(places)).codes) == len(places)


def test_a_commune_twice_is_refused_with_its_rows() -> None:
    frame = pl.concat([table({"01001": (46.0, 5.0)}), table({"01001": (46.1, 5.0)})])
    with pytest.raises(InputDataError, match=r"more than once .2 rows; rows 1, 2; .*'01001'"):
        read_places(frame)


def test_all_faults_come_at_once() -> None:
    frame = table({"1001": (96.0, 5.0), "01002": (46.0, 181.0)}, population=[1, -1])
    with pytest.raises(InputDataError) as caught:
        read_places(frame)
    columns = [fault.column for fault in caught.value.faults]
    assert columns == ["commune", "lat", "lon", "population"]


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.spatial", None)
    with pytest.raises(AplError, match=r"pip install 'apl-engine\[travel\]'"):
        estimate_travel_times(table({"01001": (46.0, 5.0)}), RULES)


# --- land and water ------------------------------------------------------------------------------


def test_islands_reach_only_themselves() -> None:
    rows = {"29083": (48.04, -4.85), "29168": (48.04, -4.80), "56009": (47.34, -3.15),
            "56241": (47.35, -3.2)}  # fmt: skip
    estimate = estimate_travel_times(table(rows), RULES)
    assert set(estimate.travel_times["origin"]) == {"56009", "56241"}
    assert note(estimate, "cut_off_communes").count == 3


def test_each_overseas_departement_and_corse_is_land_of_its_own() -> None:
    codes = ["01001", "2A004", "2B033", "97105", "97209", "97302", "97411", "97611", "97615"]
    lands = land.lands_of(codes)
    assert lands[1] == lands[2] == "Corse"
    assert lands[0] == land.MAINLAND
    assert len(set(lands)) == len(codes) - 1


def test_the_gironde_is_crossed_at_bordeaux() -> None:
    """Blaye and Lamarque see one another over 5 km of water."""
    rows = {"33058": (45.127, -0.662), "33220": (45.096, -0.714), "33063": (44.838, -0.579)}
    estimate = estimate_travel_times(table(rows), RULES, reach_minutes=200)
    bridge = (44.88, -0.536)
    expected = haversine(rows["33058"], bridge) + haversine(bridge, rows["33220"])
    p = estimate.parameters
    time = p.access_minutes + p.first_km_minutes * p.length_km * math.log1p(expected / p.length_km)
    assert minutes(estimate, "33058", "33220") == [pytest.approx(time, abs=0.005)]
    assert note(estimate, "detours_around_water").examples == (
        "33058-33063",
        "33058-33220",
    )
    assert not estimate_travel_times(table(rows), RULES).travel_times.height


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
    places = read_places(table({"01001": near, "01002": far}))
    start, end = np.array([0]), np.array([1])
    straight = kilometres(places.xyz, start, end)
    km, over = land.around_waters(places, start, end, straight, land.waters())
    assert over[0] == crosses
    assert (km[0] > straight[0]) == crosses


def test_the_nearest_crossing_counts_and_of_two_waters_the_longer_way() -> None:
    places = read_places(table({"01001": (46.0, 4.9), "01002": (46.0, 5.1)}))
    rows = np.array([0]), np.array([1])
    straight = kilometres(places.xyz, *rows)
    line = np.array([[45.0, 5.0], [47.0, 5.0]])
    near, far = np.array([[46.1, 5.0]]), np.array([[46.5, 5.0]])
    two_bridges = land.Water("one", line, np.concatenate([far, near]))
    one_bridge = land.Water("two", line, far)
    for waters, over in (((two_bridges,), near[0]), ((two_bridges, one_bridge), far[0])):
        km, _ = land.around_waters(places, *rows, straight, waters)
        expected = haversine((46.0, 4.9), tuple(over)) + haversine(tuple(over), (46.0, 5.1))
        assert km[0] == pytest.approx(expected)


def test_known_land_is_written_as_it_should() -> None:
    for water in land.waters():
        assert water.line.shape[1] == water.crossings.shape[1] == 2
        assert len(water.line) > 1 <= len(water.crossings)
    assert all(len(code) == 5 for code in land.cut_off())


@settings(max_examples=50)
@given(st.lists(points, max_size=8), st.floats(0.1, 60))
def test_near_pairs_are_all_pairs_that_near(world: Any, km: float) -> None:
    codes = [f"{number:05d}" for number in range(1, len(world) + 1)]
    frame = pl.DataFrame(
        {"commune": codes, "lat": [lat for lat, _ in world], "lon": [lon for _, lon in world]},
        schema={"commune": pl.String, "lat": pl.Float64, "lon": pl.Float64},
    )
    got = set(zip(*(side.tolist() for side in near_pairs(read_places(frame), km)), strict=True))
    for a in range(len(world)):
        for b in range(a + 1, len(world)):
            distance = haversine(world[a], world[b])
            if abs(distance - km) > 1e-5:
                assert ((a, b) in got) == (distance < km)


# --- the figures ---------------------------------------------------------------------------------


def test_steps_are_those_of_the_text_at_each_bound() -> None:
    times = np.array([0, 9.99, 10, 14.99, 15, 20, 20.01])
    assert step_of(times, STEPS).tolist() == [0, 0, 1, 1, 2, 2, 3]


def test_figures_of_a_small_case_by_hand() -> None:
    true = np.array([5.0, 12.0, 18.0, 30.0, 60.0])
    guess = np.array([11.0, 12.5, 25.0, 19.0, 61.0])
    figures = judge(true, guess, STEPS)
    assert figures["pairs"] == 5
    assert figures["near_pairs"] == 4
    assert figures["right_class_near"] == 0.25
    assert figures["right_or_next_near"] == 1
    assert figures["right_class_all"] == 0.4
    assert figures["bias_of_weights"] == round((2 / 3 + 2 / 3 + 1 / 3) / 2 - 1, 4)
    assert figures["mean_error_minutes"] == 4.5
    assert figures["median_error_minutes"] == 6.0
    assert figures["confusion"] == [[0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1]]


# --- the fit -------------------------------------------------------------------------------------


def script() -> Any:
    path = str(ROOT / "scripts/fit_estimator")
    loader = importlib.machinery.SourceFileLoader("fit_estimator", path)
    spec = importlib.util.spec_from_loader("fit_estimator", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules["fit_estimator"] = module
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


needs_data = pytest.mark.skipif(
    not (OPEN_DATA / "osrm_isere_seconds.csv").exists(),
    reason=f"{OPEN_DATA}/osrm_isere_seconds.csv is absent",
)


def test_the_fit_says_what_data_it_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("APL_ENGINE_OPEN_DATA", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["fit_estimator"])
    with pytest.raises(
        SystemExit, match=r"lacks mairies.csv, .*osrm_isere_points.csv: nothing was"
    ):
        script().main()


@needs_data
@pytest.mark.parametrize("known", [True, False])
def test_the_whole_estimate_does_as_well_as_its_figures_say(known: bool) -> None:
    """From communes to travel times, on the half of Isère that was not fitted to."""
    fit = script()
    data = fit.Isere(OPEN_DATA)
    half = np.random.default_rng(fit.SEED).permutation(len(data.rows))[len(data.rows) // 2 :]
    pairs = data.pairs(np.sort(half))
    frame = data.frame if known else data.frame.drop("population")
    estimate = estimate_travel_times(frame, RULES)
    codes = pl.Series(data.places.codes)
    held_out = pl.DataFrame(
        {"origin": codes.gather(pairs.start), "destination": codes.gather(pairs.end)}
    )
    joined = held_out.join(
        estimate.travel_times, on=["origin", "destination"], how="left", maintain_order="left"
    )
    figures = judge(pairs.minutes, joined["minutes"].fill_null(1e6).to_numpy(), STEPS)
    said = model.fitted()[model.variant(known)]["quality"]
    assert figures["confusion"] == pytest.approx(np.array(said["confusion"]), abs=4)
    assert figures["bias_of_weights"] == pytest.approx(said["bias_of_weights"], abs=0.002)
    naive = data.judge(pairs, fit.straight(0.0, 1.3 * 60 / 50))
    assert figures["right_class_near"] > naive["right_class_near"] + 0.05
    assert abs(figures["bias_of_weights"]) < 0.05


@needs_data
@pytest.mark.slow
def test_fitting_again_gives_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APL_ENGINE_OPEN_DATA", str(OPEN_DATA))
    monkeypatch.setattr(sys, "argv", ["fit_estimator", "-o", str(tmp_path / "again.json")])
    script().main()
    assert (tmp_path / "again.json").read_bytes() == model.PARAMETERS_FILE.read_bytes()
    printed = capsys.readouterr().out
    documented = (ROOT / "docs/travel-times.md").read_text("utf-8")
    # The document gives every table but that of the half that was fitted to.
    for line in re.sub(r"Fitted half\n.*?\nHalves", "", printed, flags=re.DOTALL).splitlines():
        if line.startswith(("| curve", "| 50", "| detour", "| fitted", "| west", "| east")):
            assert line in documented, line
