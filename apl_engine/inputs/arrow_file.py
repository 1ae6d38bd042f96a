"""Whether an Arrow file is whole: Polars reads what is cut within a column as other numbers.

A stream is a row of messages, each of a length, metadata (a flatbuffer) and a body, ended by a
marker; a file has messages between two magic words, with a footer after them that says where they
are.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

_MAGIC = b"ARROW1"
_CONTINUATION = 0xFFFFFFFF
# Places of fields in the tables Message and Footer of the format.
_BODY_LENGTH = 3
_BLOCKS = (2, 3)  # dictionaries and batches
_BLOCK = struct.Struct("<qixxxxq")
_END = struct.pack("<II", _CONTINUATION, 0)
_TAIL = 4 + len(_MAGIC)


def is_whole(path: Path) -> bool:
    """Return whether the messages of an Arrow file or stream follow each other up to their end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            if file.read(len(_MAGIC)) != _MAGIC:
                return _end_of_stream(file, 0, size) == size
            file.seek(size - _TAIL)
            length, magic = struct.unpack(f"<i{len(_MAGIC)}s", file.read(_TAIL))
            end: int = size - _TAIL - length
            if magic != _MAGIC or length <= 0 or end < len(_MAGIC):
                return False
            file.seek(end)
            blocks = _blocks(file.read(length))
            # Polars writes the schema, which the footer repeats, without its length.
            first = min(blocks, default=end - len(_END))
            return _end_of_stream(file, first, end) == end
        except (struct.error, OSError):
            return False


def _end_of_stream(file: IO[bytes], at: int, end: int) -> int:
    """Return where the marker of the end ends; -1 without one."""
    while 0 <= at <= end - 8:
        file.seek(at)
        mark, length = struct.unpack("<II", file.read(8))
        at += 8
        if mark != _CONTINUATION or length > end - at:
            return -1
        if length == 0:
            return at
        message = file.read(length)
        body = _field(message, _BODY_LENGTH)
        # A field that is left out is 0.
        size: int = struct.unpack_from("<q", message, body)[0] if body else 0
        if size < 0:
            return -1
        at += length + size
    return -1


def _blocks(footer: bytes) -> list[int]:
    """Return where each message of a file begins."""
    starts = []
    for place in _BLOCKS:
        if at := _field(footer, place):
            at += struct.unpack_from("<I", footer, at)[0]
            (count,) = struct.unpack_from("<I", footer, at)
            vector = footer[at + 4 : at + 4 + count * _BLOCK.size]
            starts += [start for start, _, _ in _BLOCK.iter_unpack(vector)]
    return starts


def _field(buffer: bytes, place: int) -> int:
    """Return where a field of the root table of a flatbuffer is; 0 if it is left out."""
    (table,) = struct.unpack_from("<I", buffer)
    vtable = table - struct.unpack_from("<i", buffer, table)[0]
    if vtable < 0:
        raise struct.error
    (size,) = struct.unpack_from("<H", buffer, vtable)
    if 4 + 2 * place >= size:
        return 0
    offset = struct.unpack_from("<H", buffer, vtable + 4 + 2 * place)[0]
    return table + offset if offset else 0
