"""A result that was written to a folder, read again and held against its own record."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, MethodologyError
from ..method.result import Suppression, Zoning
from ..method.zoning import Cut
from ..methodology import restore_methodology
from ..notes import Note
from ..schemas import OUTPUTS, RECORD

# Columns of results that no practitioner went into do not have these.
_OF_SUPPLY = {"etp", "practitioners", "demand_reached"}


@dataclass(frozen=True, kw_only=True)
class StoredResult(Zoning):
    """A result as it was written.

    Attributes
    ----------
    folder : where it lies.
    record : all of its ``record.json``.
    """

    folder: Path
    record: Mapping[str, Any]

    @property
    def has_supply(self) -> bool:
        """Return whether supply and demand went into it, and not a published APL."""
        return "demand_reached" in self.communes.columns

    def located(self, what: str) -> Path | None:
        """Return where the ``inputs`` or the ``network`` of the run lie, None where not known.

        They are looked for where they were beside the result.
        """
        place = self.record.get("located", {}).get(what)
        found = Path(os.path.normpath(self.folder / place)) if place else None
        return found if found and found.exists() else None


def read_result(folder: str | Path) -> StoredResult:
    """Read a result that `write_result` wrote, and refuse one that was changed since.

    Parameters
    ----------
    folder : of ``apl run`` or ``apl zone``, with its ``record.json``.

    Returns
    -------
    Stored

    Raises
    ------
    InputDataError
        The folder is none of a result, is not whole, or is not what was written: lists every
        file that differs from the SHA-256 the record tells.

    Examples
    --------
    >>> zones = read_result("zones-2024")  # doctest: +SKIP
    >>> zones.territories.filter(zone="tres_sous_dotee")  # doctest: +SKIP
    """
    place = Path(folder)
    record = _record(place)
    faults = [fault for entry in record["outputs"] for fault in _changed(place, entry)]
    if record_sha256(record) != record.get("sha256"):
        faults.append(
            Fault(
                code="legacy.fault",
                table=RECORD,
                details={"problem": "was changed since it was written", "hint": _AGAIN},
            )
        )
    if faults:
        raise InputDataError(faults)
    try:
        return _stored(place, record)
    except (KeyError, TypeError, MethodologyError, pl.exceptions.PolarsError) as error:
        problem = f"is of version {record['apl_engine']}, which this one cannot read ({error})"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=RECORD,
                    details={"problem": problem, "hint": "Run again with this version."},
                )
            ]
        ) from (error)


_AGAIN = "Copy the folder again from where it was made, or run again."


def record_sha256(record: Mapping[str, Any]) -> str:
    """Return the digest of what a record holds, its own digest aside; the layout is free."""
    content = {key: value for key, value in record.items() if key != "sha256"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # A name of a file may hold what is no text elsewhere.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _record(folder: Path) -> dict[str, Any]:
    path = folder / RECORD
    if not folder.is_dir():
        problem = "is a file, not a folder" if folder.exists() else "does not exist"
        hint = "Give the folder that `apl run` or `apl zone` wrote."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=str(folder),
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
    try:
        record = json.loads(_text(path), object_pairs_hook=_once)
        files = [(str(entry["file"]), str(entry["sha256"])) for entry in record["outputs"]]
        if files and record["apl_engine"]:
            return dict(record)
        problem = "is no record of a result"
    except FileNotFoundError:
        problem = "is missing: the folder is none of a result"
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        problem = f"cannot be read ({type(error).__name__})"
    raise InputDataError(
        [
            Fault(
                code="legacy.fault",
                table=RECORD,
                details={"problem": f"{problem} ({folder})", "hint": _AGAIN},
            )
        ]
    )


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no file")
    return path.read_text(encoding="utf-8")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice, which readers take for one or the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _changed(folder: Path, entry: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with one file of a result."""
    path = folder / Path(str(entry["file"])).name
    if path.exists() and not path.is_file():
        return [
            Fault(
                code="legacy.fault",
                table=path.name,
                details={"problem": "is no file", "hint": _AGAIN},
            )
        ]
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return [
            Fault(
                code="legacy.fault",
                table=path.name,
                details={"problem": f"cannot be opened ({error.strerror})", "hint": _AGAIN},
            )
        ]
    if digest == entry["sha256"]:
        return []
    return [
        Fault(
            code="legacy.fault",
            table=path.name,
            details={
                "problem": f"is not the file that {RECORD} tells of (SHA-256)",
                "hint": _AGAIN,
            },
        )
    ]


def _stored(folder: Path, record: Mapping[str, Any]) -> StoredResult:
    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in OUTPUTS}
    for name, columns in OUTPUTS.items():
        if missing := columns.keys() - tables[name].columns - _OF_SUPPLY:
            raise KeyError(f"{name} without {', '.join(sorted(missing))}")
    hanging, suppression = record["hanging_on_silence"], record.get("suppression")
    return StoredResult(
        **tables,
        cuts=tuple(Cut(**cut) for cut in record["reference_values"]["cuts"]),
        counts=record["counts"],
        notes=tuple(Note.from_dict(note) for note in record["notes"]),
        methodology=restore_methodology(record["methodology"]),
        timings=record["timings"],
        imports=tuple(record["imports"]),
        hanging=pl.DataFrame(hanging) if hanging else None,
        suppression=Suppression(**suppression, totals=record["totals"]) if suppression else None,
        folder=folder,
        record=record,
    )
