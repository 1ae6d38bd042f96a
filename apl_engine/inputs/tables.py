"""Files of tables: find them in a folder, and open each in its format.

Opening reads no row. A fault of the file itself (missing, empty, truncated, of an unsupported
format) is returned, not raised, so that all of them can be reported at once.
"""

from __future__ import annotations

import functools
import hashlib
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from ..errors import Fault
from ..schemas import CONTRACTS, INPUTS
from .named_columns import NamedColumns
from .text_file import open_text

SUFFIXES = {
    ".parquet": "Parquet",
    ".csv": "CSV",
    ".csv.gz": "CSV",
    ".csv.zst": "CSV",
    ".arrow": "Arrow IPC",
    ".ipc": "Arrow IPC",
    ".feather": "Arrow IPC",
}
T = TypeVar("T")

# Rows and values that a fault shows.
EXAMPLES = 3
_SEPARATORS = (",", ";")
_OTHER_SEPARATORS = {"\t": "tabs", "|": "vertical bars", ":": "colons"}


@dataclass(frozen=True)
class Stamp:
    """What identifies a file as it was when it was read.

    Attributes
    ----------
    name : str
        Its name, without the folder.
    size : int
        Bytes.
    sha256 : str
        Hexadecimal digest of its content.
    """

    name: str
    size: int
    sha256: str


def stamp_of(path: Path) -> Stamp:
    """Return the name, size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Stamp(path.name, path.stat().st_size, digest)


@dataclass(frozen=True)
class Source:
    """A table that has been opened but not read.

    Attributes
    ----------
    table : str
        Name of the table.
    frame : pl.LazyFrame
        Its rows; text as text, numbers as the file types them.
    format : str
        Parquet, CSV, Arrow IPC, or frame for a table given in memory.
    path : Path or None
        The file; None for a table given in memory.
    decimal_comma : bool
        Whether a comma in a number is a decimal comma (CSV with semicolons).
    columns : mapping of str to str
        What the file calls the columns that the user named, by ours; `frame` has ours.
    """

    table: str
    frame: pl.LazyFrame
    format: str
    path: Path | None = None
    decimal_comma: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)

    @functools.cached_property
    def stamp(self) -> Stamp | None:
        """What the file is at the first call; None for a table given in memory."""
        return None if self.path is None else stamp_of(self.path)

    def as_dict(self, rows: int) -> dict[str, Any]:
        """Return the table, its format, its rows and, for a file, its digest, for JSON."""
        entry: dict[str, Any] = {"table": self.table, "format": self.format, "rows": rows}
        if self.stamp:
            stamp = {"file": self.stamp.name, "bytes": self.stamp.size, "sha256": self.stamp.sha256}
            entry.update(stamp)
        if self.columns:
            entry["columns"] = dict(self.columns)
        return entry

    def with_named(self, names: list[str], columns: NamedColumns) -> Source:
        """Return the table with our names for the columns that the user named."""
        header = self.frame.collect_schema().names()
        found = columns.in_table(self.table, names, header)
        if not found:
            return self
        others = [name for name in header if name not in {*found, *found.values()}]
        ours = (pl.col(name).alias(our) for our, name in found.items())
        return replace(self, frame=self.frame.select(*ours, *others), columns=found)


def table_fault(table: str, kind: str, column: str | None = None, **details: object) -> Fault:
    """Return a fault of a whole table or column, of a kind that all tables share."""
    return Fault(f"{table}.{kind}", table, column=column, details=details)


def rows_fault(
    table: str,
    kind: str,
    column: str | None,
    rows: pl.Series,
    values: tuple[str, ...] = (),
    **details: object,
) -> Fault:
    """Return a fault of some rows, given by their indices from 0."""
    first = tuple(row + 1 for row in rows.head(EXAMPLES))
    fault = table_fault(table, kind, column, **details)
    return replace(fault, count=len(rows), rows=first, values=values)


def find_table(folder: Path, table: str) -> Path | Fault:
    """Return the one file of a folder that holds a table, or what is wrong."""
    paths = [path for suffix in SUFFIXES if (path := folder / f"{table}{suffix}").exists()]
    if len(paths) == 1:
        return paths[0]
    if paths:
        return table_fault(table, "several_files", files=tuple(path.name for path in paths))
    if similar := tuple(sorted(path.name for path in folder.glob(f"{table}*"))):
        return table_fault(table, "unsupported_file", files=similar, folder=str(folder))
    return table_fault(table, "missing_file", folder=str(folder))


def open_file(
    table: str, path: Path, columns: list[str], named: NamedColumns | None = None
) -> Source | Fault:
    """Open a file of any supported format.

    Parameters
    ----------
    table : str
        Name of the table that it holds.
    path : Path
        The file.
    columns : list of str
        Names that the table may have, to recognise the separator of a CSV file.
    named : NamedColumns, optional
        Columns that the user names.

    Returns
    -------
    Source or Fault
    """
    named = named or NamedColumns({})
    expected = [*columns, *named.given.values()]
    if os.path.isdir(path):
        return table_fault(table, "is_folder", file=str(path))
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except OSError as error:
        return table_fault(table, "cannot_open", file=str(path), reason=error.strerror)
    if size == 0:
        return table_fault(table, "empty_file", file=path.name)
    suffixes = [suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)]
    kind = SUFFIXES[max(suffixes, key=len)] if suffixes else None
    if kind is None:
        return table_fault(table, "unsupported_format", file=path.name, endings=tuple(SUFFIXES))
    opened = reading(table, path.name, kind, lambda: _open(table, path, kind, expected))
    return opened if isinstance(opened, Fault) else opened.with_named(columns, named)


# What Polars raises if it cannot read a file.
READING_ERRORS = (pl.exceptions.PolarsError, OSError, EOFError, zlib.error)


def reading(table: str, name: str, kind: str, action: Callable[[], T]) -> T | Fault:
    """Return what `action` returns, or a fault if Polars cannot read the file.

    Parameters
    ----------
    table : str
        Name of the table.
    name : str
        Name of the file.
    kind : str
        Its format.
    action : callable
        What opens or reads it.
    """
    try:
        return action()
    except READING_ERRORS as error:
        reason = _first_line(error)
        cause = next(
            (name for name, words in _CAUSES.items() if any(w in reason.lower() for w in words)),
            "unreadable",
        )
        # What a parser says may quote a row.
        shown = type(error).__name__ if _private(table) else reason
        return table_fault(table, cause, file=name, format=kind, reason=shown)


# Words of the messages of Polars, by kind of fault.
_CAUSES = {
    "not_utf8": ("utf-8", "utf8"),
    "ragged_rows": ("more fields",),
    "stray_quote": ("could not parse", "expected 0 rows"),
}


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _private(table: str) -> bool:
    """Return whether the rows of a table are about persons."""
    schema = CONTRACTS if table == CONTRACTS.name else INPUTS.get(table)
    return schema is not None and schema.private


def _open(table: str, path: Path, kind: str, columns: list[str]) -> Source | Fault:
    if kind == "CSV":
        return _open_csv(table, path, columns)
    frame = pl.scan_parquet(path, glob=False) if kind == "Parquet" else _scan_arrow(path)
    frame.collect_schema()
    return Source(table, frame, kind, path)


def _open_csv(table: str, path: Path, columns: list[str]) -> Source | Fault:
    header = _header(path)
    if kind := _no_header(header):
        return table_fault(table, kind, file=path.name)
    separator = _separator(header, columns)
    if separator is None:
        return _wrong_separator(table, path, header)
    names = _names(header, separator)
    if repeated := [name for name in columns if names.count(name) > 1]:
        return table_fault(table, "duplicate_column", repeated[0], file=path.name)
    frame = pl.scan_csv(path, separator=separator, infer_schema=False, glob=False)
    if set(frame.collect_schema()) - set(columns):
        # An extra value is only noticed if all columns are read.
        frame.select(pl.all().null_count()).collect(engine="streaming")
    return Source(table, frame, "CSV", path, decimal_comma=separator == ";")


def _scan_arrow(path: Path) -> pl.LazyFrame:
    """Scan an Arrow file; a stream has no footer and is read whole."""
    with path.open("rb") as file:
        if file.read(6) != b"ARROW1":
            return pl.read_ipc_stream(path).lazy()
    return pl.scan_ipc(path, glob=False)


def _header(path: Path) -> str:
    """Return the first line of a CSV file, compressed or not."""
    compression = {".zst": "zstd", ".gz": "gzip"}.get(path.suffix.lower(), "")
    with open_text(path, compression) as file:
        return file.readline(1_000_000).decode("utf-8-sig", "replace").rstrip("\r\n")


def _no_header(header: str) -> str | None:
    """Return what kind of fault a first line that names no columns is."""
    if not header.strip():
        return "empty_first_line"
    if header.lower().startswith("sep="):
        return "excel_separator_line"
    if any(ord(letter) < 32 and letter != "\t" for letter in header) or "\ufffd" in header:
        return "not_csv_text"
    return None


def _separator(header: str, columns: list[str]) -> str | None:
    """Return the separator that makes most of the expected names of the header."""

    def matches(separator: str) -> tuple[int, int]:
        # If none of the names is expected, the separator that is more frequent.
        return len(set(_names(header, separator)) & set(columns)), header.count(separator)

    best = max(_SEPARATORS, key=matches)
    if matches(best)[0] == 0 and not any(separator in header for separator in _SEPARATORS):
        return None
    return best


def _names(header: str, separator: str) -> list[str]:
    return [name.strip().strip('"') for name in header.split(separator)]


def _wrong_separator(table: str, path: Path, header: str) -> Fault:
    other = next((words for mark, words in _OTHER_SEPARATORS.items() if mark in header), None)
    kind, details = ("wrong_separator", {"separator": other}) if other else ("single_column", {})
    fault = table_fault(table, kind, file=path.name, **details)
    shown = header if len(header) <= 60 else header[:60] + "..."
    return fault if _private(table) else replace(fault, values=(shown,))


def open_tables(
    inputs: Path | Mapping[str, object],
    columns: Mapping[str, list[str]],
    named: NamedColumns | None = None,
) -> tuple[dict[str, Source], list[Fault]]:
    """Open every table of a folder, or of a mapping of table name to file or frame.

    Parameters
    ----------
    inputs : Path or mapping of str to object
        A folder; or, per table, a path or anything that supports the Arrow C interface.
    columns : mapping of str to list of str
        The tables wanted, each with the names of its columns.
    named : NamedColumns, optional
        Columns that the user names.

    Returns
    -------
    dict of str to Source, list of Fault
    """
    sources: dict[str, Source] = {}
    faults: list[Fault] = []
    if isinstance(inputs, Path):
        if not os.path.isdir(inputs):
            kind = "not_a_folder" if os.path.exists(inputs) else "folder_missing"
            return {}, [Fault(f"inputs.{kind}", str(inputs))]
        given: Mapping[str, object] = {table: find_table(inputs, table) for table in columns}
    else:
        given = inputs
        faults += [
            Fault("inputs.unknown_table", str(name), details={"tables": tuple(columns)})
            for name in given
            if name not in columns
        ]
    for table, names in columns.items():
        opened = open_table(table, given.get(table), names, named)
        if isinstance(opened, Fault):
            faults.append(opened)
        else:
            sources[table] = opened
    return sources, faults


def open_table(
    table: str, item: object, names: list[str], named: NamedColumns | None = None
) -> Source | Fault:
    """Open one table.

    Parameters
    ----------
    table : str
        Its name.
    item : object
        A path, or anything that supports the Arrow C interface; a fault is returned as it is.
    names : list of str
        The columns that it may have.
    named : NamedColumns, optional
        Columns that the user names.

    Returns
    -------
    Source or Fault
    """
    if item is None:
        return table_fault(table, "missing_table")
    if isinstance(item, Fault):
        return item
    if isinstance(item, str | Path):
        return open_file(table, Path(item), names, named)
    try:
        # A lazy frame is collected once: a second time its rows may come in another order.
        frame = item.collect() if isinstance(item, pl.LazyFrame) else pl.DataFrame(item)  # type: ignore[arg-type]
    except Exception as error:  # whatever the library that made it raises
        reason = type(error).__name__ if _private(table) else _first_line(error)
        return table_fault(table, "not_a_table", type=type(item).__name__, reason=reason)
    source = Source(table, frame.lazy(), "frame")
    return source.with_named(names, named) if named else source
