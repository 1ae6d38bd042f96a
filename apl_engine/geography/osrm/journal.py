"""What was fetched so far, in a file, so that an interrupted fetch goes on where it was.

One JSON object a line: first the key of the fetch, then a line for each block that came back.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ...errors import Fault, OutputError, TravelServiceError

FORMAT = "apl_engine travel times 1"


class Journal:
    """The finished blocks of one fetch.

    Parameters
    ----------
    path : the file; None keeps nothing.
    key : what tells this fetch from another: places, server and options.

    Attributes
    ----------
    found : block number -> what stands there, of an earlier run.
    healed : whether a last line that was cut short was dropped.

    Raises
    ------
    TravelServiceError
        The file is of another fetch, or no journal.
    OutputError
        It cannot be read or written.
    """

    def __init__(self, path: Path | None, key: str) -> None:
        self.path, self.found, self.healed = path, dict[int, dict[str, Any]](), False
        self._file: IO[str] | None = None
        if path is None:
            return
        if path.exists() and not path.is_file():
            raise OutputError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={"problem": f"{path} is no plain file. Name a file to resume from"},
                )
            )
        try:
            length = self._read(path, key) if path.exists() else 0
            self._file = path.open("a", encoding="utf-8", newline="\n")
            self._file.truncate(length)
            if length == 0:
                self._write({"format": FORMAT, "key": key})
        except OSError as error:
            self.close()
            if isinstance(error, TravelServiceError):
                raise
            raise OutputError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={"problem": f"{path} cannot be used ({error.strerror or error})"},
                )
            ) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def add(self, block: int, seconds: list[float | None], snapped: list[float | None]) -> None:
        """Put down one finished block."""
        entry = {"block": block, "seconds": seconds, "snapped": snapped}
        self.found[block] = entry
        if self._file is None:
            return
        try:
            self._write(entry)
        except OSError as error:
            raise OutputError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={
                        "problem": f"{self.path} cannot be written ({error.strerror or error})"
                    },
                )
            ) from error

    def _write(self, entry: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(json.dumps(entry, separators=(",", ":")) + "\n")
        self._file.flush()

    def _read(self, path: Path, key: str) -> int:
        """Take over the finished blocks; return how many bytes of the file are whole lines."""
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        self.healed = whole < len(data)
        lines = data[:whole].splitlines()
        if not lines and not _head(key).startswith(data):
            raise TravelServiceError(
                Fault(code="legacy.fault", table="output", details={"problem": _foreign(path)})
            )
        for number, line in enumerate(lines):
            entry = _entry(line)
            if number == 0:
                _check(path, entry, key)
            elif isinstance(block := entry.get("block"), int) and _is_sound(entry):
                self.found[block] = entry
            else:
                raise TravelServiceError(
                    Fault(
                        code="legacy.fault",
                        table="output",
                        details={
                            "problem": f"{path} is damaged in line {number + 1}. Remove it to begin anew"
                        },
                    )
                )
        return whole


def _head(key: str) -> bytes:
    return json.dumps({"format": FORMAT, "key": key}, separators=(",", ":")).encode()


def _entry(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _is_sound(entry: dict[str, Any]) -> bool:
    lists = (entry.get("seconds"), entry.get("snapped"))
    return all(
        isinstance(values, list)
        and all(value is None or isinstance(value, int | float) for value in values)
        for values in lists
    )


def _check(path: Path, entry: dict[str, Any], key: str) -> None:
    if entry.get("format") != FORMAT:
        raise TravelServiceError(
            Fault(code="legacy.fault", table="output", details={"problem": _foreign(path)})
        )
    if entry.get("key") != key:
        raise TravelServiceError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{path} was begun for other communes, another server or other options. Name another "
                    "file, or remove it"
                },
            )
        )


def _foreign(path: Path) -> str:
    return f"{path} is no journal of a fetch of travel times. Name another file"
