"""Classes as CartoSanté and the regional agencies publish them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from support.sheets import fault_of
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
     ("4-Zone non priori", "non_prioritaire"), ("5b_Non_prioritaire", "non_prioritaire")],
)  # fmt: skip
def test_truncated_abbreviated_and_ranked_labels(tmp_path: Path, label: str, zone: str) -> None:
    rows = [["reg", "bvcv", "apl_2017_bvcv", "zonage_nat"], ["84", "01004", "1", label]]
    imported = read_zoning(write_rows(tmp_path / "a.csv", rows), RULES)
    assert imported.tables["zoning"]["zone"].to_list() == [zone]
    (note,) = imported.notes
    assert (note.code, note.examples) == ("drees.classes", (f"{label} as {zone}",))


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


@pytest.mark.parametrize("where", ["header", "title"])
def test_a_list_of_another_profession_is_refused(tmp_path: Path, where: str) -> None:
    header = ["Code", "Libellé", "Zonage infirmiers" if where == "header" else "Zonage"]
    title = ["Zonage des sages-femmes" if where == "title" else "Zonage", "", ""]
    rows = [title, header, ["01001", "A", "TSD"]]
    fault = fault_of(lambda: read(tmp_path / "a.csv", rows))
    assert (fault.code, fault.column) == ("drees.other_profession", header[2])


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
