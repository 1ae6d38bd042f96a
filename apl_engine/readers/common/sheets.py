"""Tables of cells before anybody knows which row is the header: of workbooks, CSV, frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from ...errors import Fault, InputDataError
from .file_type import content_of, decoded

# A header stands within the first rows, below titles.
HEAD_ROWS = 60
_SEPARATORS = ";\t|,"


class Sheet(Protocol):
    """A sheet of cells.

    Attributes
    ----------
    file, name : the file, and the sheet in it ("" where there is but one).
    head : its first rows, as text.
    reading : how it is read (workbook, CSV with its separator and encoding), for people.
    decimal_comma : whether a comma in a number is a decimal one.
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
        """Return columns below row `header` as text, named by their place."""

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:
        """Return columns as the file holds them where it holds numbers, null elsewhere."""


def open_sheets(path: Path) -> list[Sheet] | Fault:
    """Open every sheet of a file: workbook, CSV of any encoding, Parquet or Arrow.

    Parameters
    ----------
    path : the file; what it is is told by its content.

    Returns
    -------
    list of Sheet | Fault
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
        reason = str(error).strip().splitlines()[0]
        hint = "It may be cut short or damaged."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": f"cannot be read as {content}: {reason}", "hint": hint},
        )
    return [FrameSheet(path.name, frame, content)]


def stripped(name: str) -> pl.Expr:
    """Return a column of text without spaces around; null where nothing is left.

    A workbook holds blank cells as empty text, which a CSV file does not: both are no value.
    """
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text).alias(name)


# --- workbooks -----------------------------------------------------------------------------------


@dataclass
class WorkbookSheet:
    """A sheet of a workbook, read through fastexcel."""

    file: str
    name: str
    reader: Any
    cells: pl.DataFrame
    # Where the first column that is not empty stands.
    first_column: int
    reading: str = "workbook"
    decimal_comma: bool = True

    @property
    def head(self) -> list[list[str]]:
        """Return the first rows, as text."""
        rows = self.cells.head(HEAD_ROWS).iter_rows()
        return [["" if cell is None else cell for cell in row] for row in rows]

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:
        """Return columns below row `header` as text; numbers in their shortest form."""
        places = sorted(columns)
        frame = self.cells[header + 1 :].select(self.cells.columns[place] for place in places)
        return frame.rename(dict(zip(frame.columns, map(str, places), strict=True)))

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:
        """Return the numbers of columns, exactly as the workbook holds them."""
        places = sorted(columns)
        sheet = self.reader.load_sheet(
            self.name, header_row=None, skip_rows=header + 1, dtypes="float",
            use_columns=[self.first_column + place for place in places],
        )  # fmt: skip
        frame: pl.DataFrame = sheet.to_polars()
        frame = frame.rename(dict(zip(frame.columns, map(str, places), strict=True)))
        # A truth value is no figure, though it is read as 1 or 0.
        texts = self.texts(header, places)
        return frame.with_columns(
            pl.when(~texts[name].is_in(["true", "false"])).then(pl.col(name)).alias(name)
            for name in frame.columns
        )


def _open_workbook(path: Path) -> list[Sheet] | Fault:
    try:
        import fastexcel
    except ImportError:
        hint = "Install it: pip install 'apl-engine[excel]'; or save the sheet as CSV UTF-8."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "a workbook needs the library fastexcel", "hint": hint},
        )
    try:
        reader = fastexcel.read_excel(path)
        sheets: list[Sheet] = []
        for name in reader.sheet_names:
            # The whole sheet at once: to read its head alone takes as long.
            part = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            columns = part.available_columns()
            offset = columns[0].absolute_index if columns else 0
            sheets.append(WorkbookSheet(path.name, name, reader, part.to_polars(), offset))
    except fastexcel.FastExcelError as error:
        reason = str(error).strip().splitlines()[0]
        hint = "It may be damaged, or locked by a password: open it and save it again."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": f"cannot be read as a workbook: {reason}", "hint": hint},
        )
    return sheets


# --- text ----------------------------------------------------------------------------------------


@dataclass
class TextSheet:
    """A CSV file, in UTF-8 by now."""

    file: str
    content: bytes
    separator: str
    encoding: str
    head: list[list[str]]
    starts: list[int]
    name: str = ""

    @property
    def reading(self) -> str:
        """Return how it is read."""
        mark = {"\t": "tabulation"}.get(self.separator, f"'{self.separator}'")
        return f"CSV separated by {mark}, {self.encoding}"

    @property
    def decimal_comma(self) -> bool:
        """Return whether a comma can be a decimal one."""
        return self.separator != ","

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:
        """Return columns below row `header` as text."""
        try:
            # Every column, since a value too many goes unseen where only some are read.
            frame = pl.read_csv(
                io.BytesIO(self.content[self.starts[header] :]),
                separator=self.separator,
                infer_schema=False,
            )
        except pl.exceptions.PolarsError as error:
            raise InputDataError([_unreadable(self.file, str(error))]) from error
        places = sorted(columns)
        frame = frame.select(frame.columns[place] for place in places)
        return frame.rename(dict(zip(frame.columns, map(str, places), strict=True)))

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:  # noqa: ARG002
        """Return None: a CSV file holds text only."""
        return None


def _unreadable(file: str, reason: str) -> Fault:
    """Say in words why rows cannot be told apart."""
    if "more fields" in reason:
        hint = "Quote the values that hold the separator."
        return Fault(
            code="legacy.fault",
            table=file,
            details={"problem": "a row has more values than the header has columns", "hint": hint},
        )
    hint = "Somewhere a quotation mark stands alone: double it, or quote the whole value."
    return Fault(
        code="legacy.fault",
        table=file,
        details={"problem": "cannot be read as CSV: a quoted value never ends", "hint": hint},
    )


def _open_text(path: Path) -> list[Sheet] | Fault:
    found = decoded(path)
    if isinstance(found, Fault):
        return found
    content, encoding = found
    if b"\n" not in content and b"\r" in content:
        # Lines of old Macintosh programs.
        content = content.replace(b"\r", b"\n")
    lines: list[str] = []
    starts: list[int] = []
    place = 0
    while len(lines) < HEAD_ROWS and place < len(content):
        end = content.find(b"\n", place)
        end = len(content) if end < 0 else end
        lines.append(content[place:end].decode("utf-8", "replace").rstrip("\r"))
        starts.append(place)
        place = end + 1
    # Titles stand first, so what separates the later rows separates the table.
    table = [line for line in lines[len(lines) // 2 :] if line]
    separator = max(_SEPARATORS, key=lambda mark: sum(line.count(mark) for line in table))
    head = [next(csv.reader([line], delimiter=separator), []) for line in lines]
    return [TextSheet(path.name, content, separator, encoding, head, starts)]


# --- frames --------------------------------------------------------------------------------------


@dataclass
class FrameSheet:
    """A file that has types of its own; its header is its schema."""

    file: str
    frame: pl.DataFrame
    reading: str
    name: str = ""
    decimal_comma: bool = False

    @property
    def head(self) -> list[list[str]]:
        """Return the names of the columns."""
        return [list(self.frame.columns)]

    def texts(self, header: int, columns: Sequence[int]) -> pl.DataFrame:  # noqa: ARG002
        """Return columns as text."""
        frame = self._named(columns)
        try:
            return frame.with_columns(pl.all().cast(pl.String))
        except pl.exceptions.PolarsError as error:
            shown = ", ".join(f"{self.frame.columns[int(name)]} ({dtype})"
                              for name, dtype in frame.schema.items())  # fmt: skip
            problem = f"columns are of types that hold no text or number: {shown}"
            hint = "Write codes as text and figures as numbers."
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table=self.file,
                        details={"problem": problem, "hint": hint},
                    )
                ]
            ) from error

    def numbers(self, header: int, columns: Sequence[int]) -> pl.DataFrame | None:  # noqa: ARG002
        """Return the columns of numbers, null where the column holds text."""
        named = self._named(columns)
        return named.with_columns(
            pl.col(name).cast(pl.Float64)
            if dtype.is_numeric()
            else pl.lit(None, pl.Float64).alias(name)
            for name, dtype in named.schema.items()
        )

    def _named(self, columns: Sequence[int]) -> pl.DataFrame:
        places = sorted(columns)
        frame = self.frame.select(self.frame.columns[place] for place in places)
        return frame.rename(dict(zip(frame.columns, map(str, places), strict=True)))
