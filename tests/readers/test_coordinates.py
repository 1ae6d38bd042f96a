"""Coordinates of communes."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sheets import fault_of
from support.workbooks import write_rows

from apl_engine.readers.coordinates import read_coordinates

HEADER = ["commune", "lat", "lon", "population"]


def test_communes_without_coordinates_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [["01002", "46,2", "4,9", 5], ["01001", "46.15", "-4.92", 779], ["01003", "", "", 7]]
    with_comma = [[str(cell).replace(".", ",") for cell in row] for row in rows]
    imported = read_coordinates(write_rows(tmp_path / "p.csv", [HEADER, *with_comma]))
    assert imported.tables["places"].rows() == [
        ("01001", 46.15, -4.92, 779.0), ("01002", 46.2, 4.9, 5.0),
    ]  # fmt: skip
    assert {(note.code, note.examples) for note in imported.notes} == {
        ("source_file.no_figure", ("01003",))
    }


def test_duplicate_communes_are_refused(tmp_path: Path) -> None:
    row = ["01001", "46.15", "4.92"]
    path = write_rows(tmp_path / "p.csv", [HEADER[:3], row, row])
    fault = fault_of(lambda: read_coordinates(path))
    assert (fault.code, fault.rows) == ("source_file.duplicate_key", (1, 2))


@pytest.mark.parametrize("mark", [".", ","])
def test_marks_that_may_separate_thousands_are_refused(tmp_path: Path, mark: str) -> None:
    path = write_rows(tmp_path / "p.csv", [HEADER, ["01001", "46.15", "4.92", f"1{mark}234"]])
    fault = fault_of(lambda: read_coordinates(path))
    assert (fault.code, fault.column) == ("source_file.thousands_or_decimals", "population")
