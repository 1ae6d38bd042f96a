"""Prepared networks on disk: written once for a table of travel times, mapped by every run.

A file is a line that names the format, a line of JSON that describes the network, then its arrays,
each at a multiple of 64 bytes, little-endian. First come what a run reads: the codes, the layout in
runs, and the pairs at an end of a step that may belong to the next one; then all pairs with their
bands of minutes, which are read only if a methodology weighs times otherwise or single trips
matter. Each of these two sections has its digest. Arrays are used in place, so that processes share
one copy. Formats made for tables or tensors have no rows of unequal length, or no digest.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .._version import __version__
from ..errors import Fault, InputDataError, Note, check_arguments, first
from ..inputs import Inputs
from ..inputs.tables import Stamp
from ..method.network import BandPairs, InOnePiece, RowsBothWays, Stored, TravelNetwork
from ..method.runs import LaidOut
from ..method.sparse_rows import Rows
from ..small_files import other_kind
from .structure import (
    ALIGNMENT,
    BAND,
    CODES,
    ORDER,
    PAIRS,
    RUNS,
    WAYS,
    Arrays,
    faults_of_header,
    faults_of_pairs,
    faults_of_runs,
    is_deep,
    layout_of,
)

SUFFIX = ".aplnet"
FORMAT = 2
_MAGIC = b"APL network\n"
# Longer than any description of a network.
_LONGEST_HEADER = 1_000_000
# Of a SHA-256.
_DIGITS = 64


def network_bytes(network: TravelNetwork) -> tuple[bytes, list[memoryview]]:
    """Return a network as the bytes of its file.

    Parameters
    ----------
    network : TravelNetwork
        Any network.

    Returns
    -------
    bytes, list of memoryview
        The head, and the parts that follow it.
    """
    codes, of_bands = "\n".join(network.communes.to_list()).encode(), network.of_bands
    origin, destination = network.by_origin, network.by_destination
    pairs = (origin.pointers, origin.pairs, destination.pointers, destination.pairs)
    layout, reading = _of_layout(network.layout)
    bands = (
        {f"{BAND}{band}": np.stack(ends) for band, ends in of_bands.pairs.items()}
        if of_bands
        else {}
    )
    first: Arrays = {CODES: np.frombuffer(codes, dtype=np.uint8), **layout, **bands}
    parts: list[memoryview] = []
    second: Arrays = dict(zip(PAIRS, pairs, strict=True))
    sections = [_section(arrays, parts) for arrays in (first, second)]
    described = {
        "format": FORMAT,
        "apl_engine": __version__,
        "communes": len(network.communes),
        "pairs": network.pairs,
        "edges": network.edges.tolist(),
        "built_by": network.built_by,
        "built_for": network.built_for.tolist(),
        "layout": reading,
        "band_counts": of_bands and of_bands.counts.tolist(),
        "source": network.source,
        "notes": [note.as_dict() for note in network.notes],
        "sections": sections,
        "bytes": sum(len(part) for part in parts),
    }
    text = json.dumps(described, ensure_ascii=False).encode() + b"\n"
    head = _MAGIC + hashlib.sha256(text).hexdigest().encode() + b" " + text
    return head + bytes(-len(head) % ALIGNMENT), parts


def _of_layout(layout: LaidOut | None) -> tuple[Arrays, dict[str, Any] | None]:
    """Return the arrays of a layout by name, and what describes it."""
    if layout is None:
        return {}, None
    arrays: dict[str, npt.NDArray[Any]] = {ORDER: layout.order}
    for way in WAYS:
        rows = getattr(layout, way)
        arrays |= {f"{way}.{name}": getattr(rows, name) for name in RUNS}
    return arrays, {
        "weights": layout.weights.tolist(),
        "runs_per_row": layout.runs_per_row,
        "bytes": layout.nbytes,
    }


def _section(arrays: Arrays, parts: list[memoryview]) -> dict[str, Any]:
    """Append the bytes of some arrays to parts; return where they are, and their digest."""
    start, at, digest = sum(len(part) for part in parts), 0, hashlib.sha256()
    places = {}
    for name, array in arrays.items():
        ordered = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        part = ordered.reshape(-1).view(np.uint8).data
        padding = bytes(-len(part) % ALIGNMENT)
        places[name] = {"at": at, "shape": array.shape, "dtype": array.dtype.name}
        for piece in (part, memoryview(padding)):
            digest.update(piece)
            parts.append(piece)
        at += len(part) + len(padding)
    return {"at": start, "bytes": at, "sha256": digest.hexdigest(), "arrays": places}


@check_arguments(path=(str, Path))
def load_network(path: str | Path, *, check: bool = True) -> TravelNetwork:
    """Map a prepared network into memory.

    Parameters
    ----------
    path : str or Path
        A file that `save_network` wrote, or a folder of parts that `build_shards` wrote. Of a
        folder, each part is mapped when it is used, and released after; what needs all pairs at
        once joins them in memory.
    check : bool
        Whether to compare digests, some 0.5 s per gigabyte: that of the codes and runs now, that of
        the pairs when they are first used. Otherwise a file that was damaged after it was written
        goes unnoticed, and may crash the process.

    Returns
    -------
    TravelNetwork
        Its arrays lie in the file and are read-only. Pickled, it travels as its path and digest,
        and is mapped where it arrives.

    Raises
    ------
    InputDataError
        The file is missing, not a network, of another format version, truncated, damaged or
        malformed. Of a folder, parts tell when they are used; or that all do not fit in memory.
    """
    return _load(Path(path), check)


def _load_again(path: str, digest: str) -> TravelNetwork:
    """Map a network that was pickled; refuse another one at its path."""
    return _load(Path(path), True, digest)


def _load_unchecked(path: str, digest: str) -> TravelNetwork:
    return _load(Path(path), False, digest)


def _load(file_path: Path, check: bool, expected: str = "") -> TravelNetwork:
    """Map a file; `expected` is the digest that it must have."""
    again = _load_again if check else _load_unchecked
    if os.path.isdir(file_path):
        from .shards.load import load_folder

        return load_folder(file_path, check, again, expected)
    try:
        if (kind := other_kind(file_path)) not in ("", "a folder"):
            raise OSError(0, f"it is {kind}")
        with file_path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise _refused(file_path, "unopened", reason=error.strerror) from error
    except ValueError as error:  # a file of no byte cannot be mapped
        raise _refused(file_path, "empty") from error
    described, start = _description(file_path, content)
    digest = bytes(content[len(_MAGIC) : len(_MAGIC) + _DIGITS]).decode()
    if expected not in ("", digest):
        raise _refused(file_path, "changed")
    body = content[start:]
    if more := len(body) - described["bytes"]:
        if more > 0:
            raise _refused(file_path, "extra_bytes", bytes=more)
        raise _refused(file_path, "truncated", bytes=len(body), expected=described["bytes"])
    first = _Section(file_path, body, described, 0, check)
    second = _Section(file_path, body, described, 1, check, first)
    pairs = _StoredPairs(second, described["pairs"])
    stored = Stored(again, str(file_path.absolute()), digest)
    return _network(file_path, described, first.arrays, pairs).stored_at(stored)


class _Section:
    """Some arrays of a file, which are checked when they are first used."""

    def __init__(
        self, path: Path, body: memoryview, described: Mapping[str, Any], number: int, check: bool,
        before: _Section | None = None,
    ) -> None:  # fmt: skip
        self._path, self._described, self._check, self._before = path, described, check, before
        self._section = section = described["sections"][number]
        self._body = body[section["at"] : section["at"] + section["bytes"]]
        self._faults = (faults_of_runs, faults_of_pairs)[number]

    @cached_property
    def arrays(self) -> Arrays:
        if self._check and hashlib.sha256(self._body).hexdigest() != self._section["sha256"]:
            raise _refused(self._path, "damaged")
        arrays = {
            name: np.frombuffer(
                self._body, array["dtype"], math.prod(array["shape"]), array["at"]
            ).reshape(array["shape"])
            for name, array in self._section["arrays"].items()
        }
        runs = self._before.arrays if self._before else {}
        _check_parts(self._path, self._faults(self._described, arrays, self._check, runs))
        return arrays


@dataclass(frozen=True)
class _StoredPairs(InOnePiece):
    """The pairs of a file in both directions, see `Pairs`."""

    section: _Section
    count: int

    def __reduce__(self) -> tuple[type[RowsBothWays], tuple[Rows, Rows]]:
        return RowsBothWays, (self.by_origin, self.by_destination)

    @property
    def by_origin(self) -> Rows:
        arrays = self.section.arrays
        return Rows(arrays["origin_pointers"], arrays["origin_pairs"])

    @property
    def by_destination(self) -> Rows:
        arrays = self.section.arrays
        return Rows(arrays["destination_pointers"], arrays["destination_pairs"])


def _description(path: Path, content: memoryview) -> tuple[dict[str, Any], int]:
    """Return what the head of a file says, and the position of the arrays."""
    size = len(_MAGIC)
    if bytes(content[:size]) != _MAGIC:
        raise _refused(path, "not_a_network")
    head = bytes(content[size : size + _LONGEST_HEADER])
    digest, _, rest = head.partition(b" ")
    text, end, _ = rest.partition(b"\n")
    text += end
    if not end or hashlib.sha256(text).hexdigest().encode() != digest:
        raise _refused(path, "damaged_header")
    try:
        described = json.loads(text)
    except (ValueError, RecursionError):
        described = None
    if not isinstance(described, dict) or "format" not in described or is_deep(described):
        raise _refused(path, "malformed", parts=("format",))
    if described["format"] != FORMAT or sys.byteorder != "little":
        raise _refused(
            path,
            "other_format",
            format=described["format"],
            written_by=described.get("apl_engine", "unknown"),
            version=__version__,
            supported=FORMAT,
        )
    _check_parts(path, faults_of_header(described))
    stop = size + len(digest) + 1 + len(text)
    start = stop + -stop % ALIGNMENT
    # No digest covers the padding of the head.
    if any(content[stop:start]):
        raise _refused(path, "damaged_header")
    return described, start


def _network(
    path: Path, described: Mapping[str, Any], arrays: Arrays, pairs: _StoredPairs
) -> TravelNetwork:
    codes = _codes(path, arrays, described["communes"])
    return TravelNetwork(
        communes=pl.Series("commune", codes, dtype=pl.String),
        rows=pairs,
        edges=np.array(described["edges"]),
        built_by=described["built_by"],
        built_for=np.array(described["built_for"], dtype=np.int64),
        notes=tuple(Note.from_dict(note) for note in described["notes"]),
        source=described["source"],
        layout=layout_of(described, arrays),
        of_bands=_of_bands(described["band_counts"], arrays),
    )


def _of_bands(counts: list[int] | None, arrays: Arrays) -> BandPairs | None:
    """Return the pairs that are stored by band."""
    if counts is None:
        return None
    stored = ((name, ends) for name, ends in arrays.items() if name.startswith(BAND))
    pairs = {int(name.removeprefix(BAND)): (ends[0], ends[1]) for name, ends in stored}
    return BandPairs(np.array(counts, dtype=np.int64), pairs)


def _codes(path: Path, arrays: Arrays, communes: int) -> list[str]:
    try:
        codes = arrays[CODES].tobytes().decode().split("\n")
    except UnicodeDecodeError:
        codes = []
    if len(codes) != communes or len(set(codes)) != communes:
        raise _refused(path, "malformed", parts=(CODES,))
    return codes


def _check_parts(path: Path, wrong: Iterable[str]) -> None:
    """Refuse a file with some parts of the header or arrays that no network has."""
    if parts := tuple(wrong):
        raise _refused(path, "malformed", parts=parts)


def _refused(path: Path, kind: str, **details: object) -> InputDataError:
    return InputDataError(Fault(f"network.{kind}", path.name, details=details))


def check_fits(network: TravelNetwork, tables: Inputs, beside: Stamp | None = None) -> None:
    """Refuse a network that does not belong to some tables.

    Parameters
    ----------
    network : TravelNetwork
        Any network.
    tables : Inputs
        What it is to be used with.
    beside : Stamp, optional
        The file of travel times that lies with the tables.

    Raises
    ------
    InputDataError
        Its communes or its vintage are not those of the tables, or it was built from other travel
        times.
    """
    faults: list[Fault] = []
    needed, present = tables.communes["commune"].cast(pl.String), network.communes
    if not needed.equals(present):
        faults += _other_communes(needed, present)
    year, files = network.source.get("vintage"), network.source.get("files", ())
    others = {entry["vintage"] for entry in tables.imports if entry.get("vintage")} - {year}
    if year and others:
        faults.append(_fault("other_vintage", vintage=year, tables=tuple(sorted(others))))
    if beside and files and beside.sha256 not in {entry["sha256"] for entry in files}:
        names = tuple(entry["file"] for entry in files)
        faults.append(_fault("stale", beside=beside.name, files=names))
    if faults:
        raise InputDataError(faults)


def _other_communes(needed: pl.Series, present: pl.Series) -> Iterator[Fault]:
    """Yield how the communes of a network differ from those needed."""
    if needed.equals(present.sort()):
        yield _fault("unsorted_communes")
    for kind, codes in (
        ("missing_communes", needed.filter(~needed.is_in(present.implode()))),
        ("unexpected_communes", present.filter(~present.is_in(needed.implode()))),
    ):
        if len(codes):
            yield _fault(kind, first(codes, 3), communes=len(codes))


def _fault(kind: str, values: tuple[str, ...] = (), **details: object) -> Fault:
    return Fault(f"network.{kind}", "network", values=values, details=details)
