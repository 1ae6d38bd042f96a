"""Sheets of cells, their header row not yet known: of workbooks, CSV files and typed files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from ...errors import Fault, InputDataError
from ...inputs.text_file import separator_of
from .file_type import content_of
from .issues import file_fault
from .text_file import read_text

# The header is among the first rows, below titles.
_HEADER_ROWS = 60


class Sheet(Protocol):
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
        Whether a comma in a number is a decimal comma.
    """

    @property
    def file(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def head(self) -> list[list[str]]: ...  # noqa: D102
    @property
    def reading(self) -> str: ...  # noqa: D102
    @property
    def decimal_comma(self) -> bool: ...  # noqa: D102

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:
        """Return columns below row `header` as text, named by their indices."""

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:
        """Return the numbers of columns, null in other cells; None if the file holds only text."""


def open_sheets(path: Path) -> list[Sheet] | Fault:
    """Open every sheet of a file.

    Parameters
    ----------
    path : Path
        Workbook, CSV of any encoding, Parquet or Arrow; recognised by its content.

    Returns
    -------
    list of Sheet, or Fault
    """
    content = content_of(path)
    if isinstance(content, Fault):
        return content
    try:
        if content == "workbook":
            return _open_workbook(path)
        if content == "CSV":
            return _open_text(path)
        frame = pl.read_parquet(path) if content == "Parquet" else pl.read_ipc(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        return file_fault(path, "unreadable", format=content, reason=_first_line(error))
    return [FrameSheet(path.name, frame, content)]


def stripped(name: str) -> pl.Expr:
    """Return a column of text without spaces around its values; null if nothing is left.

    Blank cells are empty text in a workbook and null in a CSV file.
    """
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text).alias(name)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _by_index(frame: pl.DataFrame, columns: Sequence[int]) -> pl.DataFrame:
    """Return some columns of a frame, named by their indices."""
    return frame.select(pl.nth(index).alias(str(index)) for index in sorted(columns))


# --- workbooks -----------------------------------------------------------------------------------


@dataclass
class WorkbookSheet:
    """A sheet of a workbook, read through fastexcel."""

    file: str
    name: str
    reader: Any
    cells: pl.DataFrame
    # Index in the workbook of the first column that is not empty.
    first_column: int
    reading: str = "workbook"
    decimal_comma: bool = True

    @property
    def head(self) -> list[list[str]]:
        """Its first rows."""
        rows = self.cells.head(_HEADER_ROWS).iter_rows()
        return [["" if cell is None else cell for cell in row] for row in rows]

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


def _open_workbook(path: Path) -> list[Sheet] | Fault:
    try:
        import fastexcel
    except ImportError:
        return file_fault(path, "no_fastexcel")
    try:
        reader = fastexcel.read_excel(path)
        sheets: list[Sheet] = []
        for name in reader.sheet_names:
            # Reading only the head of a sheet takes as long as reading all of it.
            part = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            columns = part.available_columns()
            offset = columns[0].absolute_index if columns else 0
            sheets.append(WorkbookSheet(path.name, name, reader, part.to_polars(), offset))
    except fastexcel.FastExcelError as error:
        return file_fault(path, "unreadable_workbook", reason=_first_line(error))
    return sheets


# --- text ----------------------------------------------------------------------------------------


@dataclass
class TextSheet:
    """A CSV file, its content converted to UTF-8."""

    file: str
    content: bytes
    separator: str
    encoding: str
    head: list[list[str]]
    starts: list[int]
    name: str = ""

    @property
    def reading(self) -> str:
        """How it is read."""
        mark = "tabulation" if self.separator == "\t" else f"'{self.separator}'"
        return f"CSV separated by {mark}, {self.encoding}"

    @property
    def decimal_comma(self) -> bool:
        """Whether a comma in a number can be a decimal comma."""
        return self.separator != ","

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:
        """Return columns below row `header` as text."""
        content = io.BytesIO(self.content[self.starts[header] :])
        try:
            # All columns: Polars reports extra values only if it reads every column.
            frame = pl.read_csv(content, separator=self.separator, infer_schema=False)
        except pl.exceptions.PolarsError as error:
            kind = "extra_values" if "more fields" in str(error) else "open_quote"
            raise InputDataError(Fault(f"source_file.{kind}", self.file)) from error
        return _by_index(frame, columns)

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:  # noqa: ARG002
        """Return None: a CSV file holds only text."""
        return None


def _open_text(path: Path) -> list[Sheet] | Fault:
    text = read_text(path)
    if isinstance(text, Fault):
        return text
    content, encoding = text
    if b"\n" not in content and b"\r" in content:
        # Lines of old Macintosh programs.
        content = content.replace(b"\r", b"\n")
    lines: list[str] = []
    starts: list[int] = []
    start = 0
    while len(lines) < _HEADER_ROWS and start < len(content):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        lines.append(content[start:end].decode("utf-8", "replace").rstrip("\r"))
        starts.append(start)
        start = end + 1
    # Titles come first, so the separator of the table is that of the later rows.
    separator = separator_of("\n".join(lines[len(lines) // 2 :]))
    head = [next(csv.reader([line], delimiter=separator), []) for line in lines]
    return [TextSheet(path.name, content, separator, encoding, head, starts)]


# --- typed files ---------------------------------------------------------------------------------


@dataclass
class FrameSheet:
    """A file whose columns have types; its header is its schema."""

    file: str
    frame: pl.DataFrame
    reading: str
    name: str = ""
    decimal_comma: bool = False

    @property
    def head(self) -> list[list[str]]:
        """The names of its columns."""
        return [list(self.frame.columns)]

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:  # noqa: ARG002
        """Return columns as text."""
        frame = _by_index(self.frame, columns)
        try:
            return frame.with_columns(pl.all().cast(pl.String))
        except pl.exceptions.PolarsError as error:
            types = tuple(
                f"{self.frame.columns[int(name)]} ({dtype})" for name, dtype in frame.schema.items()
            )
            code = "source_file.unsupported_types"
            raise InputDataError(Fault(code, self.file, details={"types": types})) from error

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:  # noqa: ARG002
        """Return the columns of numbers, null if the column holds text."""
        frame = _by_index(self.frame, columns)
        return frame.with_columns(
            pl.col(name).cast(pl.Float64)
            if dtype.is_numeric()
            else pl.lit(None, pl.Float64).alias(name)
            for name, dtype in frame.schema.items()
        )
