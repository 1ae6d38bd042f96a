"""Prepared networks on disk: written once for a table of travel times, mapped by every run.

A file is a line that names the format, a line of JSON that describes the network, then its four
arrays and the codes, each at a multiple of 64 bytes, little-endian. Arrays are used in place, so
that processes share one copy. Formats made for tables or tensors have no rows of unequal length, or
no digest.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .._version import __version__
from ..errors import Fault, InputDataError, Note, check_arguments, first
from ..inputs import Inputs
from ..inputs.tables import Stamp
from ..method.network import TravelNetwork
from ..method.sparse_rows import Rows

SUFFIX = ".aplnet"
FORMAT = 1
_MAGIC = b"APL network\n"
_ALIGNMENT = 64
# Longer than any description of a network.
_LONGEST_HEADER = 1_000_000
_ARRAYS = {
    "origin_pointers": np.int64,
    "origin_pairs": np.uint32,
    "destination_pointers": np.int64,
    "destination_pairs": np.uint32,
    "codes": np.uint8,
}


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
    codes = np.frombuffer("\n".join(network.communes.to_list()).encode(), dtype=np.uint8)
    values: tuple[npt.NDArray[Any], ...] = (
        network.by_origin.pointers, network.by_origin.pairs,
        network.by_destination.pointers, network.by_destination.pairs, codes,
    )  # fmt: skip
    arrays, at = {}, 0
    parts: list[memoryview] = []
    for (name, dtype), array in zip(_ARRAYS.items(), values, strict=True):
        part = np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<")).view(np.uint8).data
        padding = -len(part) % _ALIGNMENT
        arrays[name] = {"at": at, "count": array.size}
        parts += [part, memoryview(bytes(padding))]
        at += len(part) + padding
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    described = {
        "format": FORMAT,
        "apl_engine": __version__,
        "communes": len(network.communes),
        "pairs": network.pairs,
        "edges": network.edges.tolist(),
        "built_by": network.built_by,
        "source": network.source,
        "notes": [note.as_dict() for note in network.notes],
        "arrays": arrays,
        "bytes": at,
        "sha256": digest.hexdigest(),
    }
    text = json.dumps(described, ensure_ascii=False).encode() + b"\n"
    head = _MAGIC + hashlib.sha256(text).hexdigest().encode() + b" " + text
    return head + bytes(-len(head) % _ALIGNMENT), parts


@check_arguments(path=(str, Path))
def load_network(path: str | Path, *, check: bool = True) -> TravelNetwork:
    """Map a prepared network into memory.

    Parameters
    ----------
    path : str or Path
        A file that `save_network` wrote.
    check : bool
        Whether to read all of it and compare digests, some 0.5 s per gigabyte; otherwise a file
        that was damaged after it was written goes unnoticed.

    Returns
    -------
    TravelNetwork
        Its arrays lie in the file and are read-only.

    Raises
    ------
    InputDataError
        The file is missing, not a network, of another format version, truncated or damaged.
    """
    file_path = Path(path)
    try:
        with file_path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise _refused(file_path, "unopened", reason=error.strerror) from error
    except ValueError as error:  # a file of no byte cannot be mapped
        raise _refused(file_path, "empty") from error
    described, start = _description(file_path, content)
    body = content[start:]
    if more := len(body) - described["bytes"]:
        if more > 0:
            raise _refused(file_path, "extra_bytes", bytes=more)
        raise _refused(file_path, "truncated", bytes=len(body), expected=described["bytes"])
    if check and hashlib.sha256(body).hexdigest() != described["sha256"]:
        raise _refused(file_path, "damaged")
    return _network(described, body)


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
    described: dict[str, Any] = json.loads(text)
    if described["format"] != FORMAT or sys.byteorder != "little":
        raise _refused(
            path,
            "other_format",
            format=described["format"],
            written_by=described["apl_engine"],
            version=__version__,
            supported=FORMAT,
        )
    stop = size + len(digest) + 1 + len(text)
    start = stop + -stop % _ALIGNMENT
    # No digest covers the padding of the head.
    if any(content[stop:start]):
        raise _refused(path, "damaged_header")
    return described, start


def _network(described: Mapping[str, Any], body: memoryview) -> TravelNetwork:
    arrays = {
        name: np.frombuffer(body, dtype, array["count"], array["at"])
        for name, dtype in _ARRAYS.items()
        for array in (described["arrays"][name],)
    }
    codes = arrays["codes"].tobytes().decode().split("\n")
    return TravelNetwork(
        pl.Series("commune", codes, dtype=pl.String),
        Rows(arrays["origin_pointers"], arrays["origin_pairs"]),
        Rows(arrays["destination_pointers"], arrays["destination_pairs"]),
        np.array(described["edges"]),
        described["built_by"],
        tuple(Note.from_dict(note) for note in described["notes"]),
        described["source"],
    )


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
    faults = []
    needed, present = tables.communes["commune"].cast(pl.String), network.communes
    if not needed.equals(present) and needed.equals(present.sort()):
        faults.append(_fault("unsorted_communes"))
    for kind, codes in (
        ("missing_communes", needed.filter(~needed.is_in(present.implode()))),
        ("unexpected_communes", present.filter(~present.is_in(needed.implode()))),
    ):
        if len(codes):
            faults.append(_fault(kind, first(codes, 3), communes=len(codes)))
    year, files = network.source.get("vintage"), network.source.get("files", ())
    others = {entry["vintage"] for entry in tables.imports if entry.get("vintage")} - {year}
    if year and others:
        faults.append(_fault("other_vintage", vintage=year, tables=tuple(sorted(others))))
    if beside and files and beside.sha256 not in {entry["sha256"] for entry in files}:
        names = tuple(entry["file"] for entry in files)
        faults.append(_fault("stale", beside=beside.name, files=names))
    if faults:
        raise InputDataError(faults)


def _fault(kind: str, values: tuple[str, ...] = (), **details: object) -> Fault:
    return Fault(f"network.{kind}", "network", values=values, details=details)
