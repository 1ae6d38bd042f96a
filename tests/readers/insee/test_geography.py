"""Table d'appartenance, legal populations, passage table and events of communes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from support.insee import COMMUNES, HEADER
from support.open_data import open_data
from support.sheets import fault_of, faults_of
from support.tables import methodology
from support.workbooks import Cell, write_rows, write_workbook

from apl_engine.geography.mesh.build import build_mesh
from apl_engine.imports import import_files, read_communes
from apl_engine.readers.insee.geography import (
    read_appartenance,
    read_movements,
    read_passage,
    read_urban_units,
)

RULES = methodology()


# --- table d'appartenance ------------------------------------------------------------------------


def test_the_workbook_of_insee_with_its_second_sheet(tmp_path: Path) -> None:
    titles = [["Découpages géographiques"], ["Géographie au 01/01/2023"], [None], [None]]
    labels = ["Code géographique", "Libellé", "Département", "Région"]
    arm = ["13201", "Marseille 1er", "13", "93", "133", "1398", "9301", "00759", "13055"]
    path = write_workbook(
        tmp_path / "table.xlsx",
        {"COM": [*titles, labels, HEADER, *COMMUNES], "ARM": [*titles, labels, HEADER, arm]},
    )
    people = write_rows(
        tmp_path / "p.csv", [["CODGEO", "PMUN20"], ["01001", 806], ["13201", 39265]]
    )
    geography = read_appartenance([path, people])
    assert geography.vintage == 2023
    assert "sheet 'COM', header on row 6" in geography.recognised
    columns = ["commune", "canton", "urban_unit", "living_area"]
    assert geography.communes.select(columns).rows() == [
        ("01001", "0108", "01000", "01093"),
        ("13055", "1398", "00759", "13055"),
    ]
    assert geography.communes["population"].to_list() == [806.0, None]
    assert geography.arrondissements.rows() == [("13201", "Marseille 1er", 39265.0, "13055")]
    assert [stamp.name for stamp in geography.stamps] == ["table.xlsx", "p.csv"]


def test_every_fault_of_the_table_is_reported_at_once(tmp_path: Path) -> None:
    rows = [HEADER, COMMUNES[0], COMMUNES[0], ["1E+05", *COMMUNES[1][1:]]]
    faults = faults_of(lambda: read_appartenance([write_rows(tmp_path / "t.csv", rows)]))
    assert [(fault.code, fault.rows) for fault in faults] == [
        ("source_file.not_a_commune_code", (3,)),
        ("source_file.duplicate_key", (1, 2)),
    ]
    people = write_rows(tmp_path / "p.csv", [["CODGEO", "PMUN20"], ["01001", 806]])
    fault = fault_of(lambda: read_appartenance([people]))
    assert (fault.code, fault.table) == ("insee.no_appartenance", "p.csv")


@pytest.mark.parametrize(
    ("people", "code", "value"),
    [
        ("14.288", "thousands_or_decimals", "14.288"),
        ("14,288", "thousands_or_decimals", "14,288"),
        ("14,5", "fraction_of_people", "14.5"),
        ("-806", "impossible_count", "01001: -806"),
        ("3e6", "impossible_count", "01001: 3e6"),
    ],
)
def test_impossible_populations_are_refused(
    tmp_path: Path, people: str, code: str, value: str
) -> None:
    table = write_rows(tmp_path / "t.csv", [HEADER, COMMUNES[0]])
    legal = write_rows(tmp_path / "p.csv", [["CODGEO", "PMUN20"], ["01001", people]])
    fault = fault_of(lambda: read_appartenance([table, legal]))
    assert (fault.code, fault.column) == (f"source_file.{code}", "PMUN20")
    assert (fault.count, fault.rows, fault.values) == (1, (1,), (value,))
    if code == "thousands_or_decimals":
        assert fault.details == {"example": people, "whole": "14288", "decimal": "14.288"}
    if code == "impossible_count":
        assert fault.details == {"most": 2_500_000}


def test_legal_populations_that_replace_others_or_lack_a_commune(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "t.csv", [[*HEADER, "POP2020"], *([*c, 5] for c in COMMUNES)])
    legal = write_rows(tmp_path / "p.csv", [["CODGEO", "PMUN20"], ["01001", 806], ["01002", 7]])
    geography = read_appartenance([table, legal])
    assert geography.communes["population"].to_list() == [806.0, 5.0]
    assert {note.code: note.examples for note in geography.notes} == {
        "insee.unknown_legal_populations": ("01002",),
        "insee.populations_replaced": ("01001",),
        "insee.missing_arrondissements": ("13055",),
    }
    other = write_rows(tmp_path / "q.csv", [["CODGEO", "PMUN21"], ["01001", 900]])
    fault = fault_of(lambda: read_appartenance([table, legal, other]))
    assert (fault.code, fault.values) == ("insee.legal_populations_differ", ("01001",))


def test_legal_populations_with_names_or_with_codes_in_two_columns(tmp_path: Path) -> None:
    corse = ["2A004", "B", "2A", *COMMUNES[0][3:5], "2A01", *COMMUNES[0][6:]]
    overseas = [[code, *COMMUNES[0][1:]] for code in ("97101", "97102")]
    table = write_rows(tmp_path / "t.csv", [HEADER, COMMUNES[0], corse, *overseas])
    for head, rows in (
        (["CODGEO", "LIBGEO", "PMUN20"],
         [["01001", "A", 1], ["2A004", "B", 2], ["97101", "C", 3], ["97102", "D", 4]]),
        (["REG", "DEP", "CODCOM", "COM", "PMUN", "PCAP", "PTOT"],
         [["84", "1", "1", "A", 1, 9, 9], ["94", "2A", "004", "B", 2, 9, 9],
          ["01", "971", "101", "C", 3, 9, 9], ["01", "971", "2", "D", 4, 9, 9]]),
    ):  # fmt: skip
        legal = write_rows(tmp_path / "p.csv", [head, *rows])
        geography = read_appartenance([table, legal])
        assert "populations légales" in geography.recognised
        assert geography.communes["population"].to_list() == [1.0, 2.0, 3.0, 4.0]
    rows[0][1:3] = ["971", "001"]
    legal = write_rows(tmp_path / "p.csv", [head, *rows])
    fault = fault_of(lambda: read_appartenance([table, legal]))
    assert (fault.code, fault.column) == ("source_file.not_a_commune_code", "CODCOM")
    assert fault.values == ("971 001",)


def test_an_unrecognised_column_of_population(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "t.csv", [[*HEADER, "HAB"], [*COMMUNES[0], 5]])
    legal = write_rows(tmp_path / "p.csv", [["CODGEO", "LIBGEO", "HAB"], ["01001", "A", 5]])
    assert fault_of(lambda: import_files("mesh", [table], RULES)).table == "t.csv"
    fault = fault_of(lambda: read_appartenance([table, legal]))
    assert (fault.code, fault.table) == ("insee.no_population_column", "p.csv")
    assert fault.details["columns"] == ("CODGEO", "LIBGEO", "HAB")
    named = read_appartenance([table, legal], columns={"population": "HAB"})
    assert named.communes["population"].to_list() == [5.0]


UNITS = [["UU2020", "LIBUU2020", "P16_POP", "PMUN17"], ["00851", "Paris", 10, 11],
         ["1301", "Saintes-Maries", 3, 4]]  # fmt: skip


def test_urban_units_of_a_census(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "u.csv", UNITS)
    units = read_urban_units(path, 2017)
    assert (units.year, units.stamp.name) == (2017, "u.csv")
    assert dict(units.units.iter_rows()) == {"00851": 11.0, "01301": 4.0}
    assert [note.code for note in units.notes] == ["insee.zeros_restored"]
    # One column is that of the year which it states, or which is stated for it.
    one = write_rows(tmp_path / "one.csv", [[*row[:2], row[2]] for row in UNITS])
    assert read_urban_units(one).year == 2016
    bare = write_rows(tmp_path / "bare.csv", [["UU2020", "population"], ["00851", 5]])
    assert read_urban_units(bare, 2018).year == 2018


@pytest.mark.parametrize(
    ("rows", "year", "code"),
    [
        (UNITS, None, "insee.urban_units_of_which_year"),
        (UNITS, 2018, "insee.urban_units_of_other_year"),
        ([["UU2020", "population"], ["00851", 5]], None, "insee.urban_units_of_which_year"),
        ([*UNITS, UNITS[1]], 2017, "source_file.duplicate_key"),
        ([UNITS[0], ["00851", "Paris", 1, -5]], 2017, "source_file.impossible_count"),
        ([UNITS[0], ["00851", "Paris", 1, 14.5]], 2017, "source_file.fraction_of_people"),
        ([UNITS[0], ["Paris 8", "Paris", 1, 14]], 2017, "insee.not_a_code"),
        ([["UU2020", "HAB"], ["00851", 5]], 2017, "source_file.unrecognised_columns"),
    ],
)
def test_urban_units_that_cannot_be_read(
    tmp_path: Path, rows: list[list[Cell]], year: int | None, code: str
) -> None:
    path = write_rows(tmp_path / "u.csv", rows)
    assert fault_of(lambda: read_urban_units(path, year)).code == code


def test_the_census_of_urban_units_is_recorded(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "t.csv", [[*HEADER, "POP2020"], [*COMMUNES[1], 5]])
    units = write_rows(tmp_path / "u.csv", [["UU2020", "PMUN17"], ["00759", 40_000]])
    made = import_files("mesh", [table], RULES, urban_units=units)
    assert made.details == {"urban_units_year": 2017}
    assert [stamp.name for stamp in made.stamps] == ["t.csv", "u.csv"]
    found = next(note for note in made.notes if note.code == "mesh.urban_units")
    assert found.details == {"year": 2017, "file": "u.csv"}
    assert made.tables["communes"]["territory"].to_list() == ["1398_"]
    options = {"urban_units_year": 2017}
    fault = fault_of(lambda: import_files("mesh", [table], RULES, **options))
    assert fault.code == "import.urban_units_year_alone"
    absent = tmp_path / "absent.csv"
    fault = fault_of(lambda: import_files("mesh", [table], RULES, urban_units=absent))
    assert fault.code == "import.no_such_file"
    made.tables["communes"].write_parquet(tmp_path / "communes.parquet")
    fault = fault_of(
        lambda: read_communes([tmp_path / "communes.parquet"], RULES, urban_units=units)
    )
    assert fault.code == "import.mesh_is_built"


def test_two_columns_of_population_are_refused(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "t.csv", [[*HEADER, "POP2020", "PMUN21"], [*COMMUNES[0], 1, 2]])
    fault = fault_of(lambda: read_appartenance([table]))
    assert fault.code == "source_file.ambiguous_column"
    assert fault.details == {"field": "population", "columns": ("POP2020", "PMUN21")}
    assert read_appartenance([table], columns={"population": "PMUN21"}).communes.height == 1


def test_arrondissements_count_once_and_communes_have_one_row(tmp_path: Path) -> None:
    rows = [
        ["75056", "Paris", "75", "11", "751", "75ZZ", "1109", "00851", "75056", 30],
        ["75101", "Paris 1er", "75", "11", "751", "75ZZ", "1109", "00851", "75056", 10],
    ]
    table = write_rows(tmp_path / "t.csv", [[*HEADER, "POP2020"], *rows])
    parts = [["CODGEO", "LIBGEO", "COM", "POP2020"], ["75101", "Paris 1er", "75056", 10],
             ["75102", "Paris 2e", "75056", 20]]  # fmt: skip
    geography = read_appartenance([table, write_rows(tmp_path / "a.csv", parts)])
    assert geography.arrondissements["population"].to_list() == [10.0, 20.0]
    note = geography.notes[-1]
    assert (note.code, note.examples) == ("insee.repeated_arrondissements", ("75101",))
    assert note.details == {"file": "t.csv, a.csv"}
    parts[1][3] = 11
    different = write_rows(tmp_path / "a.csv", parts)
    fault = fault_of(lambda: read_appartenance([table, different]))
    assert fault.code == "insee.arrondissements_differ"
    assert (fault.count, fault.values) == (2, ("75101: 10.0", "75101: 11.0"))
    again = write_rows(tmp_path / "u.csv", [[*HEADER, "POP2020"], rows[0]])
    fault = fault_of(lambda: read_appartenance([table, again]))
    assert (fault.code, fault.values) == ("insee.repeated_communes", ("75056",))
    twice = pl.DataFrame({"commune": ["75101"] * 2, "name": "P", "city": "75056", "population": 1})
    communes = read_appartenance([table]).communes
    assert fault_of(lambda: build_mesh(communes, RULES, twice)).values == ("75101",)


def test_a_departement_in_two_regions_is_warned_of(tmp_path: Path) -> None:
    other = ["01002", "B", "01", "75", "012", "0108", "8401", "01000", "01093"]
    pole = ["01093", "C", "01", "84", "012", "0108", "8401", "01000", "01093"]
    rows = [[*HEADER, "POP2020"], *([*row, 5] for row in (COMMUNES[0], other, pole))]
    notes = import_files("mesh", [write_rows(tmp_path / "t.csv", rows)], RULES).notes
    assert ("01",) in [note.examples for note in notes]


def test_the_real_table() -> None:
    geography = read_appartenance(
        [open_data("insee_appartenance_2023.csv"),
         open_data("insee_arrondissements_municipaux_2023.csv")]
    )  # fmt: skip
    assert geography.communes.height == 34_945
    assert geography.communes["population"].sum() == 67_415_394
    assert geography.arrondissements.height == 45
    assert geography.arrondissements.group_by("city").len().sort("city").rows() == [
        ("13055", 16), ("69123", 9), ("75056", 20),
    ]  # fmt: skip
    assert not geography.notes


# --- events and passage table --------------------------------------------------------------------

EVENTS = ["MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "TNCC_AV", "NCC_AV", "NCCENR_AV",
          "LIBELLE_AV", "TYPECOM_AP", "COM_AP", "TNCC_AP", "NCC_AP", "NCCENR_AP",
          "LIBELLE_AP"]  # fmt: skip


def event(mod: str, day: str, before: str, after: str) -> list[Cell]:
    return [mod, day, "COM", before, "0", "A", "A", "Avant", "COM", after, "0", "B", "B", "Après"]


def test_events_with_each_notation_of_dates(tmp_path: Path) -> None:
    rows = [
        EVENTS,
        event("32", "2019-01-01", "01001", "01002"),
        event("50", "01/01/2020", "60694", "60054"),
        event("21", "31/12/99", "85001", "85002"),
    ]
    table = read_movements(write_rows(tmp_path / "v_mvt_commune.csv", rows, ","))
    assert table["mod"].to_list() == [32, 50, 21]
    assert table["date"].to_list() == [date(2019, 1, 1), date(2020, 1, 1), date(1999, 12, 31)]
    assert table.row(0, named=True)["label_after"] == "Après"
    wrong = [EVENTS, event("fusion", "2019-13-01", "1", "2")]
    faults = faults_of(lambda: read_movements(write_rows(tmp_path / "v.csv", wrong, ",")))
    assert [(fault.code, fault.column, fault.values) for fault in faults] == [
        ("insee.not_an_event", "MOD", ("fusion",)),
        ("insee.not_a_date", "DATE_EFF", ("2019-13-01",)),
    ]


def test_passage_tables(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["CODGEO", "NB"], ["01001", 1]])
    fault = fault_of(lambda: read_passage(path))
    assert fault.code == "insee.not_a_passage_table"
    assert fault.details == {"columns": ("CODGEO", "NB")}
    rows = [["Titre"], ["CODGEO_INI", "CODGEO_2024", "X"], ["01001", "01002", 1]]
    table = read_passage(write_rows(tmp_path / "b.csv", rows))
    assert table.to_dicts() == [{"CODGEO_INI": "01001", "COM2024": "01002"}]


def test_the_real_passage_table() -> None:
    table = read_passage(open_data("insee_passage_2021_2024.csv"))
    assert table.columns == ["COM2021", "COM2022", "COM2023", "COM2024"]
    assert table.filter(pl.col("COM2022") == "27058")["COM2023"].to_list() == ["27676"]
