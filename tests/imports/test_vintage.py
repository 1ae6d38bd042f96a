"""Imports of one year converted to the communes of another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from support.open_data import open_data
from support.raw_runs import RULES, passage, people
from support.workbooks import Cell, write_rows

from apl_engine.errors import InputDataError
from apl_engine.imports import VintageChange, convert_vintage, import_files, read_communes
from apl_engine.inputs.imported import Imported


def test_an_import_is_converted_to_another_year(tmp_path: Path) -> None:
    change = VintageChange.by(2023, table=passage(tmp_path))
    done = convert_vintage(people(["01001", "01002", "01003", "01004"], 2022), change, RULES)
    table = done.tables["population"].sort("commune")
    assert table.select("commune", "population").rows() == [
        ("01001", 20.0), ("01003", 10.0), ("01005", 10.0),
    ]  # fmt: skip
    assert done.vintage == 2023
    assert len(done.notes) == 2
    became = {row["code"]: (row["became"], row["kind"]) for row in
              done.as_dict()["details"]["codes"]["population"]}  # fmt: skip
    assert became["01002"] == ("01001", "merged")
    assert became["01004"] == ("01005", "changed")
    same_year = convert_vintage(people(["01001", "01003", "01005"], 2023), change, RULES)
    assert same_year.tables["population"].height == 3


def test_a_vintage_that_is_not_stated_is_shown_by_the_codes(tmp_path: Path) -> None:
    change = VintageChange.by(2023, table=passage(tmp_path))
    note = convert_vintage(people(["01001", "01002", "01003", "01004"]), change, RULES).notes[0]
    assert (note.code, note.warning) == ("import.vintage_guessed", False)
    assert note.details == {"kind": "population", "years": (2022,), "year": 2022}
    either = convert_vintage(people(["01001", "01003"]), change, RULES)
    assert either.notes[0].warning
    assert either.vintage == 2023


def test_codes_of_another_year_are_refused(tmp_path: Path) -> None:
    change = VintageChange.by(2023, table=passage(tmp_path))
    with pytest.raises(InputDataError) as caught:
        convert_vintage(people(["01001", "01003", "01005"], 2022), change, RULES)
    (fault,) = caught.value.faults
    assert fault.values == ("01005",)


def test_a_year_outside_the_events_is_refused(tmp_path: Path) -> None:
    rows = [
        "MOD;DATE_EFF;TYPECOM_AV;COM_AV;LIBELLE_AV;TYPECOM_AP;COM_AP;LIBELLE_AP",
        "32;2019-01-01;COM;01002;A;COM;01001;B",
        "50;2022-03-01;COM;01005;A;COM;01006;B",
    ]
    path = tmp_path / "v.csv"
    path.write_text("\n".join([*rows, ""]))
    done = convert_vintage(people(["01005"], 2021), VintageChange.by(2023, path), RULES)
    assert done.tables["population"]["commune"].to_list() == ["01006"]
    for to, year in ((2030, 2021), (2023, 1900)):
        with pytest.raises(InputDataError) as caught:
            convert_vintage(people(["01003"], year), VintageChange.by(to, path), RULES)
        (fault,) = caught.value.faults
        assert fault.code == "import.year_outside_events"
        assert fault.details == {
            "start": "2019-01-01", "end": "2022-03-01", "year": 2030 if to == 2030 else 1900,
        }  # fmt: skip


def test_events_or_a_passage_table(tmp_path: Path) -> None:
    table = passage(tmp_path)
    for arguments in ({}, {"movements": table, "table": table}):
        with pytest.raises(InputDataError) as caught:
            VintageChange.by(2023, **arguments)
        assert [f.code for f in caught.value.faults] == ["import.one_source_of_changes"]


def test_what_became_of_a_code(tmp_path: Path) -> None:
    change = VintageChange.by(2023, table=passage(tmp_path))
    assert change.became("01002") == ([("01001", "")], 2022)
    assert change.became("99999") is None


def test_a_table_without_communes_is_not_changed(tmp_path: Path) -> None:
    table = pl.DataFrame({"age_band": ["00+"], "fees": [1.0]})
    made = Imported("activity", {"consumption": table}, "x", 2022)
    assert convert_vintage(made, VintageChange.by(2023, table=passage(tmp_path)), RULES) is made


def test_classes_of_territories_cannot_be_converted(tmp_path: Path) -> None:
    columns = dict.fromkeys(("commune", "territory", "zone"), pl.String)
    table = pl.DataFrame([(None, "0708_", "sous_dotee")], columns, orient="row")
    change = VintageChange.by(2023, table=passage(tmp_path))
    with pytest.raises(InputDataError) as caught:
        convert_vintage(Imported("zoning", {"zoning": table}, "a list", 2022), change, RULES)
    assert [fault.code for fault in caught.value.faults] == ["conversion.by_territory"]


def test_python_objects_cannot_be_converted(tmp_path: Path) -> None:
    made = people(["01001"], 2022)
    table = made.tables["population"].with_columns(pl.Series("name", [object()], dtype=pl.Object))
    change = VintageChange.by(2023, table=passage(tmp_path))
    with pytest.raises(InputDataError) as caught:
        convert_vintage(replace(made, tables={"population": table}), change, RULES)
    assert [(f.code, f.column) for f in caught.value.faults] == [("population.wrong_type", "name")]


MOVEMENTS = [
    "MOD,DATE_EFF,TYPECOM_AV,COM_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,LIBELLE_AP",
    "10,2015-01-01,COM,53130,Laval,COM,53130,Laval",
    "32,2023-01-01,COM,01039,Béon,COM,01138,Culoz-Béon",
    "32,2023-01-01,COM,01138,Culoz,COM,01138,Culoz-Béon",
    "21,2024-01-01,COM,85084,Essarts en Bocage,COM,85084,Essarts-en-Bocage",
    "21,2024-01-01,COM,85084,Essarts en Bocage,COM,85165,L'Oie",
]
ZONES: list[list[Cell]] = [["CODGEO", "LIBGEO", "DEP", "REG", "CV", "UU2020", "BV2022", "POP2020"]]
BELLEY: list[Cell] = ["01034", "Belley", "01", "84", "0104", "01201", "01034", 9300]
ESSARTS: list[Cell] = ["85084", "Essarts", "85", "52", "8503", "85213", "85084", 6000]
OIE: list[Cell] = ["85165", "L'Oie", "85", "52", "8503", "85139", "85084", 2000]
CULOZ: list[Cell] = ["01138", "Culoz", "01", "84", "0110", "01111", "01138", 3000]
BEON: list[Cell] = ["01039", "Béon", "01", "84", "0110", "01000", "01138", 500]


def movements(tmp_path: Path) -> Path:
    path = tmp_path / "v_mvt_commune.csv"
    path.write_text("\n".join([*MOVEMENTS, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("table", "legal", "expected"),
    [
        # Of an earlier year: mergers are added up, splits divided as in the table.
        ([BELLEY, CULOZ], {"01039": 443, "01138": 3004, "01034": 9200},
         {"01034": 9200, "01138": 3447}),
        ([BELLEY, CULOZ, ESSARTS, OIE],
         {"01039": 443, "01138": 3004, "01034": 9200, "85084": 8800},
         {"01034": 9200, "01138": 3447, "85084": 6600, "85165": 2200}),
        # Of a later year: splits are added up, mergers divided as in the table.
        ([BELLEY, CULOZ, ESSARTS], {"01138": 3447, "01034": 9200, "85084": 6000, "85165": 2000},
         {"01034": 9200, "01138": 3447, "85084": 8000}),
        ([BELLEY, BEON, CULOZ], {"01138": 3850, "01034": 9200},
         {"01034": 9200, "01039": 550, "01138": 3300}),
    ],
)  # fmt: skip
def test_legal_populations_of_another_geography_than_the_table(
    tmp_path: Path,
    table: list[list[Cell]],
    legal: dict[str, int],
    expected: dict[str, int],
) -> None:
    files = [
        write_rows(tmp_path / "appartenance.csv", [*ZONES, *table]),
        write_rows(tmp_path / "populations.csv", [["COM", "PMUN"], *map(list, legal.items())]),
    ]
    change = VintageChange.by(2023, movements(tmp_path))
    mesh = import_files("mesh", files, RULES, change=change)
    assert dict(mesh.tables["communes"].select("commune", "population").rows()) == expected
    notes = {note.code: note for note in mesh.notes}
    assert notes["insee.populations_converted"].examples
    if BEON not in table:
        with pytest.raises(InputDataError) as caught:
            import_files("mesh", files, RULES)
        (fault,) = caught.value.faults
        assert fault.code == "insee.populations_of_other_communes"


def test_legal_populations_are_converted_by_a_table_de_passage(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "t.csv", [*ZONES, BELLEY, CULOZ])
    rows: list[list[Cell]] = [["COM", "PMUN"], ["01039", 443], ["01138", 3004], ["01034", 9200]]
    legal = write_rows(tmp_path / "p.csv", rows)
    codes = [["01034", "01034"], ["01039", "01138"], ["01138", "01138"]]
    path = write_rows(tmp_path / "passage.csv", [["CODGEO_2021", "CODGEO_2023"], *codes])
    mesh = read_communes([table, legal], RULES, VintageChange.by(2023, table=path))
    assert mesh.tables["communes"]["population"].to_list() == [9200.0, 3447.0]


def test_populations_of_2021_with_the_table_of_2023(tmp_path: Path) -> None:
    apl = pl.read_csv(open_data("drees_apl_mk_2021.csv"), separator=";", infer_schema=False)
    people = apl.select(COM=apl.columns[0], PMUN=apl.columns[2]).drop_nulls()
    people.write_csv(tmp_path / "populations.csv")
    change = VintageChange.by(2023, table=open_data("insee_passage_2021_2024.csv"))
    files = [open_data("insee_appartenance_2023.csv"), tmp_path / "populations.csv"]
    mesh = read_communes(files, RULES, change).tables["communes"]
    merged = dict(mesh.select("commune", "population").rows())
    by_code = dict(people.with_columns(pl.col("PMUN").cast(pl.Float64)).rows())
    assert merged["01138"] == by_code["01138"] + by_code["01039"]
    inside = {code: number for code, number in by_code.items() if not code.startswith("976")}
    assert sum(merged[code] for code in merged if not code.startswith("976")) == sum(
        inside.values()
    )


@pytest.mark.parametrize(("own", "areas"), [("01039", ["01034", "01138", "01138"]),
                                             ("01138", ["01034", "01138", "01138"])])  # fmt: skip
def test_a_bassin_de_vie_whose_pole_has_merged_since(
    tmp_path: Path, own: str, areas: list[str]
) -> None:
    # Béon named a bassin; Culoz-Béon lies in it, or is the pole of its own.
    rows = [BELLEY, [*CULOZ[:6], own, CULOZ[7]], ["01200", "B", *CULOZ[2:6], "01039", 50]]
    table = write_rows(tmp_path / "t.csv", [ZONES[0], *rows])
    change = VintageChange.by(2023, movements(tmp_path))
    mesh = import_files("mesh", [table], RULES, change=change)
    assert mesh.tables["communes"]["territory"].to_list() == areas
    notes = {note.code: note.examples for note in mesh.notes}
    assert notes["insee.poles_followed"] == ("01039 is 01138",)
    with pytest.raises(InputDataError) as caught:
        import_files("mesh", [table], RULES)
    assert {fault.code for fault in caught.value.faults} >= {"mesh.pole_missing"}


@pytest.mark.parametrize("name", [None, "Essarts (mesh)"])
def test_parts_of_a_split_commune_have_the_shares_and_names_of_the_mesh(
    tmp_path: Path, name: str | None
) -> None:
    codes = [["85084", "85084"], ["85084", "85165"], ["1039", "1138"], ["1138", "1138"]]
    path = write_rows(tmp_path / "passage.csv", [["CODGEO_2021", "CODGEO_2024"], *codes])
    columns = {
        "commune": ["85084", "01039", "01138"],
        "name": ["Essarts", "Béon", "Culoz"],
        "apl": [60.0, 50.0, 60.0],
        "population": [9460.0, 443.0, 3004.0],
        "standardised_population": [9000.0, 440.0, 3000.0],
    }
    published = Imported("apl", {"published": pl.DataFrame(columns)}, "a table", 2021)
    people = {"commune": ["85084", "85165"], "population": [6851.0, 2609.0]}
    weights = pl.DataFrame(people if name is None else {**people, "name": [name, "L'Oie"]})
    change = VintageChange.by(2024, table=path)
    done = convert_vintage(published, change, RULES, weights=weights)
    table = done.tables["published"].sort("commune")
    assert table["population"].to_list() == [3447.0, 6851.0, 2609.0]
    assert table["apl"].to_list() == pytest.approx([(50 * 440 + 60 * 3000) / 3440, 60.0, 60.0])
    assert table["name"].to_list() == ["Culoz", name or "Essarts", "L'Oie" if name else "Essarts"]
    # What was repaired in the file of changes is reported with each import that it converts.
    repaired = [note for note in done.notes if note.code == "source_file.codes_repaired"]
    assert {note.details["column"] for note in repaired} == {"CODGEO_2021", "CODGEO_2024"}
