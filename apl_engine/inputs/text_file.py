"""Files of text: how they are compressed, encoded and separated."""

from __future__ import annotations

import gzip
import importlib
import re
import sys
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

_UTF8_MARK = b"\xef\xbb\xbf"
_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
#: Names of encodings, for people.
ENCODINGS = {
    "utf-8": "UTF-8", "cp1252": "Windows-1252", "latin-1": "Latin-1", "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without a mark", "utf-16-be": "UTF-16 without a mark", "utf-32": "UTF-32",
}  # fmt: skip
_TRIED = ("utf-8", "cp1252", "latin-1")
# No text holds a zero byte; the start of a binary file does.
_START = 65_536

# The apostrophe that a CSV has before text that a spreadsheet would run; see `results.tables`.
ESCAPED = r"^'('*[=+\-@\t\r])"


def compression_of(path: Path) -> str:
    """Return how a file is compressed by its first bytes: gzip, zstd, or "" for not at all."""
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for mark, name in _COMPRESSIONS.items() if start.startswith(mark)), "")


def damaged() -> tuple[type[Exception], ...]:
    """Return what reading a damaged file that is compressed raises."""
    return (EOFError, zlib.error, gzip.BadGzipFile, _zstd().ZstdError)


def _zstd() -> Any:
    # Few files need it.
    return importlib.import_module(
        "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    )


def open_text(path: Path) -> BinaryIO:
    """Open a file of text for reading bytes, decompressed.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    file of bytes
    """
    compression = compression_of(path)
    if compression == "zstd":
        return cast(BinaryIO, _zstd().open(path))
    return cast(BinaryIO, gzip.open(path)) if compression == "gzip" else path.open("rb")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, which end in CR, LF or both; no other character ends one."""
    return re.split(r"\r\n?|\n", text.removesuffix("\n").removesuffix("\r"))


def decode(raw: bytes) -> tuple[str, str] | None:
    """Return text and the name of its encoding, or None if the bytes are not text.

    Parameters
    ----------
    raw : bytes
        In UTF-8, Windows-1252 or Latin-1; `plain_file` converts what is in others.
    """
    marked = raw.startswith(_UTF8_MARK)
    for encoding in _TRIED:
        try:
            text = raw.removeprefix(_UTF8_MARK).decode(encoding)
        except UnicodeDecodeError:
            continue
        name = "UTF-8 with a mark" if marked and encoding == "utf-8" else ENCODINGS[encoding]
        return None if "\0" in text[:_START] else (text, name)
    return None


def separator_of(text: str) -> str:
    """Return the separator of columns that occurs most often in some lines."""
    return max(";\t|,", key=text.count)
