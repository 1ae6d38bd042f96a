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
from apl_engine.readers.common.issues import Issues
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
    assert geography.communes["population"].to_list() == [806.0, 39265.0]
    assert geography.arrondissements.rows() == [("13201", "Marseille 1er", 39265.0, "13055")]
    assert [stamp.name for stamp in geography.stamps] == ["table.xlsx", "p.csv"]


SUPRA: list[list[Cell]] = [
    ["NIVGEO", "CODGEO", "LIBGEO", "NB_COM"],
    ["REG", "84", "Auvergne-Rhône-Alpes", 1],
    ["BV2022", "01093", "Meximieux", 1],
    ["EPCI", "200029999", "CC", 1],
]


@pytest.mark.parametrize("levels", ["BV2022", "UU2010", "CANOV", "TDAAV2017"])
def test_zones_of_several_communes_are_left_aside(tmp_path: Path, levels: str) -> None:
    # As in every edition since 2014, as a sheet or on its own; a code may look like a commune's.
    supra = [*SUPRA, [levels, "01093", "A", 1]]
    titles: list[list[Cell]] = [["Zones"], ["Géographie au 01/01/2021"], [None], [None]]
    sheets = {"COM": [*titles, HEADER, *COMMUNES], "Zones_supra_communales": [*titles, *supra]}
    book = write_workbook(tmp_path / "table.xlsx", sheets)
    apart = [
        write_rows(tmp_path / "com.csv", [HEADER, *COMMUNES]),
        write_rows(tmp_path / "supra.csv", supra),
    ]
    for files, name in (([book], "Zones_supra_communales"), (apart, "supra.csv")):
        geography = read_appartenance(files)
        assert geography.communes["commune"].to_list() == ["01001", "13055"]
        notes = {note.code: note.examples for note in geography.notes}
        assert notes["insee.other_levels"] == (name,)


def test_rows_of_communes_among_those_of_other_levels(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "t.csv", [HEADER, *COMMUNES])
    rows = [[*SUPRA[0][:3], "PMUN21"], *SUPRA[1:], ["COM", "01001", "A", 806]]
    geography = read_appartenance([table, write_rows(tmp_path / "p.csv", rows)])
    assert geography.communes["population"].to_list() == [806.0, None]


@pytest.mark.parametrize(
    ("canton", "unit", "area", "year"),
    [("CV", "UU2010", "BV2012", 14), ("CV", "UU2020", "BV2012", 21), ("CV", "UU2020", "BV2022", 23),
     ("CANOV", "UU2020", "BV2022", 24), ("CANOV", "UU2020", "BV2022", 25)],
)  # fmt: skip
def test_columns_of_zones_by_edition(
    tmp_path: Path, canton: str, unit: str, area: str, year: int
) -> None:
    header = [*HEADER[:5], canton, "ZE2010", unit, area]
    path = tmp_path / f"table-appartenance-geo-communes-{year}.csv"
    geography = read_appartenance([write_rows(path, [header, *COMMUNES])])
    columns = ["canton", "urban_unit", "living_area"]
    assert geography.communes.select(columns).row(0) == ("0108", "01000", "01093")
    assert geography.vintage == 2000 + year


def test_cells_without_a_zone(tmp_path: Path) -> None:
    # The column of a kind of zone that does not cover some communes is empty for these.
    mayotte = ["97608", "Dzaoudzi", "976", "06", "9761", None, "0601", None, "97608"]
    corse = ["2A004", "Ajaccio", "2A", "94", "2A1", None, "9401", "2A601", "2A004"]
    table = write_rows(tmp_path / "t.csv", [HEADER, mayotte, corse])
    geography = read_appartenance([table])
    columns = ["commune", "canton", "urban_unit"]
    rows = geography.communes.select(columns).rows()
    assert rows == [("2A004", "2AZZ", "2A601"), ("97608", "976ZZ", "97000")]
    notes = [(n.code, n.details["column"], n.examples) for n in geography.notes]
    assert notes == [
        ("insee.no_zone", "CV", ("97608", "2A004")), ("insee.no_zone", "UU2020", ("97608",)),
    ]  # fmt: skip
    corse[-1] = None
    fault = fault_of(lambda: read_appartenance([write_rows(tmp_path / "u.csv", [HEADER, corse])]))
    assert (fault.code, fault.column) == ("insee.missing_code", "BV2022")


def test_a_column_of_zones_that_is_not_recognised_is_asked_for(tmp_path: Path) -> None:
    header = [*HEADER[:5], "CANTVILLE", *HEADER[6:]]
    table = write_rows(tmp_path / "t.csv", [header, *COMMUNES])
    fault = fault_of(lambda: read_appartenance([table]))
    assert (fault.code, fault.details["field"]) == ("insee.no_column_of_zones", "canton")
    columns = {"canton": "CANTVILLE"}
    assert read_appartenance([table], columns=columns).communes["canton"][0] == "0108"


def test_the_workbook_of_legal_populations_with_all_its_levels(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "t.csv", [HEADER, *COMMUNES])
    region, departement = ["Code région", "Nom de la région"], "Code département"
    people = ["Population municipale", "Population comptée à part", "Population totale"]
    commune = ["Code commune", "Nom de la commune"]
    parts: list[list[Cell]] = [[*region, departement, *commune, *people]]
    parts += [["84", "A", "01", "001", "B", 1, 0, 1]] * 2
    regions: list[list[Cell]] = [[*region, "Nombre de communes", *people], ["84", "A", 1, 2, 3, 5]]
    book = write_workbook(tmp_path / "ensemble.xlsx", {
        "Régions": regions,
        "Départements": [[*region, departement, "Nom", *people], ["84", "A", "01", "Ain", 2, 3, 5]],
        "Communes": [
            ["Populations légales"],
            [*region, departement, "Code arrondissement", "Code canton", *commune, *people],
            ["84", "A", "01", "2", "08", "001", "B", 806, 10, 816],
        ],
        "Fractions cantonales": parts,
        "Communes associées ou déléguées": parts,
    })  # fmt: skip
    geography = read_appartenance([table, book])
    assert geography.communes["population"].to_list() == [806.0, None]
    notes = {note.code: note.examples for note in geography.notes}
    left = ("Fractions cantonales", "Communes associées ou déléguées")
    assert notes["insee.other_levels"] == left


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
    rows: list[list[Cell]] = [["CODGEO", "PMUN20"], ["01001", 806]]
    legal = write_rows(tmp_path / "p.csv", [*rows, ["02002", 7], ["97502", 8], ["98735", 9]])
    geography = read_appartenance([table, legal])
    assert geography.communes["population"].to_list() == [806.0, 5.0]
    assert {note.code: note.examples for note in geography.notes} == {
        "insee.overseas_collectivities": ("97502", "98735"),
        "insee.unknown_legal_populations": ("02002",),
        "insee.populations_of_the_table": ("13055",),
        "insee.populations_replaced": ("01001",),
        "insee.missing_arrondissements": ("13055",),
    }
    other = write_rows(tmp_path / "q.csv", [["CODGEO", "PMUN21"], ["01001", 900]])
    fault = fault_of(lambda: read_appartenance([table, legal, other]))
    assert (fault.code, fault.values) == ("insee.legal_populations_differ", ("01001",))
    lost = write_rows(tmp_path / "l.csv", [*rows, ["01002", 7]])
    fault = fault_of(lambda: read_appartenance([table, lost]))
    assert (fault.code, fault.values) == ("insee.populations_of_other_communes", ("01002",))


PARIS = ["75056", "Paris", "75", "11", "751", "75ZZ", "1109", "00851", "75056"]
LEGAL_BY_COMMUNE: list[list[Cell]] = [
    ["REG", "DEP", "CODCOM", "COM", "Commune", "PMUN", "PCAP", "PTOT"],
    ["84", "01", "001", "01001", "L'Abergement", 806, 9, 815],
    ["11", "75", "101", "75101", "Paris 1er", 15114, 93, 15207],
    ["11", "75", "102", "75102", "Paris 2e", 20900, 100, 21000],
]


def test_a_city_has_the_sum_of_its_arrondissements(tmp_path: Path) -> None:
    # Legal populations list Paris, Lyon and Marseille by arrondissement, and not whole.
    table = write_rows(tmp_path / "t.csv", [HEADER, COMMUNES[0], PARIS])
    legal = write_rows(tmp_path / "p.csv", LEGAL_BY_COMMUNE)
    arm: list[list[Cell]] = [["CODGEO", "LIBGEO", "COM"], ["75101", "Paris 1er", "75056"],
                             ["75102", "Paris 2e", "75056"]]  # fmt: skip
    both = write_rows(tmp_path / "arm.csv", arm)
    for files in ([table, legal], [table, both, legal]):
        geography = read_appartenance(files)
        assert geography.communes["population"].to_list() == [806.0, 36014.0]
        assert "insee.unknown_legal_populations" not in {note.code for note in geography.notes}
    parts = geography.arrondissements.select("commune", "population").rows()
    assert parts == [("75101", 15114.0), ("75102", 20900.0)]
    whole = write_rows(tmp_path / "w.csv", [HEADER, PARIS])
    mesh = import_files("mesh", [whole, both, legal], RULES).tables["communes"]
    assert mesh["commune"].to_list() == ["75101", "75102"]


def test_a_city_given_whole_or_without_some_of_its_arrondissements(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "t.csv", [HEADER, COMMUNES[0], PARIS])
    whole = write_rows(tmp_path / "p.csv", [["CODGEO", "PMUN20"], ["01001", 806], ["75056", 99]])
    assert read_appartenance([table, whole]).communes["population"].to_list() == [806.0, 99.0]
    arm = [["CODGEO", "LIBGEO"], *([f"751{k:02d}", f"Paris {k}"] for k in range(1, 21))]
    third = write_rows(tmp_path / "arm.csv", arm)
    legal = write_rows(tmp_path / "q.csv", LEGAL_BY_COMMUNE)
    assert read_appartenance([table, third, legal]).communes["population"].to_list() == [806, None]
    # The arrondissements of the workbook may have populations, and the city none.
    arm = [["CODGEO", "LIBGEO", "POP2020"], ["75101", "A", 5], ["75102", "B", 6]]
    own = write_rows(tmp_path / "own.csv", arm)
    assert read_appartenance([table, own]).communes["population"].to_list() == [None, 11.0]


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
    wrong = [EVENTS, event("fusion", "2019-13-01", "1", "01002")]
    faults = faults_of(lambda: read_movements(write_rows(tmp_path / "v.csv", wrong, ",")))
    assert [(fault.code, fault.column, fault.values) for fault in faults] == [
        ("source_file.not_a_commune_code", "COM_AV", ("1",)),
        ("insee.not_an_event", "MOD", ("fusion",)),
        ("insee.not_a_date", "DATE_EFF", ("2019-13-01",)),
    ]


def suppression(code: str | None, mod: str = "30") -> list[Cell]:
    return [mod, "2007-02-23", "COM", code, "0", "A", "A", "Avant", *[None] * 6]


def test_events_of_communes_without_a_before_or_an_after(tmp_path: Path) -> None:
    created: list[Cell] = ["20", "2011-03-31", *[None] * 6, "COM", "97601", "0", "A", "A", "Acoua"]
    rows = [EVENTS, created, event("32", "2019-01-01", "01001", "01002"), suppression("97123")]
    table = read_movements(write_rows(tmp_path / "v.csv", rows, ","))
    assert table.select("code_before", "code_after").rows() == [("01001", "01002"), ("97123", None)]
    # Rows are those of the file, which has others that are not read.
    rows += [created, suppression("97127"), suppression("01003", "32")]
    half = event("32", "2019-01-01", "01001", "01002")
    half[2] = None
    faults = faults_of(lambda: read_movements(write_rows(tmp_path / "w.csv", [*rows, half], ",")))
    assert [(fault.code, fault.table, fault.column, fault.rows) for fault in faults] == [
        ("movements.no_value", "w.csv", "TYPECOM_AV", (7,)),
        ("movements.no_value", "w.csv", "TYPECOM_AP", (6,)),
        ("movements.no_value", "w.csv", "COM_AP", (6,)),
    ]


def test_lost_zeros_of_events_and_passage_tables_are_restored(tmp_path: Path) -> None:
    bare, whole = (
        event("32", "2023-01-01", "1039", "1138"),
        event("32", "2023-01-01", "NA", "01138"),
    )
    numbers = event("32", "2023-01-01", "01039", "01138")
    numbers[3], numbers[9] = 1039, 1138
    files = [
        write_rows(tmp_path / "v.csv", [EVENTS, bare, whole], ","),
        write_workbook(tmp_path / "v.xlsx", {"v_mvt": [EVENTS, numbers]}),
    ]
    for path in files:
        issues = Issues(path.name)
        table = read_movements(path, issues)
        assert table.select("code_before", "code_after").rows() == [("01039", "01138")]
        assert [(note.code, note.details["column"]) for note in issues.notes] == [
            ("source_file.codes_repaired", "COM_AV"), ("source_file.codes_repaired", "COM_AP"),
        ]  # fmt: skip
        assert all(note.details["file"] == path.name for note in issues.notes)
    issues = Issues("p.csv")
    rows = [["CODGEO_2021", "CODGEO_2023"], ["1039", "1138"], ["97123", ""], ["", ""]]
    table = read_passage(write_rows(tmp_path / "p.csv", rows), issues)
    assert table.rows() == [("01039", "01138"), ("97123", None)]
    assert len(issues.notes) == 2
    rows.append(["01040", "X"])
    fault = fault_of(lambda: read_passage(write_rows(tmp_path / "q.csv", rows)))
    assert (fault.code, fault.table, fault.column, fault.values) == (
        "source_file.not_a_commune_code", "q.csv", "CODGEO_2023", ("X",),
    )  # fmt: skip


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


def test_the_newest_legal_population_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "CODGEO;LIBGEO;DEP;REG;CV;UU2020;BV2022;PMUN2019;PMUN2021;PMUN2020\n"
        "53130;Laval;53;52;5398;53301;53130;1;3;2\n"
    )
    read = read_appartenance([path])
    assert read.communes["population"].to_list() == [3.0]
    assert "population = PMUN2021" in read.recognised


def test_legal_populations_with_a_row_for_each_measure_and_census(tmp_path: Path) -> None:
    # DS_POPULATIONS_REFERENCE of the catalogue of data sets.
    head: list[Cell] = ["GEO", "GEO_OBJECT", "FREQ", "POPREF_MEASURE", "TIME_PERIOD", "OBS_VALUE"]
    rows: list[list[Cell]] = [
        [code, level, "A", measure, year, people + extra + census]
        for code, level, people in (("01001", "COM", 806), ("75056", "COM", 36014),
                                    ("75101", "ARM", 15114), ("75102", "ARM", 20900),
                                    ("01", "DEP", 9999))
        for measure, extra in (("PMUN", 0), ("PTOT", 50), ("PCAP", 40))
        for year, census in ((2021, 1), (2022, 0))
    ]  # fmt: skip
    table = write_rows(tmp_path / "t.csv", [HEADER, COMMUNES[0], PARIS])
    geography = read_appartenance([table, write_rows(tmp_path / "p.csv", [head, *rows])])
    assert geography.communes["population"].to_list() == [806.0, 36014.0]
    assert "census 2022" in geography.recognised
    only_totals = [row for row in rows if row[3] == "PTOT"]
    other = write_rows(tmp_path / "q.csv", [head, *only_totals])
    assert fault_of(lambda: read_appartenance([table, other])).code == "source_file.no_rows"
