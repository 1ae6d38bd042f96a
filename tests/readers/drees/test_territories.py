"""Territories and classes in the layouts of CNAM and the regional agencies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.sheets import fault_of
from support.tables import methodology
from support.workbooks import Cell, write_rows, write_workbook

from apl_engine.readers.drees.territories import read_territories

RULES = methodology()
CNAM = ["bvcv", "reg", "dep", "depcom", "libcom", "libbvcv"]


def attribution(path: Path, rows: Sequence[Sequence[Cell]]) -> dict[str, str]:
    table = read_territories(write_rows(path, rows), RULES).tables["attribution"]
    return dict(table.select("commune", "territory").iter_rows())


def test_codes_padded_to_five(tmp_path: Path) -> None:
    rows = [CNAM, ["0708_", "84", "07", "07001", "A", "Aubenas"],
            ["01004", "84", "01", "01004", "B", "Ambérieu"],
            ["7080", "84", "07", "07002", "C", "Le Cheylard"]]  # fmt: skip
    territories = attribution(tmp_path / "a.csv", rows)
    assert territories == {"07001": "0708_", "01004": "01004", "07002": "07080"}


def test_lost_zeros_are_restored_if_communes_leave_no_doubt(tmp_path: Path) -> None:
    rows = [
        CNAM,
        [708, 84, 7, 7001, "A", "Aubenas"],
        [7080, 84, 7, 7002, "B", "Le Cheylard"],
        [7080, 84, 7, 7003, "C", "Le Cheylard"],
        [7015, 27, 70, 70001, "D", "Gray"],
    ]
    territories = attribution(tmp_path / "a.csv", rows)
    assert territories == {"07001": "0708_", "07002": "07080", "07003": "07080", "70001": "7015_"}
    wrong = [CNAM, ["7_8", 84, "07", "07001", "A", "B"]]
    fault = fault_of(lambda: attribution(tmp_path / "b.csv", wrong))
    assert (fault.code, fault.values) == ("drees.not_a_territory_code", ("7_8",))


@pytest.mark.parametrize(
    ("label", "zone"),
    [("1-Zone très sous", "tres_sous_dotee"), ("2-Zone sous dotée", "sous_dotee"),
     ("3-Zone intermédia", "intermediaire"), ("Très sous-dotées", "tres_sous_dotee"),
     ("Zones sous dotées", "sous_dotee"), ("TSD", "tres_sous_dotee"), ("SD", "sous_dotee"),
     ("INT", "intermediaire"), ("NP", "non_prioritaire"), ("non_prioritaire", "non_prioritaire"),
     ("4-Zone non priori", "non_prioritaire")],
)  # fmt: skip
def test_truncated_and_abbreviated_labels_of_classes(tmp_path: Path, label: str, zone: str) -> None:
    rows = [["reg", "bvcv", "apl_2017_bvcv", "zonage_nat"], ["84", "01004", "1", label]]
    imported = read_territories(write_rows(tmp_path / "a.csv", rows), RULES)
    assert imported.tables["attribution"]["zone"].to_list() == [zone]
    (note,) = imported.notes
    assert (note.code, note.examples) == ("drees.classes", (f"{label} as {zone}",))


def test_all_communes_of_a_territory_have_one_class(tmp_path: Path) -> None:
    header = ["Code commune", "Nom commune", "Code BVCV", "Zonage"]
    rows = [header, ["01001", "A", "01004", "SD"], ["01002", "B", "01004", "TSD"]]
    path = write_rows(tmp_path / "a.csv", rows)
    fault = fault_of(lambda: read_territories(path, RULES))
    assert (fault.code, fault.details) == ("drees.several_classes", {"territories": 1})
    assert fault.values == ("01004: sous_dotee, tres_sous_dotee",)


def test_labels_that_are_not_classes_are_refused(tmp_path: Path) -> None:
    rows = [["Code commune", "Code BVCV", "Zonage"], ["01001", "01004", "sans objet"]]
    path = write_rows(tmp_path / "a.csv", rows)
    fault = fault_of(lambda: read_territories(path, RULES))
    assert (fault.code, fault.column) == ("drees.not_a_class", "Zonage")
    assert fault.values == ("sans objet",)
    assert len(fault.details["classes"]) == len(RULES.zoning.classes)  # type: ignore[arg-type]


def test_a_free_layout_by_commune(tmp_path: Path) -> None:
    rows = [["Zonage 2024"], ["INSEE", "Commune", "Classement"], ["01001", "A", "TSD"]]
    imported = read_territories(write_workbook(tmp_path / "f.xlsx", {"F": rows}), RULES)
    row = imported.tables["attribution"].row(0, named=True)
    assert (row["commune"], row["territory"], row["zone"]) == ("01001", None, "tres_sous_dotee")
