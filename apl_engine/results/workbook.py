"""A table as a workbook: codes stay text, numbers keep every digit, and nothing runs."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

from ..errors import Fault, OutputError

# A fixed date, so that the same table gives the same bytes.
_STAMPED = datetime(2000, 1, 1)
_HEAD = {"bold": True, "bg_color": "#404040", "font_color": "white", "border": 1,
         "valign": "vcenter"}  # fmt: skip
_DATE = {"num_format": "yyyy-mm-dd"}
# Characters of a column; with the arrow of its filter, a heading takes some more.
_NARROWEST, _WIDEST, _ARROW, _NUMBER = 8, 50, 4, 12
_LONGEST_NAME = 31


def new_workbook(content: IO[bytes]) -> Any:
    """Return a new workbook of XlsxWriter.

    Codes, names and reasons are always text in it, never formulas, links or numbers.
    """
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        # Its digits are as wide as those of the default font, and it is available everywhere.
        # A new dict, since XlsxWriter changes it.
        "default_format_properties": {"font_name": "Arial", "font_size": 10},
    }
    return xlsxwriter.Workbook(content, options)


class _Exact(float):
    """A number that is written with all its digits; XlsxWriter keeps sixteen."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


def write_workbook(table: pl.DataFrame, file: IO[bytes], *, name: str) -> None:
    """Write a table as a workbook of one sheet.

    Its header is frozen, and has filters. Text is written as text, so that no cell is a formula and
    a code keeps its zeros; numbers as numbers, with every digit.

    Parameters
    ----------
    table : pl.DataFrame
        Text, numbers, truth values and dates.
    file : file of bytes
        Where it is written; the same table gives the same bytes.
    name : str
        Of the sheet.

    Raises
    ------
    OutputError
        A text is longer than a cell holds.
    """
    content = io.BytesIO()
    book = new_workbook(content)
    book.set_properties({"title": name, "author": "apl_engine", "created": _STAMPED})
    sheet = book.add_worksheet(_sheet_name(name))
    head, dates = book.add_format(_HEAD), book.add_format(_DATE)
    for index, column in enumerate(table.iter_columns()):
        sheet.set_column(index, index, _width(column))
        _check(sheet.write_string(0, index, column.name, head), name, column.name)
        write = _cell_writer(sheet, column.dtype, dates)
        for row, value in enumerate(column, 1):
            if value is not None:
                _check(write(row, index, value), name, column.name)
    sheet.freeze_panes(1, 0)
    if table.width:
        sheet.autofilter(0, 0, table.height, table.width - 1)
    book.close()
    file.write(content.getvalue())


def _sheet_name(name: str) -> str:
    """Return a name without what Excel does not allow in that of a sheet."""
    allowed = "".join("_" if letter in "[]:*?/\\" else letter for letter in name)
    return allowed[:_LONGEST_NAME].strip("'") or "table"


def _cell_writer(sheet: Any, dtype: pl.DataType, dates: Any) -> Callable[[int, int, Any], int]:
    """Return what writes a value of a type to a cell."""
    if dtype == pl.Boolean:
        return lambda row, column, value: sheet.write_boolean(row, column, value)
    if dtype.is_temporal():
        return lambda row, column, value: sheet.write_datetime(row, column, value, dates)
    if dtype.is_numeric():
        return lambda row, column, value: sheet.write_number(row, column, _Exact(value))
    return lambda row, column, value: sheet.write_string(row, column, str(value))


def _check(code: int, name: str, column: str) -> None:
    """Refuse what XlsxWriter has not written whole: a text longer than a cell."""
    if code:
        details = {"path": f"{name}.xlsx", "column": column}
        raise OutputError(Fault("output.too_long_text", "output", details=details))


def _width(column: pl.Series) -> int:
    """Return a width that shows the heading and most values."""
    longest = len(column.name) + _ARROW
    if column.dtype.is_numeric():
        longest = max(longest, _NUMBER)
    elif len(column) > column.null_count():
        lengths = column.cast(pl.String).str.len_chars()
        longest = max(longest, 1 + max(lengths.drop_nulls()))
    return min(max(longest, _NARROWEST), _WIDEST)
