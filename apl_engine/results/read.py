"""A result read from its folder, and checked against its own record."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import AplError, Fault, InputDataError, Note, check_arguments
from ..inputs.half_written import half_written
from ..inputs.tables import stamp_of
from ..method.result import OF_SUPPLY, Publication, Zoning
from ..method.zoning import Cut
from ..methodology import restore_methodology
from ..methodology.values import COUNTRY
from ..schemas import COMMUNE_CODE, OUTPUT_TABLES, OUTPUTS, RECORD, Kind, typed_columns
from ..small_files import read_small_file
from .atomic_file import files_of


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StoredResult(Zoning):
    """A result as it was written.

    Attributes
    ----------
    folder : Path
        Where it is stored.
    record : mapping of str to object
        The content of its ``record.json``.
    """

    folder: Path
    record: Mapping[str, Any]

    @property
    def has_supply(self) -> bool:
        """Return whether it was computed from supply and demand, not from a published APL."""
        return "demand_reached" in self.communes.columns

    @property
    def acts(self) -> tuple[float, float] | None:
        """The median and the 9th decile of acts, if the record has them."""
        values = self.record["reference_values"]
        found = values.get("median_acts"), values.get("ceiling_acts")
        return None if None in found else (float(found[0]), float(found[1]))

    def located(self, what: str) -> Path | None:
        """Return the path of the ``inputs`` or the ``network`` of the run.

        They are looked up relative to the result; None if they are not there.
        """
        relative = self.record.get("located", {}).get(what)
        path = Path(os.path.normpath(self.folder / relative)) if relative else None
        return path if path and os.path.exists(path) else None


@check_arguments(folder=(str, Path))
def read_result(folder: str | Path) -> StoredResult:
    """Read a result that `write_result` wrote; refuse one that was changed since.

    Parameters
    ----------
    folder : str or Path
        The folder that ``apl run`` or ``apl zone`` wrote, with its ``record.json``.

    Returns
    -------
    StoredResult

    Raises
    ------
    InputDataError
        The folder is not a result, is incomplete, or was changed: lists every file that differs
        from its SHA-256 in the record, and every table that has none there.

    Examples
    --------
    >>> zones = read_result("zones-2024")  # doctest: +SKIP
    >>> zones.territories.filter(zone="tres_sous_dotee")  # doctest: +SKIP
    """
    path = Path(folder)
    record = _record(path)
    faults = [fault for entry in record["outputs"] for fault in _changed(path, entry)]
    faults += _unlisted(path, record)
    if record_sha256(record) != record.get("sha256"):
        faults.append(_fault("record_changed", RECORD))
    if faults:
        raise InputDataError(faults)
    try:
        return _stored(path, record)
    except InputDataError:
        raise
    except _UNLIKE as error:
        fault = _fault("other_version", RECORD, version=record["apl_engine"], reason=str(error))
        raise InputDataError(fault) from error


# What a record or a table of another version, or made by hand, may lead to.
_UNLIKE = (
    KeyError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, AplError,
    pl.exceptions.PolarsError, pl.exceptions.PanicException,
)  # fmt: skip


def _fault(kind: str, table: str, **details: object) -> Fault:
    return Fault(f"result.{kind}", table, details=details)


def record_sha256(record: Mapping[str, Any]) -> str:
    """Return the digest of the content of a record, without its own digest, in any layout."""
    content = {key: value for key, value in record.items() if key != "sha256"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # A file name may hold what is not text elsewhere.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _record(folder: Path) -> dict[str, Any]:
    path = folder / RECORD
    if fault := half_written(folder):
        raise InputDataError(fault)
    if not os.path.isdir(folder):
        kind = "not_a_folder" if os.path.exists(folder) else "no_folder"
        raise InputDataError(_fault(kind, str(folder)))
    try:
        record = json.loads(read_small_file(path), object_pairs_hook=_unique)
        texts = [text for entry in record["outputs"] for text in (entry["file"], entry["sha256"])]
        if texts and record["apl_engine"] and all(isinstance(text, str) for text in texts):
            return dict(record)
        fault = _fault("not_a_record", RECORD, folder=str(folder))
    except FileNotFoundError:
        fault = _fault("record_missing", str(folder), record=RECORD)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = type(error).__name__
        fault = _fault("record_unreadable", RECORD, folder=str(folder), reason=reason)
    raise InputDataError(fault)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a repeated key, of which JSON readers take one or the other."""
    unique = dict(pairs)
    if len(unique) < len(pairs):
        raise ValueError("repeated key")
    return unique


def _changed(folder: Path, entry: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with one file of a result."""
    path = folder / Path(str(entry["file"])).name
    if os.path.exists(path) and not os.path.isfile(path):
        return [_fault("not_a_file", path.name)]
    try:
        if stamp_of(path).sha256 == entry["sha256"]:
            return []
    except OSError as error:
        return [_fault("file_unreadable", path.name, reason=error.strerror)]
    return [_fault("file_changed", path.name, record=RECORD)]


def _unlisted(folder: Path, record: Mapping[str, Any]) -> list[Fault]:
    """Return the tables that the record has no digest of: those that are read, or lie there."""
    listed = {entry["file"] for entry in record["outputs"]}
    return [
        _fault("file_unlisted", name, record=RECORD)
        for name in sorted(files_of(OUTPUTS) - listed)
        if name.endswith(".parquet") or os.path.exists(folder / name)
    ]


def _stored(folder: Path, record: Mapping[str, Any]) -> StoredResult:
    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in OUTPUTS}
    for name, columns in OUTPUTS.items():
        if missing := columns.keys() - tables[name].columns - OF_SUPPLY:
            raise KeyError(f"{name} without {', '.join(sorted(missing))}")
        kinds: dict[str, Kind] = {name: column.kind for name, column in columns.items()}
        nullable = columns.keys() - set(OUTPUT_TABLES[name].key)
        typed_columns(
            tables[name], name, kinds, nullable=nullable, optional=OF_SUPPLY, cast_numbers=False,
            identified=OUTPUT_TABLES[name],
        )  # fmt: skip
    methodology, counts = restore_methodology(record["methodology"]), record["counts"]
    zones = [zone.id for zone in methodology.zoning.classes]
    for name, table in tables.items():
        if unknown := set(table["zone"].drop_nulls().unique()) - set(zones):
            raise ValueError(f"{name} with zones that are no class: {', '.join(sorted(unknown))}")
    regions = tables["regions"]
    if set(zones) - set(regions.filter(pl.col("region") == COUNTRY)["zone"]):
        raise ValueError("regions without every class of the country")
    if not all(isinstance(of_step, dict) for of_step in counts.values()):
        raise TypeError("counts that are no tables")
    if not tables["communes"]["commune"].cast(pl.String).str.contains(COMMUNE_CODE).all():
        raise ValueError("communes with what is no code of a commune")
    if not all(isinstance(entry, dict) for entry in (*record["imports"], *record["inputs"])):
        raise TypeError("imports or inputs that are no tables")
    cuts = tuple(Cut(**cut) for cut in record["reference_values"]["cuts"])
    if not {cut.zone for cut in cuts} <= set(zones):
        raise ValueError("reference values of zones that are no class")
    notes = tuple(Note.from_dict(note) for note in record["notes"])
    if not (all(map(str, notes)) and isinstance(record.get("located", {}), dict)):
        raise ValueError("notes without words, or no files")
    ambiguous, publication = record["ambiguous_zones"], record.get("publication")
    return StoredResult(
        **tables,
        cuts=cuts,
        counts=counts,
        notes=notes,
        methodology=methodology,
        timings=record["timings"],
        imports=tuple(record["imports"]),
        ambiguous=pl.DataFrame(ambiguous) if ambiguous else None,
        publication=_publication(publication, record) if publication else None,
        folder=folder,
        record=record,
    )


def _publication(stored: Mapping[str, Any], record: Mapping[str, Any]) -> Publication:
    codes = tuple(stored["unprotected"])
    return Publication(**{**stored, "unprotected": codes}, totals=record["totals"])
