"""Communes, territories and regions by code, and suggestions if a code is unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.faults import fault_of
from support.tables import frames, small_world

from apl_engine import run
from apl_engine.method.result import Zoning
from apl_engine.results.lookup import (
    Became,
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
        ("2a004", "misspelled_code", {"nearest": ("2A004",)}),
        ("1001", "misspelled_code", {"nearest": ("01001",)}),
        ("Commune 01002", "misspelled_code", {}),
        ("75056", "whole_city", {"vintage": "unknown"}),
        ("99999", "unknown_code", {"sought": "commune or territory"}),
        ("x" * 99, "unknown_code", {"code": "x" * 48 + "..."}),
    ],
)
def test_unknown_codes(zones: Zoning, code: str, kind: str, details: dict[str, object]) -> None:
    fault = fault_of(lambda: find_place(zones, code))
    assert (fault.code, fault.table) == (f"lookup.{kind}", "code")
    assert details.items() <= fault.details.items()


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
