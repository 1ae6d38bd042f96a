"""Communes of overseas collectivities, which no table of communes has."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.faults import fault_of
from support.tables import frames, methodology, practitioner, small_world

from apl_engine import read_inputs
from apl_engine.inputs.overseas import collectivities, is_overseas

RULES = methodology()
OVERSEAS = ["97502", "97701", "97801", "98613", "98735", "98818", "97123", "97127"]
OTHERS = ["97101", "97411", "97611", "97122", "98001", "01001", "2A004", "9780", "9780A", None]


def test_codes_of_collectivities() -> None:
    codes = pl.DataFrame({"code": OVERSEAS + OTHERS})
    found = codes.filter(is_overseas(pl.col("code")))["code"].to_list()
    assert found == OVERSEAS
    assert len({one.name for one in collectivities()}) == 6
    assert all(one.source for one in collectivities())


@pytest.mark.parametrize("code", OVERSEAS)
def test_practices_there_are_set_aside_with_their_number_and_acts(code: str) -> None:
    world = small_world()
    expected = read_inputs(frames(world), RULES).practitioners
    there = [practitioner("p8", code, acts=123, fees=9), practitioner("p9", code)]
    world["practitioners"][2:2] = there
    read = read_inputs(frames(world), RULES)
    assert read.practitioners.equals(expected)
    (note,) = (n for n in read.notes if n.code == "practitioners.overseas_collectivities")
    assert (note.count, note.warning, note.examples) == (2, True, ())
    acts = sum(row["acts"] for row in there)
    assert note.details["acts"] == acts


def test_inhabitants_and_pairs_there_are_set_aside(tmp_path: Path) -> None:
    world = small_world()
    world["population"].append({"commune": "97801", "age_band": "00-04", "population": 7.0})
    world["travel_times"].append({"origin": "01001", "destination": "97701", "minutes": 900.0})
    read = read_inputs(frames(world), RULES)
    assert read.rows == read_inputs(frames(small_world()), RULES).rows
    codes = [note.code for note in read.notes if note.code.endswith(".overseas_collectivities")]
    assert sorted(codes) == [f"{t}.overseas_collectivities" for t in ("population", "travel_times")]


def test_a_code_that_is_wrong_is_refused_by_its_row() -> None:
    world = small_world()
    world["practitioners"][1:1] = [practitioner("p8", "97801"), practitioner("p9", "97999")]
    fault = fault_of(lambda: read_inputs(frames(world), RULES))
    assert (fault.code, fault.rows) == ("practitioners.unknown_commune", (3,))
    world["practitioners"][2] = world["practitioners"][0]
    fault = fault_of(lambda: read_inputs(frames(world), RULES))
    assert (fault.code, fault.rows) == ("practitioners.duplicate_key", (1, 3))


def test_a_country_that_has_them_keeps_them() -> None:
    world = small_world()
    for rows in world.values():
        for row in rows:
            row |= {key: "97801" for key, value in row.items() if value == "75101"}
    read = read_inputs(frames(world), RULES)
    assert read.rows == read_inputs(frames(small_world()), RULES).rows
