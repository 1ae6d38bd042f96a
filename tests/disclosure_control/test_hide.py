"""Figures of few practitioners: which are hidden, which stay, and how that is told."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.tables import (
    SAMPLES,
    Row,
    World,
    commune,
    frames,
    practitioner,
    small_world,
    write_csv,
)

import apl_engine
from apl_engine import (
    AplError,
    Result,
    hidden,
    make_record,
    read_result,
    run,
    run_with_network,
    suppress_small_counts,
    write_result,
)
from apl_engine.disclosure_control.audit import exposed, to_protect
from apl_engine.disclosure_control.hide import _supplies
from apl_engine.disclosure_control.suppress import secondary, too_few

SAMPLE = SAMPLES / "pays-de-la-loire"


@pytest.fixture(scope="module")
def sample() -> tuple[Result, Any]:
    return run_with_network(SAMPLE)


@pytest.fixture(scope="module")
def published(sample: tuple[Result, Any]) -> Result:
    return suppress_small_counts(*sample, 5)


def nulls(table: pl.DataFrame, column: str) -> int:
    return table[column].null_count()


def people(place: str, number: int, acts: float = 3000) -> list[Row]:
    return [
        practitioner(f"{place}-{k}", place, acts=acts + 100 * k, fees=60_000) for k in range(number)
    ]


def world_of(numbers: dict[str, tuple[str, int]], apart: float = 60) -> World:
    """Return communes with a territory and practitioners each, some minutes apart."""
    world = small_world()
    world["communes"] = [commune(code, "84", area) for code, (area, _) in numbers.items()]
    world["practitioners"] = [row for code, (_, n) in numbers.items() for row in people(code, n)]
    world["population"] = [
        {"commune": code, "age_band": band, "population": 100.0 + 10 * k}
        for k, code in enumerate(numbers)
        for band in ("00-04", "05-09", "10+")
    ]
    world["travel_times"] = [
        {"origin": one, "destination": two, "minutes": apart}
        for one in numbers
        for two in numbers
        if one != two
    ]
    return world


def test_few_practitioners_are_hidden_and_none_are_not(
    sample: tuple[Result, Any], published: Result
) -> None:
    whole = sample[0].communes
    few = (whole["practitioners"] > 0) & (whole["practitioners"] < 5)
    assert published.communes.filter(few)["etp"].null_count() == few.sum()
    assert published.communes.filter(few)["practitioners"].null_count() == few.sum()
    nobody = published.communes.filter(whole["practitioners"] == 0)
    assert (nobody["etp"] == 0).all()
    assert (nobody["practitioners"] == 0).all()


def test_what_is_shown_is_what_was_computed(sample: tuple[Result, Any], published: Result) -> None:
    for name in ("communes", "territories", "regions"):
        before, after = getattr(sample[0], name), getattr(published, name)
        assert before.schema == after.schema
        for column in before.columns:
            shown = after[column].is_not_null()
            assert after.filter(shown)[column].equals(before.filter(shown)[column])
    assert published.territories["zone"].equals(sample[0].territories["zone"])
    assert nulls(published.communes, "demand_reached") == 0


def test_the_number_hidden_is_told(sample: tuple[Result, Any], published: Result) -> None:
    told = make_record(published)["secrecy"]
    assert (told["min_practitioners"], told["secondary"]) == (5, True)
    for name, count in told["hidden"].items():
        table, column = name.split("_")
        added = nulls(getattr(published, table), column) - nulls(getattr(sample[0], table), column)
        assert added == count
    assert published.notes[-1].code == "secrecy"
    assert str(told["hidden"]["communes_etp"]) in published.notes[-1].text
    assert make_record(sample[0])["secrecy"] is None


def test_suppliers_that_are_hidden_are_told_apart(
    sample: tuple[Result, Any], published: Result
) -> None:
    mask = hidden(published)
    assert mask.columns == ["commune", "etp", "apl"]
    assert mask["etp"].equals(published.communes["etp"].is_null())
    assert mask["apl"].equals(published.communes["apl"].is_null())
    assert not hidden(sample[0]).select(pl.any_horizontal("etp", "apl")).to_series().any()


def test_some_towns_keep_their_apl(published: Result) -> None:
    shown = published.communes.filter(pl.col("apl").is_not_null() & (pl.col("apl") > 0))
    assert shown.height > 20
    assert shown["population"].sum() > 0.2 * published.communes["population"].sum()


def test_ranks_go_with_an_apl_of_their_zone(published: Result) -> None:
    """Gaps among ranks, and steps of the cumulative share, would tell the place of the hidden."""
    areas = published.territories
    mixed = areas.filter(pl.col("apl").is_null())["zone"].unique()
    within = areas.filter(pl.col("zone").is_in(mixed.implode()))
    assert nulls(within, "rank") == nulls(within, "cumulative_share") == within.height
    without = areas.filter(~pl.col("zone").is_in(mixed.implode()))
    assert nulls(without, "rank") == 0


def test_cuts_tell_no_hidden_apl(sample: tuple[Result, Any]) -> None:
    published = suppress_small_counts(*sample, 30)
    lost = sample[0].territories.filter(published.territories["apl"].is_null())
    assert lost.height
    for cut in published.cuts:
        assert cut.highest_apl not in set(lost["apl"])
        assert cut.next_territory not in set(lost["territory"])
        assert (cut.next_territory is None) == (cut.next_apl is None)
    assert published.cuts != sample[0].cuts


def test_more_than_any_has_hides_all_but_the_zones() -> None:
    whole, network = run_with_network(frames(small_world()))
    published = suppress_small_counts(whole, network, 1000)
    assert (published.communes["etp"].is_null() == (whole.communes["etp"] > 0)).all()
    assert (published.territories["etp"].is_null() == (whole.territories["etp"] > 0)).all()
    assert published.territories["zone"].equals(whole.territories["zone"])
    totals = make_record(published)["totals"]
    assert totals["etp"] is totals["reachable_etp"] is totals["distributed_etp"] is None
    assert published.territories.filter(pl.col("apl") > 0).is_empty()
    assert totals["population"] == make_record(whole)["totals"]["population"]


def test_a_place_apart_loses_the_apl_that_tells_it() -> None:
    world = world_of(
        {"01001": ("T1", 1), "01002": ("T2", 9), "2A004": ("T3", 8), "75101": ("T4", 7)}
    )
    whole, network = run_with_network(frames(world))
    published = suppress_small_counts(whole, network, 3)
    lost = published.territories.filter(pl.col("apl").is_null())["territory"].to_list()
    # With one alone, the sum of all would tell it.
    assert "T1" in lost
    assert len(lost) > 1
    assert published.territories["zone"].equals(whole.territories["zone"])


def test_a_single_hidden_commune_takes_another_with_it() -> None:
    world = world_of(
        {"01001": ("T1", 1), "01002": ("T1", 9), "2A004": ("T1", 4), "75101": ("T2", 6)}, 12
    )
    published = suppress_small_counts(*run_with_network(frames(world)), 3)
    etp = dict(published.communes.select("commune", "etp").iter_rows())
    assert etp["01001"] is etp["2A004"] is None


def test_supply_that_nobody_reaches_is_not_summed_up() -> None:
    world = world_of(
        {"01001": ("T1", 1), "01002": ("T1", 9), "2A004": ("T1", 8), "75101": ("T2", 7)}, 12
    )
    for row in world["population"]:
        row["population"] *= row["commune"] != "01001"
    world["travel_times"] = [row for row in world["travel_times"] if "01001" not in row.values()]
    whole, network = run_with_network(frames(world))
    told = next(note for note in whole.notes if note.code == "unreachable_supply")
    assert "ETP in 1 communes" in told.text
    published = suppress_small_counts(whole, network, 3)
    told = next(note for note in published.notes if note.code == "unreachable_supply")
    assert told.text == "the ETP of 1 communes that nobody can reach count nowhere"
    assert make_record(published)["totals"]["etp"] is None


def test_sums_that_tell() -> None:
    """One alone; few persons; and the p % rule, where the second largest knows itself."""
    values = np.array([1.0, 5.0, 1.0, 1.0, 1.0, 9.0, 0.1, 1.0, 9.0, 0.3])
    groups = np.array([0, 1, 1, 2, 2, 3, 3, 3, 5, 5])
    small = np.array([True, True, True, True, True, False, True, True, False, False])
    persons = np.array([9, 4, 2, 9, 9, 9])
    told = too_few(values, groups, small, persons, 3)
    assert told.tolist() == [True, True, True, True, False, False]


def test_the_audit_tells_what_is_exposed(sample: tuple[Result, Any]) -> None:
    supplies = _supplies(*sample)
    pattern = secondary(supplies, 5)
    alone = replace(pattern, apl=np.zeros_like(pattern.apl))
    left = to_protect(supplies, pattern.etp, pattern.etp_of, 5)
    # Not each change that protects is found again once more is hidden, nor needed: see the attack.
    assert len(exposed(supplies, pattern, left).figures) < 0.01 * len(left)
    assert len(exposed(supplies, alone, left).figures) > 0.99 * len(left)


def test_primary_alone_says_that_it_is_not_enough(sample: tuple[Result, Any]) -> None:
    published = suppress_small_counts(*sample, 5, secondary=False)
    assert published.secrecy
    assert not published.secrecy.secondary
    assert nulls(published.communes, "apl") == 0
    assert published.notes[-1].warning
    assert "not to be published" in published.notes[-1].text


def test_a_run_hides_by_itself(sample: tuple[Result, Any], published: Result) -> None:
    found = run(SAMPLE, min_practitioners=5)
    for name in ("communes", "territories", "regions"):
        assert getattr(found, name).equals(getattr(published, name))
    assert found.network == {}
    assert "hiding figures of few practitioners" in found.timings
    prepared = run(SAMPLE, network=sample[1], min_practitioners=5)
    assert prepared.communes.equals(published.communes)
    assert prepared.network["pairs"] == sample[1].pairs


def test_the_same_bits_for_rows_in_another_order(published: Result) -> None:
    names = ("practitioners", "population", "consumption", "travel_times", "communes")
    tables = {name: pl.read_parquet(SAMPLE / f"{name}.parquet") for name in names}
    shuffled = {
        name: table.sample(fraction=1, shuffle=True, seed=3) for name, table in tables.items()
    }
    found = run(shuffled, min_practitioners=5, threads=1)
    assert found.communes.equals(published.communes)
    assert found.territories.equals(published.territories)


def test_it_is_read_again(published: Result, tmp_path: Path) -> None:
    write_result(published, tmp_path / "out")
    stored = read_result(tmp_path / "out")
    assert stored.communes.equals(published.communes)
    assert stored.cuts == published.cuts
    assert stored.secrecy == published.secrecy
    assert hidden(stored).equals(hidden(published))
    with pytest.raises(ValueError, match="hidden already"):
        suppress_small_counts(stored, run_with_network(SAMPLE)[1], 5)


def test_zones_without_supply_hide_nothing(sample: tuple[Result, Any]) -> None:
    whole, network = sample
    supply = ("etp", "practitioners", "demand_reached")
    zones = apl_engine.Zoning(
        communes=whole.communes.drop(supply),
        territories=whole.territories.drop("etp", "practitioners"),
        regions=whole.regions,
        cuts=whole.cuts,
        counts=whole.counts,
        notes=(),
        methodology=whole.methodology,
        timings={},
    )
    assert suppress_small_counts(zones, network, 5) is zones
    assert not hidden(zones)["etp"].any()


@pytest.mark.parametrize("least", [1, 0, -3, 2.5, True, "5"])
def test_too_few_to_ask_for(sample: tuple[Result, Any], least: Any) -> None:
    with pytest.raises(ValueError, match="must be a whole number of 2 or more; got"):
        suppress_small_counts(*sample, least)


def test_it_is_hidden_once(sample: tuple[Result, Any], published: Result) -> None:
    with pytest.raises(ValueError, match="hidden already"):
        suppress_small_counts(published, sample[1], 5)


def test_what_if_needs_the_whole_result(sample: tuple[Result, Any], published: Result) -> None:
    with pytest.raises(ValueError, match="figures of few practitioners are hidden"):
        apl_engine.WhatIf(published, sample[1])


def test_without_scipy(sample: tuple[Result, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse.linalg", None)
    with pytest.raises(AplError, match=r"needs SciPy: pip install 'apl-engine\[annex\]'"):
        suppress_small_counts(*sample, 5)


def apl(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apl_engine", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_hides_and_says_so(published: Result, tmp_path: Path) -> None:
    done = apl("run", SAMPLE, "-o", tmp_path / "out", "--min-practitioners", 5)
    assert done.returncode == 0, done.stderr
    assert "Hidden: fewer than 5 practitioners" in done.stdout
    assert "communes  territories" in done.stdout
    assert read_result(tmp_path / "out").communes.equals(published.communes)
    record = json.loads((tmp_path / "out" / "record.json").read_text("utf-8"))
    assert published.secrecy
    assert record["secrecy"] == published.secrecy.as_dict()


def test_the_summary_of_hidden_totals(tmp_path: Path) -> None:
    tables = write_csv(small_world(), tmp_path / "in")
    done = apl("run", tables, "-o", tmp_path / "out", "--min-practitioners", 1000)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("hidden\n") == 3


def test_wrong_usage(tmp_path: Path) -> None:
    done = apl("run", SAMPLE, "-o", tmp_path / "out", "--min-practitioners", 1)
    assert done.returncode == 2
    assert "x>=2" in done.stderr
