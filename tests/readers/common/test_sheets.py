"""Sheets of workbooks, of CSV files and of typed files give the same cells."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest
from support.sheets import fault_of, read, refused, write_text
from support.workbooks import write_workbook


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_recognised_below_titles_full_of_others(
    tmp_path: Path, separator: str
) -> None:
    lines = ["Population, par commune; en 2020, France, tout, entière", ""]
    lines += [separator.join(row) for row in (["CODGEO", "LIBGEO", "POP"], ["01001", "A", "12"])]
    lines += [separator.join(["01002", "B", "13"])] * 2
    table, _ = read(write_text(tmp_path / "a.csv", "\n".join([*lines, ""])))
    assert table["people"].to_list() == [12.0, 13.0, 13.0]


def test_lines_of_old_macintosh_programs(tmp_path: Path) -> None:
    table, _ = read(write_text(tmp_path / "a.csv", "CODGEO;POP\r01001;1\r01002;2\r"))
    assert table["people"].to_list() == [1.0, 2.0]


def test_columns_in_any_order_are_not_confused(tmp_path: Path) -> None:
    header, row = ["SURFACE", "POP", "X", "CODGEO"], ["7", "12", "0", "01001"]
    content = "".join(";".join(cells) + "\n" for cells in (header, row, row))
    for path in (
        write_text(tmp_path / "a.csv", content),
        write_workbook(tmp_path / "a.xlsx", {"A": [header, row, [7, 12, 0, "01001"]]}),
    ):
        table, _ = read(path)
        assert table.select("commune", "people", "area").rows() == [("01001", 12.0, 7.0)] * 2


def test_a_workbook_gives_its_numbers_in_full(tmp_path: Path) -> None:
    value = 0.1234567890123456
    path = write_workbook(tmp_path / "a.xlsx", {"A": [["CODGEO", "POP"], ["01001", value]]})
    assert read(path)[0]["people"].to_list() == [value]


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + b"0" * 50)
    fault = fault_of(lambda: read(tmp_path / "cut.parquet"))
    assert (fault.code, fault.details["format"]) == ("source_file.unreadable", "Parquet")
    with zipfile.ZipFile(tmp_path / "odd.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<nothing/>")
    assert refused(tmp_path / "odd.xlsx") == "source_file.unreadable_workbook"
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"0" * 600)
    assert refused(tmp_path / "old.xls") == "source_file.unreadable_workbook"


def test_a_workbook_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_workbook(tmp_path / "a.xlsx", {"A": [["CODGEO", "POP"]]})
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    assert refused(tmp_path / "a.xlsx") == "source_file.no_fastexcel"


def test_a_quote_that_never_closes_is_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", 'CODGEO;LIBGEO;POP\n01001;"A;1\n01002;B;2\n')
    assert refused(path) == "source_file.open_quote"


def test_a_row_longer_than_the_header_is_refused(tmp_path: Path) -> None:
    # Also if the columns that are read have their values.
    path = write_text(tmp_path / "a.csv", "CODGEO;POP;AUTRE\n01001;1;A;7\n01002;2;B\n")
    assert refused(path) == "source_file.extra_values"


def test_columns_of_lists_are_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"CODGEO": [["01001"]], "POP": [1.0]})
    frame.write_parquet(tmp_path / "a.parquet")
    fault = fault_of(lambda: read(tmp_path / "a.parquet"))
    assert fault.code == "source_file.unsupported_types"
    assert fault.details["types"] == ("CODGEO (List(String))", "POP (Float64)")
