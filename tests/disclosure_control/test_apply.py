"""Small counts suppressed in a result: its tables, totals, cuts, ranks and notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.full_runs import run_with_network
from support.suppression import world_of
from support.tables import SAMPLES, frames, small_world

import apl_engine
from apl_engine import InputDataError, Result, read_result, run, write_result
from apl_engine.disclosure_control.apply import suppress_small_counts, suppressed_figures
from apl_engine.results import make_record

SAMPLE = SAMPLES / "pays-de-la-loire"
UNREACHABLE = "accessibility.unreachable_supply"


@pytest.fixture(scope="module")
def sample() -> tuple[Result, Any]:
    return run_with_network(SAMPLE)


@pytest.fixture(scope="module")
def published(sample: tuple[Result, Any]) -> Result:
    return suppress_small_counts(sample[0], 5)


def nulls(table: pl.DataFrame, column: str) -> int:
    return table[column].null_count()


def test_small_counts_are_suppressed_and_zeros_are_not(
    sample: tuple[Result, Any], published: Result
) -> None:
    whole = sample[0].communes
    few = (whole["practitioners"] > 0) & (whole["practitioners"] < 5)
    assert published.communes.filter(few)["etp"].null_count() == few.sum()
    assert published.communes.filter(few)["practitioners"].null_count() == few.sum()
    zero = published.communes.filter(whole["practitioners"] == 0)
    assert (zero["etp"] == 0).all()
    assert (zero["practitioners"] == 0).all()


def test_published_figures_are_those_of_the_complete_result(
    sample: tuple[Result, Any], published: Result
) -> None:
    for name in ("communes", "territories", "regions"):
        before, after = getattr(sample[0], name), getattr(published, name)
        assert before.schema == after.schema
        for column in before.columns:
            shown = after[column].is_not_null()
            assert after.filter(shown)[column].equals(before.filter(shown)[column])
    assert published.territories["zone"].equals(sample[0].territories["zone"])
    assert nulls(published.communes, "demand_reached") == 0


def test_suppressed_figures_are_counted(sample: tuple[Result, Any], published: Result) -> None:
    suppression = make_record(published)["suppression"]
    assert (suppression["min_practitioners"], suppression["secondary"]) == (5, True)
    for name, count in suppression["counts"].items():
        table, column = name.split("_")
        added = nulls(getattr(published, table), column) - nulls(getattr(sample[0], table), column)
        assert added == count
    note = published.notes[-1]
    assert note.code == "suppression.small_counts"
    assert note.details == {"min_practitioners": 5, **suppression["counts"]}
    assert make_record(sample[0])["suppression"] is None


def test_zones_near_a_cut_are_not_named(sample: tuple[Result, Any], published: Result) -> None:
    """Which depend on the end of a step says how near a suppressed APL is to a cut."""
    examples = {
        note.code: note.examples for note in sample[0].notes if note.code == "zoning.step_ends"
    }
    assert examples["zoning.step_ends"]
    assert published.ambiguous is None
    note = next(note for note in published.notes if note.code == "zoning.step_ends")
    assert not note.examples
    assert make_record(published)["ambiguous_zones"] == []


def test_suppressed_figures_of_communes(sample: tuple[Result, Any], published: Result) -> None:
    mask = suppressed_figures(published)
    assert mask.columns == ["commune", "etp", "apl"]
    assert mask["etp"].equals(published.communes["etp"].is_null())
    assert mask["apl"].equals(published.communes["apl"].is_null())
    assert (
        not suppressed_figures(sample[0]).select(pl.any_horizontal("etp", "apl")).to_series().any()
    )


def test_some_towns_keep_their_apl(published: Result) -> None:
    shown = published.communes.filter(pl.col("apl").is_not_null() & (pl.col("apl") > 0))
    assert shown.height > 20
    assert shown["population"].sum() > 0.2 * published.communes["population"].sum()


def test_ranks_of_a_zone_with_a_suppressed_apl_are_suppressed(published: Result) -> None:
    """Gaps among ranks and cumulative shares would disclose the position of a suppressed APL."""
    areas = published.territories
    affected = areas.filter(pl.col("apl").is_null())["zone"].unique()
    within = areas.filter(pl.col("zone").is_in(affected.implode()))
    assert nulls(within, "rank") == nulls(within, "cumulative_share") == within.height
    without = areas.filter(~pl.col("zone").is_in(affected.implode()))
    assert nulls(without, "rank") == 0


def test_cuts_disclose_no_suppressed_apl(sample: tuple[Result, Any]) -> None:
    published = suppress_small_counts(sample[0], 30)
    suppressed = sample[0].territories.filter(published.territories["apl"].is_null())
    assert suppressed.height
    for cut in published.cuts:
        assert cut.highest_apl not in set(suppressed["apl"])
        assert cut.next_territory not in set(suppressed["territory"])
        assert (cut.next_territory is None) == (cut.next_apl is None)
    assert published.cuts != sample[0].cuts


def test_a_minimum_above_every_count_suppresses_all_but_zones() -> None:
    whole, _ = run_with_network(frames(small_world()))
    published = suppress_small_counts(whole, 1000)
    assert (published.communes["etp"].is_null() == (whole.communes["etp"] > 0)).all()
    assert (published.territories["etp"].is_null() == (whole.territories["etp"] > 0)).all()
    assert published.territories["zone"].equals(whole.territories["zone"])
    totals = make_record(published)["totals"]
    assert totals["etp"] is totals["reachable_etp"] is totals["distributed_etp"] is None
    assert published.territories.filter(pl.col("apl") > 0).is_empty()
    assert totals["population"] == make_record(whole)["totals"]["population"]


def test_the_note_on_unreachable_supply_has_no_suppressed_etp() -> None:
    world = world_of(
        {"01001": ("T1", 1), "01002": ("T1", 9), "2A004": ("T1", 8), "75101": ("T2", 7)}, 12
    )
    for row in world["population"]:
        row["population"] *= row["commune"] != "01001"
    world["travel_times"] = [row for row in world["travel_times"] if "01001" not in row.values()]
    whole = run(frames(world))
    (complete,) = (note for note in whole.notes if note.code == UNREACHABLE)
    published = suppress_small_counts(whole, 3)
    assert UNREACHABLE not in {note.code for note in published.notes}
    (note,) = (note for note in published.notes if note.code == "suppression.unreachable_supply")
    assert note.details == {}
    assert (note.count, note.examples) == (complete.count, complete.examples) == (1, ("01001",))
    assert make_record(published)["totals"]["etp"] is None


def test_primary_suppression_alone_carries_a_warning(sample: tuple[Result, Any]) -> None:
    published = suppress_small_counts(sample[0], 5, secondary=False)
    assert published.suppression
    assert not published.suppression.secondary
    assert nulls(published.communes, "apl") == 0
    assert published.notes[-1].code == "suppression.primary_only"
    assert published.notes[-1].warning


@pytest.mark.slow
def test_a_run_suppresses_by_itself(sample: tuple[Result, Any], published: Result) -> None:
    found = run(SAMPLE, min_practitioners=5)
    for name in ("communes", "territories", "regions"):
        assert getattr(found, name).equals(getattr(published, name))
    assert not found.prepared
    prepared = run(SAMPLE, network=sample[1], min_practitioners=5)
    assert prepared.communes.equals(published.communes)
    assert prepared.prepared
    assert prepared.network is sample[1]


@pytest.mark.slow
def test_the_same_bits_for_rows_in_another_order(published: Result) -> None:
    names = ("practitioners", "population", "consumption", "travel_times", "communes")
    tables = {name: pl.read_parquet(SAMPLE / f"{name}.parquet") for name in names}
    shuffled = {
        name: table.sample(fraction=1, shuffle=True, seed=3) for name, table in tables.items()
    }
    found = run(shuffled, min_practitioners=5, threads=1)
    assert found.communes.equals(published.communes)
    assert found.territories.equals(published.territories)


def test_a_published_result_is_read_again(
    sample: tuple[Result, Any], published: Result, tmp_path: Path
) -> None:
    write_result(published, tmp_path / "out")
    stored = read_result(tmp_path / "out")
    assert stored.communes.equals(published.communes)
    assert stored.cuts == published.cuts
    assert stored.suppression == published.suppression
    assert suppressed_figures(stored).equals(suppressed_figures(published))
    check_refused(stored, sample[1])


def test_zones_without_supply_are_returned_unchanged(sample: tuple[Result, Any]) -> None:
    whole, _ = sample
    supply = ("etp", "practitioners", "demand_reached")
    zones = apl_engine.method.Zoning(
        communes=whole.communes.drop(supply),
        territories=whole.territories.drop("etp", "practitioners"),
        regions=whole.regions,
        cuts=whole.cuts,
        counts=whole.counts,
        notes=(),
        methodology=whole.methodology,
        timings={},
    )
    assert suppress_small_counts(zones, 5) is zones
    assert not suppressed_figures(zones)["etp"].any()


@pytest.mark.parametrize("least", [1, 0, -3, 2.5, True, "5"])
def test_a_minimum_that_suppresses_nothing_is_refused(
    sample: tuple[Result, Any], least: Any
) -> None:
    with pytest.raises(InputDataError) as error:
        suppress_small_counts(sample[0], least)
    (fault,) = error.value.faults
    assert (fault.code, fault.table) == ("argument.not_a_whole_number", "min_practitioners")
    assert fault.details == {"minimum": 2, "given": str(least)}


def check_refused(published: Any, network: Any) -> None:
    with pytest.raises(InputDataError) as error:
        suppress_small_counts(published, 5)
    assert error.value.faults[0].code == "suppression.already_applied"


def test_suppression_is_applied_once(sample: tuple[Result, Any], published: Result) -> None:
    check_refused(published, sample[1])


def test_what_if_needs_the_complete_result(sample: tuple[Result, Any], published: Result) -> None:
    with pytest.raises(InputDataError) as error:
        apl_engine.scenarios.WhatIf(published, sample[1])
    assert error.value.faults[0].code == "result.suppressed"
