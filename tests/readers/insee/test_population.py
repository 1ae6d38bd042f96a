"""Inhabitants by age band from POP1B, wide and long, and from tables of bands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.insee import (
    LONG_HEADER,
    WIDE_HEADER,
    inhabitants_of_ages,
    write_long,
    write_wide,
)
from support.sheets import fault_of, faults_of
from support.tables import methodology
from support.workbooks import Cell, write_rows, write_workbook

from apl_engine.readers.insee.population import read_population

RULES = methodology()


def total(path: Path) -> float:
    return float(read_population([path], RULES).tables["population"]["population"].sum())


def refused(path: Path, rows: Sequence[Sequence[Cell]]) -> list[tuple[str, object]]:
    """Return the codes and values of the faults of a file."""
    write_rows(path, rows)
    faults = faults_of(lambda: read_population([path], RULES))
    return [(fault.code, fault.values) for fault in faults]


def test_pop1b_wide_and_long_give_the_same_bands(tmp_path: Path) -> None:
    wide = read_population([write_wide(tmp_path / "w.xlsx", ["01001", "97602"])], RULES)
    files = [write_long(tmp_path / f"{code}.csv", [code]) for code in ("01001", "97602")]
    long = read_population(files, RULES, vintage=2023)
    assert (wide.vintage, long.vintage) == (2022, 2023)
    assert wide.tables["population"].equals(long.tables["population"])
    cells = {(c, b): n for c, b, n in wide.tables["population"].iter_rows()}
    assert len(cells) == 2 * 20
    assert cells["01001", "00-04"] == inhabitants_of_ages("01001", 0, 4)
    assert cells["97602", "90-94"] == inhabitants_of_ages("97602", 90, 94)
    assert cells["97602", "95+"] == inhabitants_of_ages("97602", 95, 100)


def test_other_widths_of_bands(tmp_path: Path) -> None:
    rules = methodology(demand_age_band_years=10, demand_open_age_band=85)
    imported = read_population([write_wide(tmp_path / "w.xlsx", ["01001"])], rules)
    bands = imported.tables["population"]["age_band"].to_list()
    assert bands == [*(f"{k}0-{k}9" for k in range(8)), "80-84", "85+"]


def test_other_levels_and_whole_cities_are_left_out(tmp_path: Path) -> None:
    communes = write_long(tmp_path / "c.csv", ["75056", "01001"])
    parts = write_long(tmp_path / "a.csv", ["75101"], "ARM")
    joined = tmp_path / "j.csv"
    text = communes.read_text() + parts.read_text().split("\n", 1)[1]
    joined.write_text(text + "DEP;01;Ain;1;000;5\nDEP;01004;Ain;1;000;5\n")
    imported = read_population([joined], RULES)
    communes_read = imported.tables["population"]["commune"].unique().sort().to_list()
    assert communes_read == ["01001", "75101"]
    assert {note.code: note.count for note in imported.notes} == {
        "source_file.other_levels": 2,
        "insee.whole_cities": 1,
    }


def test_truncated_rows_are_not_of_another_level(tmp_path: Path) -> None:
    path = write_long(tmp_path / "c.csv", ["01001"])
    path.write_text(path.read_text() + "COM,01002,A,1,000,5\nCO\n")
    fault = fault_of(lambda: read_population([path], RULES))
    assert (fault.code, fault.column) == ("source_file.not_a_level", "NIVGEO")
    assert (fault.count, fault.rows) == (2, (203, 204))


def test_wrong_repeated_and_missing_ages(tmp_path: Path) -> None:
    head, path = LONG_HEADER[1:], tmp_path / "a.csv"
    row = ["01001", "A", 1, "000", 1]
    assert ("insee.not_an_age", ("x",)) in refused(path, [head, row, ["01001", "A", 1, "x", 1]])
    rows = [head, row, row, ["01001", "A", 2, "000", 1]]
    assert ("insee.repeated_rows", ("01001",)) in refused(path, rows)
    write_rows(path, [head, row, ["01002", "A", 2, "001", 1]])
    fault = fault_of(lambda: read_population([path], RULES))
    assert (fault.code, fault.details["ages"]) == ("insee.missing_ages", (2, 3, 4, 5, 6))


def test_cells_of_the_wide_table_without_a_figure_or_impossible(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    write_rows(path, [WIDE_HEADER, ["01001", "NS", *["1"] * 200, "-4"]])
    faults = faults_of(lambda: read_population([path], RULES))
    assert [(f.code, f.column, f.values) for f in faults] == [
        ("source_file.empty_count", "SEXE1_AGED100000", ("01001",)),
        ("source_file.impossible_count", "SEXE2_AGED100100", ("01001: -4",)),
    ]
    assert faults[1].details == {"most": 50_000}


def test_a_truncated_row_of_the_wide_table_is_one_fault(tmp_path: Path) -> None:
    rows = [WIDE_HEADER, ["01001", *["1"] * 202], ["01002", *["1"] * 14]]
    path = write_rows(tmp_path / "e.csv", rows)
    fault = fault_of(lambda: read_population([path], RULES))
    assert fault.code == "source_file.empty_count"
    assert fault.column == "SEXE1_AGED100014 ... SEXE2_AGED100100"
    assert (fault.count, fault.rows, fault.values) == (1, (2,), ("01002",))
    assert fault.details == {"columns": 188}


@pytest.mark.parametrize("sexes", [("1", "2", "TOTAL"), ("1",), ("1", "2", "3")])
def test_sexes_that_would_count_people_twice_or_not_at_all(
    tmp_path: Path, sexes: tuple[str, ...]
) -> None:
    rows = [["01001", "A", sex, f"{age:03d}", 1] for sex in sexes for age in range(101)]
    codes = refused(tmp_path / "a.csv", [LONG_HEADER[1:], *rows])
    assert codes == [("insee.wrong_sexes", sexes)]


def test_a_missing_column_of_pop1b(tmp_path: Path) -> None:
    names = [name for name in WIDE_HEADER if name != "SEXE1_AGED100005"]
    path = write_rows(tmp_path / "a.csv", [names, ["01001", *[1] * 201]])
    fault = fault_of(lambda: read_population([path], RULES))
    assert fault.code == "insee.missing_columns"
    assert fault.details == {"total": 1, "columns": ("SEXE1_AGED100005",)}


def test_columns_of_totals_beside_the_sexes_are_refused(tmp_path: Path) -> None:
    totals = [f"SEXE0_AGED100{age:03d}" for age in range(101)]
    path = write_rows(tmp_path / "a.csv", [[*WIDE_HEADER, *totals], ["01001", *[1] * 303]])
    fault = fault_of(lambda: read_population([path], RULES))
    assert (fault.code, fault.details["total"]) == ("insee.unknown_sexes", 101)
    assert fault.details["columns"][0] == "SEXE0_AGED100000"  # type: ignore[index]


def test_cells_of_the_long_table_without_a_figure_or_impossible(tmp_path: Path) -> None:
    text = write_long(tmp_path / "a.csv", ["01001"]).read_text()
    path = tmp_path / "b.csv"
    for cell, kind in (("NS", "empty_count"), ("1e300", "impossible_count")):
        path.write_text(text.replace("COM;01001;A;1;000;2.0\n", f"COM;01001;A;1;000;{cell}\n"))
        fault = fault_of(lambda: read_population([path], RULES))
        assert fault.code == f"source_file.{kind}"


@pytest.mark.parametrize("mark", [".", ","])
def test_marks_that_may_separate_thousands_are_refused(tmp_path: Path, mark: str) -> None:
    """Fractions of people, as in POP1B, are not refused."""
    many = f"1{mark}234"
    rows: list[list[Cell]] = [
        ["01001", "A", sex, f"{age:03d}", 7] for sex in (1, 2) for age in range(101)
    ]
    rows[7][4] = many
    expected = [("source_file.thousands_or_decimals", (many,))]
    assert refused(tmp_path / "l.csv", [LONG_HEADER[1:], *rows]) == expected
    bands = tmp_path / "b.csv"
    head = ["CODGEO", "00-04", "05+"]
    assert refused(bands, [head, ["01001", 3, many]]) == expected
    for whole, part in (("12", "3456"), ("0", "234"), ("1 234", "567")):
        other = whole + mark + part
        write_rows(bands, [head, ["01001", 3, other], ["01002", 3, many]])
        number = float(other.replace(" ", "").replace(",", "."))
        assert total(bands) == pytest.approx(6 + 1.234 + number)


def test_numbers_of_a_workbook_with_three_decimals_are_read_as_such(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["CODGEO", "00-04", "05+"], ["01001", 3, 1.234]]
    path = write_workbook(tmp_path / "b.xlsx", {"A": rows})
    assert total(path) == 4.234
    rows[1][2] = "1,234"
    write_workbook(path, {"A": rows})
    fault = fault_of(lambda: read_population([path], RULES))
    assert fault.code == "source_file.thousands_or_decimals"


def test_coordinates_are_not_age_bands(tmp_path: Path) -> None:
    rows = [["code", "type", "lat", "lon"], ["01001", "COM", "46.15", "4.92"]]
    assert refused(tmp_path / "a.csv", rows) == [("source_file.unrecognised_columns", ())]


def test_a_single_unrecognised_column_can_be_named(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "b.csv", [["CODGEO", "age", "HAB"], ["01001", "00+", 5]])
    fault = fault_of(lambda: read_population([path], RULES))
    assert (fault.code, fault.details["field"]) == ("source_file.unrecognised_column", "people")
    imported = read_population([path], RULES, columns={"people": "HAB"})
    assert imported.tables["population"]["population"].sum() == 5


def test_bands_in_rows_and_in_columns(tmp_path: Path) -> None:
    rows = [["commune", "Tranche d'âge", "Population"], ["01001", "0 à 4 ans", 3],
            ["01001", "5 ans et plus", "4,5"]]  # fmt: skip
    long = read_population([write_rows(tmp_path / "a.csv", rows)], RULES).tables["population"]
    assert long.rows() == [("01001", "00-04", 3.0), ("01001", "05+", 4.5)]
    for header in (["CODGEO", "POP_00_04", "POP_05P"], ["CODGEO", "0 à 4 ans", "5 ans et plus"],
                   ["CODGEO", "00-04", "05+"], ["CODGEO", "P0_4", "P5_plus"]):  # fmt: skip
        path = write_rows(tmp_path / "b.csv", [header, ["01001", 3, "4,5"]])
        wide = read_population([path], RULES).tables["population"]
        assert wide.equals(long), header
    codes = refused(tmp_path / "c.csv", [rows[0], ["01001", "jeunes", 3]])
    assert codes == [("insee.not_an_age_band", ("jeunes",))]
    files = [write_rows(tmp_path / name, rows) for name in ("a.csv", "e.csv")]
    fault = fault_of(lambda: read_population(files, RULES))
    assert (fault.code, fault.count) == ("source_file.duplicate_key", 4)
    assert fault.details == {"columns": ("commune", "age_band")}
