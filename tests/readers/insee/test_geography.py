"""INSEE's and DREES' files, CNAM's and the agencies': layouts, vintages, what is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from support.open_data import open_data
from support.tables import methodology
from support.workbooks import Cell, write_workbook

from apl_engine.errors import InputDataError
from apl_engine.geography.mesh.build import build_mesh
from apl_engine.imports import import_files
from apl_engine.readers.coordinates import read_places_file
from apl_engine.readers.drees.apl import read_published_apl
from apl_engine.readers.drees.territories import read_territories
from apl_engine.readers.insee.geography import read_appartenance, read_movements, read_passage
from apl_engine.readers.insee.population import read_population

RULES = methodology()
HEADER = ["CODGEO", "LIBGEO", "DEP", "REG", "ARR", "CV", "ZE2020", "UU2020", "BV2022"]
PLACES = [
    ["01001", "L'Abergement", "01", "84", "012", "0108", "8401", "01000", "01093"],
    ["13055", "Marseille", "13", "93", "133", "1398", "9301", "00759", "13055"],
]


def csv(path: Path, rows: Sequence[Sequence[Cell]], separator: str = ";") -> Path:
    lines = (separator.join("" if c is None else str(c) for c in row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- table d'appartenance ---------------------------------------------------------------------


def test_the_workbook_of_insee_with_its_second_sheet(tmp_path: Path) -> None:
    titles = [["Découpages géographiques"], ["Géographie au 01/01/2023"], [None], [None]]
    labels = ["Code géographique", "Libellé", "Département", "Région"]
    arm = ["13201", "Marseille 1er", "13", "93", "133", "1398", "9301", "00759", "13055"]
    path = write_workbook(
        tmp_path / "table.xlsx",
        {"COM": [*titles, labels, HEADER, *PLACES], "ARM": [*titles, labels, HEADER, arm]},
    )
    people = csv(tmp_path / "p.csv", [["CODGEO", "PMUN20"], ["01001", 806], ["13201", 39265]])
    found = read_appartenance([path, people])
    assert found.vintage == 2023
    assert "sheet 'COM', header on row 6" in found.recognised
    assert found.communes.select("commune", "canton", "urban_unit", "living_area").rows() == [
        ("01001", "0108", "01000", "01093"),
        ("13055", "1398", "00759", "13055"),
    ]
    assert found.communes["population"].to_list() == [806.0, None]
    assert found.arrondissements.rows() == [("13201", "Marseille 1er", 39265.0, "13055")]
    assert [stamp.name for stamp in found.stamps] == ["table.xlsx", "p.csv"]


def test_every_fault_of_the_table_is_told_at_once(tmp_path: Path) -> None:
    rows = [HEADER, PLACES[0], PLACES[0], ["1E+05", *PLACES[1][1:]]]
    with pytest.raises(InputDataError) as caught:
        read_appartenance([csv(tmp_path / "t.csv", rows)])
    assert [fault.problem for fault in caught.value.faults] == [
        "not a code of a commune",
        "the same commune stands in several rows",
    ]
    people = csv(tmp_path / "p.csv", [["CODGEO", "PMUN20"], ["01001", 806]])
    with pytest.raises(InputDataError, match="no table d'appartenance among the files"):
        read_appartenance([people])


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("14.288", r"is 14.288 14288 or 14.288 people\? \(1 row; row 1; value '14.288'\)"),
        ("14,288", r"is 14,288 14288 or 14.288 people\? .*Write 14288"),
        ("14,5", r"not whole numbers of people .*'14.5'"),
        ("-806", r"negative or absurd .*row 1; value '01001: -806'"),
        ("3e6", r"negative or absurd .*more than 2 500 000.*value '01001: 3e6'"),
    ],
)
def test_populations_that_cannot_be_are_refused(tmp_path: Path, people: str, words: str) -> None:
    table = csv(tmp_path / "t.csv", [HEADER, PLACES[0]])
    legal = csv(tmp_path / "p.csv", [["CODGEO", "PMUN20"], ["01001", people]])
    with pytest.raises(InputDataError, match=f"1 fault .*\n.*'PMUN20': .*{words}"):
        read_appartenance([table, legal])


def test_legal_populations_that_replace_or_lack_a_place_are_told(tmp_path: Path) -> None:
    table = csv(tmp_path / "t.csv", [[*HEADER, "POP2020"], *([*row, 5] for row in PLACES)])
    rows = [["CODGEO", "PMUN20"], ["01001", 806], ["01002", 7]]
    legal = csv(tmp_path / "p.csv", rows)
    found = read_appartenance([table, legal])
    assert found.communes["population"].to_list() == [806.0, 5.0]
    assert {note.code: note.examples for note in found.notes} == {
        "populations_aside": ("01002",),
        "populations_replaced": ("01001",),
        "arrondissements_missing": ("13055",),
    }
    other = csv(tmp_path / "q.csv", [["CODGEO", "PMUN21"], ["01001", 900]])
    with pytest.raises(InputDataError, match=r"files of legal populations differ .*'01001'"):
        read_appartenance([table, legal, other])


def test_a_departement_of_two_regions_is_warned_of(tmp_path: Path) -> None:
    other = ["01002", "B", "01", "75", "012", "0108", "8401", "01000", "01093"]
    pole = ["01093", "C", "01", "84", "012", "0108", "8401", "01000", "01093"]
    rows = [[*HEADER, "POP2020"], *([*row, 5] for row in (PLACES[0], other, pole))]
    notes = import_files("mesh", [csv(tmp_path / "t.csv", rows)], RULES).notes
    several = "mesh.departement_in_several_regions"
    assert [n.examples for n in notes if n.code == several] == [("01",)]


def mesh_of(path: Path, *changes: tuple[int, str, str]) -> Any:
    """Draw the mesh of three communes, one overseas, with other codes in some columns."""
    rows = [
        ["01004", "B", "01", "84", "012", "0102", "8401", "01000", "01004"],
        ["01001", "A", "01", "84", "012", "0102", "8401", "00851", "01004"],
        ["97101", "C", "971", "01", "9711", "97193", "0101", "9A701", "97101"],
    ]
    for place, old, new in changes:
        for row in rows:
            row[place] = new if row[place] == old else row[place]
    table = [[*HEADER, "POP2020"], *([*row, 5] for row in rows)]
    return import_files("mesh", [csv(path, table)], RULES)


def test_zeros_that_codes_of_places_lost_come_back_where_that_is_certain(tmp_path: Path) -> None:
    whole = mesh_of(tmp_path / "a.csv")
    lost = mesh_of(
        tmp_path / "b.csv",
        (2, "01", "1"),
        (3, "01", "1"),
        (5, "0102", "102"),
        (7, "00851", "851"),
        (8, "01004", "1004"),
    )
    assert lost.tables["communes"].equals(whole.tables["communes"])
    told = [(n.text, n.examples) for n in lost.notes if n.code == "zeros_back"]
    assert told == [
        ("b.csv: column 'DEP': 2 codes of a departement get their lost zeros back", ("1",)),
        ("b.csv: column 'REG': 1 codes of a region get their lost zeros back", ("1",)),
        ("b.csv: column 'CV': 2 codes of a canton-ou-ville get their lost zeros back", ("102",)),
        ("b.csv: column 'UU2020': 1 codes of an urban unit get their lost zeros back", ("851",)),
        ("b.csv: column 'BV2022': 2 codes of a bassin de vie get their lost zeros back", ("1004",)),
    ]
    for place, old, new, words in (
        (3, "84", "4", r"'REG': not the code of a region .*rows 1, 2; value '4'"),
        (5, "0102", "202", r"'CV': not the code of a canton-ou-ville .*value '202'\)"),
        (8, "01004", "004", r"'BV2022': not the code of a bassin de vie .*value '004'"),
    ):
        with pytest.raises(InputDataError, match=words):
            mesh_of(tmp_path / "c.csv", (place, old, new))


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize(("place", "name"), [(3, "REG"), (7, "UU2020")])
def test_blank_cells_of_a_workbook_are_no_values(
    tmp_path: Path, blank: str, place: int, name: str
) -> None:
    table = [[*HEADER, "POP2020"], [*PLACES[0], 5]]
    table[1][place], table[1][8] = blank, "01001"
    path = write_workbook(tmp_path / "a.xlsx", {"COM": table})
    with pytest.raises(
        InputDataError, match=f"'{name}': cells without the code of .*row 1; value '01001'"
    ):
        import_files("mesh", [path], RULES)


def test_arrondissements_count_once_and_communes_stand_once(tmp_path: Path) -> None:
    rows = [
        ["75056", "Paris", "75", "11", "751", "75ZZ", "1109", "00851", "75056", 30],
        ["75101", "Paris 1er", "75", "11", "751", "75ZZ", "1109", "00851", "75056", 10],
    ]
    table = csv(tmp_path / "t.csv", [[*HEADER, "POP2020"], *rows])
    parts = [["CODGEO", "LIBGEO", "COM", "POP2020"], ["75101", "Paris 1er", "75056", 10],
             ["75102", "Paris 2e", "75056", 20]]  # fmt: skip
    found = read_appartenance([table, csv(tmp_path / "a.csv", parts)])
    assert found.arrondissements["population"].to_list() == [10.0, 20.0]
    assert str(found.notes[-1]) == (
        "t.csv, a.csv: arrondissements that stand several times count once: 75101"
    )
    parts[1][3] = 11
    with pytest.raises(InputDataError, match=r"with other populations .*'75101: 10.0', '75101: 11"):
        read_appartenance([table, csv(tmp_path / "a.csv", parts)])
    again = csv(tmp_path / "u.csv", [[*HEADER, "POP2020"], rows[0]])
    with pytest.raises(InputDataError, match=r"communes stand in several sheets .*'75056'"):
        read_appartenance([table, again])
    twice = pl.DataFrame({"commune": ["75101"] * 2, "name": "P", "city": "75056", "population": 1})
    communes = read_appartenance([table]).communes
    with pytest.raises(InputDataError, match=r"arrondissements, .*with several rows"):
        build_mesh(communes, RULES, twice)


def test_legal_populations_with_names_or_with_codes_in_two_columns(tmp_path: Path) -> None:
    corse = ["2A004", "B", "2A", *PLACES[0][3:5], "2A01", *PLACES[0][6:]]
    overseas = [[code, *PLACES[0][1:]] for code in ("97101", "97102")]
    table = csv(tmp_path / "t.csv", [HEADER, PLACES[0], corse, *overseas])
    for head, rows in (
        (["CODGEO", "LIBGEO", "PMUN20"],
         [["01001", "A", 1], ["2A004", "B", 2], ["97101", "C", 3], ["97102", "D", 4]]),
        (["REG", "DEP", "CODCOM", "COM", "PMUN", "PCAP", "PTOT"],
         [["84", "1", "1", "A", 1, 9, 9], ["94", "2A", "004", "B", 2, 9, 9],
          ["01", "971", "101", "C", 3, 9, 9], ["01", "971", "2", "D", 4, 9, 9]]),
    ):  # fmt: skip
        legal = csv(tmp_path / "p.csv", [head, *rows])
        found = read_appartenance([table, legal])
        assert "populations légales" in found.recognised
        assert found.communes["population"].to_list() == [1.0, 2.0, 3.0, 4.0]
    rows[0][1:3] = ["971", "001"]
    with pytest.raises(InputDataError, match=r"'CODCOM': not a code of a commune .*'971 001'"):
        read_appartenance([table, csv(tmp_path / "p.csv", [head, *rows])])


def test_a_population_under_an_unknown_header_is_asked_about(tmp_path: Path) -> None:
    table = csv(tmp_path / "t.csv", [[*HEADER, "HAB"], [*PLACES[0], 5]])
    legal = csv(tmp_path / "p.csv", [["CODGEO", "LIBGEO", "HAB"], ["01001", "A", 5]])
    with pytest.raises(InputDataError, match=r"is recognised as the population of .*--column popu"):
        import_files("mesh", [table], RULES)
    words = "recognised as their population. It has CODGEO, LIBGEO, HAB. Name it: --column popul"
    with pytest.raises(InputDataError, match=words):
        read_appartenance([table, legal])
    named = read_appartenance([table, legal], columns={"population": "HAB"})
    assert named.communes["population"].to_list() == [5.0]


def test_a_column_that_alone_is_not_recognised_can_be_named(tmp_path: Path) -> None:
    bands = csv(tmp_path / "b.csv", [["CODGEO", "age", "HAB"], ["01001", "00+", 5]])
    with pytest.raises(
        InputDataError, match="No column is recognised as people: name it, --column"
    ):
        read_population([bands], RULES)
    found = read_population([bands], RULES, columns={"people": "HAB"})
    assert found.tables["population"]["population"].sum() == 5


def test_the_real_table() -> None:
    found = read_appartenance(
        [open_data("insee_appartenance_2023.csv"),
         open_data("insee_arrondissements_municipaux_2023.csv")]
    )  # fmt: skip
    assert found.communes.height == 34_945
    assert found.communes["population"].sum() == 67_415_394
    assert found.arrondissements.height == 45
    assert found.arrondissements.group_by("city").len().sort("city").rows() == [
        ("13055", 16), ("69123", 9), ("75056", 20),
    ]  # fmt: skip
    assert not found.notes


# --- movements and passage --------------------------------------------------------------------

EVENTS = ["MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "TNCC_AV", "NCC_AV", "NCCENR_AV",
          "LIBELLE_AV", "TYPECOM_AP", "COM_AP", "TNCC_AP", "NCC_AP", "NCCENR_AP",
          "LIBELLE_AP"]  # fmt: skip


def event(mod: str, day: str, before: str, after: str) -> list[Cell]:
    return [mod, day, "COM", before, "0", "A", "A", "Avant", "COM", after, "0", "B", "B", "Après"]


def test_movements_with_each_way_of_writing_a_date(tmp_path: Path) -> None:
    rows = [
        EVENTS,
        event("32", "2019-01-01", "01001", "01002"),
        event("50", "01/01/2020", "60694", "60054"),
        event("21", "31/12/99", "85001", "85002"),
    ]
    table = read_movements(csv(tmp_path / "v_mvt_commune.csv", rows, ","))
    assert table["mod"].to_list() == [32, 50, 21]
    assert table["date"].to_list() == [date(2019, 1, 1), date(2020, 1, 1), date(1999, 12, 31)]
    assert table.row(0, named=True)["label_after"] == "Après"
    wrong = csv(tmp_path / "v.csv", [EVENTS, event("fusion", "2019-13-01", "1", "2")], ",")
    with pytest.raises(InputDataError) as caught:
        read_movements(wrong)
    told = [(fault.problem, fault.values) for fault in caught.value.faults]
    assert told == [("not a kind of event", ("fusion",)), ("not a date", ("2019-13-01",))]


def test_passage(tmp_path: Path) -> None:
    table = read_passage(open_data("insee_passage_2021_2024.csv"))
    assert table.columns == ["COM2021", "COM2022", "COM2023", "COM2024"]
    assert table.filter(pl.col("COM2022") == "27058")["COM2023"].to_list() == ["27676"]
    with pytest.raises(InputDataError, match="is no table de passage: it has CODGEO, NB"):
        read_passage(csv(tmp_path / "a.csv", [["CODGEO", "NB"], ["01001", 1]]))


# --- published APL ----------------------------------------------------------------------------

DREES = ["Code commune INSEE", "Commune", "APL aux kinésithérapeutes",
         "Population standardisée 2020 pour les kinésithérapeutes",
         "Population totale 2020"]  # fmt: skip


def drees_sheet(apl: float) -> list[list[Cell]]:
    unit: list[Cell] = [None, None, "ETP pour 100 000 habitants", "habitants", "habitants"]
    rows: list[list[Cell]] = [["APL"], *[[None]] * 7, [*DREES], unit]
    rows += [["01001", "L'Abergement", apl, 761.036, 779.0], ["01002", "B", "n.d.", None, 5.0]]
    return [*rows, ["Lecture : en 2022, les habitants ..."], ["Source : CNAM, SNDS"]]


def test_one_sheet_a_year_with_units_and_footnotes(tmp_path: Path) -> None:
    book = {"Sommaire": [["x"]], "APL 2022": drees_sheet(44.25), "APL 2023": drees_sheet(45.5)}
    path = write_workbook(tmp_path / "apl.xlsx", book)
    found = read_published_apl(path, RULES, year=2023, vintage=2022)
    assert found.vintage == 2022
    assert found.tables["published"].rows() == [
        ("01001", "L'Abergement", 45.5, 779.0, 761.036), ("01002", "B", None, 5.0, 0.0),
    ]  # fmt: skip
    assert {note.code: note.count for note in found.notes} == {"rows_aside": 3, "not_given": 1}
    for year in (None, 2019):
        with pytest.raises(InputDataError, match=r"APL 2022, APL 2023.*--year 2023"):
            read_published_apl(path, RULES, year=year)
    path = write_workbook(path, {"APL 2022": drees_sheet(44.25), "APL 2022 (2)": drees_sheet(45.5)})
    for year in (None, 2022):
        with pytest.raises(InputDataError, match=r"has several sheets of .*: APL 2022, APL 2022 "):
            read_published_apl(path, RULES, year=year)


def test_a_year_that_the_one_sheet_contradicts_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "apl.xlsx", {"APL 2022": drees_sheet(44.25)})
    with pytest.raises(InputDataError, match=r"sheet 'APL 2022'.*its APL is of 2022, not of 2023"):
        read_published_apl(path, RULES, year=2023)
    assert read_published_apl(path, RULES, year=2022).notes[-1].code != "year_taken"
    titled = drees_sheet(44.25)
    write_workbook(path, {"Feuil1": titled})
    found = read_published_apl(path, RULES, year=2023)
    assert str(found.notes[0]) == (
        "apl.xlsx: nothing in it tells the year of its APL, taken for 2023 as --year says"
    )
    other = path.rename(tmp_path / "apl_2021.xlsx")
    note = read_published_apl(other, RULES, year=2023).notes[0]
    assert (note.warning, note.text[-26:]) == (True, ", though its name has 2021")
    titled[0] = ["APL aux kinésithérapeutes en 2022"]
    write_workbook(path, {"Feuil1": titled})
    with pytest.raises(InputDataError, match="its APL is of 2022, not of 2023"):
        read_published_apl(path, RULES, year=2023)
    titled[8] = [cell.replace("APL", "APL 2021") if cell else cell for cell in DREES]
    write_workbook(path, {"APL 2022": titled})
    with pytest.raises(InputDataError, match="its APL is of 2021, 2022, not of 2022"):
        read_published_apl(path, RULES, year=2022)


def test_the_layout_of_2019_where_commune_is_the_code(tmp_path: Path) -> None:
    header = ["Commune", "Libellé", "APL aux masseurs-kinésithérapeutes",
              "Population standardisée par la consommation de soins de masso-kinésithérapie par "
              "tranche d'âge", "Population totale 2017"]  # fmt: skip
    path = csv(tmp_path / "a.csv", [header, ["01001", "A", "44,5", "70,25", "71"]])
    found = read_published_apl(path, RULES)
    assert found.tables["published"].rows() == [("01001", "A", 44.5, 71.0, 70.25)]


def test_the_age_of_the_zoning_is_chosen_among_several(tmp_path: Path) -> None:
    people = ["Population standardisée", "Population totale"]
    ages = ["APL 2021", "APL 2021 de 62 ans et moins", "APL 2021 de 65 ans et moins"]
    header = ["Code commune", *ages, *people]
    path = csv(tmp_path / "a.csv", [header, ["01001", 1, 2, 3, 4, 5], ["01002", 1, 2, -3, 4, 5]])
    with pytest.raises(
        InputDataError, match=r"'APL 2021 de 65 ans et moins': negative values.*'01002: -3.0'"
    ):
        read_published_apl(path, RULES)


def test_the_real_apl_of_2021() -> None:
    found = read_published_apl(open_data("drees_apl_mk_2021.csv"), RULES)
    table = found.tables["published"]
    assert table.height == 34_997
    assert table["apl"].null_count() == 23
    assert table["population"].sum() == 66_988_403
    assert round(table["standardised_population"].sum()) == 66_988_403
    mean = (table["apl"] * table["standardised_population"]).sum() / 66_988_403
    assert mean == pytest.approx(111.58, abs=0.01)
    assert "APL 2021 aux masseuses-kinésithérapeutes de 65 ans et moins" in found.recognised


APL = ["Code commune", "APL 2021", "Population standardisée", "Population totale"]


def published(path: Path, header: Sequence[str], *codes: str, **options: Any) -> Any:
    rows = [[code, *[50] * (len(header) - 1)] for code in codes]
    return read_published_apl(csv(path, [[*header], *rows]), RULES, **options)


def test_the_apl_of_another_profession_or_year_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    other = [APL[0], "APL 2021 aux médecins généralistes", *APL[2:]]
    with pytest.raises(InputDataError, match="is of another profession than that of mk-2024"):
        published(path, other, "01001")
    ours = [APL[0], "APL 2021 aux masseuses-kinésithérapeutes", *APL[2:]]
    assert published(path, ours, "01001", year=2021).tables["published"].height == 1
    with pytest.raises(InputDataError, match=r"its APL is of 2021, not of 2019.*--year"):
        published(path, ours, "01001", year=2019)


@pytest.mark.parametrize(
    "of", ["2020 pour les infirmières", "par la consommation de soins infirmiers par tranche d'âge"]
)
def test_the_standardised_population_of_another_profession_is_refused(
    tmp_path: Path, of: str
) -> None:
    header = [*APL[:2], f"Population standardisée {of}", APL[3]]
    words = f"'Population standardisée {of}': is of another profession than that of mk-2024"
    with pytest.raises(InputDataError, match=words):
        published(tmp_path / "a.csv", header, "01001")


def test_what_cannot_be_an_apl_is_refused_and_what_is_odd_told(tmp_path: Path) -> None:
    def said(*rows: Sequence[Cell]) -> str:
        return str(refused_or_notes(csv(tmp_path / "a.csv", [APL, *rows])))

    def refused_or_notes(path: Path) -> object:
        try:
            return " ".join(map(str, read_published_apl(path, RULES).notes))
        except InputDataError as error:
            return error

    assert said(["01001", 44.25, 761, 779]) == ""
    assert "'APL 2021': negative values, or more than 5000 ETP per 100 000 inhabitants (1 row; " \
        "row 2; value '01002: 44254.0')" in said(
            ["01001", 44.25, 761, 779], ["01002", 44254, 761, 779])  # fmt: skip
    assert "the mean of 1 communes is 0.0004425 ETP per 100 000" in said(
        ["01001", 0.0004425, 761, 779]
    )
    assert "the mean of 1 communes is 2 ETP" in said(["01001", 2, 761, 779])
    assert "'Population standardisée': adds up to 0.001 times" in said(["01001", 44, 0.779, 779])
    apart = [["01001", 44, 761, "779,1"], ["01002", 44, 9, "8,7"]]
    assert "as if their headers were swapped" in said(*apart)
    assert "'Population standardisée' adds up to 3 times" in said(["01001", 44, 2337, 779])
    assert said(["01001", 44, 779, 779], ["01002", 44, 0, 5], ["01003", 0, 0, 5]).endswith(
        "nobody to weigh it by: their standardised population is 0: 01002"
    )


def test_several_columns_of_one_meaning_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    two = [*APL, "APL 2022"]
    with pytest.raises(InputDataError, match="several columns may be apl: APL 2021, APL 2022"):
        published(path, two, "01001")
    assert published(path, two, "01001", columns={"apl": "APL 2022"}).tables["published"].height
    table = csv(tmp_path / "t.csv", [[*HEADER, "POP2020", "PMUN21"], [*PLACES[0], 1, 2]])
    with pytest.raises(InputDataError, match="may be population: POP2020, PMUN21"):
        read_appartenance([table])
    assert read_appartenance([table], columns={"population": "PMUN21"}).communes.height == 1


def test_a_city_whole_and_by_arrondissement_counts_once(tmp_path: Path) -> None:
    found = published(tmp_path / "a.csv", APL, "01001", "75056", "75101")
    assert found.tables["published"]["commune"].to_list() == ["01001", "75101"]
    assert [note.code for note in found.notes] == ["whole_cities"]


def test_a_file_without_a_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputDataError, match="has no row of data below its header"):
        published(tmp_path / "a.csv", APL)


def test_cells_that_are_truth_values_or_a_second_header(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [[*APL], ["01001", 50, 1, 1], [*APL], ["01002", 50, 1, 1]]
    path = write_workbook(tmp_path / "a.xlsx", {"A": rows})
    with pytest.raises(InputDataError, match="the header stands again among the rows"):
        read_published_apl(path, RULES)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, APL)
        sheet.write_row(1, 0, ["01001", True, 1, 1])
    with pytest.raises(InputDataError, match=r"'APL 2021': not a number .*'true'"):
        read_published_apl(path, RULES)


def test_columns_of_lists_and_names_without_their_accents(tmp_path: Path) -> None:
    frame = pl.DataFrame({name: [1.0] for name in APL[1:]})
    frame.insert_column(0, pl.Series(APL[0], [["01001"]])).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputDataError, match=r"hold no text or number: Code commune \(List"):
        read_published_apl(tmp_path / "a.parquet", RULES)
    path = csv(tmp_path / "b.csv", [[*APL, "Libellé"], ["01001", 50, 1, 1, "ChÃ¢tillon"]])
    assert [n.code for n in read_published_apl(path, RULES).notes] == ["names_garbled"]


# --- population -------------------------------------------------------------------------------


def pop1b(code: str) -> dict[tuple[int, int], float]:
    """Return people by sex and age; each cell another figure, with decimals."""
    shift = int(code[-2:])
    return {(sex, age): sex + age / 8 + shift for sex in (1, 2) for age in range(101)}


def expected(code: str, low: int, high: int) -> float:
    return sum(n for (_, age), n in pop1b(code).items() if low <= age <= high)


def wide(path: Path, codes: Sequence[str]) -> Path:
    header = ["CODGEO", "LIBGEO", *(f"SEXE{s}_AGED100{a:03d}" for s, a in pop1b("00"))]
    rows: list[list[Cell]] = [["POP1B"], ["Géographie au 01/01/2022"], *[[None]] * 8, [*header]]
    return write_workbook(
        path, {"COM": [*rows, *([code, "A", *pop1b(code).values()] for code in codes)]}
    )


def long(path: Path, codes: Sequence[str], level: str = "COM") -> Path:
    rows = [
        [level, code, "A", sex, f"{age:03d}", n]
        for code in codes
        for (sex, age), n in pop1b(code).items()
    ]
    return csv(path, [["NIVGEO", "CODGEO", "LIBGEO", "SEXE", "AGED100", "NB"], *rows])


def test_pop1b_wide_and_long_give_the_same_bands(tmp_path: Path) -> None:
    one = read_population([wide(tmp_path / "w.xlsx", ["01001", "97602"])], RULES)
    two = read_population(
        [long(tmp_path / "c.csv", ["01001"]), long(tmp_path / "m.csv", ["97602"])], RULES,
        vintage=2023,
    )  # fmt: skip
    assert (one.vintage, two.vintage) == (2022, 2023)
    assert one.tables["population"].equals(two.tables["population"])
    cells = {(c, b): n for c, b, n in one.tables["population"].iter_rows()}
    assert len(cells) == 2 * 20
    assert cells["01001", "00-04"] == expected("01001", 0, 4)
    assert cells["97602", "90-94"] == expected("97602", 90, 94)
    assert cells["97602", "95+"] == expected("97602", 95, 100)


def test_other_widths_of_bands(tmp_path: Path) -> None:
    rules = methodology(demand_age_band_years=10, demand_open_age_band=85)
    found = read_population([wide(tmp_path / "w.xlsx", ["01001"])], rules)
    bands = found.tables["population"]["age_band"].to_list()
    assert bands == [*(f"{k}0-{k}9" for k in range(8)), "80-84", "85+"]


def test_other_levels_and_whole_cities_are_left_aside(tmp_path: Path) -> None:
    files = [
        long(tmp_path / "c.csv", ["75056", "01001"]),
        long(tmp_path / "a.csv", ["75101"], "ARM"),
    ]
    joined = tmp_path / "j.csv"
    text = files[0].read_text() + files[1].read_text().split("\n", 1)[1]
    joined.write_text(text + "DEP;01;Ain;1;000;5\nDEP;01004;Ain;1;000;5\n")
    found = read_population([joined], RULES)
    assert found.tables["population"]["commune"].unique().sort().to_list() == ["01001", "75101"]
    told = {note.code: note.count for note in found.notes}
    assert told["other_levels"] == 2
    assert told["whole_cities"] == 1


def test_rows_that_are_cut_are_no_other_level(tmp_path: Path) -> None:
    path = long(tmp_path / "c.csv", ["01001"])
    path.write_text(path.read_text() + "COM,01002,A,1,000,5\nCO\n")
    with pytest.raises(
        InputDataError, match=r"'NIVGEO': rows that are cut .*2 rows; rows 203, 204"
    ):
        read_population([path], RULES)


def test_absent_ages_and_wrong_ones(tmp_path: Path) -> None:
    head = ["CODGEO", "SEXE", "AGED100", "NB"]
    path = csv(tmp_path / "a.csv", [head, ["01001", 1, "000", 1], ["01001", 1, "x", 1]])
    with pytest.raises(InputDataError, match=r"not an age from 000 to 100 .*'x'"):
        read_population([path], RULES)
    path = csv(tmp_path / "b.csv", [head, *([["01001", 1, "000", 1]] * 2), ["01001", 2, "000", 1]])
    with pytest.raises(InputDataError, match="the same commune, sex and age stand"):
        read_population([path], RULES)
    path = csv(tmp_path / "c.csv", [head, ["01001", 1, "000", 1], ["01002", 2, "001", 1]])
    with pytest.raises(InputDataError, match="years of age are missing: 2, 3, 4"):
        read_population([path], RULES)
    head = ["CODGEO", *(f"SEXE{s}_AGED100{a:03d}" for s in (1, 2) for a in range(101))]
    path = csv(tmp_path / "d.csv", [head, ["01001", "NS", *["1"] * 200, "-4"]])
    with pytest.raises(InputDataError) as caught:
        read_population([path], RULES)
    assert [(f.problem, f.column, f.values) for f in caught.value.faults] == [
        ("cells without a figure in a table of counts", "SEXE1_AGED100000", ("01001",)),
        (
            "negative or absurd numbers of people (more than 50 000)",
            "SEXE2_AGED100100",
            ("01001: -4",),
        ),
    ]
    path = csv(tmp_path / "e.csv", [head, ["01001", *["1"] * 202], ["01002", *["1"] * 14]])
    with pytest.raises(InputDataError) as caught:
        read_population([path], RULES)
    assert [str(fault) for fault in caught.value.faults] == [
        "e.csv, column 'SEXE1_AGED100014' and 187 others, to 'SEXE2_AGED100100': cells without a "
        "figure in a table of counts (1 row; row 2; value '01002'). Write 0 where nobody lives."
    ]


@pytest.mark.parametrize("sexes", [("1", "2", "TOTAL"), ("1",), ("1", "2", "3")])
def test_sexes_that_would_count_people_twice_or_not_at_all(
    tmp_path: Path, sexes: tuple[str, ...]
) -> None:
    rows = [["01001", sex, f"{age:03d}", 1] for sex in sexes for age in range(101)]
    path = csv(tmp_path / "a.csv", [["CODGEO", "SEXE", "AGED100", "NB"], *rows])
    with pytest.raises(InputDataError, match="where 1 and 2 are expected"):
        read_population([path], RULES)


def test_a_column_of_pop1b_that_is_lost(tmp_path: Path) -> None:
    names = [f"SEXE{sex}_AGED100{age:03d}" for sex in (1, 2) for age in range(101)]
    names.remove("SEXE1_AGED100005")
    path = csv(tmp_path / "a.csv", [["CODGEO", *names], ["01001", *[1] * 201]])
    with pytest.raises(InputDataError, match="columns are missing: SEXE1_AGED100005"):
        read_population([path], RULES)


def test_cells_of_the_long_table_without_a_figure_or_absurd(tmp_path: Path) -> None:
    text = long(tmp_path / "a.csv", ["01001"]).read_text()
    path = tmp_path / "b.csv"
    for cell, words in (("NS", "cells without a figure"), ("1e300", "negative or absurd")):
        path.write_text(text.replace("COM;01001;A;1;000;2.0\n", f"COM;01001;A;1;000;{cell}\n"))
        with pytest.raises(InputDataError, match=words):
            read_population([path], RULES)


def test_populations_with_fractions_beside_an_apl_are_warned_of(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", [APL, ["01001", 50, 12.5, "14.28"]])
    assert [n.code for n in read_published_apl(path, RULES).notes] == ["fractions_of_people"]


@pytest.mark.parametrize("mark", [".", ","])
def test_marks_that_may_part_thousands_of_people_are_refused(tmp_path: Path, mark: str) -> None:
    """Wherever people are counted; fractions of people, as of POP1B, are none of that."""
    many = f"1{mark}234"
    words = f"is 1{mark}234 1234 or 1.234 people"
    apl = csv(tmp_path / "a.csv", [APL, ["01001", 1, many, 900], ["01002", "44,5", 12, many]])
    with pytest.raises(InputDataError) as caught:
        read_published_apl(apl, RULES)
    marked = [(f.column, f.rows, f.values) for f in caught.value.faults if words in f.problem]
    people = [("Population standardisée", (1,), (many,)), ("Population totale", (2,), (many,))]
    assert marked == people
    counts = [[sex, f"{age:03d}", 7] for sex in (1, 2) for age in range(101)]
    counts[7][2] = many
    cells = csv(tmp_path / "l.csv", [["CODGEO", "SEXE", "AGED100", "NB"],
                                     *(["01001", *row] for row in counts)])  # fmt: skip
    bands = csv(tmp_path / "b.csv", [["CODGEO", "00-04", "05+"], ["01001", 3, many]])
    points = csv(
        tmp_path / "p.csv",
        [["commune", "lat", "lon", "population"], ["01001", "46.15", "4.92", many]],
    )
    for read in (lambda: read_population([cells], RULES), lambda: read_population([bands], RULES),
                 lambda: read_places_file(points)):  # fmt: skip
        with pytest.raises(InputDataError, match=words):
            read()
    for whole, part in (("12", "3456"), ("0", "234"), ("1 234", "567")):
        other = whole + mark + part
        csv(bands, [["CODGEO", "00-04", "05+"], ["01001", 3, other], ["01002", 3, many]])
        total = read_population([bands], RULES).tables["population"]["population"].sum()
        assert total == pytest.approx(6 + 1.234 + float(other.replace(" ", "").replace(",", ".")))


def test_a_workbook_holds_numbers_of_three_decimals_for_what_they_are(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["CODGEO", "00-04", "05+"], ["01001", 3, 1.234]]
    path = write_workbook(tmp_path / "b.xlsx", {"A": rows})
    assert read_population([path], RULES).tables["population"]["population"].sum() == 4.234
    rows[1][2] = "1,234"
    write_workbook(path, {"A": rows})
    with pytest.raises(InputDataError, match=r"is 1,234 1234 or 1\.234 people"):
        read_population([path], RULES)


def test_lines_that_end_in_a_carriage_return_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"commune;age_band;population\r01001;00+;3\r01002;00+;4\r")
    assert read_population([path], RULES).tables["population"]["population"].sum() == 7


def bands_of(*codes: str, people: Cell = 4.5) -> list[list[Cell]]:
    return [["CODGEO", "00-04", "05+"], *([code, 3, people] for code in codes)]


def test_every_sheet_of_inhabitants_is_read_or_told(tmp_path: Path) -> None:
    def told(**sheets: list[list[Cell]]) -> tuple[list[str], list[str]]:
        path = write_workbook(tmp_path / "p.xlsx", sheets)
        found = read_population([path], RULES)
        places = found.tables["population"]["commune"].unique().sort().to_list()
        return places, [str(note) for note in found.notes]

    places, notes = told(
        COM=bands_of("01001", "75056"), ARM=bands_of("75101", "75102"), DEP=bands_of("01", "75")
    )
    assert places == ["01001", "75101", "75102"]
    assert notes == [
        "p.xlsx: sheets of other levels than communes are left aside: DEP",
        "p.xlsx: cities that are there by arrondissement too are left out: 75056",
    ]
    assert told(A=bands_of("01001"), B=bands_of("01002")) == (["01001", "01002"], [])
    with pytest.raises(InputDataError, match="the same commune and age_band stands"):
        told(A=bands_of("01001"), B=bands_of("01001"))
    rest = bands_of("01002")[1:]
    with pytest.raises(InputDataError, match=r"rows of communes without a header .*: Suite\. Does"):
        told(COM=bands_of("01001"), Suite=rest)
    assert told(COM=bands_of("01001"), Notes=[["x"], ["01001"]])[1] == [
        "p.xlsx: sheets with codes of communes that are not read: Notes"
    ]


def test_the_year_is_asked_for_where_sheets_are_of_several(tmp_path: Path) -> None:
    sheets = {"COM_2019": bands_of("01001"), "COM_2020": bands_of("01001", people=7)}
    path = write_workbook(tmp_path / "p.xlsx", sheets)
    words = r"has sheets of several years: COM_2019, COM_2020\. Name the year: --year 2020"
    with pytest.raises(InputDataError, match=words):
        read_population([path], RULES)
    found = read_population([path], RULES, year=2020)
    assert found.tables["population"]["population"].sum() == 10
    assert str(found.notes[0]) == "p.xlsx: sheets of other years than 2020 are left aside: COM_2019"
    with pytest.raises(InputDataError, match="has no sheet of 2018: COM_2019, COM_2020"):
        read_population([path], RULES, year=2018)
    plain = csv(tmp_path / "p.csv", bands_of("01001"))
    assert read_population([plain], RULES, year=2018).notes[0].code == "year_taken"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["00-04", "5-sept", "10+"], "ages 5 to 9 are in no band. A spreadsheet may have"),
        (["05-09", "10+", "x"], "ages 0 to 4 are in no band"),
        (["00-04", "05-09", "10-14"], "ages from 15 on are in no band"),
        (["00-04", "00-09", "10+"], "00-09 has ages of another band"),
        (["00-04 (%)", "05-09 (%)", "10+ (%)"], r"columns are shares by their names: 00-04 \(%\)"),
    ],
)
def test_bands_that_are_lost_or_shares(tmp_path: Path, header: list[str], words: str) -> None:
    path = csv(tmp_path / "b.csv", [["CODGEO", *header], ["01001", 3, 5, 4]])
    with pytest.raises(InputDataError, match=words):
        read_population([path], RULES)


@pytest.mark.parametrize("whole", [1, 100])
def test_shares_of_the_people_of_a_commune_are_refused(tmp_path: Path, whole: float) -> None:
    codes = ["01001", "01002", "01003"]
    rows = [[code, 0.0312 * whole, 0.9688 * whole] for code in codes]
    path = csv(tmp_path / "b.csv", [["CODGEO", "00-04", "05+"], *rows])
    words = f"the figures of each of 3 communes add up to {whole}: shares?"
    with pytest.raises(InputDataError, match=re.escape(words)):
        read_population([path], RULES)


def test_shares_rounded_to_whole_ones_are_refused(tmp_path: Path) -> None:
    rows = [[f"010{n:02d}", 31 + n % 3, 68] for n in range(1, 25)]
    path = csv(tmp_path / "b.csv", [["CODGEO", "0-4", "5 ans ou plus"], *rows])
    with pytest.raises(InputDataError, match="each of 24 communes add up to 100: shares"):
        read_population([path], RULES)
    few = csv(tmp_path / "few.csv", [["CODGEO", "0-4", "5 ans ou plus"], *rows[:5]])
    assert read_population([few], RULES).tables["population"].height == 10


def test_a_commune_without_a_band_or_a_sex_is_warned_of(tmp_path: Path) -> None:
    rows = [["commune", "age", "pop"], ["01001", "00-04", 5], ["01001", "5 et +", 5]]
    path = csv(tmp_path / "b.csv", [*rows, ["01002", "00-04", 5]])
    note = read_population([path], RULES).notes[0]
    assert (note.code, note.examples, note.warning) == ("bands_absent", ("01002",), True)
    text = long(tmp_path / "l.csv", ["01001", "01002"]).read_text().splitlines()
    kept = [line for line in text if not line.startswith("COM;01002;A;2;")]
    (tmp_path / "l.csv").write_text("\n".join(kept))
    notes = {note.code: note for note in read_population([tmp_path / "l.csv"], RULES).notes}
    assert notes["sex_absent"].warning
    assert notes["sex_absent"].examples == ("01002",)


def test_a_family_of_totals_beside_the_sexes_is_refused(tmp_path: Path) -> None:
    names = [f"SEXE{sex}_AGED100{age:03d}" for sex in (1, 2, 0) for age in range(101)]
    path = csv(tmp_path / "a.csv", [["CODGEO", *names], ["01001", *[1] * 303]])
    with pytest.raises(InputDataError, match="columns of neither sex 1 nor 2: SEXE0_AGED100000"):
        read_population([path], RULES)


def test_coordinates_are_no_age_bands(tmp_path: Path) -> None:
    rows = [["code", "type", "lat", "lon"], ["01001", "COM", "46.15", "4.92"]]
    with pytest.raises(InputDataError, match="its columns are not those expected"):
        read_population([csv(tmp_path / "a.csv", rows)], RULES)


def test_tables_of_bands_in_rows_and_in_columns(tmp_path: Path) -> None:
    rows = [["commune", "Tranche d'âge", "Population"], ["01001", "0 à 4 ans", 3],
            ["01001", "5 ans et plus", "4,5"]]  # fmt: skip
    one = read_population([csv(tmp_path / "a.csv", rows)], RULES).tables["population"]
    assert one.rows() == [("01001", "00-04", 3.0), ("01001", "05+", 4.5)]
    for header in (["CODGEO", "POP_00_04", "POP_05P"], ["CODGEO", "0 à 4 ans", "5 ans et plus"],
                   ["CODGEO", "00-04", "05+"], ["CODGEO", "P0_4", "P5_plus"]):  # fmt: skip
        path = csv(tmp_path / "b.csv", [header, ["01001", 3, "4,5"]])
        two = read_population([path], RULES).tables["population"]
        assert two.equals(one), header
    path = csv(tmp_path / "c.csv", [rows[0], ["01001", "jeunes", 3]])
    with pytest.raises(InputDataError, match=r"not an age band .*'jeunes'"):
        read_population([path], RULES)
    with pytest.raises(InputDataError, match="the same commune and age_band stands"):
        read_population([csv(tmp_path / "a.csv", rows), csv(tmp_path / "e.csv", rows)], RULES)


# --- territories and classes ------------------------------------------------------------------

CNAM = ["bvcv", "reg", "dep", "depcom", "libcom", "libbvcv"]


def attribution(path: Path, rows: Sequence[Sequence[Cell]]) -> dict[str, str]:
    table = read_territories(csv(path, rows), RULES).tables["attribution"]
    return dict(table.select("commune", "territory").iter_rows())


def test_codes_padded_to_five(tmp_path: Path) -> None:
    rows = [CNAM, ["0708_", "84", "07", "07001", "A", "Aubenas"],
            ["01004", "84", "01", "01004", "B", "Ambérieu"],
            ["7080", "84", "07", "07002", "C", "Le Cheylard"]]  # fmt: skip
    found = attribution(tmp_path / "a.csv", rows)
    assert found == {"07001": "0708_", "01004": "01004", "07002": "07080"}


def test_lost_zeros_come_back_where_communes_leave_no_doubt(tmp_path: Path) -> None:
    rows = [
        CNAM,
        [708, 84, 7, 7001, "A", "Aubenas"],
        [7080, 84, 7, 7002, "B", "Le Cheylard"],
        [7080, 84, 7, 7003, "C", "Le Cheylard"],
        [7015, 27, 70, 70001, "D", "Gray"],
    ]
    found = attribution(tmp_path / "a.csv", rows)
    assert found == {"07001": "0708_", "07002": "07080", "07003": "07080", "70001": "7015_"}
    with pytest.raises(InputDataError, match=r"not a code of a territory .*'7_8'"):
        attribution(tmp_path / "b.csv", [CNAM, ["7_8", 84, "07", "07001", "A", "B"]])


@pytest.mark.parametrize(
    ("label", "zone"),
    [("1-Zone très sous", "tres_sous_dotee"), ("2-Zone sous dotée", "sous_dotee"),
     ("3-Zone intermédia", "intermediaire"), ("Très sous-dotées", "tres_sous_dotee"),
     ("Zones sous dotées", "sous_dotee"), ("TSD", "tres_sous_dotee"), ("SD", "sous_dotee"),
     ("INT", "intermediaire"), ("NP", "non_prioritaire"), ("non_prioritaire", "non_prioritaire"),
     ("4-Zone non priori", "non_prioritaire")],
)  # fmt: skip
def test_labels_of_classes_cut_or_abbreviated(tmp_path: Path, label: str, zone: str) -> None:
    rows = [["reg", "bvcv", "apl_2017_bvcv", "zonage_nat"], ["84", "01004", "1", label]]
    found = read_territories(csv(tmp_path / "a.csv", rows), RULES)
    assert found.tables["attribution"]["zone"].to_list() == [zone]


def test_all_communes_of_a_territory_have_one_class(tmp_path: Path) -> None:
    header = ["Code commune", "Nom commune", "Code BVCV", "Zonage"]
    rows = [header, ["01001", "A", "01004", "SD"], ["01002", "B", "01004", "TSD"]]
    with pytest.raises(InputDataError, match=r"1 territories .*01004: sous_dotee, tres_sous_dotee"):
        read_territories(csv(tmp_path / "a.csv", rows), RULES)
    rows[2][3] = "sans objet"
    with pytest.raises(InputDataError, match=r"'Zonage': not a class .*'sans objet'.*Très sous"):
        read_territories(csv(tmp_path / "a.csv", rows), RULES)
    free = [["Zonage 2024"], ["INSEE", "Commune", "Classement"], ["01001", "A", "TSD"]]
    found = read_territories(write_workbook(tmp_path / "f.xlsx", {"F": free}), RULES)
    row = found.tables["attribution"].row(0, named=True)
    assert (row["commune"], row["territory"], row["zone"]) == ("01001", None, "tres_sous_dotee")
