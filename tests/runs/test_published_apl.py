"""Zones from a published APL: communes that do not match, APLs that are missing, open points."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from support.faults import fault_of, faults_of
from support.open_data import open_data
from support.tables import methodology

from apl_engine.imports import VintageChange, convert_vintage, import_files
from apl_engine.method.result import Zoning
from apl_engine.runs import zone_published

RULES = methodology()
CODES = [f"01{k:03d}" for k in range(1, 21)]


def mesh(**columns: Any) -> pl.DataFrame:
    """Return twenty communes, two by two in a territory."""
    return pl.DataFrame(
        {
            "commune": CODES,
            "name": [f"Commune {code}" for code in CODES],
            "region": "84",
            "territory": [f"T{k // 2}" for k in range(20)],
            "territory_name": [f"Territory {k // 2}" for k in range(20)],
            **columns,
        }
    )


def published(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "commune": CODES,
            "name": [f"Commune {code}" for code in CODES],
            "apl": [float(k) for k in range(20)],
            "population": 100.0,
            "standardised_population": 90.0,
            **columns,
        }
    )


def notes_of(zones: Zoning) -> dict[str, tuple[int, tuple[str, ...], bool]]:
    assert all(map(str, zones.notes))
    return {note.code: (note.count, note.examples, note.warning) for note in zones.notes}


def test_territories_are_ranked_by_their_mean() -> None:
    zones = zone_published(published(), mesh(), RULES)
    assert zones.territories["apl"].to_list() == [2 * k + 0.5 for k in range(10)]
    assert zones.territories["zone"][0] == "tres_sous_dotee"
    assert zones.counts["communes"] == {
        "communes": 20, "without_inhabitants": 0, "without_apl": 0,
    }  # fmt: skip


def test_communes_that_only_one_table_has() -> None:
    faults = faults_of(lambda: zone_published(published()[1:], mesh()[:19], RULES))
    assert [(f.code, f.column, f.values, f.details) for f in faults] == [
        ("published_apl.not_in_mesh", "commune", ("01020",), {"communes": 1}),
        ("published_apl.no_row", "commune", ("01001",), {"communes": 1}),
    ]


def test_a_region_whose_zone_is_imposed_needs_no_apl() -> None:
    regions = ["06" if k < 2 else "84" for k in range(20)]
    zones = zone_published(published()[2:], mesh(region=regions), RULES)
    assert zones.territories.filter(territory="T0")["zone_reason"][0] != "ranked"


def test_communes_without_an_apl_have_no_weight() -> None:
    apl = [None, *(float(k) for k in range(1, 20))]
    zones = zone_published(published(apl=apl), mesh(), RULES)
    assert zones.territories["apl"][0] == 1.0
    assert notes_of(zones)["published_apl.no_apl"] == (1, ("01001",), True)


def test_inhabitants_come_from_the_mesh_if_the_apl_has_none() -> None:
    people = [0.0, *[100.0] * 19]
    zones = zone_published(published(population=people), mesh(population=50.0), RULES)
    assert zones.communes["population"][0] == 50.0
    assert notes_of(zones)["published_apl.population_from_mesh"] == (1, ("01001",), False)
    (note,) = [n for n in zones.notes if n.code == "published_apl.population_from_mesh"]
    assert note.details == {"population": 50.0}


@pytest.mark.parametrize("renamed", [4, 5, 11])
def test_names_that_differ(renamed: int) -> None:
    names = [f"Other {k}" if k < renamed else f"Commune {code}" for k, code in enumerate(CODES)]
    if renamed == 11:
        fault = fault_of(lambda: zone_published(published(name=names), mesh(), RULES))
        assert (fault.code, fault.column) == ("published_apl.names_sorted_apart", "name")
        assert fault.details == {"differing": 11, "compared": 20}
        assert fault.values[0] == "01001 Other 0 (Commune 01001 in the mesh)"
        return
    notes = notes_of(zone_published(published(name=names), mesh(), RULES))
    assert ("published_apl.names_differ" in notes) == (renamed == 5)


def test_names_differ_by_more_than_spelling() -> None:
    names = [f"COMMUNE-{code}" for code in CODES]
    assert zone_published(published(name=names), mesh(), RULES).notes == (
        zone_published(published(), mesh(), RULES).notes
    )


def test_zones_that_depend_on_an_open_point_are_noted() -> None:
    # The second territory straddles the first cut, at 15 % of the population.
    people = [80.0] * 2 + [100.0] * 18
    zones = zone_published(published(population=people), mesh(), RULES)
    notes = [note for note in zones.notes if note.code == "published_apl.ambiguous_zones"]
    assert notes
    assert zones.ambiguous is not None
    assert sum(note.count for note in notes) == zones.ambiguous.height
    for note in notes:
        rows = zones.ambiguous.filter(
            parameter=note.details["parameter"], value=note.details["value"]
        )
        assert note.count == rows.height
        assert note.warning


def test_rows_of_one_departement_sorted_apart_are_refused() -> None:
    codes = [f"{place:02d}{number:03d}" for place in range(1, 60) for number in range(1, 9)]
    names = [f"Bourg {code}x" for code in codes]
    communes = pl.DataFrame({"commune": codes, "name": names, "territory": codes}).with_columns(
        region=pl.lit("84"), territory_name="name"
    )
    moved = [*names[1:8], names[0], *names[8:]]
    figures = pl.DataFrame({"commune": codes, "name": moved, "apl": 50.0, "population": 10.0})
    figures = figures.with_columns(standardised_population=pl.lit(10.0))
    fault = fault_of(lambda: zone_published(figures, communes, RULES))
    assert fault.code == "published_apl.names_sorted_apart"
    assert fault.details == {"differing": 8, "compared": 472}


def test_cuts_of_the_real_france_with_nobody_in_mayotte() -> None:
    files = ["insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv"]
    france = import_files("mesh", [open_data(name) for name in files], RULES)
    apl = import_files("apl", [open_data("drees_apl_mk_2021.csv")], RULES)
    change = VintageChange.by(2023, table=open_data("insee_passage_2021_2024.csv"))
    bare = france.with_table("communes", france.tables["communes"].drop("population"))
    converted = convert_vintage(apl, change, RULES)
    zones = zone_published(converted, bare, RULES)
    assert [round(cut.highest_apl or 0, 2) for cut in zones.cuts] == [59.15, 76.7, 135.86]
    frames = zone_published(converted.tables["published"], bare.tables["communes"], RULES)
    assert frames.communes.equals(zones.communes)
    assert not frames.imports
