"""The header of a file of text about activity: its columns, and what parts them."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ...errors import Fault
from .file_type import UTF16_MARKS, in_utf16, odd_first_line, odd_line_ends

_SEPARATORS = (";", ",", "\t", "|")
_ZSTD = b"\x28\xb5\x2f\xfd"
_GZIP = b"\x1f\x8b"
_LONGEST_HEADER = 1_000_000


def header_of(path: Path) -> tuple[list[str], str] | Fault:
    """Read the header of a CSV file, plain, gz or zst.

    Parameters
    ----------
    path : the file.

    Returns
    -------
    tuple of names and separator, or Fault
        Columns of the same name are told apart by a number.
    """
    line = _first_line(path)
    if isinstance(line, Fault):
        return line
    if fault := odd_line_ends(path, line) or odd_first_line(path, line):
        return fault
    if not line.strip():
        hint = "Its first line must name the columns."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "begins with an empty line", "hint": hint},
        )
    separator = max(_SEPARATORS, key=line.count)
    if not line.count(separator):
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "has a single column", "hint": "Separate columns by ; or ,."},
        )
    names = next(csv.reader([line], delimiter=separator))
    return _unique([name.strip() for name in names]), separator


def _first_line(path: Path) -> str | Fault:
    """Return the header: in UTF-8, with a mark or not, or in Windows-1252."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_ZSTD):
        raw = _first_line_of_zstd(path)
    else:
        opener = gzip.open if start.startswith(_GZIP) else open
        try:
            with opener(path, "rb") as file:
                raw = bytes(file.readline(_LONGEST_HEADER))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            hint = "It is cut short or damaged: export it again."
            return Fault(
                code="legacy.fault",
                table=path.name,
                details={"problem": f"cannot be decompressed ({error})", "hint": hint},
            )
    if raw.startswith(UTF16_MARKS):
        return in_utf16(path)
    if b"\0" in raw or len(raw) >= _LONGEST_HEADER:
        hint = "Give CSV in UTF-8 or Windows-1252, or Parquet."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "is no text in UTF-8 or Windows-1252", "hint": hint},
        )
    try:
        return raw.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").rstrip("\r\n")


def _first_line_of_zstd(path: Path) -> bytes:
    line = pl.scan_csv(
        path,
        separator="\x1f",
        quote_char=None,
        has_header=False,
        infer_schema=False,
        n_rows=1,
        encoding="utf8-lossy",
        glob=False,
    ).collect()
    return str(line.item(0, 0)).encode() if line.height else b""


def _unique(names: Sequence[str]) -> list[str]:
    """Tell columns of the same name apart by a number."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    counts: dict[str, int] = {}
    result = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        result.append(f"{name} ({counts[name]})" if seen[name] > 1 else name)
    return result
