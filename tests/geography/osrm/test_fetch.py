"""Travel times from an OSRM server as a whole."""

from __future__ import annotations

import time

import polars as pl
import pytest
from support.osrm_server import Server, expected, faults, fetch, grid, notes, times

from apl_engine.errors import AplError, InputDataError, TravelServiceError


@pytest.mark.parametrize("largest", [2, 7, 100])
def test_times_are_those_of_the_server_with_blocks_of_any_size(
    server: Server, largest: int
) -> None:
    communes = grid(4 if largest == 2 else 6)
    server.limit = largest
    fetched = fetch(server, communes, largest_table=largest)
    assert times(fetched) == pytest.approx(expected(communes))
    assert fetched.requests == fetched.blocks == len(server.targets)
    assert fetched.travel_times.schema == {
        "origin": pl.String, "destination": pl.String, "minutes": pl.Float64,
    }  # fmt: skip
    assert fetched.travel_times.equals(fetched.travel_times.sort("origin", "destination"))


def test_row_order_changes_nothing(server: Server) -> None:
    first = fetch(server, largest_table=10)
    again = fetch(server, grid().sample(fraction=1, shuffle=True, seed=4), largest_table=10)
    assert first.travel_times.equals(again.travel_times)
    half = len(server.targets) // 2
    assert server.targets[:half] == server.targets[half:]


def test_distant_pairs_are_not_requested(server: Server) -> None:
    near = fetch(server, reach_km=2.5)
    assert 0 < len(times(near)) < len(expected(grid()))
    assert "osrm.beyond_reach" not in notes(near)


def test_pairs_beyond_the_largest_time_are_counted(server: Server) -> None:
    wide = grid(4, 0.08)
    fetched = fetch(server, wide, reach_km=100)
    assert times(fetched) == pytest.approx(expected(wide))
    assert notes(fetched)["osrm.beyond_reach"].count == 16 * 15 - len(expected(wide))


def test_communes_far_from_a_road_are_reported(server: Server) -> None:
    note = notes(fetch(server))["osrm.far_from_road"]
    assert note.warning
    assert note.count == 6
    assert note.examples[0] == "01001 (2.5 km)"


@pytest.mark.parametrize("mode", ["elsewhere", "one point"])
def test_a_map_without_the_communes_is_refused(server: Server, mode: str) -> None:
    server.mode = mode
    found = faults(TravelServiceError, server)
    kind = {"elsewhere": "off_the_map", "one point": "zero_times"}[mode]
    assert [each.code for each in found] == [f"osrm.{kind}"]
    assert found[0].details == {"elsewhere": {"communes": 36, "km": 10.0},
                                "one point": {"pairs": 1260, "km": 0.5}}[mode]  # fmt: skip


def test_a_commune_off_the_map_has_no_times(server: Server) -> None:
    server.mode = "one elsewhere"
    fetched = fetch(server)
    note = notes(fetched)["osrm.off_the_map"]
    assert (note.warning, note.examples) == (True, ("01036 (8471.8 km)",))
    assert not any("01036" in pair for pair in times(fetched))
    assert len(times(fetched)) > 100


def test_an_island_has_no_times_to_other_land(server: Server) -> None:
    codes, points = ["56087", "56106", "56008", "56009", "56114"], range(5)
    communes = pl.DataFrame(
        {"commune": codes, "lat": [47.5 + k / 100 for k in points], "lon": [-2.8] * 5}
    )
    fetched = fetch(server, communes)
    belle_ile = [("56009", "56114"), ("56114", "56009")]
    assert set(times(fetched)) == {("56008", "56106"), ("56106", "56008"), *belle_ile}
    assert notes(fetched)["osrm.islands"].examples == ("56009", "56087", "56114")


@pytest.mark.parametrize("mode", ["no snap", "odd snap"])
def test_distances_to_roads_are_optional(server: Server, mode: str) -> None:
    server.mode = mode
    assert "osrm.far_from_road" not in notes(fetch(server))


def test_pairs_without_a_route_are_counted_and_dropped(server: Server) -> None:
    server.mode = "no route"
    fetched = fetch(server)
    lost = notes(fetched)["osrm.no_route"]
    assert lost.count == 18 * 35
    assert lost.examples[0] == "01019-01001"
    assert set(fetched.travel_times["origin"]) == {f"{n:05d}" for n in range(1001, 1019)}


def test_no_table_means_no_route(server: Server) -> None:
    server.mode = "NoTable"
    fetched = fetch(server)
    assert fetched.travel_times.is_empty()
    assert notes(fetched)["osrm.no_route"].count == 36 * 35


def test_a_single_commune_needs_no_server() -> None:
    lonely = pl.DataFrame({"commune": ["01001"], "lat": [46.0], "lon": [5.0]})
    for communes in (lonely, lonely.clear()):
        fetched = fetch("http://127.0.0.1:9", communes)
        assert fetched.blocks == 0
        assert fetched.travel_times.is_empty()


def test_the_source_is_noted(server: Server) -> None:
    note = fetch(server).notes[0]
    assert (note.code, note.details) == ("osrm.source", {"url": server.url})
    assert "ODbL" in note.text


def test_a_commune_without_a_point_is_reported(server: Server) -> None:
    communes = grid().with_columns(lat=pl.when(pl.col("commune") != "01001").then("lat"))
    assert notes(fetch(server, communes))["points.no_point"].examples == ("01001",)
    (missing,) = faults(InputDataError, server, communes=grid().drop("lon"))
    assert (missing.code, missing.column) == ("communes.missing_column", "lon")


def test_progress_reaches_the_end(server: Server) -> None:
    seen: list[tuple[int, int]] = []
    fetched = fetch(server, largest_table=10, on_progress=lambda *now: seen.append(now))
    assert seen == [(n + 1, fetched.blocks) for n in range(fetched.blocks)]


def test_the_rate_is_observed(server: Server) -> None:
    start = time.monotonic()
    fetched = fetch(server, grid(4), largest_table=10, rate=50.0)
    assert fetched.requests > 5
    assert time.monotonic() - start >= (fetched.requests - 1) / 50


def test_all_options_out_of_range_are_reported() -> None:
    options = {"reach_km": 0.0, "largest_table": 1, "rate": 0.0, "timeout": 0.0, "retries": -1}
    found = faults(AplError, "http://127.0.0.1:9", **options)
    assert {each.table: each.details["given"] for each in found} == options
    assert {each.table for each in found if each.code == "argument.too_small"} == {
        "largest_table", "retries",
    }  # fmt: skip
    assert {each.details.get("minimum") for each in found} == {None, 2, 0}
