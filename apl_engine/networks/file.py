"""Prepared networks on disk: written once for a distancier, mapped into memory by every run.

A file is a line that names the format, a line of JSON that describes it, and four arrays and the
codes, each at a multiple of 64 bytes, in the byte order of nearly every machine (little-endian).
Arrays are used where they lie in the file, so that processes share one copy of them. Formats made
for tables or tensors hold no rows of unequal length, or no digest.
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

from .. import __version__
from ..errors import Fault, InputDataError
from ..inputs import Inputs
from ..inputs.tables import Stamp
from ..method.network import TravelNetwork
from ..method.sparse_rows import Rows
from ..notes import Note, first

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
    """Return a network as the head of its file and the parts that follow it.

    Parameters
    ----------
    network : any.

    Returns
    -------
    bytes, list of memoryview
        To be written one after the other.
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


def load_network(path: str | Path, *, check: bool = True) -> TravelNetwork:
    """Map a prepared network into memory.

    Parameters
    ----------
    path : a file that `save_network` wrote.
    check : whether to read all of it and compare digests, some 0.5 s a gigabyte; without, a
        file that was damaged since it was written goes unseen.

    Returns
    -------
    TravelNetwork
        Its arrays lie in the file and cannot be written to.

    Raises
    ------
    InputDataError
        The file is absent, none of ours, of another format version, cut short or damaged.
    """
    place = Path(path)
    try:
        with place.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is empty"
        raise _refused(place, f"cannot be opened ({reason})", "Give the file itself.") from error
    described, start = _description(place, content)
    body = content[start:]
    if len(body) != described["bytes"]:
        problem = f"is cut short: {len(body)} of {described['bytes']} bytes after its head"
        if len(body) > described["bytes"]:
            problem = f"has {len(body) - described['bytes']} bytes behind its end"
        raise _refused(place, problem, _AGAIN)
    if check and hashlib.sha256(body).hexdigest() != described["sha256"]:
        raise _refused(place, "is damaged: its content is not what was written", _AGAIN)
    return _network(described, body)


_AGAIN = "Copy it again, or build it again with `apl network build`."


def _description(place: Path, content: memoryview) -> tuple[dict[str, Any], int]:
    """Return what the head of a file says, and where the arrays begin."""
    size = len(_MAGIC)
    if bytes(content[:size]) != _MAGIC:
        problem = "is no prepared network"
        raise _refused(place, problem, "Make one with `apl network build`.")
    head = bytes(content[size : size + _LONGEST_HEADER])
    digest, _, rest = head.partition(b" ")
    text, end, _ = rest.partition(b"\n")
    text += end
    if not end or hashlib.sha256(text).hexdigest().encode() != digest:
        raise _refused(place, "is damaged: its head is not what was written", _AGAIN)
    described: dict[str, Any] = json.loads(text)
    if described["format"] != FORMAT or sys.byteorder != "little":
        problem = (
            f"is of format {described['format']}, written by version {described['apl_engine']}; "
            f"this is version {__version__}, of format {FORMAT}"
        )
        raise _refused(place, problem, "Build it again with `apl network build`.")
    stop = size + len(digest) + 1 + len(text)
    start = stop + -stop % _ALIGNMENT
    # No digest covers what fills the head up.
    if any(content[stop:start]):
        raise _refused(place, "is damaged: its head is not what was written", _AGAIN)
    return described, start


def _network(described: Mapping[str, Any], body: memoryview) -> TravelNetwork:
    arrays = {
        name: np.frombuffer(body, dtype, place["count"], place["at"])
        for name, dtype in _ARRAYS.items()
        for place in (described["arrays"][name],)
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


def _refused(place: Path, problem: str, hint: str) -> InputDataError:
    return InputDataError(
        [Fault(code="legacy.fault", table=place.name, details={"problem": problem, "hint": hint})]
    )


def check_fits(network: TravelNetwork, tables: Inputs, beside: Stamp | None = None) -> None:
    """Refuse a network that is not of these tables.

    Parameters
    ----------
    network : any.
    tables : what it is to be used with.
    beside : the travel times that lie with the tables, where there are any.

    Raises
    ------
    InputDataError
        Its communes are not those of the tables, its vintage is another, or it was built of other
        travel times.
    """
    faults = []
    ours = tables.communes["commune"].cast(pl.String)
    if not ours.equals(network.communes):
        hint = "Build the network with the table communes of this run (--communes)."
        if ours.equals(network.communes.sort()):
            faults.append(
                Fault(
                    code="legacy.fault",
                    table="network",
                    details={"problem": "its communes are not in the order of their codes"},
                )
            )
        for what, codes in (
            ("communes of the run that the network does not have", _beyond(ours, network.communes)),
            ("communes of the network that the run does not have", _beyond(network.communes, ours)),
        ):
            if len(codes):
                faults.append(Fault(code="legacy.fault", table="network", values=first(codes, 3), details={"problem": f"{len(codes)} {what}", "hint": hint}))  # fmt: skip
    year, source = network.source.get("vintage"), network.source
    others = {entry["vintage"] for entry in tables.imports if entry.get("vintage")} - {year}
    if year and others:
        problem = f"it is of vintage {year}, the tables of {', '.join(map(str, sorted(others)))}"
        faults.append(
            Fault(
                code="legacy.fault",
                table="network",
                details={"problem": problem, "hint": "Build it of travel times of that year."},
            )
        )
    known = {entry["sha256"] for entry in source.get("files", ())}
    if beside and known and beside.sha256 not in known:
        names = ", ".join(entry["file"] for entry in source["files"])
        problem = f"it is stale: {beside.name} beside the tables is not the {names} it was built of"
        faults.append(
            Fault(
                code="legacy.fault",
                table="network",
                details={"problem": problem, "hint": "Build it again, or move that table away."},
            )
        )
    if faults:
        raise InputDataError(faults)


def _beyond(codes: pl.Series, others: pl.Series) -> pl.Series:
    return codes.filter(~codes.is_in(others.implode()))
