"""The margin between a territory and another zone, verified by full runs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.faults import fault_of
from support.full_runs import full_run, run_with_network, with_more
from support.tables import SAMPLES, methodology

from apl_engine.method import classify
from apl_engine.method.ranking import Contest
from apl_engine.scenarios import WhatIf, distances, zone_margins
from apl_engine.scenarios.margins import STEP, _walk

RESULT, NETWORK = run_with_network(SAMPLES / "pays-de-la-loire")
WHAT_IF = WhatIf(RESULT, NETWORK)
RULES = RESULT.methodology
IDS = [zone.id for zone in RULES.zoning.classes]
RANKED = RESULT.territories.drop_nulls("rank").sort("rank")
SAMPLE = RANKED[:: max(RANKED.height // 12, 1)]["territory"].to_list()


def zone_of(territory: str, changes: dict[str, float]) -> str:
    """Run the whole method with a changed supply."""
    _, territories, _ = full_run(RESULT, NETWORK, with_more(RESULT, changes))
    return str(territories.filter(territory=territory).item(0, "zone"))


def less(changes: dict[str, float], etp: Decimal) -> dict[str, float]:
    """Return the same change, a step smaller."""
    part = float((abs(etp) - STEP) / abs(etp))
    return {code: more * part for code, more in changes.items()}


@pytest.mark.parametrize("territory", SAMPLE)
def test_a_run_with_that_supply_changes_the_zone_and_with_a_step_less_does_not(
    territory: str,
) -> None:
    own = RANKED.filter(territory=territory).row(0, named=True)
    found = distances(RESULT, territory, WHAT_IF)
    assert [distance.zone for distance in found] == [zone for zone in IDS if zone != own["zone"]]
    for distance in found:
        if distance.etp is None:
            assert distance.reason in ("all_taken", "none_added")
            continue
        up = IDS.index(distance.zone) > IDS.index(own["zone"])
        assert (distance.etp > 0) == up
        changes = dict(distance.changes)
        assert sum(changes.values()) == pytest.approx(float(distance.etp), rel=1e-12)
        assert zone_of(territory, changes) == distance.zone
        assert zone_of(territory, less(changes, distance.etp)) != distance.zone


@pytest.mark.parametrize("territory", SAMPLE)
def test_the_margin_in_apl_changes_the_zone_with_all_others_unchanged(territory: str) -> None:
    place = RESULT.territories["territory"].to_list().index(territory)
    apl = RESULT.territories["apl"].to_numpy().copy()
    contest, before = WHAT_IF.contest, apl[place]
    for distance in distances(RESULT, territory):
        assert distance.etp is None
        assert distance.reason == "unknown"
        if distance.apl is None:
            continue
        for share, there in ((1 + 1e-5, True), (1 - 1e-5, False)):
            apl[place] = before + distance.apl * share
            zone = IDS[contest.zones(contest.rank(apl))[place]]
            assert (zone == distance.zone) == there


def test_supply_may_be_added_in_one_commune() -> None:
    territory = SAMPLE[3]
    communes = RESULT.communes.filter(territory=territory)
    code = communes.sort("standardised_population")["commune"][-1]
    found = [d for d in distances(RESULT, territory, WHAT_IF, at=code) if d.etp]
    assert found
    for distance in found:
        assert list(distance.changes) == [code]
        assert zone_of(territory, dict(distance.changes)) == distance.zone


def test_without_supply_a_territory_gets_it_by_inhabitants() -> None:
    empty = RANKED.filter(pl.col("etp") == 0)["territory"]
    territory = empty[0] if len(empty) else None
    if territory is None:
        communes = RESULT.communes.with_columns(
            etp=pl.when(pl.col("territory") == SAMPLE[0]).then(0.0).otherwise("etp")
        )
        territory, result = SAMPLE[0], replace(RESULT, communes=communes)
    else:
        result = RESULT
    found = distances(result, territory, WhatIf(result, NETWORK))
    people = dict(
        result.communes.filter(territory=territory)
        .select("commune", "standardised_population")
        .rows()
    )
    more = next(distance for distance in found if distance.etp)
    for code, etp in more.changes.items():
        assert etp / float(more.etp or 1) == pytest.approx(people[code] / sum(people.values()))


def test_territories_without_margins_are_refused() -> None:
    fault = fault_of(lambda: distances(RESULT, "none"))
    assert (fault.code, fault.table, fault.values) == (
        "margins.unknown_territory", "territory", ("none",),
    )  # fmt: skip
    fault = fault_of(lambda: distances(RESULT, SAMPLE[0], WHAT_IF, at="99999"))
    assert (fault.code, fault.table, fault.values) == (
        "margins.not_in_territory", "at", ("99999",),
    )  # fmt: skip
    communes = RESULT.communes.filter(territory=SAMPLE[0])["commune"]
    assert fault.details == {"territory": SAMPLE[0], "communes": tuple(communes[:8])}
    unranked = RESULT.territories.with_columns(rank=pl.lit(None, pl.UInt32))
    fault = fault_of(lambda: distances(replace(RESULT, territories=unranked), SAMPLE[0]))
    assert (fault.code, fault.details) == ("margins.not_ranked", {"zone_reason": "ranked"})


def test_a_table_holds_every_margin_of_a_region() -> None:
    steps: list[str] = []
    table = zone_margins(RESULT, WHAT_IF, region="75", on_step=steps.append)
    ranked = RANKED.filter(region="75")
    assert steps == ["computing the margins"]
    assert table["territory"].unique(maintain_order=True).to_list() == ranked["territory"].to_list()
    for territory in ranked["territory"].head(3):
        rows = table.filter(territory=territory).select("to_zone", "apl", "etp", "reason").rows()
        assert rows == [
            (d.zone, d.apl, None if d.etp is None else float(d.etp), d.reason)
            for d in distances(RESULT, territory, WHAT_IF)
        ]
    assert zone_margins(RESULT)["etp"].null_count() == 3 * RANKED.height


@pytest.mark.heavy
@pytest.mark.slow
@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 40).map(float),
            st.integers(0, 5).map(float),
            st.integers(1, 50).map(float),
        ),
        min_size=2,
        max_size=12,
    ),
    st.sampled_from(["at_or_below", "crossing", "nearest"]),
    st.sampled_from(["cumulated", "successive"]),
    st.data(),
)
def test_a_walk_gives_the_class_for_every_amount(
    territories: list[tuple[float, float, float]], straddling: str, cuts: str, data: st.DataObject
) -> None:
    rules = methodology(zoning_straddling=straddling, zoning_cuts=cuts).zoning
    apl, slopes, people = (np.array(column) for column in zip(*territories, strict=True))
    size = len(apl)
    contest = Contest(people, np.arange(size), np.full(size, -1), rules)
    place = data.draw(st.integers(0, size - 1))
    if cuts == "successive":
        # Exact as long as the others keep their order.
        slopes = np.where(np.arange(size) == place, slopes, 0.0)
    walk = _walk(contest, contest.rank(apl), apl, place, slopes)
    assert (np.diff(walk.at) >= 0).all()
    # Between two crossings, and beyond the last.
    edges = np.unique(np.append(walk.at, walk.at[-1] + 2))
    for amount in (edges[1:] + edges[:-1]) / 2:
        there = int(np.searchsorted(walk.at, amount, side="right")) - 1
        classes = contest.zones(contest.rank(apl + amount * slopes))
        assert walk.classes[there] == classes[place]


def test_no_margin_needs_a_negative_apl() -> None:
    """Three territories, the first without any supply within reach."""
    territories = RESULT.territories.head(3).with_columns(
        apl=pl.Series([0.0, 5.0, 9.0]), population=pl.Series([40.0, 30.0, 30.0]),
        region=pl.lit("52"), rank=pl.Series([1, 2, 3], dtype=pl.UInt32),
    )  # fmt: skip
    codes = territories["territory"].to_list()
    communes = RESULT.communes.filter(pl.col("territory").is_in(codes))
    zones = replace(RESULT, communes=communes, territories=territories)
    for code in codes:
        for distance in distances(zones, code):
            apl = territories.filter(territory=code).item(0, "apl")
            if distance.apl is None:
                continue
            assert distance.apl != 0
            assert apl + distance.apl >= 0
            changed = territories.with_columns(
                apl=pl.when(pl.col("territory") == code)
                .then(max(apl + distance.apl * (1 + 1e-9), 0.0))
                .otherwise("apl")
            )
            after, *_ = classify(changed.drop("rank", "cumulative_share", "zone", "zone_reason"),
                                RULES)  # fmt: skip
            assert after.filter(territory=code).item(0, "zone") == distance.zone
