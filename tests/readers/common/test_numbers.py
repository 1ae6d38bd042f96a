"""Numbers as people write them, and marks that may separate thousands."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sheets import read, write_text
from support.workbooks import write_workbook

from apl_engine.readers.common.numbers import may_part_thousands, parse_number, parts_thousands


def parsed(text: str) -> float | None:
    return pl.DataFrame({"x": [text]}).select(parse_number(pl.col("x"))).item()


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12", 12), ("12,5", 12.5), ("12.5", 12.5), ("1 234", 1234), ("1\u202f234,5", 1234.5),
     ("1\u00a0234\u2009567", 1234567), ("-3", -3), ("1e3", 1000), ("1,5E+02", 150),
     ("1,234.5", None), ("1.234,5", None), ("douze", None), ("12 %", None)],
)  # fmt: skip
def test_numbers_as_people_write_them(cell: str, value: float | None) -> None:
    assert parsed(cell) == value


@settings(max_examples=50)
@given(st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_a_float_written_in_full_is_read_exactly(value: float) -> None:
    assert parsed(repr(value)) == value


@pytest.mark.parametrize(
    ("values", "may"),
    [(["1,234", "12.345.678", "7"], True), (["1,234", "0.123"], False),
     (["1234.567", "1.234"], False), (["12", "7"], None)],
)  # fmt: skip
def test_marks_that_may_separate_thousands(values: list[str], may: bool | None) -> None:
    assert may_part_thousands(pl.Series(values)) is may
    rows = pl.LazyFrame({"x": values})
    assert parts_thousands(rows, pl.col("x")) is bool(may)
    assert not parts_thousands(rows.filter(pl.col("x") != "7"), pl.col("x"))


def test_two_decimal_marks_in_a_column_are_refused(tmp_path: Path) -> None:
    _, issues = read(
        write_text(tmp_path / "a.csv", "CODGEO;POP\n01001;1,5\n01002;14.288\n01003;7\n")
    )
    assert [(f.code, f.rows, f.values) for f in issues.faults] == [
        ("source_file.mixed_marks", (1, 2), ("1,5", "14.288"))
    ]


def test_a_comma_that_separates_columns_is_not_a_decimal_comma(tmp_path: Path) -> None:
    _, issues = read(write_text(tmp_path / "a.csv", 'CODGEO,POP\n01001,"1,5"\n'))
    assert [(f.code, f.values) for f in issues.faults] == [("source_file.not_a_number", ("1,5",))]


@pytest.mark.parametrize("mark", ["NS", "n.d.", "-", "–", "", "...", "N/A", "s"])
def test_marks_for_no_figure_are_counted(tmp_path: Path, mark: str) -> None:
    rows = [["CODGEO", "POP"], ["01001", mark], ["01002", 4]]
    for path in (
        write_workbook(tmp_path / "a.xlsx", {"A": rows}),
        write_text(tmp_path / "a.csv", "".join(";".join(map(str, row)) + "\n" for row in rows)),
    ):
        table, issues = read(path)
        assert table["people"].to_list() == [None, 4.0]
        assert not issues.faults
        (note,) = issues.notes
        assert (note.code, note.count) == ("source_file.no_figure", 1)
        assert note.examples == ("01001",)
        assert note.details == {"file": path.name, "column": "POP"}


def test_infinite_numbers_are_refused(tmp_path: Path) -> None:
    _, issues = read(write_text(tmp_path / "b.csv", "CODGEO;POP\n01001;inf\n"))
    assert [fault.code for fault in issues.faults] == ["source_file.not_finite"]
