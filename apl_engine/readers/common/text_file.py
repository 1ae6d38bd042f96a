"""Files of text: header, first rows, whole content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ...errors import Fault
from ...inputs.plain_file import LARGEST, file_fault, pieces
from ...inputs.row_shape import split_rows
from ...inputs.text_file import damaged, decode, open_text, separator_of

# Enough rows to distinguish codes from numbers, and minutes from seconds.
_HEAD_BYTES = 256 * 1024
_LONGEST_HEADER = 1_000_000


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
    except damaged() as error:
        return file_fault(path, "cannot_decompress", reason=str(error))
    head = decode(raw)
    if head is None:
        return file_fault(path, "not_text")
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
    rows = split_rows(path, [line], separator)
    if isinstance(rows, Fault):
        return rows
    return _numbered([name.strip() for name in rows[0]]), separator


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
    with open_text(path) as file:
        raw = file.read(_HEAD_BYTES)
    if len(raw) == _HEAD_BYTES:
        raw = raw[: raw.rfind(b"\n") + 1] or raw
    head = decode(raw)
    if head is None:
        return file_fault(path, "not_text")
    return _odd_start(path, head[0]) or head


def read_text(path: Path) -> tuple[bytes, str] | Fault:
    """Read a whole text file.

    Parameters
    ----------
    path : Path
        The file, plain, gz or zst, as `open_plain` opens it.

    Returns
    -------
    bytes, str; or Fault
        The content in UTF-8, and the name of the encoding in which the file is.
    """
    parts, size = [], 0
    try:
        with open_text(path) as file:
            for part in pieces(file):
                size += len(part)
                if size > LARGEST:
                    return file_fault(path, "too_large", gib=LARGEST / 1024**3)
                parts.append(part)
    except damaged() as error:
        return file_fault(path, "cannot_decompress", reason=str(error))
    decoded = decode(b"".join(parts))
    return (decoded[0].encode(), decoded[1]) if decoded else file_fault(path, "not_text")


def _odd_start(path: Path, head: str) -> Fault | None:
    """Return the fault of a file whose lines end in CR alone, or that begins for Excel."""
    if "\r" in head.rstrip("\r\n").replace("\r\n", "\n"):
        return file_fault(path, "carriage_returns")
    return file_fault(path, "excel_separator_line") if head.lower().startswith("sep=") else None


def _numbered(names: Sequence[str]) -> list[str]:
    """Add a number to the names that several columns have."""
    total, so_far = Counter(names), Counter[str]()
    result = []
    for name in names:
        so_far[name] += 1
        result.append(f"{name} ({so_far[name]})" if total[name] > 1 else name)
    return result
