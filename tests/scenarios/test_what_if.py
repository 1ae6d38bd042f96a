"""Supply added or removed: the same bits as a full run of the changed supply."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from support.faults import fault_of, faults_of
from support.full_runs import full_run, with_more
from support.tables import SAMPLES, methodology

from apl_engine import build_network, read_inputs, run
from apl_engine.scenarios import SupplyChange, WhatIf

RULES = methodology()
TABLES = read_inputs(SAMPLES / "pays-de-la-loire", RULES)
NETWORK = build_network(TABLES.travel_times, TABLES.communes, RULES)
RESULT = run(TABLES, RULES)
WHAT_IF = WhatIf(RESULT, NETWORK)
CODES = RESULT.communes["commune"].to_list()
THERE = dict(RESULT.communes.select("commune", "etp").iter_rows())


def check_against_a_full_run(change: dict[str, float], found: SupplyChange) -> None:
    """Compare with the whole method, applied to the changed supply."""
    communes, territories, cuts = full_run(RESULT, NETWORK, with_more(RESULT, change))
    assert found.territories.equals(territories)
    assert found.cuts == cuts
    wide = communes.join(found.communes, on="commune", suffix="_found", maintain_order="left")
    for column in ("etp", "apl"):
        assert wide[column].equals(wide[f"{column}_found"].rename(column))
    # All other communes are unchanged.
    rest = communes.join(found.communes, on="commune", how="anti")
    before = RESULT.communes.join(found.communes, on="commune", how="anti")
    assert rest["apl"].equals(before["apl"])
    zones = RESULT.territories.select("territory", zone_before="zone").join(
        territories.select("territory", "zone"), on="territory", maintain_order="left"
    )
    moved = zones.filter(pl.col("zone").ne_missing(pl.col("zone_before")))
    assert found.moved["territory"].to_list() == moved["territory"].to_list()
    assert found.moved["zone"].to_list() == moved["zone"].to_list()


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(CODES), st.floats(0, 60), max_size=4), st.booleans())
def test_a_change_gives_the_bits_of_a_full_run(change: dict[str, float], away: bool) -> None:
    if away:
        change = {code: -min(more, THERE[code]) for code, more in change.items()}
    check_against_a_full_run(change, WHAT_IF.change(change))


def test_all_supply_of_a_commune_can_be_removed() -> None:
    code = max(THERE, key=lambda place: THERE[place])
    found = WHAT_IF.change({code: -THERE[code]})
    row = found.communes.filter(commune=code)
    assert row["etp"].item() == 0
    assert row["etp_before"].item() == THERE[code]
    assert row["apl"].item() < row["apl_before"].item()
    check_against_a_full_run({code: -THERE[code]}, found)


def test_no_change_changes_nothing() -> None:
    found = WHAT_IF.change({})
    assert found.communes.is_empty()
    assert found.moved.is_empty()
    assert found.territories.equals(RESULT.territories.drop("practitioners"))


def test_a_prepared_network_of_longer_reach_serves_too() -> None:
    farther = build_network(TABLES.travel_times, TABLES.communes, RULES, reach=60)
    found = WhatIf(RESULT, farther).change({CODES[5]: 9.0})
    assert found.territories.equals(WHAT_IF.change({CODES[5]: 9.0}).territories)


def test_every_fault_of_a_change_is_reported_at_once() -> None:
    code = CODES[0]
    faults = faults_of(lambda: WHAT_IF.change({"99999": 1, code: -1e6, CODES[1]: np.nan}))
    assert [(fault.code, fault.values) for fault in faults] == [
        ("what_if.unknown_commune", ("99999",)),
        ("what_if.not_finite", (CODES[1],)),
        ("what_if.too_much_removed", (f"{code}: {THERE[code]} ETP",)),
    ]


def test_a_network_of_other_communes_is_refused() -> None:
    other = replace(NETWORK, communes=NETWORK.communes.reverse())
    assert fault_of(lambda: WhatIf(RESULT, other)).code == "network.other_communes"
