"""The tables of a result in files, with the record of the run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..errors import check_arguments
from ..method.result import Published, Result, Rezoned, Zoning
from ..schemas import RECORD
from .atomic_folder import TABLES, whole_folder
from .read import StoredResult, record_sha256
from .record import make_record
from .tables import DEFAULT_FORMATS, TableFormats, write_tables, zone_labels


@check_arguments(result=Zoning, folder=(str, Path), formats=TableFormats)
def write_result(
    result: Zoning,
    folder: str | Path,
    *,
    replace: bool = False,
    formats: TableFormats = DEFAULT_FORMATS,
) -> dict[str, Any]:
    """Write a result to a folder: all of it, or nothing.

    Parameters
    ----------
    result : Zoning
        As from `run`, `zone_published` or `adapt`.
    folder : str or Path
        A new or empty folder; its parents are created.
    replace : bool
        Whether an earlier result there is replaced.
    formats : TableFormats
        How the tables are written for people, beside Parquet; plain CSV by default.

    Returns
    -------
    dict
        The record of the run, as written to ``record.json``, with the SHA-256 of each file.

    Raises
    ------
    OutputError
        The folder cannot be written to, is not empty, or is that of the exact or national result
        that this one was made from.
    """
    base = result.base if isinstance(result, Rezoned | Published) else None
    sources = [base.folder] if isinstance(base, StoredResult) else []
    with whole_folder(Path(folder), replace=replace, sources=sources) as draft:
        return write_files(result, draft, formats)


def write_files(
    result: Zoning, folder: Path, formats: TableFormats = DEFAULT_FORMATS
) -> dict[str, Any]:
    """Write the files of a result into an existing folder; see `write_result`."""
    with ThreadPoolExecutor(1) as pool:
        tables = {name: getattr(result, name) for name in TABLES}
        labels = zone_labels(result.methodology, "zone")
        writing = pool.submit(write_tables, tables, folder, formats, labels)
        # Files are written without Python, beside what only Python can do.
        record = {**make_record(result), "located": _located(result, folder)}
        text = _members(record)
        outputs = writing.result()
    content = {**record, "outputs": outputs}
    content["sha256"] = record_sha256(content)
    more = _members({name: content[name] for name in ("outputs", "sha256")})
    (folder / RECORD).write_text(f"{{{text},{more}\n}}\n", encoding="utf-8")
    return content


def in_memory(result: Zoning) -> StoredResult:
    """Return a result as if it had been written and read, with the same record."""
    base = result.base if isinstance(result, Rezoned) else result
    paths = base.located if isinstance(base, Result) else {}
    located = {what: str(path.resolve()) for what, path in paths.items()}
    record: dict[str, Any] = {**make_record(result), "located": located, "outputs": []}
    record["sha256"] = record_sha256(record)
    shared = {field.name: getattr(result, field.name) for field in fields(Zoning)}
    return StoredResult(**shared, folder=Path.cwd(), record=record)


def _members(values: Mapping[str, Any]) -> str:
    """Return the members of a JSON object, without its braces."""
    return json.dumps(values, ensure_ascii=False, indent=1)[1:-2]


def _located(result: Zoning, folder: Path) -> dict[str, str]:
    """Return the paths of the inputs relative to the folder of the result: both may be moved."""
    base = result.base if isinstance(result, Rezoned) else result
    paths: Mapping[str, Path | None] = {}
    if isinstance(base, StoredResult):
        paths = {what: base.located(what) for what in ("inputs", "network")}
    elif isinstance(base, Result):
        paths = base.located
    relative = {}
    for what, path in paths.items():
        # No relative path leads to another drive of Windows.
        with suppress(ValueError):
            if path:
                relative[what] = Path(os.path.relpath(path, folder)).as_posix()
    return relative
