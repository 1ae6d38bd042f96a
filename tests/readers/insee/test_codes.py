"""Codes that lost their zeros are restored if they are certain, else refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.insee import COMMUNES, HEADER
from support.sheets import fault_of
from support.workbooks import write_rows, write_workbook

from apl_engine.readers.insee.geography import Geography, read_appartenance


def read_changed(path: Path, *changes: tuple[int, str, str]) -> Geography:
    """Read three communes, one overseas, with other codes in some columns."""
    rows = [
        ["01004", "B", "01", "84", "012", "0102", "8401", "01000", "01004"],
        ["01001", "A", "01", "84", "012", "0102", "8401", "00851", "01004"],
        ["97101", "C", "971", "01", "9711", "97193", "0101", "9A701", "97101"],
    ]
    for place, old, new in changes:
        for row in rows:
            row[place] = new if row[place] == old else row[place]
    return read_appartenance([write_rows(path, [HEADER, *rows])])


def test_lost_zeros_are_restored_if_the_code_is_certain(tmp_path: Path) -> None:
    whole = read_changed(tmp_path / "a.csv")
    lost = read_changed(
        tmp_path / "b.csv",
        (2, "01", "1"),
        (3, "01", "1"),
        (5, "0102", "102"),
        (7, "00851", "851"),
        (8, "01004", "1004"),
    )
    assert lost.communes.equals(whole.communes)
    assert {note.code for note in lost.notes} == {"insee.zeros_restored"}
    assert [(n.details["column"], n.details["what"], n.count, n.examples) for n in lost.notes] == [
        ("DEP", "a departement", 2, ("1",)),
        ("REG", "a region", 1, ("1",)),
        ("CV", "a canton-ou-ville", 2, ("102",)),
        ("UU2020", "an urban unit", 1, ("851",)),
        ("BV2022", "a bassin de vie", 2, ("1004",)),
    ]


@pytest.mark.parametrize(
    ("place", "old", "new", "column", "what"),
    [
        (3, "84", "4", "REG", "a region"),
        (5, "0102", "202", "CV", "a canton-ou-ville"),
        (8, "01004", "004", "BV2022", "a bassin de vie"),
    ],
)
def test_uncertain_codes_are_refused(
    tmp_path: Path, place: int, old: str, new: str, column: str, what: str
) -> None:
    fault = fault_of(lambda: read_changed(tmp_path / "c.csv", (place, old, new)))
    assert (fault.code, fault.column) == ("insee.not_a_code", column)
    assert (fault.rows, fault.values, fault.details["what"]) == ((1, 2), (new,), what)


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize(("place", "name"), [(3, "REG"), (8, "BV2022")])
def test_blank_cells_of_a_workbook_are_not_values(
    tmp_path: Path, blank: str, place: int, name: str
) -> None:
    row = [*COMMUNES[0]]
    row[place] = blank
    path = write_workbook(tmp_path / "a.xlsx", {"COM": [HEADER, row]})
    fault = fault_of(lambda: read_appartenance([path]))
    assert (fault.code, fault.column) == ("insee.missing_code", name)
    assert (fault.rows, fault.values) == ((1,), ("01001",))
