"""Communes, territories and regions by code, and suggestions if a code is unknown."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from support.faults import fault_of
from support.tables import frames, small_world

from apl_engine import run
from apl_engine.method.result import Zoning
from apl_engine.results.lookup import (
    Became,
    find_communes,
    find_place,
    find_region,
    latest_vintage,
    nearest,
    region_names,
)


@pytest.fixture(scope="module")
def zones() -> Zoning:
    world = small_world()
    # A territory with the code of one of its communes.
    for row in world["communes"][:2]:
        row["territory"] = "01001"
    return run(frames(world))


def test_a_code_of_both_is_the_commune(zones: Zoning) -> None:
    commune = find_place(zones, "01001")
    assert (commune.kind, commune.name) == ("commune", "Commune 01001")
    assert (commune.territory, commune.region) == ("01001", "84")
    territory = find_place(zones, "01001", kind="territory")
    assert (territory.kind, territory.name) == ("territory", "Territory T1")
    assert territory.zone == commune.zone is not None


@pytest.mark.parametrize(
    ("code", "kind", "details"),
    [
        ("0101", "misspelled_code", {}),
        ("Comune 01002", "misspelled_code", {}),
        ("75056", "whole_city", {"city": "Paris", "arrondissements": ("75101",)}),
        ("PARIS (75)", "whole_city", {"city": "Paris"}),
        ("Paris 11e", "whole_city", {"city": "Paris"}),
        ("Lyon", "unknown_code", {"vintage": "unknown"}),
        ("99999", "unknown_code", {"sought": "commune or territory"}),
        ("x" * 99, "unknown_code", {"code": "x" * 48 + "..."}),
    ],
)
def test_unknown_codes(zones: Zoning, code: str, kind: str, details: dict[str, object]) -> None:
    fault = fault_of(lambda: find_place(zones, code))
    assert (fault.code, fault.table) == (f"lookup.{kind}", "code")
    assert details.items() <= fault.details.items()


@pytest.fixture(scope="module")
def named() -> Zoning:
    """A world whose communes and territories have names that people write in several ways."""
    world = small_world()
    names = ("L'Hay-les-Roses", "Saint-Œuf-sur-Mer", "Saint-Denis", "Paris 1er Arrondissement")
    territories = (("01001", "L'Hay-les-Roses"), ("01001", "L'Hay-les-Roses"),
                   ("1001_", "Saint-Denis"), ("1002", "Évry (canton)"))  # fmt: skip
    for row, name, (territory, territory_name) in zip(
        world["communes"], names, territories, strict=True
    ):
        row |= {"name": name, "territory": territory, "territory_name": territory_name}
    result = run(frames(world))
    homonym = result.communes.filter(commune="2A004").with_columns(
        commune=pl.lit("97411"), territory=pl.lit("1002"), region=pl.lit("04")
    )
    return replace(result, communes=pl.concat([result.communes, homonym]))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hay les roses", "01001"),
        ("  L\u2019HAŸ-LES-ROSES ", "01001"),
        ("l hay les roses", "01001"),
        ("1001", "01001"),
        ("1002_", "1002"),
        ("01001_", "01001"),
        ("2a004", "2A004"),
        ("ST OEUF S/ MER", "01002"),
        ("Saint-\u0152uf-sur-Mer (01)", "01002"),
        ("01480 Saint Oeuf sur Mer", "01002"),
        ("Saint-Oeuf-sur-Mer, 1", "01002"),
        ("01002 Saint-\u0152uf-sur-Mer", "01002"),
        ("St-Denis (2A)", "2A004"),
        ("Saint-Denis 20100", "2A004"),
        ("97400 saint denis", "97411"),
        ("Saint-Denis 974", "97411"),
        ("evry (canton)", "1002"),
        ("Paris 1", "75101"),
        ("paris 1er", "75101"),
        ("Paris Ier arrondissement", "75101"),
        ("1er arrondissement de Paris", "75101"),
        ("Paris 01", "75101"),
    ],
)
def test_places_as_people_write_them(named: Zoning, text: str, code: str) -> None:
    assert find_place(named, text).code == code


def test_what_else_may_be_meant(named: Zoning) -> None:
    assert find_place(named, "1001").also == ("1001_ Saint-Denis (10, territory)",)
    assert find_place(named, "1001_").also == ()
    territory = find_place(named, "1002")
    assert (territory.code, territory.also) == ("1002", ("01002 Saint-Œuf-sur-Mer (01)",))
    assert find_place(named, "1001", kind="commune").also == ()
    fault = fault_of(lambda: find_place(named, "1001", kind="territory"))
    assert fault.code == "lookup.ambiguous_name"
    # The territory of a commune of the same name needs no mention.
    assert find_place(named, "hay les roses").also == ()


def test_homonyms_are_listed_by_departement(named: Zoning) -> None:
    fault = fault_of(lambda: find_place(named, "saint denis", kind="commune"))
    assert (fault.code, fault.details["number"]) == ("lookup.ambiguous_name", 2)
    assert fault.details["places"] == ("2A004 Saint-Denis (2A)", "97411 Saint-Denis (974)")
    assert find_place(named, "saint denis", kind="territory").code == "1001_"
    example = fault.details["example"]
    assert find_place(named, str(example)).code == "2A004"
    assert fault_of(lambda: find_place(named, "Saint-Denis (93)")).code == "lookup.misspelled_code"


def test_the_same_place_in_capitals_without_accents(zones: Zoning) -> None:
    for code, name in zones.communes.select("commune", "name").iter_rows():
        assert find_place(zones, name.upper()).code == code


def test_all_communes_of_a_list(named: Zoning) -> None:
    places, faults = find_communes(named, ["1001", "saint denis", "Paris 1er", "zzz"])
    assert {text: place.code for text, place in places.items()} == {
        "1001": "01001", "Paris 1er": "75101",
    }  # fmt: skip
    assert [fault.code for fault in faults] == ["lookup.ambiguous_name", "lookup.unknown_code"]


@pytest.mark.parametrize(
    ("parts", "kind", "into"),
    [
        ([("01002", "")], "renumbered_code", ("01002 Commune 01002",)),
        ([("01002", ""), ("33001", "Aa")], "split_code", ("01002 Commune 01002", "33001 Aa")),
    ],
)
def test_codes_of_another_year(
    zones: Zoning, parts: list[tuple[str, str]], kind: str, into: tuple[str, ...]
) -> None:
    became: Became = lambda _: (parts, 2016)  # noqa: E731
    fault = fault_of(lambda: find_place(zones, "01999", became=became))
    assert fault.code == f"lookup.{kind}"
    assert (fault.details["since"], fault.details["into"]) == (2016, into)


def test_nearest_names_and_codes() -> None:
    names = {"53130": "Laval", "53147": "Mayenne", "53062": "Château-Gontier"}
    assert nearest("laval", names) == ["53130 Laval"]
    assert nearest("chateau gontier", names) == ["53062 Château-Gontier"]
    assert nearest("53131", names)[0] == "53130 Laval"
    assert nearest("Château", names) == ["53062 Château-Gontier"]
    assert nearest("?", names) == []


def test_regions_by_code_and_by_name(zones: Zoning) -> None:
    code, name = next(iter(region_names(zones).items()))
    assert find_region(zones, code) == code
    assert find_region(zones, name.upper().replace("-", " ")) == code
    fault = fault_of(lambda: find_region(zones, name[:-1]))
    assert (fault.code, fault.table) == ("lookup.misspelled_region", "region")
    assert f"{code} {name}" in fault.details["regions"]  # type: ignore[operator]
    fault = fault_of(lambda: find_region(zones, "?"))
    assert fault.code == "lookup.unknown_region"
    assert f"{code} {name}" in fault.details["regions"]  # type: ignore[operator]


def test_the_latest_vintage(zones: Zoning) -> None:
    assert latest_vintage(zones) is None
    imports: tuple[dict[str, int | None], ...] = ({"vintage": 2021}, {}, {"vintage": 2023})
    assert latest_vintage(replace(zones, imports=imports)) == 2023
