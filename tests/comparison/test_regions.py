"""The shares of regions in two results, and their evolution."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.countries import RULES, territory, zones_of

from apl_engine import Methodology, compare
from apl_engine.comparison.regions import regions_of_both
from apl_engine.methodology.values import ZoneClass

BEFORE = [
    territory("A1", "tres_sous_dotee", 10), territory("A2", "sous_dotee", 30, 60.0),
    territory("B1", "intermediaire", 60, 90.0, region="53"),
]  # fmt: skip
AFTER = [
    territory("A1", "tres_sous_dotee", 10), territory("A2", "tres_sous_dotee", 10, 60.0),
    territory("B1", "intermediaire", 60, 90.0, region="53"),
]  # fmt: skip


def with_classes(*ids: str) -> Methodology:
    classes = tuple(ZoneClass(one, one, None) for one in ids)
    return replace(RULES, zoning=replace(RULES.zoning, classes=classes))


def test_each_result_counts_its_own_inhabitants() -> None:
    table = regions_of_both(zones_of(BEFORE), zones_of(AFTER))
    assert table["region"].unique(maintain_order=True).to_list() == ["52", "53", "FR"]
    (row,) = table.filter(region="52", zone="tres_sous_dotee").to_dicts()
    assert row == {
        "region": "52", "region_name": "Pays de la Loire", "zone": "tres_sous_dotee",
        "population_a": 10.0, "share_a": 25.0, "territories_a": 1,
        "population_b": 20.0, "share_b": 100.0, "territories_b": 2, "difference": 75.0,
    }  # fmt: skip
    country = table.filter(region="FR")
    assert country["zone"].to_list() == [one.id for one in RULES.zoning.classes]
    assert country["difference"].to_list() == pytest.approx([15.0, -30.0, 15.0, 0.0])


def test_a_region_or_a_class_of_one_result_only() -> None:
    other = zones_of([row for row in AFTER if row["region"] == "53"],
                     with_classes("intermediaire", "vaste"))  # fmt: skip
    table = regions_of_both(zones_of(BEFORE), other)
    assert table.filter(region="52")["share_b"].null_count() == 4
    # The classes of B in their order, then those of A alone.
    zones = table.filter(region="53")["zone"].to_list()
    assert zones == ["intermediaire", "vaste", "tres_sous_dotee", "sous_dotee", "non_prioritaire"]
    assert table.filter(region="53", zone="vaste")["difference"].to_list() == [None]


def test_they_are_part_of_a_comparison() -> None:
    one, two = zones_of(BEFORE), zones_of(AFTER)
    assert compare(one, two).regions.equals(regions_of_both(one, two))
