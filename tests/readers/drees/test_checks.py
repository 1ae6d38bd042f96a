"""The year and the profession of a published APL, and values that cannot be an APL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.sheets import fault_of
from support.tables import methodology
from support.workbooks import Cell, write_rows, write_workbook

from apl_engine.inputs.imported import Imported
from apl_engine.readers.drees.apl import read_published_apl

RULES = methodology()
APL = ["Code commune", "APL 2021", "Population standardisée", "Population totale"]
DREES = ["Code commune INSEE", "Commune", "APL aux kinésithérapeutes",
         "Population standardisée 2020 pour les kinésithérapeutes",
         "Population totale 2020"]  # fmt: skip


def drees_sheet(apl: float) -> list[list[Cell]]:
    unit: list[Cell] = [None, None, "ETP pour 100 000 habitants", "habitants", "habitants"]
    rows: list[list[Cell]] = [["APL"], *[[None]] * 7, [*DREES], unit]
    rows += [["01001", "L'Abergement", apl, 761.036, 779.0], ["01002", "B", "n.d.", None, 5.0]]
    return [*rows, ["Lecture : en 2022, les habitants ..."], ["Source : CNAM, SNDS"]]


def published(path: Path, header: Sequence[str], year: int | None = None) -> Imported:
    write_rows(path, [header, ["01001", *[50] * (len(header) - 1)]])
    return read_published_apl(path, RULES, year=year)


# --- year ----------------------------------------------------------------------------------------


def test_one_sheet_per_year_with_units_and_footnotes(tmp_path: Path) -> None:
    book = {"Sommaire": [["x"]], "APL 2022": drees_sheet(44.25), "APL 2023": drees_sheet(45.5)}
    path = write_workbook(tmp_path / "apl.xlsx", book)
    imported = read_published_apl(path, RULES, year=2023, vintage=2022)
    assert imported.vintage == 2022
    assert imported.tables["published"].rows() == [
        ("01001", "L'Abergement", 45.5, 779.0, 761.036), ("01002", "B", None, 5.0, 0.0),
    ]  # fmt: skip
    assert {note.code: note.count for note in imported.notes} == {
        "source_file.rows_left_out": 3,
        "source_file.no_figure": 1,
    }
    sheets = ("APL 2022", "APL 2023")
    fault = fault_of(lambda: read_published_apl(path, RULES))
    assert (fault.code, fault.details) == ("drees.several_years", {"sheets": sheets})
    fault = fault_of(lambda: read_published_apl(path, RULES, year=2019))
    assert fault.code == "drees.year_missing"
    assert fault.details == {"sheets": sheets, "year": 2019}


@pytest.mark.parametrize("year", [None, 2022])
def test_two_sheets_of_one_year_are_refused(tmp_path: Path, year: int | None) -> None:
    sheets = {"APL 2022": drees_sheet(44.25), "APL 2022 (2)": drees_sheet(45.5)}
    path = write_workbook(tmp_path / "apl.xlsx", sheets)
    fault = fault_of(lambda: read_published_apl(path, RULES, year=year))
    assert (fault.code, fault.details) == ("drees.same_sheets", {"sheets": tuple(sheets)})


def test_a_year_that_the_only_sheet_contradicts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "apl.xlsx"

    def stated(year: int) -> tuple[str, object]:
        fault = fault_of(lambda: read_published_apl(path, RULES, year=year))
        return fault.code, fault.details["stated"]

    write_workbook(path, {"APL 2022": drees_sheet(44.25)})
    assert stated(2023) == ("drees.other_year", ("2022",))
    codes = [note.code for note in read_published_apl(path, RULES, year=2022).notes]
    assert "drees.year_assumed" not in codes
    titled = drees_sheet(44.25)
    titled[0] = ["APL aux kinésithérapeutes en 2022"]
    write_workbook(path, {"Feuil1": titled})
    assert stated(2023) == ("drees.other_year", ("2022",))
    titled[8] = [cell.replace("APL", "APL 2021") for cell in DREES]
    write_workbook(path, {"APL 2022": titled})
    assert stated(2022) == ("drees.other_year", ("2021", "2022"))


def test_a_year_that_no_sheet_states_is_assumed(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "apl.xlsx", {"Feuil1": drees_sheet(44.25)})
    note = read_published_apl(path, RULES, year=2023).notes[0]
    assert (note.code, note.examples, note.warning) == ("drees.year_assumed", ("2023",), False)
    other = path.rename(tmp_path / "apl_2021.xlsx")
    note = read_published_apl(other, RULES, year=2023).notes[0]
    assert (note.code, note.details["others"]) == ("drees.year_of_file_name", ("2021",))
    assert note.warning


# --- profession ----------------------------------------------------------------------------------


def test_the_apl_of_another_profession_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    other = "APL 2021 aux médecins généralistes"
    fault = fault_of(lambda: published(path, [APL[0], other, *APL[2:]]))
    assert (fault.code, fault.column) == ("drees.other_profession", other)
    assert fault.details["methodology"] == "mk-2024"
    own = [APL[0], "APL 2021 aux masseuses-kinésithérapeutes", *APL[2:]]
    assert published(path, own, 2021).tables["published"].height == 1
    fault = fault_of(lambda: published(path, own, 2019))
    assert (fault.code, fault.column) == ("drees.other_year", own[1])
    assert fault.details == {"sheet": "", "stated": ("2021",), "year": 2019}


@pytest.mark.parametrize(
    "of", ["2020 pour les infirmières", "par la consommation de soins infirmiers par tranche d'âge"]
)
def test_the_standardised_population_of_another_profession_is_refused(
    tmp_path: Path, of: str
) -> None:
    column = f"Population standardisée {of}"
    fault = fault_of(lambda: published(tmp_path / "a.csv", [*APL[:2], column, APL[3]]))
    assert (fault.code, fault.column) == ("drees.other_profession", column)


# --- values --------------------------------------------------------------------------------------


def write(folder: Path, *rows: Sequence[Cell]) -> Path:
    return write_rows(folder / "a.csv", [APL, *rows])


@pytest.mark.parametrize("value", [44254, -3])
def test_an_impossible_apl_is_refused(tmp_path: Path, value: float) -> None:
    path = write(tmp_path, ["01001", 44.25, 761, 779], ["01002", value, 761, 779])
    fault = fault_of(lambda: read_published_apl(path, RULES))
    assert (fault.code, fault.column) == ("drees.impossible_apl", "APL 2021")
    assert (fault.count, fault.rows, fault.values) == (1, (2,), (f"01002: {value:.1f}",))
    assert fault.details == {"most": 5000}


@pytest.mark.parametrize(
    ("rows", "kind", "details"),
    [
        ([["01001", 0.0004425, 761, 779]], "impossible_mean", {"mean": 0.0004425, "communes": 1}),
        ([["01001", 44, 0.779, 779]], "impossible_ratio", {"ratio": pytest.approx(0.001)}),
        ([["01001", 44, 761, "779,1"], ["01002", 44, 9, "8,7"]], "swapped_columns",
         {"other": "Population totale"}),
    ],
)  # fmt: skip
def test_impossible_columns_are_refused(
    tmp_path: Path, rows: list[list[Cell]], kind: str, details: dict[str, object]
) -> None:
    path = write(tmp_path, *rows)
    fault = fault_of(lambda: read_published_apl(path, RULES))
    assert fault.code == f"drees.{kind}"
    assert {name: fault.details[name] for name in details} == details


@pytest.mark.parametrize(
    ("rows", "kind", "details"),
    [
        ([["01001", 2, 761, 779]], "unusual_mean", {"mean": 2}),
        ([["01001", 44, 2337, 779]], "unusual_ratio", {"ratio": 3, "other": "Population totale"}),
        ([["01001", 44, 779, 779], ["01002", 44, 0, 5], ["01003", 0, 0, 5]],
         "apl_without_inhabitants", {}),
    ],
)  # fmt: skip
def test_unusual_values_are_warned_of(
    tmp_path: Path, rows: list[list[Cell]], kind: str, details: dict[str, object]
) -> None:
    (note,) = read_published_apl(write(tmp_path, *rows), RULES).notes
    assert (note.code, note.warning) == (f"drees.{kind}", True)
    assert {name: note.details[name] for name in details} == details
    assert note.count == 1


def test_usual_values_have_no_note(tmp_path: Path) -> None:
    assert not read_published_apl(write(tmp_path, ["01001", 44.25, 761, 779]), RULES).notes
