"""What a network in parts says of itself: one file, which names the others."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..._version import __version__
from ...errors import Fault, InputDataError
from ...kernels.catchment import WINDOW
from ...results.atomic_folder import Kind
from ...small_files import read_small_file
from ..structure import WAYS, faults_of_description, is_deep, unlike
from .parts import SUFFIX

MANIFEST = "network.json"
FORMAT = 1
_FILE: dict[str, type | tuple[type, ...]] = {"file": str, "bytes": int}
_PART: dict[str, type | tuple[type, ...]] = {
    "first": int,
    "last": int,
    "pairs": int,
    "rows": dict,
    "runs": (dict, type(None)),
}


def manifest_bytes(described: Mapping[str, Any]) -> bytes:
    """Return the manifest of a network."""
    text = _text(described)
    document = {"apl_engine": __version__, "sha256": _digest(text), "network": described}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _text(described: Mapping[str, Any]) -> bytes:
    return json.dumps(described, ensure_ascii=False, sort_keys=True).encode()


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    """Return what a network in parts says of itself, and its digest.

    Raises
    ------
    InputDataError
        There is no manifest, or it is damaged, of another format or malformed.
    """

    def refused(kind: str, **details: object) -> InputDataError:
        return InputDataError(Fault(f"network.{kind}", folder.name, details=details))

    try:
        content = read_small_file(folder / MANIFEST)
    except FileNotFoundError as error:
        raise refused("no_manifest", file=MANIFEST) from error
    except OSError as error:
        raise refused("unopened", reason=error.strerror) from error
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("network"), dict):
        raise refused("not_a_network")
    described = document["network"]
    if is_deep(described):
        raise refused("malformed", parts=("format",))
    try:
        digest = _digest(_text(described))
    except (ValueError, TypeError, UnicodeEncodeError):
        digest = ""
    if digest != document.get("sha256"):
        raise refused("damaged_header")
    if described.get("format") != FORMAT:
        raise refused(
            "other_format",
            format=described.get("format"),
            written_by=document.get("apl_engine", "unknown"),
            version=__version__,
            supported=FORMAT,
        )
    if wrong := tuple(faults_of_manifest(described)):
        raise refused("malformed", parts=wrong)
    return described, digest


def faults_of_manifest(described: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of a manifest that are missing, or have no value that a network can have."""
    wrong = [*faults_of_description(described)]
    if described.get("band_counts") is None and "band_counts" not in wrong:
        # A file may lack them; parts are read without.
        wrong.append("band_counts")
    yield from wrong
    if not _is_file(described.get("places")):
        yield "places"
    if wrong:
        return
    parts = described.get("parts")
    if not isinstance(parts, dict) or unlike(parts, dict.fromkeys(WAYS, list)):
        yield "parts"
        return
    for way in WAYS:
        if not _cover(parts[way], described):
            yield way


def _cover(parts: list[Any], described: Mapping[str, Any]) -> bool:
    """Return whether parts follow each other from the first position to the last."""
    at = pairs = 0
    for part in parts:
        if unlike(part, _PART) or not _is_file(part["rows"]):
            return False
        lacks = part["runs"] is None and described["layout"] is None
        if not lacks and not _is_file(part["runs"]):
            return False
        if part["first"] != at or at % WINDOW or part["last"] <= at or part["pairs"] < 0:
            return False
        at, pairs = part["last"], pairs + part["pairs"]
    return (at, pairs) == (described["communes"], described["pairs"])


def _is_file(given: Any) -> bool:
    return (
        not unlike(given, _FILE)
        and given["bytes"] >= 0
        and bool(re.fullmatch(rf"[0-9a-f]{{64}}{re.escape(SUFFIX)}", given["file"]))
    )


def files_of(described: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the entry of each file that a manifest names."""
    yield described["places"]
    for way in WAYS:
        for part in described["parts"][way]:
            yield part["rows"]
            if part["runs"] is not None:
                yield part["runs"]


def kind_of(path: Path) -> Kind:
    """Return what counts as an earlier network in parts at a path."""
    try:
        described, _ = read_manifest(path)
        names = {entry["file"] for entry in files_of(described)}
    except InputDataError:
        names = set()
    return Kind(frozenset({MANIFEST, *names}), MANIFEST)
