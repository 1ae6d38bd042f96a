"""Zones by the other reading of 15 minutes, against full runs of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from support.tables import SAMPLES, methodology

from apl_engine.inputs import Inputs, read_inputs
from apl_engine.method.compute import compute
from apl_engine.method.network import TravelNetwork, build_network
from apl_engine.method.result import Result
from apl_engine.methodology import load_methodology, vary
from apl_engine.networks.file import load_network
from apl_engine.networks.save import save_network
from apl_engine.networks.stream import prepare_network

REGION = SAMPLES / "pays-de-la-loire"
RULES = load_methodology("mk-2024")
FIFTEEN = 29  # the band of exactly 15 minutes


@pytest.fixture(scope="module")
def tables() -> Inputs:
    """Return the sample with whole minutes, as METRIC has them."""
    tables = read_inputs(REGION, RULES)
    assert tables.travel_times is not None
    whole = tables.travel_times.with_columns(pl.col("minutes").round())
    return replace(tables, travel_times=whole)


@pytest.fixture(scope="module")
def result(tables: Inputs) -> Result:
    return compute(tables, RULES)


def other_run(tables: Inputs) -> Result:
    parameter = next(p for p in RULES.parameters if p.key == "travel.steps")
    return compute(tables, vary(RULES, "travel.steps", parameter.others[0]))


def test_the_pairs_at_each_end_of_a_step_are_counted(tables: Inputs, result: Result) -> None:
    assert tables.travel_times is not None
    minutes = tables.travel_times["minutes"]
    counts = result.counts["network"]
    for end in (10, 15, 20):
        assert counts[f"exactly_{end}_minutes"] == (minutes == end).sum() > 100


def test_the_territories_that_change_are_those_of_a_full_run(
    tables: Inputs, result: Result
) -> None:
    found = result.ambiguous
    assert found is not None
    after = other_run(tables).territories.select("territory", other_zone="zone")
    both = result.territories.join(after, on="territory").filter(
        pl.col("zone") != pl.col("other_zone")
    )
    assert both.height > 0
    names = ["territory", "territory_name", "population", "zone", "other_zone"]
    assert found.select(names).equals(both.select(names))
    assert set(found["value"]) == {"15 included"}
    note = next(note for note in result.notes if note.code == "zoning.step_ends")
    assert (note.count, note.warning) == (both.height, True)
    assert note.details == {
        "value": "15 included", "pairs": result.counts["network"]["exactly_15_minutes"],
    }  # fmt: skip


def test_nothing_depends_on_an_end_that_no_pair_has(tables: Inputs) -> None:
    assert tables.travel_times is not None
    apart = tables.travel_times.with_columns(pl.col("minutes") + 0.5)
    result = compute(replace(tables, travel_times=apart), RULES)
    assert result.counts["network"]["exactly_15_minutes"] == 0
    assert result.ambiguous is not None
    assert result.ambiguous.is_empty()
    assert "zoning.step_ends" not in {note.code for note in result.notes}


def test_a_reading_that_changes_more_than_an_end_is_not_tried(tables: Inputs) -> None:
    steps = replace(RULES.travel, steps=RULES.travel.steps[:2])
    result = compute(tables, methodology(travel_steps=steps.steps))
    assert result.ambiguous is not None
    assert result.ambiguous.is_empty()


def test_a_prepared_network_keeps_what_is_needed(
    tables: Inputs, result: Result, tmp_path: Path
) -> None:
    prepared = prepare_network(tables.travel_times, tables.communes, RULES)
    save_network(prepared, tmp_path / "n.aplnet")
    loaded = load_network(tmp_path / "n.aplnet")
    found = compute(tables, RULES, network=loaded)
    assert found.ambiguous is not None
    assert found.ambiguous.equals(result.ambiguous)
    assert found.counts["network"] == result.counts["network"]
    # The pairs lie in a section that was not read.
    assert "arrays" not in vars(loaded.rows.section)  # type: ignore[attr-defined]
    bare = build_network(tables.travel_times, tables.communes, RULES)
    check_same_pairs(loaded, bare)
    # A file without them is read in full.
    save_network(replace(prepared, of_bands=None), tmp_path / "older.aplnet")
    older = load_network(tmp_path / "older.aplnet")
    assert older.of_bands is None
    check_same_pairs(older, bare)


def check_same_pairs(network: TravelNetwork, other: TravelNetwork) -> None:
    assert network.band_counts.tolist() == other.band_counts.tolist()
    for one, two in zip(network.pairs_of(FIFTEEN), other.pairs_of(FIFTEEN), strict=True):
        assert np.array_equal(one, two)
    assert network.count_at(15) == len(network.pairs_of(FIFTEEN)[0])
