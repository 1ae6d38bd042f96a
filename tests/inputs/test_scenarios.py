"""Tables of scenarios: what is wrong with them, and what is imputed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.faults import fault_of, faults_of

from apl_engine.inputs import read_scenarios

COMMUNES = pl.Series("commune", ["01001", "01002", "2A004", "2B033", "69381", "75101", "97101"])


def test_unlisted_communes_get_no_etp() -> None:
    table = read_scenarios(pl.DataFrame({"commune": ["01002"], "one": [2]}), COMMUNES)
    assert table.etp["one"].to_list() == [0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert (table.names, table.rows) == (("one",), 1)
    (note,) = table.notes
    assert (note.code, note.count) == ("scenarios.unlisted_communes", 6)
    assert note.examples == ("01001", "2A004", "2B033", "69381", "75101")
    assert str(note)


def test_all_faults_at_once(tmp_path: Path) -> None:
    path = tmp_path / "scenarios.csv"
    path.write_text(
        "commune;one;two;territory\n01001;-1;1,5;0\n01002;x;2;0\n99999;1;;0\n1001;inf;1;0\n"
    )
    faults = faults_of(lambda: read_scenarios(path, COMMUNES))
    assert {(fault.code, fault.column, fault.rows, fault.values) for fault in faults} == {
        ("scenarios.reserved_name", None, (), ("territory",)),
        ("scenarios.negative_value", "one", (1,), ("-1",)),
        ("scenarios.not_a_number", "one", (2,), ("x",)),
        ("scenarios.infinite", "one", (4,), ("inf",)),
        ("scenarios.no_value", "two", (3,), ()),
        ("scenarios.unknown_commune", "commune", (3,), ("99999",)),
        ("scenarios.lost_leading_zero", "commune", (4,), ("1001",)),
    }


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("commune,one\n01001,1\n01001,2\n", "duplicate_key", ("01001",)),
        ("commune,one,one\n01001,1,2\n", "same_name", ("one",)),
        ("commune,one,\n01001,1,2\n", "no_name", ("",)),
        ("commune,^o.*$,one,*\n01001,1,2,3\n", "pattern_name", ("^o.*$", "*")),
        ("commune\n01001\n", "no_scenario", ()),
        ("code,one\n01001,1\n", "missing_column", ()),
        ("commune,one\n", "no_rows", ()),
        ("commune:one\n", "wrong_separator", ("commune:one",)),
        ("", "empty_file", ()),
    ],
)
def test_tables_that_are_wrong(
    tmp_path: Path, text: str, kind: str, values: tuple[str, ...]
) -> None:
    (tmp_path / "scenarios.csv").write_text(text)
    faults = faults_of(lambda: read_scenarios(tmp_path / "scenarios.csv", COMMUNES))
    (fault,) = [fault for fault in faults if fault.code == f"scenarios.{kind}"]
    assert fault.values == values


def test_a_path_that_does_not_exist() -> None:
    assert fault_of(lambda: read_scenarios("none.csv", COMMUNES)).code == "scenarios.cannot_open"
