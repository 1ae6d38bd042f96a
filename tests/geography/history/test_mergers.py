"""Territories of communes that merge: the two rules of the annexe, II."""

from __future__ import annotations

from typing import Any

import polars as pl
from support.communes_over_time import events, merged, note, territories

from apl_engine.geography.history.mergers import convert_communes
from apl_engine.geography.history.passage import Passage, passage_from_events
from apl_engine.geography.history.recode import Converted


def merging(*pairs: tuple[str, str]) -> Passage:
    rows = [row for pair in pairs for row in merged("2024-01-01", *pair)]
    return passage_from_events(events(*rows), 2023, 2024)


def by_commune(converted: Converted, column: str = "territory") -> dict[str, Any]:
    return dict(converted.table.select("commune", column).iter_rows())


BASSINS = territories(
    ("01001", "01001", 10), ("01002", "01001", 5), ("01003", "01003", 8), ("01004", "01003", 6),
    ("01005", "0105_", 9), ("01006", "0105_", 7), ("01007", "0107_", 4),
)  # fmt: skip


def test_a_commune_nouvelle_belongs_to_the_territory_of_the_code_it_keeps() -> None:
    converted = convert_communes(BASSINS, merging(("01004", "01002")))
    assert by_commune(converted)["01002"] == "01001"
    assert by_commune(converted)["01003"] == "01003"
    assert "01004" not in by_commune(converted)
    assert by_commune(converted, "population")["01002"] == 11
    assert note(converted.notes, "conversion.across_territories").examples == ("01002",)


def test_territories_whose_poles_merge_are_merged() -> None:
    converted = convert_communes(BASSINS, merging(("01003", "01001")))
    assert by_commune(converted)["01001"] == by_commune(converted)["01004"] == "01001"
    assert set(by_commune(converted, "territory_name").values()) == {"T01001", "T0105_", "T0107_"}
    assert note(converted.notes, "conversion.territories_merged").examples == ("01003 into 01001",)
    assert by_commune(convert_communes(BASSINS, merging(("01001", "01003"))))["01002"] == "01003"


def test_a_pole_that_merges_with_another_commune_merges_no_territories() -> None:
    converted = convert_communes(BASSINS, merging(("01003", "01002")))
    assert by_commune(converted)["01002"] == "01001"
    assert by_commune(converted)["01004"] == "01003"
    found = note(converted.notes, "conversion.pole_absorbed")
    assert (found.examples, found.warning) == (("01003",), True)


def test_the_only_commune_of_a_canton_is_its_pole() -> None:
    converted = convert_communes(BASSINS, merging(("01007", "01001")))
    assert "0107_" not in by_commune(converted).values()
    united = convert_communes(BASSINS, merging(("01001", "01007")))
    assert by_commune(united)["01002"] == "0107_"
    assert by_commune(united, "territory_kind")["01002"] == "canton_ou_ville"


def test_the_pole_of_another_canton_depends_on_a_parameter() -> None:
    merger = merging(("01005", "01001"))
    single = convert_communes(BASSINS, merger, canton_poles="single_commune")
    assert by_commune(single)["01006"] == "0105_"
    found = note(single.notes, "conversion.canton_pole_undefined")
    assert (found.examples, found.warning) == (("0105_",), True)
    assert by_commune(convert_communes(BASSINS, merger))["01006"] == "01001"
    smaller = convert_communes(BASSINS, merging(("01006", "01001")))
    assert by_commune(smaller)["01005"] == "0105_"
    unknown = convert_communes(BASSINS.drop("population"), merger)
    assert by_commune(unknown)["01006"] == "0105_"
    assert note(unknown.notes, "conversion.canton_pole_undefined").examples == ("0105_",)


def test_the_most_populous_communes_of_two_cantons_merge_these() -> None:
    cantons = territories(
        ("01001", "0101_", 10), ("01002", "0101_", 5), ("01003", "0102_", 8), ("01004", "0102_", 6)
    )  # fmt: skip
    rows = events(
        (32, "2024-01-01", "01003", "01001", "Bas", "Haut-et-Bas"),
        (32, "2024-01-01", "01001", "01001", "Haut", "Haut-et-Bas"),
    )
    converted = convert_communes(cantons, passage_from_events(rows, 2023, 2024))
    assert set(by_commune(converted).values()) == {"0101_"}
    assert set(by_commune(converted, "territory_name").values()) == {"Haut-et-Bas (canton)"}
    second = merging(("01004", "01002"))
    assert set(by_commune(convert_communes(cantons, second)).values()) == {"0101_", "0102_"}


def test_a_merged_territory_takes_the_name_of_the_new_commune() -> None:
    rows = events(
        (32, "2024-01-01", "01003", "01001", "Bas", "Haut-et-Bas"),
        (32, "2024-01-01", "01001", "01001", "Haut", "Haut-et-Bas"),
    )
    converted = convert_communes(BASSINS, passage_from_events(rows, 2023, 2024))
    names = by_commune(converted, "territory_name")
    assert names["01001"] == names["01002"] == names["01004"] == "Haut-et-Bas"
    # The name of a commune nouvelle in one territory is not that of its territory.
    inside = events(
        (32, "2024-01-01", "01002", "01001", "Bas", "Haut-et-Bas"),
        (32, "2024-01-01", "01001", "01001", "Haut", "Haut-et-Bas"),
    )
    converted = convert_communes(BASSINS, passage_from_events(inside, 2023, 2024))
    assert by_commune(converted, "territory_name")["01001"] == "T01001"


def test_poles_that_merge_into_another_commune() -> None:
    converted = convert_communes(BASSINS, merging(("01003", "01002"), ("01001", "01002")))
    assert set(by_commune(converted).values()) >= {"01001"}
    assert by_commune(converted)["01004"] == by_commune(converted)["01002"] == "01001"


def test_successive_mergers_of_poles() -> None:
    converted = convert_communes(BASSINS, merging(("01003", "01001"), ("01007", "01001")))
    assert {by_commune(converted)[c] for c in ("01001", "01002", "01004")} == {"01001"}
    one = convert_communes(BASSINS, merging(("01003", "01001")))
    later = passage_from_events(events(*merged("2025-01-01", "01001", "01007")), 2024, 2025)
    two = convert_communes(one.table, later)
    assert {by_commune(two)[c] for c in ("01002", "01004", "01007")} == {"0107_"}


def test_parts_of_a_split_commune_stay_in_its_territory() -> None:
    rows = events(
        (21, "2024-01-01", "01001", "01001", "A", "A"), (21, "2024-01-01", "01001", "01900")
    )  # fmt: skip
    converted = convert_communes(BASSINS, passage_from_events(rows, 2023, 2024))
    assert by_commune(converted)["01900"] == "01001"
    assert by_commune(converted, "name")["01001"] == "A"
    assert by_commune(converted, "name")["01900"] == "01001"
    assert by_commune(converted, "population")["01900"] is None
    assert note(converted.notes, "conversion.part_without_name").examples == ("01900",)


def test_a_new_code_that_no_former_commune_had() -> None:
    rows = events((32, "2024-01-01", "01002", "01900"), (32, "2024-01-01", "01003", "01900"))
    converted = convert_communes(BASSINS, passage_from_events(rows, 2023, 2024))
    assert by_commune(converted)["01900"] == "01003"
    found = note(converted.notes, "conversion.no_code_kept")
    assert (found.examples, found.warning) == (("01900",), True)
    bare = BASSINS.drop("population", "territory_kind")
    converted = convert_communes(bare, passage_from_events(rows, 2023, 2024)).table
    assert converted.filter(commune="01900")["territory"].to_list() == ["01001"]


def test_territories_are_merged_without_kinds_too() -> None:
    bare = BASSINS.drop("population", "territory_kind")
    converted = convert_communes(bare, merging(("01003", "01001"))).table
    assert converted.columns == bare.columns
    assert converted.filter(commune="01004")["territory_name"].to_list() == ["T01001"]


def test_a_commune_that_moves_to_another_departement_moves_to_its_region() -> None:
    rows = events((41, "2018-01-01", "49144", "44225", "Freigné", "Freigné"))
    communes = pl.DataFrame(
        [("49144", "Freigné", "49", "52", "t"), ("44180", "Vallons", "44", "53", "44180")],
        ["commune", "name", "departement", "region", "territory"], orient="row",
    ).with_columns(territory_name=pl.col("territory"))  # fmt: skip
    passage = passage_from_events(rows, 2017, 2018)
    converted = convert_communes(communes, passage).table.sort("commune")
    assert converted["commune"].to_list() == ["44180", "44225"]
    assert converted.row(1) == ("44225", "Freigné", "44", "53", "t", "t")
    bare = convert_communes(communes.drop("departement"), passage).table
    assert bare.filter(commune="44225")["region"].to_list() == ["53"]
