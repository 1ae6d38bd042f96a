"""Sheets of cells, their header row not yet known: of workbooks, CSV files and typed files."""

from __future__ import annotations

import io
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import polars as pl

from ...errors import Fault, InputDataError, missing_library
from ...inputs.plain_file import PlainFile, file_fault, open_plain
from ...inputs.row_shape import RowShape, split_rows
from ...inputs.tables import READING_ERRORS, scan_arrow
from ...inputs.text_file import ESCAPED, separator_of
from ...quoting import reason_of
from .text_file import read_text

# The header is among the first rows, below titles.
_HEADER_ROWS = 60
# Looked for in the whole file first, since few have it.
_ESCAPED = re.compile(rb"'[=+\-@\t\r]")
_TAIL_BYTES = 64 * 1024


@dataclass
class Sheet(ABC):
    """A sheet of cells.

    Attributes
    ----------
    file, name : str
        The file, and the name of the sheet; "" in a file that has only one.
    head : list of list of str
        Its first rows.
    reading : str
        How it is read (workbook, CSV with its separator and encoding), for people.
    decimal_comma : bool
        Whether a comma in a number can be a decimal comma.
    """

    file: str
    name: str
    head: list[list[str]]
    reading: str
    decimal_comma: bool

    @abstractmethod
    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:
        """Return columns below row `header` as text, named by their indices."""

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:  # noqa: ARG002
        """Return the numbers of columns, null in other cells; None if the file holds only text."""
        return None


def sheets_of(path: Path) -> Sequence[Sheet]:
    """Open every sheet of a file.

    Parameters
    ----------
    path : Path
        Workbook, CSV of any encoding, Parquet or Arrow; recognised by its content.

    Raises
    ------
    InputDataError
        The file cannot be read, or is empty.
    """
    file = open_plain(path)
    if isinstance(file, Fault):
        raise InputDataError(file)
    if file.content == "workbook":
        return _open_workbook(file)
    if file.content == "CSV":
        return [_open_text(file)]
    try:
        is_parquet = file.content == "Parquet"
        frame = pl.read_parquet(file.path) if is_parquet else scan_arrow(file.path).collect()
    except READING_ERRORS as error:
        fault = file_fault(file.path, "unreadable", format=file.content, reason=reason_of(error))
    else:
        return [FrameSheet(file.path.name, "", [frame.columns], file.content, False, frame)]
    # Raised alone: what a parser says may quote a row.
    raise InputDataError(fault)


def stripped(name: str) -> pl.Expr:
    """Return a column of text without spaces around its values; null if nothing is left.

    Blank cells are empty text in a workbook and null in a CSV file.
    """
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text).alias(name)


def _by_index(frame: pl.DataFrame, columns: Sequence[int]) -> pl.DataFrame:
    """Return some columns of a frame, named by their indices."""
    return frame.select(pl.nth(index).alias(str(index)) for index in sorted(columns))


# --- workbooks -----------------------------------------------------------------------------------


@dataclass
class WorkbookSheet(Sheet):
    """A sheet of a workbook, read through fastexcel."""

    reader: Any
    cells: pl.DataFrame
    # Index in the workbook of the first column that is not empty.
    first_column: int
    # Holds what is read, which may be a copy.
    source: PlainFile

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:
        """Return columns below row `header` as text; numbers in their shortest form."""
        return _by_index(self.cells[header + 1 :], columns)

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:
        """Return the numbers of columns, exactly as the workbook holds them."""
        texts = self.texts(header, columns)
        sheet = self.reader.load_sheet(
            self.name, header_row=None, skip_rows=header + 1, dtypes="float",
            use_columns=[self.first_column + index for index in sorted(columns)],
        )  # fmt: skip
        frame: pl.DataFrame = sheet.to_polars()
        frame = frame.rename(dict(zip(frame.columns, texts.columns, strict=True)))
        # A truth value is not a figure, though fastexcel reads it as 1 or 0.
        return frame.with_columns(
            pl.when(~texts[name].is_in(["true", "false"])).then(pl.col(name)).alias(name)
            for name in frame.columns
        )


def _open_workbook(file: PlainFile) -> list[Sheet]:
    path = file.path
    try:
        import fastexcel
    except ImportError:
        details = missing_library("fastexcel", "excel")
        raise InputDataError(file_fault(path, "no_fastexcel", **details)) from None
    try:
        reader = fastexcel.read_excel(path)
        sheets: list[Sheet] = []
        for name in reader.sheet_names:
            # Reading only the head of a sheet takes as long as reading all of it.
            part = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            columns, cells = part.available_columns(), part.to_polars()
            offset = columns[0].absolute_index if columns else 0
            rows = cells.head(_HEADER_ROWS).iter_rows()
            head = [["" if cell is None else cell for cell in row] for row in rows]
            sheet = WorkbookSheet(
                path.name, name, head, "workbook", True, reader, cells, offset, file
            )
            sheets.append(sheet)
    except fastexcel.FastExcelError as error:
        fault = file_fault(path, "unreadable_workbook", reason=reason_of(error))
    else:
        return sheets
    raise InputDataError(fault)


# --- text ----------------------------------------------------------------------------------------


@dataclass
class TextSheet(Sheet):
    """A CSV file, its content converted to UTF-8."""

    content: bytes
    separator: str
    # Where the first rows begin in the content.
    starts: list[int]

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:
        """Return columns below row `header` as text."""
        content = io.BytesIO(self.content[self.starts[header] :])
        try:
            # All columns: Polars reports extra values only if it reads every column.
            frame = pl.read_csv(content, separator=self.separator, infer_schema=False)
        except pl.exceptions.PolarsError as error:
            kind = "extra_values" if "more fields" in str(error) else "open_quote"
            frame = None
        if frame is None:
            raise InputDataError(Fault(f"source_file.{kind}", self.file))
        texts = _by_index(frame, columns)
        if _ESCAPED.search(self.content):
            texts = texts.with_columns(pl.all().str.replace(ESCAPED, "$1"))
        return texts


def _open_text(file: PlainFile) -> Sheet:
    path = file.path
    text = read_text(path)
    if isinstance(text, Fault):
        raise InputDataError(text)
    content, encoding = text
    lines = list(islice(io.BytesIO(content), _HEADER_ROWS))
    starts = [0, *accumulate(map(len, lines))]
    texts = [line.decode("utf-8", "replace").rstrip("\r\n") for line in lines]
    # Titles come first, so the separator of the table is that of the later rows.
    separator = separator_of("\n".join(texts[len(texts) // 2 :]))
    head = split_rows(path, texts, separator)
    tail = content[-_TAIL_BYTES:]
    cut = RowShape(path, separator, 1).cut_in(tail)
    if isinstance(head, Fault) or (cut and _is_of_table(tail, separator)):
        raise InputDataError([fault for fault in (head, cut) if isinstance(fault, Fault)])
    mark = "tabulation" if separator == "\t" else f"'{separator}'"
    reading = f"CSV separated by {mark}, {file.encoding or encoding}"
    comma = separator != ","
    return TextSheet(path.name, "", head, reading, comma, content, separator, starts)


def _is_of_table(tail: bytes, separator: str) -> bool:
    """Return whether the last row is of the table, not a footnote that ends in a year."""
    row = tail.decode("utf-8", "replace").rstrip("\r\n").rpartition("\n")[2][:60]
    return separator in row or row.replace(" ", "").isdigit()


# --- typed files ---------------------------------------------------------------------------------


@dataclass
class FrameSheet(Sheet):
    """A file whose columns have types; its header is its schema."""

    frame: pl.DataFrame

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:  # noqa: ARG002
        """Return columns as text."""
        frame = _by_index(self.frame, columns)
        try:
            return frame.with_columns(pl.all().cast(pl.String))
        except pl.exceptions.PolarsError:
            types = tuple(
                f"{self.frame.columns[int(name)]} ({dtype})" for name, dtype in frame.schema.items()
            )
        raise InputDataError(
            Fault("source_file.unsupported_types", self.file, details={"types": types})
        )

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:  # noqa: ARG002
        """Return the columns of numbers, null if the column holds text."""
        frame = _by_index(self.frame, columns)
        return frame.with_columns(
            pl.col(name).cast(pl.Float64)
            if dtype.is_numeric()
            else pl.lit(None, pl.Float64).alias(name)
            for name, dtype in frame.schema.items()
        )
