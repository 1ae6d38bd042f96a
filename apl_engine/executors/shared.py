"""Objects that all units of a computation use: written once, and mapped by each process.

A file is a pickle whose arrays lie beside it, each at a multiple of 64 bytes. A process that loads
it uses the arrays in place, so that processes of one machine share one copy. Files are named by
their content.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import pickle
import struct
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import ExecutorError, Fault

_MAGIC = b"APL shared object 1\n"
_ALIGNMENT = 64
# Objects that a process keeps open: those of two computations with two objects each.
_OPEN = 4
# A folder on a network may show a new file later to other machines, seconds.
_UNTIL_SHOWN = 5.0


def write_shared(value: object, folder: Path) -> Path:
    """Write an object to a file of a folder, and return its path.

    Raises
    ------
    ExecutorError
        The file cannot be written.
    """
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, 5, buffer_callback=buffers.append)
    parts = [memoryview(head), *(buffer.raw() for buffer in buffers)]
    table = struct.pack(f"<{len(parts) + 1}q", len(parts), *(len(part) for part in parts))
    digest = hashlib.sha256(table)
    for part in parts:
        digest.update(part)
    path = folder / digest.hexdigest()
    draft = folder / f"{path.name}.draft"
    try:
        with draft.open("wb") as file:
            file.write(_MAGIC + table)
            for part in parts:
                file.write(bytes(-file.tell() % _ALIGNMENT))
                file.write(part)
        draft.replace(path)
    except OSError as error:
        details = {"reason": error.strerror or str(error)}
        raise ExecutorError(Fault("executor.not_shared", str(folder), details=details)) from error
    return path


@lru_cache(_OPEN)
def read_shared(path: str) -> Any:
    """Return the object of a file; the file is read once by each process.

    Raises
    ------
    ExecutorError
        This machine has no such file.
    """
    content = _opened(path)
    at = len(_MAGIC)
    (count,) = struct.unpack_from("<q", content, at)
    lengths: Sequence[int] = struct.unpack_from(f"<{count}q", content, at + 8)
    at += 8 + 8 * count
    parts = []
    for length in lengths:
        at += -at % _ALIGNMENT
        parts.append(content[at : at + length])
        at += length
    return pickle.loads(parts[0], buffers=parts[1:])


def _opened(path: str) -> memoryview:
    patience = time.monotonic() + _UNTIL_SHOWN
    while True:
        try:
            with open(path, "rb") as file:
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            if time.monotonic() < patience:
                time.sleep(0.1)
                continue
            folder, reason = os.path.dirname(path), error.strerror or str(error)
            fault = Fault("executor.file_unavailable", folder, details={"reason": reason})
            raise ExecutorError(fault) from error
