"""Tables in files: what people and programs read back is what was computed."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from support.faults import codes_of, fault_of
from support.results import names_in

from apl_engine import AplError, InputDataError, OutputError, load_methodology
from apl_engine.inputs.tables import Source
from apl_engine.inputs.validate import check_table
from apl_engine.results import TableFormats, libraries, tables
from apl_engine.results.tables import (
    Dialect,
    with_labels,
    write_csv,
    write_table,
    write_tables,
    zone_labels,
)
from apl_engine.results.workbook import write_workbook
from apl_engine.schemas import Column, Table

DIALECTS: list[Dialect] = ["plain", "french"]
RISKY = ["=1+1", "+33", "-x", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-1", "'t Hof", "L'Isle", "été"]
NAMED = Table("named", "one", (Column("name", "text", "any"), Column("x", "number", "any")), ())


def read_back(content: bytes) -> pl.DataFrame:
    """Return what `run` reads of a CSV of the columns name and x."""
    french = content.startswith(b"\xef\xbb\xbf")
    frame = pl.read_csv(content, separator=";" if french else ",", infer_schema=False)
    source = Source("named", frame.lazy(), "CSV", decimal_comma=french)
    checked = check_table(NAMED, source)
    assert checked.frame is not None
    assert not checked.faults
    return checked.frame


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    # Spaces at the ends of names are removed when they are read, as from any file.
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), min_size=1)
        .map(str.strip)
        .filter(bool)
        | st.sampled_from([text for text in RISKY if text.strip() == text]),
        min_size=1,
    ),
    number=st.floats(allow_nan=False, allow_infinity=False),
)
def test_csv_is_read_back_as_it_was(dialect: Dialect, names: list[str], number: float) -> None:
    table = pl.DataFrame({"name": names, "x": [number] * len(names)})
    content = io.BytesIO()
    write_csv(table, content, dialect)
    assert_frame_equal(read_back(content.getvalue()), table, check_exact=True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_cell_of_a_csv_runs(dialect: Dialect) -> None:
    table = pl.DataFrame({"=cmd": RISKY, "kind": pl.Series(RISKY, dtype=pl.Enum(RISKY))})
    content = io.BytesIO()
    write_csv(table, content, dialect)
    read = pl.read_csv(content.getvalue(), separator=",;"[dialect == "french"], infer_schema=False)
    cells = [*read.columns, *read["'=cmd"], *read["kind"]]
    assert [cell for cell in cells if cell[0] in "=+-@\t\r"] == []
    assert read["'=cmd"].to_list()[-3:] == RISKY[-3:]


def test_a_french_csv_opens_in_a_french_spreadsheet() -> None:
    content = io.BytesIO()
    write_csv(pl.DataFrame({"nom": ["Orée; d'Anjou"], "x": [-1234.5]}), content, "french")
    assert content.getvalue() == '\ufeffnom;x\n"Orée; d\'Anjou";-1234,5\n'.encode()


def test_a_workbook_holds_text_as_text_and_numbers_exactly() -> None:
    table = pl.DataFrame(
        {
            "commune": ["01001", "2A004", None],
            "name": ["=HYPERLINK(1)", "http://x.fr", "12"],
            "x": [0.1 + 0.2, 1 / 3, None],
            "n": pl.Series([1, None, 3], dtype=pl.UInt32),
            "flag": [True, False, None],
            "day": [date(1980, 12, 31), None, date(2024, 2, 29)],
        }
    )
    content = io.BytesIO()
    write_workbook(table, content, name="communes")
    again = io.BytesIO()
    write_workbook(table, again, name="communes")
    assert content.getvalue() == again.getvalue()
    reader = fastexcel.read_excel(content.getvalue())
    assert reader.sheet_names == ["communes"]
    read = reader.load_sheet(0).to_polars()
    assert_frame_equal(read.cast(dict(table.schema)), table, check_exact=True)
    with zipfile.ZipFile(content) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert 'topLeftCell="A2"' in sheet
    assert 'state="frozen"' in sheet
    assert "<hyperlink" not in sheet


def test_labels_stand_beside_ids() -> None:
    labels = zone_labels(load_methodology("mk-2024"), "zone", "absent")
    table = pl.DataFrame({"zone": ["sous_dotee", None, "other"], "zone_label": [1, 2, 3]})
    shown = with_labels(table, labels)
    assert shown.columns == ["zone", "zone_label_", "zone_label"]
    assert shown["zone_label_"].to_list() == ["Sous dotée", None, "other"]


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    table = pl.DataFrame({"commune": ["01001"], "zone": ["sous_dotee"], "x": [1.5]})
    labels = zone_labels(load_methodology("mk-2024"), "zone")
    formats = TableFormats("french", xlsx=True)
    outputs = write_tables({"t": table}, tmp_path, formats, labels)
    assert names_in(tmp_path) == {"t.parquet", "t.csv", "t.xlsx"}
    assert [(one["file"], one["rows"]) for one in outputs] == [
        ("t.parquet", 1), ("t.csv", 1), ("t.xlsx", 1),
    ]  # fmt: skip
    assert pl.read_parquet(tmp_path / "t.parquet").equals(table)
    assert (tmp_path / "t.csv").read_text("utf-8-sig") == (
        "commune;zone;zone_label;x\n01001;sous_dotee;Sous dotée;1,5\n"
    )
    sheet = fastexcel.read_excel(tmp_path / "t.xlsx").load_sheet(0).to_polars()
    assert sheet.row(0) == ("01001", "sous_dotee", "Sous dotée", 1.5)


def test_a_table_is_written_by_its_ending_and_beside_it(tmp_path: Path) -> None:
    table = pl.DataFrame({"x": [1.5]})
    paths = write_table(table, tmp_path / "t.parquet", TableFormats("french", xlsx=True))
    assert [path.name for path in paths] == ["t.parquet", "t.csv", "t.xlsx"]
    assert (tmp_path / "t.csv").read_text("utf-8-sig") == "x\n1,5\n"
    alone = tmp_path / "alone"
    alone.mkdir()
    (path,) = write_table(table, alone / "t.xlsx")
    assert path.stat().st_mode & 0o777 == 0o644
    (path,) = write_table(table, alone / "t.csv", TableFormats("french"))
    assert names_in(alone) == {"t.xlsx", "t.csv"}
    # None of the files is written if one of them is taken.
    (tmp_path / "u.xlsx").touch()
    action = lambda: write_table(table, tmp_path / "u.csv", TableFormats(xlsx=True))  # noqa: E731
    assert codes_of(action, OutputError) == ["output.exists"]
    assert not (tmp_path / "u.csv").exists()


def test_what_a_workbook_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = pl.DataFrame({"name": ["x" * 40_000]})
    fault = fault_of(lambda: write_table(long, tmp_path / "t.xlsx"), OutputError)
    assert (fault.code, fault.details["column"]) == ("output.too_long_text", "name")
    monkeypatch.setattr(tables, "_MOST_ROWS", 2)
    monkeypatch.setattr(tables, "_MOST_COLUMNS", 1)
    large = {"t": pl.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3]})}
    action = lambda: write_tables(large, tmp_path, TableFormats(xlsx=True))  # noqa: E731
    assert codes_of(action, OutputError) == ["output.too_many_rows", "output.too_many_columns"]
    assert names_in(tmp_path) == set()


def test_formats_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = fault_of(lambda: TableFormats("german"), InputDataError)  # type: ignore[arg-type]
    assert (unknown.code, unknown.values) == ("output.unknown_csv", ("german",))
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    missing = fault_of(lambda: TableFormats(xlsx=True), AplError)
    assert missing.code == "dependency.missing"
    assert (missing.details["library"], missing.details["extra"]) == ("xlsxwriter", "excel")
