"""Imported tables into a folder of inputs, with where they came from."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, OutputError
from ..inputs.provenance import PROVENANCE, read_provenance
from ..inputs.tables import SUFFIXES, stamp_of
from ..readers.common.imported import Imported
from ..results.atomic_file import draft_in


def write_inputs(imported: Imported, folder: str | Path, *, replace: bool = False) -> list[Path]:
    """Write the tables of an import into a folder of inputs, for `run`.

    Each table appears whole or not at all; `imports.json` says which files it was made from, what
    they were taken for, and their vintage.

    Parameters
    ----------
    imported : as from a reader.
    folder : made where it is not there; tables of other imports stay.
    replace : whether tables of the same names give way.

    Returns
    -------
    list of Path
        The tables written.

    Raises
    ------
    OutputError
        The folder cannot be written to, or holds a table of the same name.
    """
    place = Path(folder)
    targets = {name: place / f"{name}.parquet" for name in imported.tables}
    try:
        refuse_occupied(place, targets, replace)
        make_folder(place)
        known = read_provenance(place)
        if isinstance(known, Fault):
            raise OutputError(
                Fault(code="legacy.fault", table="output", details={"problem": f"{place}: {known}"})
            )
        with contextlib.ExitStack() as drafts:
            written = {}
            for name, table in imported.tables.items():
                draft = drafts.enter_context(draft_in(place))
                with draft.open("wb") as file:
                    table.write_parquet(file)
                written[name] = draft
            entry = _entry(imported, written)
            others = [old for old in known if not _gives_way(old, entry)]
            text = json.dumps({"format": 1, "imports": [*others, entry]}, ensure_ascii=False)
            provenance = drafts.enter_context(draft_in(place))
            provenance.write_text(text + "\n", encoding="utf-8")
            for name, draft in written.items():
                _clear(place, name)
                os.replace(draft, targets[name])
            os.replace(provenance, place / PROVENANCE)
    except (OSError, pl.exceptions.PolarsError) as error:
        if isinstance(error, OutputError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise OutputError(Fault(code="legacy.fault", table="output", details={"problem": f"{place} cannot be written ({reason}); its tables are as they were"}))\
            from error  # fmt: skip
    return list(targets.values())


def make_folder(folder: str | Path) -> Path:
    """Return a folder of inputs, made where it is not there."""
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={"problem": f"{place} cannot be made ({error.strerror})."},
            )
        ) from error
    return place


def refuse_occupied(folder: Path, tables: Iterable[str], replace: bool) -> None:
    """Refuse a folder that holds one of `tables` already; to be asked before long work."""
    there = [path.name for table in tables for path in _files(folder, table)]
    if there and not replace:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{folder} already holds {', '.join(there)}. Choose another folder, or add --replace."
                },
            )
        )


def _files(folder: Path, table: str) -> list[Path]:
    return [path for suffix in SUFFIXES if (path := folder / f"{table}{suffix}").exists()]


def _clear(folder: Path, table: str) -> None:
    """Remove a table of another format that would stand beside the new one."""
    for path in _files(folder, table):
        if path.suffix != ".parquet":
            path.unlink()


def _entry(imported: Imported, written: dict[str, Path]) -> dict[str, Any]:
    entry = imported.as_dict()
    entry["tables"] = [
        {"table": name, "rows": imported.tables[name].height, "sha256": stamp_of(path).sha256}
        for name, path in written.items()
    ]
    return entry


def _gives_way(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether every table of an earlier import is written anew."""
    names = {table["table"] for table in new["tables"]}
    return all(table["table"] in names for table in old["tables"])
