"""The tables of a result as Parquet and CSV, with the record of the run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import check_arguments
from ..inputs.tables import stamp_of
from ..method.result import Result, Rezoned, Zoning
from ..schemas import RECORD
from .atomic_file import refuse_output
from .atomic_folder import TABLES, whole_folder
from .read import StoredResult, record_sha256
from .record import make_record


@check_arguments(result=Zoning, folder=(str, Path))
def write_result(result: Zoning, folder: str | Path, *, replace: bool = False) -> dict[str, Any]:
    """Write a result to a folder: all of it, or nothing.

    Parameters
    ----------
    result : Zoning
        As from `run`, `zone_published` or `adapt`.
    folder : str or Path
        A new or empty folder; its parents are created.
    replace : bool
        Whether an earlier result there is replaced.

    Returns
    -------
    dict
        The record of the run, as written to ``record.json``, with the SHA-256 of each file.

    Raises
    ------
    OutputError
        The folder cannot be written to, or is not empty.
    """
    with whole_folder(Path(folder), replace=replace) as draft:
        return write_files(result, draft)


def write_files(result: Zoning, folder: Path) -> dict[str, Any]:
    """Write the files of a result into an existing folder; see `write_result`."""
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_tables, {n: getattr(result, n) for n in TABLES}, folder)
        # Files are written without Python, beside what only Python can do.
        record = {**make_record(result), "located": _located(result, folder)}
        text = _members(record)
        outputs = writing.result()
    content = {**record, "outputs": outputs}
    content["sha256"] = record_sha256(content)
    more = _members({name: content[name] for name in ("outputs", "sha256")})
    (folder / RECORD).write_text(f"{{{text},{more}\n}}\n", encoding="utf-8")
    return content


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


def write_tables(tables: Mapping[str, pl.DataFrame], folder: Path) -> list[dict[str, Any]]:
    """Write each table as Parquet and CSV, and return its name, rows and SHA-256."""
    work = [(name, ending) for name in tables for ending in ("parquet", "csv")]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda item: _write(tables[item[0]], folder, *item), work))


def _write(table: pl.DataFrame, folder: Path, name: str, ending: str) -> dict[str, Any]:
    path = folder / f"{name}.{ending}"
    try:
        # Through a file of Python, since its name may hold what is not text elsewhere.
        with path.open("wb") as file:
            table.write_parquet(file) if ending == "parquet" else table.write_csv(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refuse_output("not_written", Path(path.name), reason=str(error)) from error
    return {"file": path.name, "rows": table.height, "sha256": stamp_of(path).sha256}
