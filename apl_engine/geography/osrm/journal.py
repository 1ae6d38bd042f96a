"""A file of the blocks fetched so far, so that an interrupted fetch resumes where it stopped.

One JSON object per line: first the key of the fetch, then a line for each block.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO, Any

from ...errors import Fault, OutputError, TravelServiceError

FORMAT = "apl_engine travel times 1"


class Journal:
    """The finished blocks of one fetch.

    Parameters
    ----------
    path : Path or None
        The file; None keeps the blocks in memory only.
    key : str
        Identifies the fetch: communes, server and options.

    Attributes
    ----------
    blocks : dict of int to dict
        ``seconds`` and ``snapped`` by block number, with those of an earlier run.
    was_cut : bool
        Whether an incomplete last line was dropped.

    Raises
    ------
    TravelServiceError
        The file belongs to another fetch, is damaged, or is no journal.
    OutputError
        It cannot be read or written.
    """

    def __init__(self, given: str | Path | None, key: str) -> None:
        path = None if given is None else Path(given)
        self.path, self.was_cut = path, False
        self.blocks: dict[int, dict[str, Any]] = {}
        self._file: IO[str] | None = None
        if path is None:
            return
        if os.path.exists(path) and not os.path.isfile(path):
            raise OutputError(Fault("osrm.journal_not_a_file", str(path)))
        try:
            length = self._load(path.read_bytes(), key) if os.path.exists(path) else 0
            self._file = path.open("a", encoding="utf-8", newline="\n")
            self._file.truncate(length)
            if length == 0:
                self._write({"format": FORMAT, "key": key})
        except TravelServiceError:
            raise
        except OSError as error:
            self.close()
            raise self._unusable(error) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def add(self, block: int, seconds: list[float | None], snapped: list[float | None]) -> None:
        """Record one finished block.

        Parameters
        ----------
        block : int
            Its number.
        seconds : list of float or None
            Times of its wanted pairs.
        snapped : list of float or None
            Metres from each source to its road.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        entry = {"block": block, "seconds": seconds, "snapped": snapped}
        self.blocks[block] = entry
        if self._file is not None:
            try:
                self._write(entry)
            except OSError as error:
                raise self._unusable(error) from error

    def fault(self, code: str, **details: object) -> TravelServiceError:
        """Return the error of a file that cannot be resumed from."""
        return TravelServiceError(Fault(code, str(self.path), details=details))

    def _unusable(self, error: OSError) -> OutputError:
        details = {"reason": error.strerror or str(error)}
        return OutputError(Fault("osrm.journal_unusable", str(self.path), details=details))

    def _write(self, entry: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(_line(entry))
        self._file.flush()

    def _load(self, data: bytes, key: str) -> int:
        """Take over the finished blocks; return how many bytes of the file are whole lines."""
        whole = data.rfind(b"\n") + 1
        self.was_cut = whole < len(data)
        lines = [_parse(line) for line in data[:whole].splitlines()]
        start = _line({"format": FORMAT, "key": key}).encode()
        if not start.startswith(data) and (not lines or lines[0].get("format") != FORMAT):
            raise self.fault("osrm.not_a_journal")
        if lines and lines[0].get("key") != key:
            raise self.fault("osrm.other_journal")
        for number, entry in enumerate(lines[1:], 2):
            if not isinstance(entry.get("block"), int) or not _is_valid(entry):
                raise self.fault("osrm.journal_damaged", line=number)
            self.blocks[entry["block"]] = entry
        return whole


def _line(entry: dict[str, Any]) -> str:
    return json.dumps(entry, separators=(",", ":")) + "\n"


def _parse(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _is_valid(entry: dict[str, Any]) -> bool:
    lists = (entry.get("seconds"), entry.get("snapped"))
    return all(
        isinstance(values, list)
        and all(value is None or isinstance(value, int | float) for value in values)
        for values in lists
    )
