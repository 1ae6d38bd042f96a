"""Files of arrays that are named by their content."""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import Fault, InputDataError
from ...small_files import other_kind
from ..structure import ALIGNMENT, Arrays, is_array, is_deep

SUFFIX = ".part"
_MAGIC = b"APL network part\n"
_LONGEST_HEADER = 100_000
# Those whose digest was compared in this process: path, size and time of the last change.
_verified: set[tuple[str, int, int]] = set()


@dataclass(frozen=True)
class Written:
    """A file of arrays.

    Attributes
    ----------
    file : str
        Its name: the SHA-256 of its content.
    size : int
        Bytes.
    """

    file: str
    size: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"file": self.file, "bytes": self.size}


def write_part(folder: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> Written:
    """Write arrays to a file named by its content.

    Raises
    ------
    OSError
        It cannot be written.
    """
    at, places, pieces = 0, {}, list[memoryview]()
    for name, array in arrays.items():
        ordered = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        body = ordered.reshape(-1).view(np.uint8).data
        places[name] = {"at": at, "shape": list(array.shape), "dtype": array.dtype.name}
        padding = memoryview(bytes(-len(body) % ALIGNMENT))
        pieces += [body, padding]
        at += len(body) + len(padding)
    head = _MAGIC + json.dumps({"bytes": at, "arrays": places}).encode() + b"\n"
    head += bytes(-len(head) % ALIGNMENT)
    digest, draft = hashlib.sha256(), folder / "part.partial"
    with draft.open("wb", buffering=0) as file:
        for piece in (memoryview(head), *pieces):
            digest.update(piece)
            while piece:
                piece = piece[file.write(piece) :]
    name = digest.hexdigest() + SUFFIX
    os.replace(draft, folder / name)
    return Written(name, len(head) + at)


@dataclass(frozen=True)
class Part:
    """A file of arrays in a folder.

    Attributes
    ----------
    folder : Path
        The network.
    written : Written
        Name and size of the file.
    check : bool
        Whether its digest is compared, once in a process.
    """

    folder: Path
    written: Written
    check: bool

    def refused(self, kind: str, **details: object) -> InputDataError:
        """Return the error of a part that cannot be used."""
        name = f"{self.folder.name}/{self.written.file}"
        return InputDataError(Fault(f"network.{kind}", name, details=details))

    def check_size(self) -> None:
        """Refuse a file that is missing, or of another size."""
        path = self.folder / self.written.file
        try:
            if kind := other_kind(path):
                raise OSError(0, f"it is {kind}")
            size = path.stat().st_size
        except OSError as error:
            raise self.refused("unopened", reason=error.strerror) from error
        if size < self.written.size:
            raise self.refused("truncated", bytes=size, expected=self.written.size)
        if size > self.written.size:
            raise self.refused("extra_bytes", bytes=size - self.written.size)

    def arrays(self) -> tuple[Arrays, bool]:
        """Map the file; return its arrays, and whether they are looked at for the first time."""
        self.check_size()
        path = self.folder / self.written.file
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise self.refused("unopened", reason=reason) from error
        key = (str(path), status.st_size, status.st_mtime_ns)
        new = self.check and key not in _verified
        if new and hashlib.sha256(content).hexdigest() + SUFFIX != self.written.file:
            raise self.refused("damaged")
        return self._parsed(content), new

    def mark_verified(self) -> None:
        """Note that the content was checked."""
        path = self.folder / self.written.file
        status = path.stat()
        _verified.add((str(path), status.st_size, status.st_mtime_ns))

    def _parsed(self, content: memoryview) -> Arrays:
        head = bytes(content[:_LONGEST_HEADER])
        text, end, _ = head.removeprefix(_MAGIC).partition(b"\n")
        if not head.startswith(_MAGIC) or not end:
            raise self.refused("not_a_network")
        try:
            described = json.loads(text)
        except (ValueError, RecursionError):
            described = None
        start = len(_MAGIC) + len(text) + 1
        body = content[start + -start % ALIGNMENT :]
        if (
            not isinstance(described, dict)
            or is_deep(described)
            or not isinstance(described.get("arrays"), dict)
            or not all(is_array(each, len(body)) for each in described["arrays"].values())
        ):
            raise self.refused("malformed", parts=("arrays",))
        return {
            name: np.frombuffer(body, each["dtype"], math.prod(each["shape"]), each["at"]).reshape(
                each["shape"]
            )
            for name, each in described["arrays"].items()
        }
