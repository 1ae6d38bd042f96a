"""Every sheet of inhabitants is read, or reported as not read."""

from __future__ import annotations

from pathlib import Path

from support.insee import bands_of
from support.sheets import fault_of
from support.tables import methodology
from support.workbooks import Cell, write_rows, write_workbook

from apl_engine.readers.insee.population import read_population

RULES = methodology()


def read_sheets(
    folder: Path, **sheets: list[list[Cell]]
) -> tuple[list[str], list[tuple[str, tuple[str, ...]]]]:
    """Return the communes and the notes of a workbook."""
    imported = read_population([write_workbook(folder / "p.xlsx", sheets)], RULES)
    communes = imported.tables["population"]["commune"].unique().sort().to_list()
    return communes, [(note.code, note.examples) for note in imported.notes]


def test_sheets_of_communes_and_arrondissements_are_read(tmp_path: Path) -> None:
    communes, notes = read_sheets(
        tmp_path, COM=bands_of("01001", "75056"), ARM=bands_of("75101", "75102"),
        DEP=bands_of("01", "75"),
    )  # fmt: skip
    assert communes == ["01001", "75101", "75102"]
    assert notes == [("insee.other_levels", ("DEP",)), ("insee.whole_cities", ("75056",))]


def test_a_table_may_continue_in_another_sheet(tmp_path: Path) -> None:
    first, second = bands_of("01001"), bands_of("01002")
    assert read_sheets(tmp_path, A=first, B=second) == (["01001", "01002"], [])
    fault = fault_of(lambda: read_sheets(tmp_path, A=first, B=first))
    assert fault.code == "source_file.duplicate_key"
    fault = fault_of(lambda: read_sheets(tmp_path, COM=first, Suite=second[1:]))
    assert (fault.code, fault.details) == ("insee.no_header", {"sheets": ("Suite",)})
    _, notes = read_sheets(tmp_path, COM=first, Notes=[["x"], ["01001"]])
    assert notes == [("insee.unread_sheets", ("Notes",))]


def test_the_year_must_be_named_if_sheets_are_of_several(tmp_path: Path) -> None:
    sheets = {"COM_2019": bands_of("01001"), "COM_2020": bands_of("01001", people=7)}
    path = write_workbook(tmp_path / "p.xlsx", sheets)
    fault = fault_of(lambda: read_population([path], RULES))
    assert fault.code == "insee.several_years"
    assert fault.details == {"sheets": ("COM_2019", "COM_2020"), "latest": 2020}
    imported = read_population([path], RULES, year=2020)
    assert imported.tables["population"]["population"].sum() == 10
    (note,) = imported.notes
    assert (note.code, note.examples) == ("insee.other_years", ("COM_2019",))
    fault = fault_of(lambda: read_population([path], RULES, year=2018))
    assert fault.code == "insee.year_missing"
    assert fault.details == {"sheets": ("COM_2019", "COM_2020"), "year": 2018}
    path = write_rows(tmp_path / "p.csv", bands_of("01001"))
    (note,) = read_population([path], RULES, year=2018).notes
    assert (note.code, note.details["year"]) == ("insee.year_assumed", 2018)
