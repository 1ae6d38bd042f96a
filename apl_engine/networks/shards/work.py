"""The folder in which a network is built: what was done in it is done once."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...inputs.travel_times import Limit, TablePairs
from ...kernels.types import Bits
from ..reading import Totals

_JOURNAL = "journal.json"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def folder_of(output: Path) -> Path:
    """Return the folder in which the network at a path is built."""
    return output.with_name(f".{output.name}.building")


@dataclass
class State:
    """What was done.

    Attributes
    ----------
    key : str
        Digest of inputs and options.
    phase : str
        reading, origins, repeats, destinations or done.
    file, row : int
        The next row to read, and its file.
    files : list of dict
        Name, size and digest of each file that was read.
    spooled : dict of str to int
        Bytes of each file of pairs on their way.
    totals, own, bands, windows, replaced
        What was counted; see `collect`.
    parts : dict of str to list of dict
        The parts that were written, by direction, as in the manifest.
    arranged : dict
        What was counted over the parts by origin; see `arrange`.
    """

    key: str
    phase: str = "reading"
    file: int = 0
    row: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)
    spooled: dict[str, int] = field(default_factory=dict)
    totals: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    bands: list[int] = field(default_factory=list)
    windows: str = ""
    replaced: int = 0
    parts: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"by_origin": [], "by_destination": []}
    )
    arranged: dict[str, Any] = field(default_factory=dict)


class Work:
    """The folder, its journal, and files of pairs that grow.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    key : str
        Digest of inputs and options: what others left is removed.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self.state = self._known(key) or self._anew(key)
        for path in folder.iterdir():
            if path.name.endswith(".words"):
                self._cut(path)
        shutil.rmtree(folder / "inputs", ignore_errors=True)

    def _known(self, key: str) -> State | None:
        """Return what the journal says of the same inputs and options, on the same day of power.

        What reached the disk before a machine stopped is not known.
        """
        try:
            held = json.loads((self.folder / _JOURNAL).read_bytes())
            state = State(**held["state"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return state if (state.key, held.get("boot")) == (key, _boot()) else None

    def _anew(self, key: str) -> State:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        return State(key)

    def _cut(self, path: Path) -> None:
        """Cut a file of pairs to what the journal knows of it."""
        size = self.state.spooled.get(path.name, 0)
        if not size:
            path.unlink()
        elif path.stat().st_size > size:
            os.truncate(path, size)

    def commit(self) -> None:
        """Write the journal: what was done until now counts."""
        draft = self.folder / f"{_JOURNAL}.partial"
        draft.write_text(json.dumps({"boot": _boot(), "state": vars(self.state)}))
        os.replace(draft, self.folder / _JOURNAL)

    def append(self, name: str, words: Bits) -> None:
        """Append pairs to a file; they count from the next commit on."""
        with (self.folder / f"{name}.words").open("ab", buffering=0) as file:
            rest = words.view(np.uint8).data
            while rest:
                rest = rest[file.write(rest) :]
        known = self.state.spooled
        known[f"{name}.words"] = known.get(f"{name}.words", 0) + words.nbytes

    def words(self, name: str, start: int, count: int) -> Bits:
        """Read some pairs of a file; fewer at its end."""
        path = self.folder / f"{name}.words"
        if f"{name}.words" not in self.state.spooled:
            return np.empty(0, dtype=np.uint64)
        return np.fromfile(path, np.uint64, count, offset=8 * start)

    def forget(self, name: str) -> None:
        """Remove a file of pairs that are in their parts; after the commit of these."""
        with suppress(OSError):
            (self.folder / f"{name}.words").unlink()

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _boot() -> str:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def packed(array: npt.NDArray[Any]) -> str:
    """Return an array as text."""
    return base64.b64encode(array.tobytes()).decode()


def unpacked(text: str, dtype: type) -> Any:
    """Return an array of what `packed` returned."""
    return np.frombuffer(base64.b64decode(text), dtype=dtype).copy()


def totals_as_dict(totals: Totals) -> dict[str, Any]:
    """Return totals as plain values."""
    pairs = totals.pairs
    return {
        "counts": [pairs.not_computed, pairs.rows, pairs.beyond, pairs.codes.dropped,
                   pairs.codes.overseas, totals.read, totals.apart, totals.zeros],
        "repaired": dict(pairs.codes.repaired),
        "unknown": dict(pairs.codes.unknown),
        "shown": list(totals.shown),
    }  # fmt: skip


def totals_from_dict(given: Mapping[str, Any], limit: Limit) -> Totals:
    """Return the totals that `totals_as_dict` returned."""
    pairs = TablePairs(limit)
    if not given:
        return Totals(pairs)
    counts = iter(given["counts"])
    pairs.not_computed, pairs.rows, pairs.beyond = next(counts), next(counts), next(counts)
    pairs.codes.dropped, pairs.codes.overseas = next(counts), next(counts)
    pairs.codes.repaired.update(given["repaired"])
    pairs.codes.unknown.update(given["unknown"])
    read, apart, zeros = counts
    return Totals(pairs, read, apart, zeros, tuple(given["shown"]))
