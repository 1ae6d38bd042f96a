"""The published APL in every layout."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from support.open_data import open_data
from support.sheets import fault_of, faults_of
from support.tables import methodology
from support.workbooks import Cell, write_rows, write_workbook

from apl_engine.readers.drees.apl import read_published_apl

RULES = methodology()
APL = ["Code commune", "APL 2021", "Population standardisée", "Population totale"]


def test_the_layout_of_2019_in_which_commune_is_the_code(tmp_path: Path) -> None:
    header = ["Commune", "Libellé", "APL aux masseurs-kinésithérapeutes",
              "Population standardisée par la consommation de soins de masso-kinésithérapie par "
              "tranche d'âge", "Population totale 2017"]  # fmt: skip
    path = write_rows(tmp_path / "a.csv", [header, ["01001", "A", "44,5", "70,25", "71"]])
    table = read_published_apl(path, RULES).tables["published"]
    assert table.rows() == [("01001", "A", 44.5, 71.0, 70.25)]


def test_the_age_limit_of_the_zoning_is_chosen_among_several(tmp_path: Path) -> None:
    ages = ["APL 2021", "APL 2021 de 62 ans et moins", "APL 2021 de 65 ans et moins"]
    rows = [["Code commune", *ages, *APL[2:]], ["01001", 1, 2, 3, 4, 5]]
    path = write_rows(tmp_path / "a.csv", rows)
    assert read_published_apl(path, RULES).tables["published"]["apl"].to_list() == [3.0]


def test_the_real_apl_of_2021() -> None:
    imported = read_published_apl(open_data("drees_apl_mk_2021.csv"), RULES)
    table = imported.tables["published"]
    assert table.height == 34_997
    assert table["apl"].null_count() == 23
    assert table["population"].sum() == 66_988_403
    assert round(table["standardised_population"].sum()) == 66_988_403
    mean = (table["apl"] * table["standardised_population"]).sum() / 66_988_403
    assert mean == pytest.approx(111.58, abs=0.01)
    assert "APL 2021 aux masseuses-kinésithérapeutes de 65 ans et moins" in imported.recognised


def test_a_city_whole_and_by_arrondissement_counts_once(tmp_path: Path) -> None:
    rows = [[code, 50, 50, 50] for code in ("01001", "75056", "75101")]
    imported = read_published_apl(write_rows(tmp_path / "a.csv", [APL, *rows]), RULES)
    assert imported.tables["published"]["commune"].to_list() == ["01001", "75101"]
    assert [note.code for note in imported.notes] == ["insee.whole_cities"]


def test_truth_values_are_not_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, APL)
        sheet.write_row(1, 0, ["01001", True, 1, 1])
    fault = fault_of(lambda: read_published_apl(path, RULES))
    assert (fault.code, fault.column) == ("source_file.not_a_number", "APL 2021")
    assert fault.values == ("true",)


def test_a_second_table_below_the_first_is_refused(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [[*APL], ["01001", 50, 1, 1], [*APL], ["01002", 50, 1, 1]]
    path = write_workbook(tmp_path / "a.xlsx", {"A": rows})
    codes = [fault.code for fault in faults_of(lambda: read_published_apl(path, RULES))]
    assert "source_file.repeated_header" in codes


def test_populations_with_fractions_are_warned_of(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [APL, ["01001", 50, 12.5, "14.28"]])
    notes = read_published_apl(path, RULES).notes
    assert [note.code for note in notes] == ["drees.fractions_of_people"]


@pytest.mark.parametrize("mark", [".", ","])
def test_marks_that_may_separate_thousands_are_refused(tmp_path: Path, mark: str) -> None:
    many = f"1{mark}234"
    rows = [["01001", 1, many, 900], ["01002", "44,5", 12, many]]
    path = write_rows(tmp_path / "a.csv", [APL, *rows])
    faults = faults_of(lambda: read_published_apl(path, RULES))
    kind = "source_file.thousands_or_decimals"
    assert [(f.column, f.rows, f.values) for f in faults if f.code == kind] == [
        ("Population standardisée", (1,), (many,)),
        ("Population totale", (2,), (many,)),
    ]
