"""The rows of communes in a sheet: codes repaired, other rows left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sheets import read, write_text
from support.workbooks import write_workbook


def test_all_faults_of_cells_are_reported_with_their_rows(tmp_path: Path) -> None:
    rows = "CODGEO;POP;SURFACE\n01001;douze;1\n1E+05;3;2\n100;4;inf\n"
    _, issues = read(write_text(tmp_path / "a.csv", rows))
    assert [(f.column, f.code, f.rows, f.values) for f in issues.faults] == [
        ("CODGEO", "source_file.not_a_commune_code", (2, 3), ("1E+05", "100")),
        ("POP", "source_file.not_a_number", (1,), ("douze",)),
    ]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("1001", "01001"), ("1001.0", "01001"), (" 01001 ", "01001"), ("2a004", "2A004"),
     ("01\u00a0001", "01001")],
)  # fmt: skip
def test_codes_are_repaired_with_a_warning_if_the_repair_is_certain(
    tmp_path: Path, cell: str, code: str
) -> None:
    table, issues = read(write_text(tmp_path / "a.csv", f"CODGEO;POP\n{cell};1\n97101;1\n"))
    assert table["commune"].to_list() == [code, "97101"]
    changed = cell.strip() != code
    assert [note.code for note in issues.notes] == ["source_file.codes_repaired"] * changed
    assert all(note.warning for note in issues.notes)


def test_rows_that_are_not_of_communes_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        ["CODGEO", "LIBGEO", "POP"],
        ["", "", "habitants"],
        ["01001", "A", 1],
        ["Total", "", 1],
        ["Source : INSEE, recensement de la population, exploitation principale"],
        ["* provisoire"],
        ["Champ : France"],
    ]
    table, issues = read(write_workbook(tmp_path / "a.xlsx", {"A": rows}))
    assert table.rows() == [(2, "01001", "A", 1.0)]
    (note,) = issues.notes
    assert (note.code, note.count) == ("source_file.rows_left_out", 5)
    assert "Total" in note.examples


def test_a_repeated_header_is_refused(tmp_path: Path) -> None:
    rows = "CODGEO;POP\n01001;1\nCODGEO;POP\n01002;1\n"
    _, issues = read(write_text(tmp_path / "a.csv", rows))
    assert "source_file.repeated_header" in [fault.code for fault in issues.faults]


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    _, issues = read(write_text(tmp_path / "a.csv", "CODGEO;POP\n"))
    assert [fault.code for fault in issues.faults] == ["source_file.no_rows"]


def test_names_without_their_accents_are_warned_of(tmp_path: Path) -> None:
    _, issues = read(write_text(tmp_path / "a.csv", "CODGEO;LIBGEO;POP\n01001;ChÃ¢tillon;1\n"))
    assert [note.code for note in issues.notes] == ["source_file.garbled_names"]
