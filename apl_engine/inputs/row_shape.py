"""Rows of text files: split into cells, and whether they are as long as the header says."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fault
from .plain_file import file_fault
from .text_file import compression_of, open_text

# A row of a practitioner has more cells, or an identifier that is text; see `quoting`.
_FEW_CELLS, _CELL = 4, r"\s*(?:[\d\s.,+-]*|2[ABab]\d{0,3})\s*"
_TAIL_BYTES = 64 * 1024
# 12.2 may once have been 12.24, and 1e once 1e3.
_NUMBER = re.compile(r"\s*(?:[+-]?\d[\d\s]*[.,]?\d*(?:[eE][+-]?\d*)?|[+-]|2[AB]\d*)\s*")


def quoted_row(row: Sequence[str], separator: str) -> tuple[str, ...]:
    """Return a row that a message may quote: of few cells, none of which is text.

    Parameters
    ----------
    row : sequence of str
        Its cells.
    separator : str
        Of its cells.

    Returns
    -------
    tuple of str
        The row, cut to 60 characters; none if it may be about a person.
    """
    few = len(row) <= _FEW_CELLS and all(re.fullmatch(_CELL, cell) for cell in row)
    return (separator.join(row)[:60],) if few else ()


def split_rows(path: Path, lines: Sequence[str], separator: str) -> list[list[str]] | Fault:
    """Return the cells of some lines, each of which is a row.

    Parameters
    ----------
    path : Path
        The file.
    lines : sequence of str
        Its first lines.
    separator : str
        Of its columns.

    Returns
    -------
    list of list of str, or Fault
        The fault of a cell longer than any table has.
    """
    rows = []
    for number, line in enumerate(lines):
        try:
            # To Python's reader, a return within a line is an error.
            plain = line.replace("\r", " ")
            rows.append(next(csv.reader([plain], delimiter=separator), []))
        except csv.Error:
            at = (number,) if number else ()
            return file_fault(path, "cell_too_long", rows=at, most=csv.field_size_limit())
    return rows


@dataclass(frozen=True)
class RowShape:
    """What every row of a text file must have, as its header has.

    Attributes
    ----------
    path : Path
        The file.
    separator : str
        Of its columns.
    size : int
        Number of columns.
    """

    path: Path
    separator: str
    size: int

    def uneven(self, rows: Sequence[Sequence[str]]) -> Fault | None:
        """Return the fault of the first of some rows that has more or fewer values."""
        for number, row in enumerate(rows, 1):
            if len(row) != self.size:
                kind = "decimal_commas" if self.separator == "," else "row_too_long"
                kind = "row_too_short" if len(row) < self.size else kind
                counts = {"fields": len(row), "expected": self.size}
                shown = quoted_row(row, self.separator)
                return file_fault(self.path, kind, rows=(number,), values=shown, **counts)
        return None

    def cut_at_end(self) -> Fault | None:
        """Return the fault of a file that ends within a row.

        Read of files that are not compressed; `cut_after_decompression` is for the others.
        """
        if compression_of(self.path):
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - _TAIL_BYTES))
            return self.cut_in(file.read())

    def cut_after_decompression(self) -> Fault | None:
        """Return the fault of a compressed file whose text ends within a row; reads all of it.

        One that is damaged is reported when it is read.
        """
        if not compression_of(self.path):
            return None
        tail = b""
        with open_text(self.path) as file:
            while part := file.read(_TAIL_BYTES):
                tail = tail[-_TAIL_BYTES:] + part
        return self.cut_in(tail)

    def cut_in(self, tail: bytes) -> Fault | None:
        """Return the fault of a file with this end.

        A row without a line end may be whole or not, if a number or a code is its last value.
        """
        text = tail.decode("utf-8", "replace")
        last = text.rstrip("\r\n").rpartition("\n")[2]
        rows = split_rows(self.path, [last], self.separator)
        fields = self.size if isinstance(rows, Fault) else len(rows[0])
        value = last.rpartition(self.separator)[2]
        is_ended = text.endswith(("\n", "\r")) or not _NUMBER.fullmatch(value)
        if not last.strip() or (is_ended and fields >= self.size) or last.count('"') % 2:
            # A value in quotation marks may hold line ends, or never end, which reading shows.
            return None
        kind = "last_row_short" if fields < self.size else "last_row_unterminated"
        cells = last.split(self.separator) if isinstance(rows, Fault) else rows[0]
        shown, expected = quoted_row(cells, self.separator), self.size
        return file_fault(self.path, kind, values=shown, fields=fields, expected=expected)
