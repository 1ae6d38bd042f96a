"""Territories and classes in the layouts of CNAM and the regional agencies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from support.sheets import fault_of
from support.workbooks import Cell, write_rows

from apl_engine.readers.drees.territories import read_territories

CNAM = ["bvcv", "reg", "dep", "depcom", "libcom", "libbvcv"]


def attribution(path: Path, rows: Sequence[Sequence[Cell]]) -> dict[str, str]:
    table = read_territories(write_rows(path, rows)).tables["attribution"]
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
