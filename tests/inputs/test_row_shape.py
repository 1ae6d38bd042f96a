"""Rows of text files: split, and as long as the header says."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from support.sheets import write_text

from apl_engine.errors import Fault
from apl_engine.inputs.row_shape import RowShape, split_rows


def test_a_value_of_too_many_characters_is_refused(tmp_path: Path) -> None:
    fault = split_rows(tmp_path / "a.csv", ["a;b", "1;" + "x" * 131_073], ";")
    assert isinstance(fault, Fault)
    assert (fault.code, fault.rows) == ("source_file.cell_too_long", (1,))


@pytest.mark.parametrize(
    ("row", "separator", "kind"),
    [(["1"], ";", "row_too_short"), (["1", "2", "3"], ";", "row_too_long"),
     (["1", "2", "3"], ",", "decimal_commas")],
)  # fmt: skip
def test_rows_of_another_length_than_the_header(
    tmp_path: Path, row: list[str], separator: str, kind: str
) -> None:
    shape = RowShape(tmp_path / "a.csv", separator, 2)
    fault = shape.uneven([["1", "2"], row])
    assert fault is not None
    assert (fault.code, fault.rows) == (f"source_file.{kind}", (2,))
    assert fault.details == {"fields": len(row), "expected": 2}
    assert shape.uneven([["1", "2"]]) is None


@pytest.mark.parametrize(
    ("end", "kind"),
    [("1;2\n", None), ("1;2\r", None), ("\r1;2\n", None), ("1;2", "last_row_unterminated"),
     ("1;two", None), ('1;"2"', None), ("1;2.", "last_row_unterminated"),
     ("1", "last_row_short"), ("1\n", "last_row_short")],
)  # fmt: skip
def test_a_file_that_ends_within_a_row(tmp_path: Path, end: str, kind: str | None) -> None:
    fault = RowShape(write_text(tmp_path / "a.csv", f"a;b\n{end}"), ";", 2).cut_at_end()
    assert (fault and fault.code) == (kind and f"source_file.{kind}")
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(f"a;b\n{end}".encode()))
    assert RowShape(path, ";", 2).cut_at_end() is None
    fault = RowShape(path, ";", 2).cut_after_decompression()
    assert (fault and fault.code) == (kind and f"source_file.{kind}")
