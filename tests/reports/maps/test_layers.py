"""What a map shows of its units."""

from __future__ import annotations

import polars as pl
import pytest
from support.annexes import national

from apl_engine.reports.maps.layers import apl_layer, change_layer, zone_layer
from apl_engine.reports.words import Words

WORDS = Words("maps", "fr")
ZONES = ("tres_sous_dotee", "sous_dotee", "intermediaire", "non_prioritaire")


def units(**columns: list[object]) -> pl.DataFrame:
    count = len(next(iter(columns.values())))
    return pl.DataFrame({"population": [10.0] * count, "focus": [True] * count, **columns})


def test_zones_have_the_shares_of_the_result() -> None:
    zones = national()
    entries, fill = zone_layer(zones, units(zone=[*ZONES, None]), "52", WORDS)
    assert fill.tolist() == [0, 1, 2, 3, 4]
    wanted = zones.regions.filter(pl.col("region") == "52").select("zone", "share").rows()
    assert [(one.key, one.share) for one in entries[:4]] == wanted
    assert [one.colour for one in entries[:4]] == ["#661a00", "#c44e10", "#f4a259", "#fdebd3"]


def test_steps_of_the_apl_include_their_lower_end() -> None:
    apl = [0.0, 24.9, 25.0, 99.0, 174.9, 175.0, 400.0, *[170.0] * 60]
    entries, fill = apl_layer(units(apl=apl, imposed=[False] * len(apl)), WORDS)
    assert fill[:7].tolist() == [0, 0, 1, 3, 6, 7, 7]
    assert sum(one.share or 0 for one in entries) == pytest.approx(100)
    assert [one.key for one in entries[:3]] == ["from_0", "from_25", "from_50"]


def test_hidden_figures_are_told_from_those_that_were_not_computed() -> None:
    table = units(apl=[50.0, None, None], imposed=[False, False, True])
    entries, fill = apl_layer(table.with_columns(pl.col("apl").cast(pl.Float64)), WORDS)
    assert [entries[k].key for k in fill[1:]] == ["hidden", "imposed"]
    assert entries[fill[1]].hatch
    assert len({entries[k].colour for k in fill}) == 3


def test_shares_are_of_what_the_map_is_about() -> None:
    table = units(apl=[10.0, 90.0], imposed=[False, False]).with_columns(
        focus=pl.Series([True, False])
    )
    entries, fill = apl_layer(table, WORDS)
    assert entries[fill[0]].share == 100
    assert entries[fill[1]].share == 0


def test_changes_are_counted_by_the_order_of_the_classes() -> None:
    zones = national()
    pairs = [("sous_dotee", "sous_dotee"), ("sous_dotee", "intermediaire"),
             ("tres_sous_dotee", "non_prioritaire"), ("intermediaire", "sous_dotee"),
             ("non_prioritaire", "tres_sous_dotee"), (None, "sous_dotee"),
             ("sous_dotee", None)]  # fmt: skip
    table = units(zone_before=[a for a, _ in pairs], zone=[b for _, b in pairs])
    entries, fill = change_layer(zones, table, zones, WORDS)
    assert [entries[k].key for k in fill] == [
        "same", "better", "better_two", "worse", "worse_two", "incomparable", "incomparable",
    ]  # fmt: skip
    assert sum(one.share or 0 for one in entries) == pytest.approx(100)
