"""The sheet and the header row of a layout; the vintage that titles state."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sheets import PEOPLE, fault_of, read, write_text
from support.workbooks import write_rows, write_workbook

from apl_engine.readers.common.headers import Field, Layout
from apl_engine.readers.common.issues import Issues
from apl_engine.readers.common.match import find, match, only, stated_vintage
from apl_engine.readers.common.sheets import sheets_of


@pytest.mark.parametrize("above", [0, 1, 5, 30])
def test_the_header_is_recognised_below_titles_and_in_its_sheet(tmp_path: Path, above: int) -> None:
    rows = [["Population municipale"], *[[None]] * (above - 1)][:above]
    table = [*rows, ["LIBGEO", "CODGEO", "POP 2020"], ["A", "01001", 12.25]]
    path = write_workbook(tmp_path / "a.xlsx", {"Lisez-moi": [["Bonjour"]], "COM": table})
    matched = find(path, [PEOPLE])[0]
    assert (matched.sheet.name, matched.header) == ("COM", above)
    assert "sheet 'COM'" in matched.description
    assert ("header on row" in matched.description) == (above > 0)
    assert read(path)[0].rows() == [(1, "01001", "A", 12.25)]


def test_columns_can_be_named(tmp_path: Path) -> None:
    (sheet,) = sheets_of(write_text(tmp_path / "a.csv", "Ville;Hab.\n01001;4\n"))
    assert match(sheet, PEOPLE) is None
    matched = match(sheet, PEOPLE, {"commune": "ville", "people": "Hab."})
    assert matched is not None
    assert matched.names == {"commune": "Ville", "people": "Hab."}


NAMES = Layout(
    "people by commune",
    (
        Field("commune", (r"^(?:code_)?commune$",), "code"),
        Field("name", (r"^nom$",), required=False),
        Field("people", (r"^pop",), "number"),
    ),
)


@pytest.mark.parametrize("code", ["Code", "Code INSEE", "Code commune INSEE", "Code géographique"])
@pytest.mark.parametrize("written", ["01001", "1001", "2A004"])
def test_a_column_of_codes_goes_before_one_of_names(
    tmp_path: Path, code: str, written: str
) -> None:
    text = f"Code postal;Commune;{code};Pop\n53000;Ambérieu;{written};4\n"
    (sheet,) = sheets_of(write_text(tmp_path / "a.csv", text))
    matched = match(sheet, NAMES)
    assert matched is not None
    assert matched.names == {"commune": code, "people": "Pop", "name": "Commune"}


def test_a_column_of_codes_that_is_called_commune(tmp_path: Path) -> None:
    (sheet,) = sheets_of(write_text(tmp_path / "a.csv", "Code;Commune;Pop\n12345;01001;4\n"))
    matched = match(sheet, NAMES)
    assert matched is not None
    assert matched.names == {"commune": "Commune", "people": "Pop"}


def test_a_row_of_data_is_no_header(tmp_path: Path) -> None:
    # The level and the measure of a row are names of columns elsewhere.
    path = write_text(
        tmp_path / "a.csv", "GEO;OBJET;MESURE\n01001;COMMUNE;POP\n01002;COMMUNE;POP\n"
    )
    (sheet,) = sheets_of(path)
    assert match(sheet, NAMES) is None


def test_unrecognised_columns_are_reported_with_those_expected(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"Un": [["t"], ["a", "b"], [1, 2]], "Vide": []})
    fault = fault_of(lambda: read(path))
    assert fault.code == "source_file.unrecognised_columns"
    assert fault.details == {
        "expected": "a table of people: CODGEO, POP",
        "sheets": ("Un",),
        "header_rows": (2,),
        "columns": (("a", "b"),),
        "field": "people",
        "fields": ("commune", "people"),
    }
    fault = fault_of(lambda: read(write_rows(tmp_path / "a.csv", [["CODGEO", "HAB"]])))
    assert fault.code == "source_file.unrecognised_column"
    assert fault.details["field"] == "people"
    fault = fault_of(lambda: read(write_workbook(tmp_path / "b.xlsx", {"Vide": []})))
    assert fault.code == "source_file.empty_sheets"


def test_columns_named_in_vain_are_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", "Commune;Habitants\n01001;5\n")
    fault = fault_of(lambda: find(path, [PEOPLE], {"peuple": "Habitants"}))
    assert (fault.code, fault.details["fields"]) == ("source_file.unknown_field", ("peuple",))
    named = {"commune": "Commune", "people": "Habitant"}
    fault = fault_of(lambda: find(path, [PEOPLE], named))
    assert (fault.code, fault.details["columns"]) == ("source_file.no_such_column", ("Habitant",))


def test_fields_that_several_layouts_lack_are_all_named(tmp_path: Path) -> None:
    areas = Layout("a table of areas", (Field("area", (r"^aire",)), PEOPLE.fields[2]))
    path = write_text(tmp_path / "a.csv", "Lieu;Pop\n01001;5\n")
    fault = fault_of(lambda: find(path, [areas, PEOPLE]))
    assert (fault.code, fault.details["field"]) == ("source_file.unrecognised_key", "commune")
    assert fault.details["fields"] == ("area", "commune")


def test_several_columns_of_one_field_are_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["CODGEO", "POP 2020", "POP 2021"], ["01001", 1, 2]])
    fault = fault_of(lambda: read(path))
    assert fault.code == "source_file.ambiguous_column"
    assert fault.details == {"field": "people", "columns": ("POP 2020", "POP 2021")}
    assert find(path, [PEOPLE], {"people": "POP 2021"})[0].names["people"] == "POP 2021"


def test_the_first_of_several_similar_sheets_is_read_with_a_warning(tmp_path: Path) -> None:
    rows = [["CODGEO", "POP"], ["01001", 1]]
    path = write_workbook(tmp_path / "a.xlsx", {"A": rows, "B": rows})
    issues = Issues(path.name)
    assert only(find(path, [PEOPLE]), issues).sheet.name == "A"
    (note,) = issues.notes
    assert (note.code, note.examples) == ("source_file.similar_sheets", ("B",))
    assert note.warning


@pytest.mark.parametrize(
    ("title", "name", "year"),
    [("Géographie au 01/01/2023", "a.csv", 2023), ("géographie en vigueur 2019", "a.csv", 2019),
     ("Communes", "table-appartenance-geo-communes-23.xlsx", 2023),
     ("Communes", "table_geo2024.csv", 2024), ("Communes", "t_cog_23.csv", 2023),
     ("Recensement 2020", "BTT_TD_POP1B_2020.csv", None)],
)  # fmt: skip
def test_the_vintage_that_titles_state(
    tmp_path: Path, title: str, name: str, year: int | None
) -> None:
    path = write_text(tmp_path / name, f"{title}\nCODGEO;POP\n01001;1\n")
    assert stated_vintage(path, sheets_of(path)[0]) == year


@pytest.mark.parametrize("row", [["53130", "Laval"], ["2A004", "x"], ["Laval", "3,5"], ["a", -4]])
def test_a_row_of_data_is_not_taken_for_a_header(row: list[object], tmp_path: Path) -> None:
    fault = fault_of(lambda: read(write_rows(tmp_path / "a.csv", [row, row])))
    assert fault.code == "source_file.no_header"
    assert fault.details == {"expected": "a table of people: CODGEO, POP"}


@pytest.mark.parametrize(
    ("header", "newest"),
    [
        (["POP2019", "POP2021", "POP2020"], "POP2021"),
        (["pop99", "pop06", "pop13"], "pop13"),
        (["POP1999", "POP21"], "POP21"),
        (["POP2020", "POP_2020"], ""),
        (["POP2020", "HAB"], None),
    ],
)
def test_the_newest_of_several_censuses(
    header: list[str], newest: str | None, tmp_path: Path
) -> None:
    people = Field("people", ("^(?:pop|hab)",), "people", newest=True)
    fields = (Field("commune", ("^codgeo$",), "code"), people)
    rows = [["CODGEO", *header], ["01001", *(1 for _ in header)]]
    sheet = sheets_of(write_rows(tmp_path / "a.csv", rows))[0]
    found = match(sheet, Layout("people", fields))
    assert found is not None
    assert found.ambiguous.get("people") is None if newest else found.faults
    assert not newest or found.names["people"] == newest
