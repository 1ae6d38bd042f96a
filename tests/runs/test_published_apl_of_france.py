"""Zones from the APL that DREES published, and names of communes beside the mesh."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from support.open_data import open_data
from support.raw_runs import RULES

import apl_engine
from apl_engine.errors import InputDataError
from apl_engine.imports import VintageChange, convert_vintage, import_files


def test_cuts_of_the_real_france_without_mayotte() -> None:
    files = ["insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv"]
    mesh = import_files("mesh", [open_data(name) for name in files], RULES)
    published = import_files("apl", [open_data("drees_apl_mk_2021.csv")], RULES)
    moving = VintageChange.by(2023, table=open_data("insee_passage_2021_2024.csv"))
    bare = mesh.with_table("communes", mesh.tables["communes"].drop("population"))
    zones = apl_engine.zone_published(convert_vintage(published, moving, RULES), bare, RULES)
    assert [round(cut.highest_apl or 0, 2) for cut in zones.cuts] == [58.99, 76.59, 135.77]
    frames = apl_engine.zone_published(
        convert_vintage(published, moving, RULES).tables["published"],
        bare.tables["communes"],
        RULES,
    )
    assert frames.communes.equals(zones.communes)
    assert not replace(frames, imports=()).imports


def test_names_that_most_communes_do_not_have_are_refused() -> None:
    """A column of codes that was sorted apart from the others."""
    codes = [f"010{number:02d}" for number in range(1, 41)]
    names = [f"Le Bourg-Saint-Élie {code}" for code in codes]
    mesh = pl.DataFrame({"commune": codes, "name": names, "territory": codes}).with_columns(
        region=pl.lit("84"), territory_name="name"
    )
    figures = pl.DataFrame({"commune": codes, "apl": 50.0, "population": 10.0})
    figures = figures.with_columns(standardised_population=pl.lit(10.0))

    def differ(*published: str) -> list[int]:
        named = figures.with_columns(name=pl.Series(published))
        notes = apl_engine.zone_published(named, mesh, RULES).notes
        return [note.count for note in notes if note.code.endswith("names_differ")]

    spelled = [name.upper().replace("LE ", "").replace("SAINT-É", "ST E") for name in names]
    assert differ(*spelled) == []
    assert differ(*spelled[:36], *"abcd") == []
    assert differ(*spelled[:35], *"abcde") == [5]
    with pytest.raises(InputDataError) as caught:
        differ(*names[1:], names[0])
    (fault,) = caught.value.faults
    assert fault.column == "name"
    # A file without names: they are codes, of the year before they were converted to another.
    assert differ(*(code.replace("010", "020") for code in codes)) == []


def test_rows_of_one_departement_sorted_apart_are_refused() -> None:
    codes = [f"{place:02d}{number:03d}" for place in range(1, 60) for number in range(1, 9)]
    names = [f"Bourg {code}x" for code in codes]
    mesh = pl.DataFrame({"commune": codes, "name": names, "territory": codes}).with_columns(
        region=pl.lit("84"), territory_name="name"
    )
    moved = [*names[1:8], names[0], *names[8:]]
    figures = pl.DataFrame({"commune": codes, "name": moved, "apl": 50.0, "population": 10.0})
    figures = figures.with_columns(standardised_population=pl.lit(10.0))
    with pytest.raises(InputDataError) as caught:
        apl_engine.zone_published(figures, mesh, RULES)
    assert [fault.column for fault in caught.value.faults] == ["name"]
