"""Classes as CartoSanté and the regional agencies publish them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from support.sheets import fault_of, faults_of
from support.tables import methodology
from support.workbooks import Cell, write_rows, write_workbook

from apl_engine.methodology import load_methodology
from apl_engine.readers.drees.zoning import read_zoning

RULES = methodology()
CARTOSANTE = [["CartoSanté", "", ""], ["Référentiel géographique", "", ""],
              ["Code", "Libellé", "Zonage kinés"]]  # fmt: skip


def read(path: Path, rows: Sequence[Sequence[Cell]], text: str = "") -> pl.DataFrame:
    rules = load_methodology(text) if text else RULES
    return read_zoning(write_rows(path, rows), rules).tables["zoning"]


@pytest.mark.parametrize(
    ("label", "zone"),
    [("1-Zone très sous", "tres_sous_dotee"), ("2-Zone sous dotée", "sous_dotee"),
     ("3-Zone intermédia", "intermediaire"), ("Très sous-dotées", "tres_sous_dotee"),
     ("Zones sous dotées", "sous_dotee"), ("TSD", "tres_sous_dotee"), ("SD", "sous_dotee"),
     ("INT", "intermediaire"), ("NP", "non_prioritaire"), ("non_prioritaire", "non_prioritaire"),
     ("4-Zone non priori", "non_prioritaire"), ("5b_Non_prioritaire", "non_prioritaire"),
     ("ZTSD", "tres_sous_dotee"), ("Z.T.S.D.", "tres_sous_dotee"), ("ZI", "intermediaire"),
     ("ZNP", "non_prioritaire"), ("Intermédiaires", "intermediaire"),
     ("zones non-prioritaires", "non_prioritaire"), ("1 - Très sous doté", "tres_sous_dotee"),
     ("1\u2013Très sous\u2011dotée", "tres_sous_dotee"), ("A - Sous dotée", "sous_dotee"),
     ("II. Sous dotée", "sous_dotee"), ("Zone 1 : très sous dotée", "tres_sous_dotee"),
     ("TSD - Zone très sous dotée", "tres_sous_dotee"), ("Sous dotées (ZSD)", "sous_dotee")],
)  # fmt: skip
def test_truncated_abbreviated_ranked_and_plural_labels(
    tmp_path: Path, label: str, zone: str
) -> None:
    rows = [["reg", "bvcv", "apl_2017_bvcv", "zonage_nat"], ["84", "01004", "1", label]]
    imported = read_zoning(write_rows(tmp_path / "a.csv", rows), RULES)
    assert imported.tables["zoning"]["zone"].to_list() == [zone]
    (note,) = imported.notes
    assert (note.code, note.examples) == ("drees.classes", (f"{label} as {zone}",))


@pytest.mark.parametrize(
    "label", ["Non", "1", "Zone 1", "Z", "SD - Très sous dotée", "Non prioritaire / Sur dotée"]
)
def test_labels_that_may_mean_anything_are_refused(tmp_path: Path, label: str) -> None:
    rows = [["Code", "Zonage"], ["01001", label], ["01002", "TSD"]]
    assert fault_of(lambda: read(tmp_path / "a.csv", rows)).code == "drees.not_a_class"


def test_an_abbreviation_of_two_classes_is_refused(tmp_path: Path) -> None:
    rows = [["Code", "Zonage"], ["01001", "SD"], ["01002", "Surdotée"]]
    assert fault_of(lambda: read(tmp_path / "a.csv", rows, "mk-2018")).values == ("SD",)
    assert read(tmp_path / "a.csv", [*rows[:1], rows[2]], "mk-2018")["zone"].item() == "sur_dotee"


@pytest.mark.parametrize(
    "cell",
    ["", "-", "..", "N/A", "#N/A", "#REF!", "n.d.", "None", "Hors zonage", "Sans objet", "Aucune",
     "Non concernée", "non défini", "Données non disponibles", "Néant"],
)  # fmt: skip
def test_cells_without_a_class(tmp_path: Path, cell: str) -> None:
    rows = [["Code", "Zonage"], ["01001", cell], ["01002", "TSD"]]
    assert read(tmp_path / "a.csv", rows)["zone"].to_list() == [None, "tres_sous_dotee"]
    fault = fault_of(lambda: read(tmp_path / "b.csv", rows[:2]))
    assert (fault.code, fault.count) == ("drees.no_classes", 1)


def test_the_export_of_cartosante(tmp_path: Path) -> None:
    rows = [*CARTOSANTE, ["01001", "Alpha", "1_Tres_sous_dotee"], ["01002", "B", "3_intermediaire"],
            ["13201", "Gamma", "5b_Non_prioritaire"], ["97401", "Delta", "5_Sur_dotee"],
            ["97406", "Epsilon", "4_Tres_dotee"],
            ["97701", "Zeta", "N/A - résultat non disponible"]]  # fmt: skip
    imported = read_zoning(write_rows(tmp_path / "a.csv", rows), RULES)
    table = imported.tables["zoning"].select("commune", "zone", "other_class")
    assert table.rows() == [
        ("01001", "tres_sous_dotee", None), ("01002", "intermediaire", None),
        ("13201", "non_prioritaire", None), ("97401", None, "5_Sur_dotee"),
        ("97406", None, "4_Tres_dotee"), ("97701", None, None),
    ]  # fmt: skip
    notes = {note.code: note for note in imported.notes}
    assert notes["drees.classes_of_other_text"].examples == (
        "97401 Delta (5_Sur_dotee)", "97406 Epsilon (4_Tres_dotee)",
    )  # fmt: skip
    assert notes["drees.without_class"].examples == ("97701",)


def test_a_list_of_another_text_is_refused_with_its_name(tmp_path: Path) -> None:
    old = [*CARTOSANTE, *([f"01{k:03d}", "A", "Sur-dotée"] for k in range(1, 15)),
           ["02001", "B", "Très sous dotée"]]  # fmt: skip
    fault = fault_of(lambda: read(tmp_path / "a.csv", old))
    assert (fault.code, fault.count) == ("drees.zoning_of_other_text", 14)
    assert (fault.details["methodology"], fault.details["other"]) == ("mk-2024", "mk-2018")
    assert read(tmp_path / "a.csv", old, "mk-2018")["zone"].to_list()[0] == "sur_dotee"
    new = [*CARTOSANTE, *([f"01{k:03d}", "A", "NP"] for k in range(1, 30)),
           ["02001", "B", "Sur-dotée"]]  # fmt: skip
    fault = fault_of(lambda: read(tmp_path / "a.csv", new, "mk-2018"))
    assert (fault.code, fault.details["other"]) == ("drees.zoning_of_other_text", "mk-2024")
    assert read(tmp_path / "a.csv", new)["zone"].null_count() == 1


def test_a_short_list_that_is_wholly_of_another_text_is_refused(tmp_path: Path) -> None:
    rows = [*CARTOSANTE, ["01001", "A", "Surdotée"], ["01002", "B", "Très dotée"],
            ["01003", "C", "TSD"], ["01004", "D", "N/A"]]  # fmt: skip
    fault = fault_of(lambda: read(tmp_path / "a.csv", rows))
    assert (fault.code, fault.details["other"]) == ("drees.zoning_of_other_text", "mk-2018")


@pytest.mark.parametrize("where", ["header", "title"])
def test_a_list_of_another_profession_is_refused(tmp_path: Path, where: str) -> None:
    header = ["Code", "Libellé", "Zonage infirmiers" if where == "header" else "Zonage"]
    title = ["Zonage des sages-femmes" if where == "title" else "Zonage", "", ""]
    rows = [title, header, ["01001", "A", "TSD"]]
    fault = fault_of(lambda: read(tmp_path / "a.csv", rows))
    assert (fault.code, fault.column) == ("drees.other_profession", header[2])


def test_a_file_named_after_another_profession_is_refused(tmp_path: Path) -> None:
    rows = [*CARTOSANTE[:2], ["Code", "Libellé", "Zonage"], ["01001", "A", "TSD"]]
    fault = fault_of(lambda: read(tmp_path / "zonage-infirmiers.csv", rows))
    assert fault.code == "drees.other_profession"
    # What is nearer to the classes counts first.
    rows[2][2] = "Zonage kinés"
    assert read(tmp_path / "zonage-infirmiers.csv", rows).height == 1
    rows[2][2] = "Zonage infirmiers"
    fault = fault_of(lambda: read(tmp_path / "zonage-kines.csv", rows))
    assert fault.code == "drees.other_profession"


def test_the_sheet_of_the_profession_is_read(tmp_path: Path) -> None:
    sheets = {name: [["Code", "Zonage"], ["01001", zone]] for name, zone in
              (("Infirmiers", "SD"), ("Kinés", "TSD"), ("Sages-femmes", "INT"))}  # fmt: skip
    imported = read_zoning(write_workbook(tmp_path / "f.xlsx", sheets), RULES)
    assert imported.tables["zoning"]["zone"].to_list() == ["tres_sous_dotee"]
    note = next(note for note in imported.notes if note.code == "source_file.similar_sheets")
    assert note.examples == ("Infirmiers", "Sages-femmes")


def test_sheets_that_continue_a_list_are_read_as_one(tmp_path: Path) -> None:
    head = ["Code commune", "Commune", "Zonage"]
    sheets = {"22": [head, ["22001", "A", "TSD"]], "29": [head, ["29001", "B", "SD"]],
              "2018": [head, ["22001", "A", "INT"]]}  # fmt: skip
    imported = read_zoning(write_workbook(tmp_path / "f.xlsx", sheets), RULES)
    table = imported.tables["zoning"].select("commune", "name", "zone")
    assert table.rows() == [("22001", "A", "tres_sous_dotee"), ("29001", "B", "sous_dotee")]
    notes = {note.code: note.examples for note in imported.notes}
    assert notes["drees.sheets_joined"] == ("22", "29")
    assert notes["source_file.similar_sheets"] == ("2018",)


def test_names_where_codes_are_expected_are_refused(tmp_path: Path) -> None:
    rows = [["Commune", "Zonage"], ["Bourg", "TSD"], ["Brou", "SD"]]
    fault = fault_of(lambda: read(tmp_path / "a.csv", rows))
    assert (fault.code, fault.values) == ("source_file.not_a_commune_code", ("Bourg", "Brou"))


def test_a_list_by_territory(tmp_path: Path) -> None:
    rows = [["BVCV", "Nom BVCV", "Zonage"], ["0708_", "A", "TSD"], ["7080", "B", "SD"],
            ["01004", "C", "INT"], ["", "", ""], ["Source : ARS", "", ""]]  # fmt: skip
    table = read(tmp_path / "a.csv", rows)
    assert table["territory"].to_list() == ["01004", "07080", "0708_"]
    twice = [*rows, ["708", "A", "TSD"], ["", "D", "SD"]]
    faults = faults_of(lambda: read(tmp_path / "a.csv", twice))
    assert [(fault.code, fault.values) for fault in faults] == [
        ("drees.not_a_territory_code", ()), ("source_file.duplicate_key", ("0708_",)),
    ]  # fmt: skip


def test_a_commune_may_lack_its_territory(tmp_path: Path) -> None:
    rows = [["Code commune", "BVCV", "Zonage"], ["01001", "01004", "TSD"], ["29155", "", "SD"]]
    assert read(tmp_path / "a.csv", rows)["territory"].to_list() == ["01004", None]


def test_labels_that_are_not_classes_are_refused(tmp_path: Path) -> None:
    rows = [["Code commune", "Code BVCV", "Zonage"], ["01001", "01004", "bien doté"],
            ["01002", "01004", "TSD"], ["01003", "01004", "SD/INT"]]  # fmt: skip
    fault = fault_of(lambda: read(tmp_path / "a.csv", rows))
    assert (fault.code, fault.column) == ("drees.not_a_class", "Zonage")
    assert (fault.values, fault.rows) == (("bien doté", "SD/INT"), (1, 3))
    assert fault.details["classes"] == tuple(c.label for c in RULES.zoning.classes)


def test_communes_of_a_territory_in_several_classes_are_reported(tmp_path: Path) -> None:
    header = ["Code commune", "Nom commune", "Code BVCV", "Zonage"]
    rows = [header, ["01001", "A", "708_", "SD"], ["01002", "B", "0708_", "TSD"]]
    imported = read_zoning(write_rows(tmp_path / "a.csv", rows), RULES)
    table = imported.tables["zoning"].select("commune", "territory", "zone")
    assert table.rows() == [
        ("01001", "0708_", "sous_dotee"), ("01002", "0708_", "tres_sous_dotee"),
    ]  # fmt: skip
    note = next(note for note in imported.notes if note.code == "drees.several_classes")
    assert note.examples == ("0708_: sous_dotee, tres_sous_dotee",)


def test_a_free_layout_by_commune(tmp_path: Path) -> None:
    rows = [["Zonage 2024"], ["INSEE", "Commune", "Classement"], ["01001", "A", "TSD"]]
    imported = read_zoning(write_workbook(tmp_path / "f.xlsx", {"F": rows}), RULES)
    row = imported.tables["zoning"].row(0, named=True)
    assert (row["commune"], row["territory"], row["zone"]) == ("01001", None, "tres_sous_dotee")


def test_a_commune_listed_twice_is_refused(tmp_path: Path) -> None:
    rows = [*CARTOSANTE, ["01001", "A", "TSD"], ["01001", "A", "SD"]]
    fault = fault_of(lambda: read(tmp_path / "a.csv", rows))
    assert (fault.code, fault.values) == ("source_file.duplicate_key", ("01001",))
