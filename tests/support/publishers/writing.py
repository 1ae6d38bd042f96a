"""Files with the same bytes each time: CSV text, gzip, workbooks."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

WRITTEN_ON = datetime(2023, 7, 1)
"""Date of creation that every workbook carries."""

Cell = str | int | float | bool | None
Rows = Sequence[Sequence[Cell]]

_ROWS_AT_ONCE = 4_000


def write_csv(
    path: Path, frame: pl.DataFrame, *, encoding: str = "utf-8", separator: str = ";"
) -> None:
    """Write a frame as CSV text in any encoding."""
    path.write_bytes(frame.write_csv(separator=separator).encode(encoding))


def write_csv_gz(path: Path, frame: pl.DataFrame, *, decimal_comma: bool = False) -> None:
    """Write a frame as gzipped CSV, `;` between columns; no date and no name in the gzip."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, separator=";", decimal_comma=decimal_comma)
    with (
        open(path, "wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as file,
    ):
        file.write(buffer.getbuffer())


def write_rows(
    path: Path,
    rows: Rows,
    *,
    encoding: str = "utf-8",
    separator: str = ";",
    end: str = "\r\n",
) -> None:
    """Write rows of values as plain CSV text; a number with its point, none as nothing."""
    lines = (separator.join("" if cell is None else str(cell) for cell in row) for row in rows)
    path.write_bytes("".join(line + end for line in lines).encode(encoding))


def write_workbook(
    path: Path, sheets: Mapping[str, Rows], *, merged: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Write a workbook: per sheet its rows, text as text; `merged` ranges per sheet."""
    path.write_bytes(_workbook(sheets, merged or {}))


def _workbook(sheets: Mapping[str, Rows], merged: Mapping[str, Sequence[str]]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"author": "", "created": WRITTEN_ON})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, column, cell)
            for span in merged.get(name, ()):
                sheet.merge_range(span, _first_of(rows, span))
    return buffer.getvalue()


def _first_of(rows: Rows, span: str) -> Cell:
    found = re.match(r"([A-Z])(\d+)", span)
    assert found
    return rows[int(found[2]) - 1][ord(found[1]) - ord("A")]


def write_large_workbook(path: Path, sheets: Mapping[str, tuple[Rows, pl.DataFrame]]) -> None:
    """Write per sheet the head rows, then the rows of a frame.

    XlsxWriter makes the workbook and its heads. It takes 7 microseconds a cell, so the rows are put
    into its sheets as text that Polars makes: POP1B has seven million cells.
    """
    heads = {name: head for name, (head, _) in sheets.items()}
    whole = zipfile.ZipFile(io.BytesIO(_workbook(heads, {})))
    frames = {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in enumerate(sheets.values(), 1)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for item in whole.infolist():
            text = whole.read(item)
            if item.filename not in frames:
                out.writestr(_dated(item.filename), text)
                continue
            head, frame = frames[item.filename]
            last = f"{xl_col_to_name(frame.width - 1)}{len(head) + frame.height}"
            before, after = text.split(b"</sheetData>")
            span = f'<dimension ref="A1:{last}"'.encode()
            with out.open(_dated(item.filename), "w", force_zip64=True) as file:
                file.write(re.sub(rb'<dimension ref="[^"]*"', span, before))
                for chunk in _sheet_rows(frame, len(head)):
                    file.write(chunk)
                file.write(b"</sheetData>" + after)


def _dated(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _sheet_rows(frame: pl.DataFrame, above: int) -> Iterator[bytes]:
    row = pl.col("row").cast(pl.String)
    cells: list[pl.Expr] = []
    for number, (name, kind) in enumerate(frame.schema.items()):
        start = pl.lit(f'<c r="{xl_col_to_name(number)}')
        value = pl.col(name)
        if kind == pl.String:
            for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
                value = value.str.replace_all(letter, entity, literal=True)
            cells += [start, row, pl.lit('" t="inlineStr"><is><t>'), value, pl.lit("</t></is></c>")]
        else:
            cells += [start, row, pl.lit('"><v>'), value.cast(pl.String), pl.lit("</v></c>")]
    line = pl.concat_str(pl.lit('<row r="'), row, pl.lit('">'), *cells, pl.lit("</row>"))
    numbered = frame.with_row_index("row", above + 1)
    for part in numbered.iter_slices(_ROWS_AT_ONCE):
        yield "".join(part.select(line.alias("line"))["line"]).encode()


def as_rows(frame: pl.DataFrame) -> list[list[Cell]]:
    """Return a frame as rows, its header first."""
    return [list(frame.columns), *(list(row) for row in frame.iter_rows())]


def write_parts(parts: Iterable[tuple[Path, pl.DataFrame]], *, commas: bool = False) -> None:
    """Write frames as Parquet or, by the name of their files, as gzipped CSV."""
    for path, frame in parts:
        if path.suffix == ".parquet":
            frame.write_parquet(path, compression="zstd", compression_level=1)
        else:
            write_csv_gz(path, frame, decimal_comma=commas)
