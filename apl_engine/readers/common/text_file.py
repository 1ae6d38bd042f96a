"""Files of text: header, first rows, whole content, and rows that are truncated or too long."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import Fault
from ...inputs.text_file import UTF16_MARKS, compression_of, decode, open_text, separator_of
from .file_type import LARGEST
from .issues import file_fault

# Enough rows to distinguish codes from numbers, and minutes from seconds.
_HEAD_BYTES = 256 * 1024
HEAD_ROWS = 8_000
_LONGEST_HEADER = 1_000_000
_TAIL_BYTES = 64 * 1024
_CHUNK = 16 * 1024**2
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


def header_of(path: Path) -> tuple[list[str], str] | Fault:
    """Read the header of a CSV file.

    Parameters
    ----------
    path : Path
        The file, plain, gz or zst.

    Returns
    -------
    list of str, str; or Fault
        The names, numbered if several columns have the same; and the separator.
    """
    try:
        with open_text(path) as file:
            raw = file.readline(_LONGEST_HEADER)
    except _DAMAGED as error:
        return file_fault(path, "cannot_decompress", reason=str(error))
    head = _decode_start(path, raw)
    if isinstance(head, Fault):
        return head
    line = head[0].rstrip("\r\n")
    if len(raw) >= _LONGEST_HEADER:
        return file_fault(path, "not_text")
    if odd := _odd_start(path, line):
        return odd
    if not line.strip():
        return file_fault(path, "empty_first_line")
    separator = separator_of(line)
    if separator not in line:
        return file_fault(path, "single_column")
    names = [name.strip() for name in next(csv.reader([line], delimiter=separator))]
    return _numbered(names), separator


def head_of(path: Path) -> tuple[str, str] | Fault:
    """Read the first whole lines of a text file.

    Parameters
    ----------
    path : Path
        The file, plain, gz or zst.

    Returns
    -------
    str, str; or Fault
        The lines, and the name of their encoding.
    """
    with open_text(path, lines=HEAD_ROWS) as file:
        raw = file.read(_HEAD_BYTES)
    if len(raw) == _HEAD_BYTES:
        raw = raw[: raw.rfind(b"\n") + 1] or raw
    head = _decode_start(path, raw)
    if isinstance(head, Fault):
        return head
    text, encoding = head
    if "\ufffd" in text and compression_of(path) == "zstd":
        # A byte that is not UTF-8 is most often the accent of durée.
        text, encoding = text.replace("\ufffd", "é"), "Windows-1252"
    return _odd_start(path, text) or (text, encoding)


def read_text(path: Path) -> tuple[bytes, str] | Fault:
    """Read a whole text file.

    Parameters
    ----------
    path : Path
        The file, plain or gz.

    Returns
    -------
    bytes, str; or Fault
        The content in UTF-8, and the name of the encoding in which the file is.
    """
    if compression_of(path) == "zstd":
        return file_fault(path, "zstandard")
    parts, size = [], 0
    try:
        with open_text(path) as file:
            while part := file.read(_CHUNK):
                size += len(part)
                if size > LARGEST:
                    return file_fault(path, "too_large", gib=LARGEST / 1024**3)
                parts.append(part)
    except _DAMAGED as error:
        return file_fault(path, "cannot_decompress", reason=str(error))
    decoded = decode(b"".join(parts))
    return (decoded[0].encode(), decoded[1]) if decoded else file_fault(path, "not_text")


def _decode_start(path: Path, raw: bytes) -> tuple[str, str] | Fault:
    """Decode the start of a file; one too large to be converted must not be in UTF-16."""
    if raw.startswith(UTF16_MARKS):
        return file_fault(path, "utf16")
    return decode(raw) or file_fault(path, "not_text")


def _odd_start(path: Path, head: str) -> Fault | None:
    """Return the fault of a file whose lines end in CR alone, or that begins for Excel."""
    if "\r" in head.rstrip("\r\n").replace("\r\n", "\n"):
        return file_fault(path, "carriage_returns")
    return file_fault(path, "excel_separator_line") if head.lower().startswith("sep=") else None


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
                shown = (self.separator.join(row)[:60],)
                return file_fault(self.path, kind, rows=(number,), values=shown, **counts)
        return None

    def cut_at_end(self) -> Fault | None:
        """Return the fault of a file that ends within a row; compressed ones report it themselves.

        A row without a line end may be whole or not: 12.2 may once have been 12.24.
        """
        if compression_of(self.path):
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - _TAIL_BYTES))
            tail = file.read().decode("utf-8", "replace")
        last = tail.rstrip("\r\n").rpartition("\n")[2]
        # To Python's reader, a return within a line is an error.
        plain = last.replace("\r", " ")
        fields = len(next(csv.reader([plain], delimiter=self.separator), []))
        if tail.endswith(("\n", "\r")) and fields >= self.size:
            return None
        kind = "last_row_short" if fields < self.size else "last_row_unterminated"
        shown, expected = (last[:60],), self.size
        return file_fault(self.path, kind, values=shown, fields=fields, expected=expected)


def _numbered(names: Sequence[str]) -> list[str]:
    """Add a number to the names that several columns have."""
    total, so_far = Counter(names), Counter[str]()
    result = []
    for name in names:
        so_far[name] += 1
        result.append(f"{name} ({so_far[name]})" if total[name] > 1 else name)
    return result
