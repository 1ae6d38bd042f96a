"""Files of tables: find them in a folder, and open each in its format.

Opening reads no row. A fault of the file itself (missing, empty, truncated, of an unsupported
format) is returned, not raised, so that all of them can be reported at once.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
import polars.selectors as cs

from ..errors import Fault, Note, printable
from ..forks import begin_reading
from ..quoting import reason_of
from ..schemas import CONTRACTS, INPUTS
from .half_written import half_written
from .named_columns import NamedColumns
from .names import is_data
from .plain_file import PlainFile, on_disk, open_plain
from .row_shape import RowShape
from .text_file import open_text

# Endings of the files that a folder is searched for; what they hold is seen in them.
SUFFIXES = (
    ".parquet", ".csv", ".csv.gz", ".csv.zst", ".arrow", ".ipc", ".feather", ".tsv", ".txt",
    ".txt.gz", ".zip", ".csv.zip", ".parquet.zip",
)  # fmt: skip
T = TypeVar("T")

# Rows and values that a fault shows.
EXAMPLES = 3
_SEPARATORS = (",", ";", "\t", "|")
_OTHER_SEPARATORS = {":": "colons"}


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
    place = on_disk(path)
    with place.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = path.relative_to(place.parent).as_posix()
    return Stamp(name, place.stat().st_size, digest)


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
        Whether a comma in a number is a decimal comma (CSV without commas between columns).
    columns : mapping of str to str
        What the file calls the columns that the user named, by ours; `frame` has ours.
    notes : tuple of Note
        How it is read, if that is not as it stands.
    file : PlainFile or None
        Holds what is read, which may be a copy.
    shape : RowShape or None
        Of a CSV file: its separator and the number of its columns.
    """

    table: str
    frame: pl.LazyFrame
    format: str
    path: Path | None = None
    decimal_comma: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    file: PlainFile | None = field(default=None, repr=False)
    shape: RowShape | None = None

    @functools.cached_property
    def stamp(self) -> Stamp | None:
        """What the file is at the first call; None for a table given in memory."""
        return None if self.path is None else stamp_of(self.path)

    def cut_at_end(self) -> Fault | None:
        """Return the fault of a compressed CSV file that ends within a row, if it does.

        All is decompressed for it.
        """
        cut = self.shape.cut_after_decompression() if self.shape else None
        return replace(cut, values=()) if cut and _private(self.table) else cut

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
        # By selectors, since a name may look like a pattern.
        ours = (cs.by_name(name).alias(our) for our, name in found.items())
        return replace(self, frame=self.frame.select(*ours, cs.by_name(*others)), columns=found)


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
    if fault := half_written(folder):
        return fault
    paths = [path for suffix in SUFFIXES if os.path.exists(path := folder / f"{table}{suffix}")]
    similar = () if paths else tuple(sorted(folder.glob(f"{table}*")))
    # Names in capitals, as INSEE writes endings.
    paths = paths or [path for path in similar if path.name.lower() in _names_of(table)]
    if len(paths) == 1:
        return paths[0]
    if paths:
        return table_fault(table, "several_files", files=tuple(path.name for path in paths))
    if similar:
        files = tuple(printable(path.name) for path in similar)
        return table_fault(table, "unsupported_file", files=files, folder=str(folder))
    return table_fault(table, "missing_file", folder=str(folder))


def _names_of(table: str) -> set[str]:
    return {f"{table}{suffix}" for suffix in SUFFIXES}


def open_file(
    table: str, path: Path, columns: list[str], named: NamedColumns | None = None
) -> Source | Fault:
    """Open a file of any supported format, whatever the ending of its name.

    Parameters
    ----------
    table : str
        Name of the table that it holds.
    path : Path
        The file; or ``ARCHIVE.zip/TABLE``.
    columns : list of str
        Names that the table may have, to recognise the separator of a CSV file.
    named : NamedColumns, optional
        Columns that the user names.

    Returns
    -------
    Source or Fault
    """
    file = open_plain(path)
    if isinstance(file, Fault):
        return _fault_of(table, path, file)
    if file.content == "workbook":
        return table_fault(table, "unsupported_format", file=path.name, endings=SUFFIXES)
    named = named or NamedColumns({})
    opened = _open(table, file, columns, named)
    if isinstance(opened, Fault) and opened.code == f"{table}.not_utf8":
        return _in_single_bytes(table, file, columns, named)
    return opened


def recoded(source: Source, columns: list[str]) -> Source | None:
    """Return a CSV file that turned out not to be UTF-8, opened in its encoding, if it has one."""
    if source.file is None or source.file.content != "CSV":
        return None
    named = NamedColumns(source.columns)
    opened = _in_single_bytes(source.table, source.file, columns, named)
    return None if isinstance(opened, Fault) else opened


def _in_single_bytes(
    table: str, file: PlainFile, columns: list[str], named: NamedColumns
) -> Source | Fault:
    """Open a CSV file that is not UTF-8."""
    converted = file.in_single_bytes()
    if isinstance(converted, Fault):
        return _fault_of(table, file.given, converted)
    return _open(table, converted, columns, named)


# Faults of a file that have words and a code of each table.
_OF_TABLES = {"cannot_open", "empty_file", "is_folder", "not_utf8"}
_DAMAGED = {"unreadable", "cannot_decompress"}


def _fault_of(table: str, path: Path, fault: Fault) -> Fault:
    """Return a fault of a file as one of the table that it should hold."""
    kind = fault.code.partition(".")[2]
    details = {"file": str(path) if kind in ("cannot_open", "is_folder") else path.name}
    if kind == "not_utf8":
        details |= {"format": "CSV", "reason": fault.problem}
    if kind in _OF_TABLES:
        return Fault(f"{table}.{kind}", table, details={**details, **fault.details})
    if kind in _DAMAGED:
        details["format"] = "CSV"
        return Fault(f"{table}.unreadable", table, details={**details, **fault.details})
    return replace(fault, values=()) if _private(table) else fault


# What Polars raises if it cannot read a file.
READING_ERRORS = (
    pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, EOFError, zlib.error,
)  # fmt: skip


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
        shown = type(error).__name__ if _private(table) else reason_of(error)
        return table_fault(table, cause, file=name, format=kind, reason=shown)


# Words of the messages of Polars, by kind of fault.
_CAUSES = {
    "not_utf8": ("utf-8", "utf8"),
    "ragged_rows": ("more fields",),
    "stray_quote": ("could not parse", "expected 0 rows"),
}


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _private(table: str) -> bool:
    """Return whether the rows of a table are about persons."""
    schema = CONTRACTS if table == CONTRACTS.name else INPUTS.get(table)
    return schema is not None and schema.private


def _open(table: str, file: PlainFile, columns: list[str], named: NamedColumns) -> Source | Fault:
    name, kind = file.path.name, file.content
    expected = [*columns, *named.given.values()]
    source = reading(
        table, name, kind,
        lambda: _open_csv(table, file, expected) if kind == "CSV" else _open_typed(table, file),
    )  # fmt: skip
    if isinstance(source, Fault):
        return source
    return _with_matched_names(source.with_named(columns, named), columns)


def _open_typed(table: str, file: PlainFile) -> Source:
    is_parquet = file.content == "Parquet"
    frame = pl.scan_parquet(file.path, glob=False) if is_parquet else scan_arrow(file.path)
    frame.collect_schema()
    return Source(table, frame, file.content, file.given, file=file)


def _open_csv(table: str, file: PlainFile, columns: list[str]) -> Source | Fault:
    header = _header(file.path)
    if kind := _no_header(header):
        details = {"format": "CSV", "reason": "invalid UTF-8"} if kind == "not_utf8" else {}
        return table_fault(table, kind, file=file.path.name, **details)
    separator = _separator(header, columns)
    if separator is None:
        return _wrong_separator(table, file.path, header)
    names = _names(header, separator)
    repeated = [name for name in columns if names.count(name) > 1]
    if repeated:
        return table_fault(table, "duplicate_column", repeated[0], file=file.path.name)
    shape = RowShape(file.path, separator, len(names))
    if cut := shape.cut_at_end():
        return replace(cut, values=()) if _private(table) else cut
    frame = pl.scan_csv(file.path, separator=separator, infer_schema=False, glob=False)
    if set(frame.collect_schema()) - set(columns):
        # An extra value is only noticed if all columns are read.
        frame.select(pl.all().null_count()).collect(engine="streaming")
    notes: tuple[Note, ...] = ()
    if file.encoding:
        details = {"table": table, "file": file.given.name, "encoding": file.encoding}
        notes = (Note(f"{table}.recoded", details=details),)
    comma = separator != ","
    return Source(table, frame, "CSV", file.given, comma, notes=notes, file=file, shape=shape)


def _with_matched_names(source: Source, columns: list[str]) -> Source:
    """Return a table with its columns renamed that differ in case or spaces alone."""
    given = source.frame.collect_schema().names()
    wanted = {_spelled(name): name for name in columns if name not in given}
    alike: dict[str, list[str]] = {}
    for name in given:
        if name not in columns and _spelled(name) in wanted:
            alike.setdefault(wanted[_spelled(name)], []).append(name)
    renamed = {names[0]: column for column, names in alike.items() if len(names) == 1}
    if not renamed:
        return source
    examples = tuple(f"{name!r} as {column}" for name, column in renamed.items())
    details = {"table": source.table}
    note = Note(f"{source.table}.columns_matched", len(renamed), examples, details=details)
    frame = source.frame.rename(renamed)
    return replace(source, frame=frame, notes=(*source.notes, note))


def _spelled(name: str) -> str:
    """Return the name of a column in lower case, without spaces and marks around it."""
    return "_".join(name.strip("\ufeff").casefold().split())


def scan_arrow(path: Path) -> pl.LazyFrame:
    """Scan an Arrow file; a stream has no footer and is read whole."""
    with path.open("rb") as file:
        if file.read(6) != b"ARROW1":
            return pl.read_ipc_stream(path).lazy()
    return pl.scan_ipc(path, glob=False)


def _header(path: Path) -> str:
    """Return the first line of a CSV file, compressed or not."""
    with open_text(path) as file:
        return file.readline(1_000_000).decode("utf-8-sig", "replace").rstrip("\r\n")


def _no_header(header: str) -> str | None:
    """Return what kind of fault a first line that names no columns is."""
    if not header.strip():
        return "empty_first_line"
    if header.lower().startswith("sep="):
        return "excel_separator_line"
    if any(ord(letter) < 32 and letter != "\t" for letter in header):
        return "not_csv_text"
    return "not_utf8" if "\ufffd" in header else None


def _separator(header: str, columns: list[str]) -> str | None:
    """Return the separator that makes most of the expected names of the header."""
    expected = {_spelled(name) for name in columns}

    def matches(separator: str) -> tuple[int, int]:
        # If none of the names is expected, the separator that is more frequent.
        names = {_spelled(name) for name in _names(header, separator)}
        return len(names & expected), header.count(separator)

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
    if _private(table):
        return fault
    if is_data(re.split(r"[:\s]+", header)):
        return replace(fault, withheld=True)
    shown = header if len(header) <= 60 else header[:60] + "..."
    return replace(fault, values=(shown,))


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
    begin_reading()
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
    begin_reading()
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
        reason = type(error).__name__ if _private(table) else reason_of(error)
        return table_fault(table, "not_a_table", type=type(item).__name__, reason=reason)
    source = Source(table, frame.lazy(), "frame")
    source = source.with_named(names, named) if named else source
    return _with_matched_names(source, names)
