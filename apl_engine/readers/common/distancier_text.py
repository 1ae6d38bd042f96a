"""The first and last lines of a distancier in text: encoding, rows that are cut or too long."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ...errors import Fault
from .file_type import UTF16_MARKS, in_utf16, odd_first_line, odd_line_ends

# Enough rows to tell codes from numbers, and minutes from seconds.
_HEAD_BYTES = 256 * 1024
HEAD_ROWS = 8_000
_GZIP, _ZSTD, _MARK = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xef\xbb\xbf"
_TAIL_BYTES = 64 * 1024


def head_of(path: Path) -> tuple[str, str] | Fault:
    """Return the first whole lines of a text file, and its encoding; or why it is not read.

    Parameters
    ----------
    path : CSV, plain, gz or zst.
    """
    found = _head(path)
    if isinstance(found, Fault):
        return found
    return odd_line_ends(path, found[0]) or odd_first_line(path, found[0]) or found


def _head(path: Path) -> tuple[str, str] | Fault:
    with path.open("rb") as file:
        start = file.read(4)
    if start == _ZSTD:
        # Polars gives text only; a byte that is not UTF-8 is taken for the accent of durée.
        lines = pl.scan_csv(
            path, has_header=False, separator="\x1f", quote_char=None, infer_schema=False,
            encoding="utf8-lossy", n_rows=HEAD_ROWS, glob=False,
        ).collect()  # fmt: skip
        text = "\n".join(lines.to_series().fill_null("").to_list())
        return text.replace("\ufffd", "é"), "Windows-1252" if "\ufffd" in text else "UTF-8"
    opener = gzip.open if start.startswith(_GZIP) else open
    with opener(path, "rb") as file:
        raw = bytes(file.read(_HEAD_BYTES))
    if len(raw) == _HEAD_BYTES:
        raw = raw[: raw.rfind(b"\n") + 1] or raw
    if raw.startswith(UTF16_MARKS):
        return in_utf16(path)
    encoding = "UTF-8 with a mark" if raw.startswith(_MARK) else "UTF-8"
    try:
        return raw.removeprefix(_MARK).decode(), encoding
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "Windows-1252"


def is_plain(path: Path) -> bool:
    """Tell whether a file of text is not compressed."""
    with path.open("rb") as file:
        return not file.read(4).startswith((_GZIP, _ZSTD))


def uneven(path: Path, separator: str, size: int, rows: Sequence[Sequence[str]]) -> Fault | None:
    """Return the fault of the first row that has not the values of the header.

    Parameters
    ----------
    path, separator : the file.
    size : how many columns its header names.
    rows : the first of it.
    """
    place, row = next(((k, row) for k, row in enumerate(rows, 1) if len(row) != size), (0, [""]))
    if not place:
        return None
    hint = "Quote values that hold the separator, or close a quotation mark that is left open."
    if separator == ",":
        hint = "Decimal commas need ; between columns, or numbers in quotation marks."
    if len(row) < size:
        hint = "The row may be cut: download or export the file again."
    problem = f"a row has {len(row)} fields where the header has {size}"
    shown = (separator.join(row)[:60],)
    return Fault(
        code="legacy.fault",
        table=path.name,
        rows=(place,),
        values=shown,
        details={"problem": problem, "hint": hint},
    )


def cut_at_end(path: Path, separator: str, size: int) -> Fault | None:
    """Return the fault of a file that ends within a row; compressed ones tell it themselves.

    A row without an end may be whole or not: 12.2 was perhaps 12.24.
    """
    if not is_plain(path):
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read().decode("utf-8", "replace")
    last = tail.rstrip("\r\n").rpartition("\n")[2]
    fields = len(next(csv.reader([last], delimiter=separator), []))
    if tail.endswith(("\n", "\r")) and fields >= size:
        return None
    problem = "the last row is cut: it has no end of line"
    if fields < size:
        problem = f"the last row is cut: it has {fields} fields where the header has {size}"
    hint = "Download or export it again; where the row is whole, end it with a line end."
    return Fault(
        code="legacy.fault",
        table=path.name,
        values=(last[:60],),
        details={"problem": problem, "hint": hint},
    )
