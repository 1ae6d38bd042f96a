"""Write imported tables to a folder of inputs, with their provenance."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, OutputError
from ..inputs.imported import Imported
from ..inputs.provenance import PROVENANCE, read_provenance
from ..inputs.tables import SUFFIXES, stamp_of
from ..results.switch import drafts_in, finish_interrupted, switch
from ..results.tables import DEFAULT_FORMATS, TableFormats, write_tables
from ..schemas import RECORD


def write_inputs(
    imported: Imported,
    folder: str | Path,
    *,
    replace: bool = False,
    formats: TableFormats = DEFAULT_FORMATS,
) -> list[Path]:
    """Write the tables of an import to a folder of inputs, for `run`.

    All of it appears, or nothing; ``imports.json`` records the files it was made from, how
    they were read, and their vintage.

    Parameters
    ----------
    imported : Imported
        As from a reader.
    folder : str or Path
        Created if missing; tables of other imports stay.
    replace : bool
        Whether tables of the same names are replaced.
    formats : TableFormats
        Parquet by default. A CSV takes its place, since a folder of inputs holds each table once; a
        workbook is written besides, for people alone.

    Returns
    -------
    list of Path
        The tables written, without workbooks.

    Raises
    ------
    OutputError
        The folder cannot be written to, or holds a table of the same name.
    """
    target = Path(folder)
    ending = ".csv" if formats.csv else ".parquet"
    targets = {name: target / f"{name}{ending}" for name in imported.tables}
    try:
        refuse_occupied(target, targets, replace)
        make_folder(target)
        with drafts_in(target) as draft:
            # Another command may have written one since.
            refuse_occupied(target, targets, replace)
            known = read_provenance(target)
            if isinstance(known, Fault):
                raise OutputError(known)
            # The draft of a table keeps its name: a reader goes by the ending.
            files = write_tables(imported.tables, draft, formats, endings=(ending,))
            written = {name: draft / path.name for name, path in targets.items()}
            entry = _entry(imported, written)
            others = [old for old in known if not _is_replaced(old, entry)]
            text = json.dumps({"format": 1, "imports": [*others, entry]}, ensure_ascii=False)
            (draft / PROVENANCE).write_text(text + "\n", encoding="utf-8")
            new = [*(str(file["file"]) for file in files), PROVENANCE]
            earlier = (path.name for name in targets for path in _files(target, name))
            gone = [name for name in earlier if name not in new]
            switch(target, {name: draft / name for name in new}, gone)
    except (OSError, pl.exceptions.PolarsError) as error:
        if isinstance(error, OutputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(_fault("not_written", target, reason=reason)) from error
    return list(targets.values())


def make_folder(folder: str | Path) -> Path:
    """Return a folder of inputs, created if missing.

    Raises
    ------
    OutputError
        It cannot be created.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(_fault("not_made", target, reason=error.strerror)) from error
    return target


def refuse_occupied(folder: Path, tables: Iterable[str], replace: bool) -> None:
    """Refuse a folder that already holds one of `tables`, to fail before long work.

    What a killed command left there is finished first.

    Raises
    ------
    OutputError
        It holds one, and `replace` is not given; or it is the folder of a result.
    """
    finish_interrupted(folder)
    # Tables of practitioners must not lie among those that are published.
    if os.path.exists(folder / RECORD):
        raise OutputError(_fault("result_folder", folder, record=RECORD))
    files = tuple(path.name for table in tables for path in _files(folder, table))
    if files and not replace:
        raise OutputError(_fault("occupied", folder, files=files))


def _fault(kind: str, folder: Path, **details: object) -> Fault:
    return Fault(f"import_folder.{kind}", str(folder), details=details)


def _files(folder: Path, table: str) -> list[Path]:
    endings = (*SUFFIXES, ".xlsx")
    return [path for end in endings if os.path.exists(path := folder / f"{table}{end}")]


def _entry(imported: Imported, written: dict[str, Path]) -> dict[str, Any]:
    entry = imported.as_dict()
    entry["tables"] = [
        {"table": name, "rows": imported.tables[name].height, "sha256": stamp_of(path).sha256}
        for name, path in written.items()
    ]
    return entry


def _is_replaced(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether every table of an earlier import is written again."""
    names = {table["table"] for table in new["tables"]}
    return all(table["table"] in names for table in old["tables"])
