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


def test_communes_with_two_points_are_refused(tmp_path: Path) -> None:
    rows = [["01001", "46.15", "4.92"], ["01002", "46.2", "4.9"], ["01001", "46.16", "4.92"]]
    path = write_rows(tmp_path / "p.csv", [HEADER[:3], *rows])
    fault = fault_of(lambda: read_coordinates(path))
    assert (fault.code, fault.rows) == ("source_file.duplicate_key", (1, 3))


POSTAL = ["code_commune_INSEE", "nom_commune_postal", "code_postal", "latitude", "longitude",
          "code_commune", "code_departement"]  # fmt: skip


def test_several_rows_of_a_commune_with_the_same_point(tmp_path: Path) -> None:
    """As in tables of postal codes, one of which has no point in some rows."""
    rows = [
        ["1001", "ABERGEMENT", "01400", "46.15", "4.92", "1", "1"],
        ["1001", "LIEU DIT", "01400", "46.15", "4.92", "1", "1"],
        ["1001", "AUTRE LIEU DIT", "01400", "", "", "1", "1"],
        ["2A004", "AJACCIO", "20000", "41.93", "8.7", "4", "2A"],
        ["2A004", "AJACCIO", "20090", "41.93", "8.7", "4", "2A"],
    ]
    expected = [("01001", 46.15, 4.92), ("2A004", 41.93, 8.7)]
    imported = read_coordinates(write_rows(tmp_path / "p.csv", [POSTAL, *rows]))
    assert imported.tables["places"].rows() == expected
    (note,) = [note for note in imported.notes if note.code == "points.repeated_rows"]
    assert note.count == 2
    assert str(note)
    # The same without the INSEE code: departement and number in it, in two columns.
    parted = [row[1:] for row in [POSTAL, *rows]]
    imported = read_coordinates(write_rows(tmp_path / "q.csv", parted))
    assert imported.tables["places"].rows() == expected


@pytest.mark.parametrize("name", ["_geopoint", "geo_point_2d", "coordonnees_gps"])
def test_latitude_and_longitude_in_one_cell(tmp_path: Path, name: str) -> None:
    one, other = ["01001", "A", "46.153,4.926"], ["97608", "B", "-12.78, 45.26"]
    rows = [["Code_commune_INSEE", "Nom", name], one, [*one], other, ["01003", "C", ""]]
    imported = read_coordinates(write_rows(tmp_path / "p.csv", rows, separator=";"))
    assert imported.tables["places"].rows() == [
        ("01001", 46.153, 4.926), ("97608", -12.78, 45.26),
    ]  # fmt: skip
    rows[1][2] = "Bourg"
    path = write_rows(tmp_path / "p.csv", rows, separator=";")
    fault = fault_of(lambda: read_coordinates(path))
    assert (fault.code, fault.column, fault.rows) == ("points.not_a_point", name, (1,))


@pytest.mark.parametrize("mark", [".", ","])
def test_marks_that_may_separate_thousands_are_refused(tmp_path: Path, mark: str) -> None:
    path = write_rows(tmp_path / "p.csv", [HEADER, ["01001", "46.15", "4.92", f"1{mark}234"]])
    fault = fault_of(lambda: read_coordinates(path))
    assert (fault.code, fault.column) == ("source_file.thousands_or_decimals", "population")
