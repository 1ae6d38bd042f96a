"""Files of tables: which there are, of which format, and how each is opened.

Opening reads no row; a fault of the file itself (absent, empty, cut, of no known format) is
returned, not raised, so that all of them can be told at once.
"""

from __future__ import annotations

import functools
import hashlib
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from ..errors import Fault
from ..schemas import CONTRACTS, INPUTS
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

_SEPARATORS = (",", ";")
_OTHER_SEPARATORS = {"\t": "tabulations", "|": "vertical bars", ":": "colons"}


@dataclass(frozen=True)
class Stamp:
    """What a file was when it was read: its name, size in bytes and SHA-256."""

    name: str
    size: int
    sha256: str


def stamp_of(path: Path) -> Stamp:
    """Return name, size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Stamp(path.name, path.stat().st_size, digest)


@dataclass(frozen=True)
class Source:
    """A table where it comes from, opened but not read.

    Attributes
    ----------
    table : name of the table.
    frame : its rows; text as text, numbers as the file types them.
    format : Parquet, CSV, Arrow IPC, or frame for a table given in memory.
    path : the file, None for a table given in memory.
    decimal_comma : whether a comma in a number is a decimal one (CSV with semicolons).
    """

    table: str
    frame: pl.LazyFrame
    format: str
    path: Path | None = None
    decimal_comma: bool = False

    @functools.cached_property
    def stamp(self) -> Stamp | None:
        """Return what the file is at the first call, None for a table given in memory."""
        if self.path is None:
            return None
        return stamp_of(self.path)


def find_table(folder: Path, table: str) -> Path | Fault:
    """Return the one file of `folder` that holds `table`, or what is wrong."""
    found = [path for suffix in SUFFIXES if (path := folder / f"{table}{suffix}").exists()]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path in found)
        return Fault(
            code="legacy.fault",
            table=table,
            details={
                "problem": f"several files hold this table: {names}",
                "hint": "Keep one of them in the folder.",
            },
        )
    beside = sorted(path.name for path in folder.glob(f"{table}*"))
    hint = f"Add {table}.parquet, {table}.csv (or .csv.gz, .csv.zst) or {table}.arrow to {folder}."
    if beside:
        hint = f"{', '.join(beside)} is of no format that is read. {hint}"
    return Fault(
        code="legacy.fault", table=table, details={"problem": "the file is missing", "hint": hint}
    )


def open_file(table: str, path: Path, columns: list[str]) -> Source | Fault:
    """Open a file of any known format.

    Parameters
    ----------
    table : name of the table it holds.
    path : the file.
    columns : names the table may have, to tell the separator of a CSV file.

    Returns
    -------
    Source | Fault
    """
    if os.path.isdir(path):
        return Fault(
            code="legacy.fault",
            table=table,
            details={"problem": f"{path} is a folder", "hint": "Give the file itself."},
        )
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except OSError as error:
        return Fault(
            code="legacy.fault",
            table=table,
            details={"problem": f"{path} cannot be opened ({error.strerror})"},
        )
    if size == 0:
        return Fault(
            code="legacy.fault",
            table=table,
            details={"problem": f"{path.name} is empty (0 bytes)", "hint": "Export it again."},
        )
    kind = SUFFIXES.get(_suffix(path))
    if kind is None:
        return Fault(
            code="legacy.fault",
            table=table,
            details={
                "problem": f"{path.name} is of no format that is read",
                "hint": f"Known endings: {', '.join(SUFFIXES)}.",
            },
        )
    return reading(table, path.name, kind, lambda: _open(table, path, kind, columns))


def reading(table: str, name: str, kind: str, action: Callable[[], T]) -> T | Fault:
    """Run `action`, and say what is wrong with the file where Polars cannot read it."""
    try:
        return action()
    except (pl.exceptions.PolarsError, OSError, EOFError, zlib.error) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        advice = _advice(reason)
        # What a parser says may quote a row.
        if _private(table):
            reason = type(error).__name__
        return Fault(
            code="legacy.fault",
            table=table,
            details={"problem": f"{name} cannot be read as {kind}: {reason}", "hint": advice},
        )


def _private(table: str) -> bool:
    """Tell whether rows of a table are about persons; one that is no input of a run has none."""
    known = {**INPUTS, CONTRACTS.name: CONTRACTS}
    return table in known and known[table].private


def _advice(reason: str) -> str:
    if "utf-8" in reason.lower() or "utf8" in reason.lower():
        return "It is not in UTF-8: save it again as CSV UTF-8."
    if "more fields" in reason:
        return "A row has more fields than the header: quote values that hold the separator."
    if "could not parse" in reason or "expected 0 rows" in reason:
        return "A quotation mark may stand alone somewhere: double it, or quote the whole value."
    return "The file may be cut short, damaged, or of another format than its ending says."


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return next((suffix for suffix in sorted(SUFFIXES, key=len, reverse=True)
                 if name.endswith(suffix)), "")  # fmt: skip


def _open(table: str, path: Path, kind: str, columns: list[str]) -> Source | Fault:
    if kind == "CSV":
        return _open_csv(table, path, columns)
    frame = pl.scan_parquet(path, glob=False) if kind == "Parquet" else _scan_arrow(path)
    frame.collect_schema()
    return Source(table, frame, kind, path)


def _open_csv(table: str, path: Path, columns: list[str]) -> Source | Fault:
    header = _header(path)
    if no_header := _no_header(header):
        problem, hint = no_header
        return Fault(
            code="legacy.fault",
            table=table,
            details={"problem": f"{path.name} {problem}", "hint": hint},
        )
    separator = _separator(header, columns)
    if separator is None:
        return _wrong_separator(table, path, header)
    if repeated := _repeated(header, separator, columns):
        problem = f"{path.name} has the column '{repeated}' twice"
        return Fault(
            code="legacy.fault",
            table=table,
            column=repeated,
            details={"problem": problem, "hint": "Keep one."},
        )
    frame = pl.scan_csv(path, separator=separator, infer_schema=False, glob=False)
    if set(frame.collect_schema()) - set(columns):
        # A value too many goes unseen where only some columns are read: all are, once.
        frame.select(pl.all().null_count()).collect(engine="streaming")
    return Source(table, frame, "CSV", path, decimal_comma=separator == ";")


def _scan_arrow(path: Path) -> pl.LazyFrame:
    """Scan an Arrow file; a stream, which has no footer, is read whole."""
    with path.open("rb") as file:
        if file.read(6) != b"ARROW1":
            return pl.read_ipc_stream(path).lazy()
    return pl.scan_ipc(path, glob=False)


def _header(path: Path) -> str:
    """Return the first line of a CSV file, compressed or not."""
    compression = {".zst": "zstd", ".gz": "gzip"}.get(path.suffix.lower(), "")
    with open_text(path, compression) as file:
        return file.readline(1_000_000).decode("utf-8-sig", "replace").rstrip("\r\n")


def _no_header(header: str) -> tuple[str, str] | None:
    """Return what is wrong with a first line that names no columns at all."""
    if not header.strip():
        return "begins with an empty line", "Its first line must name the columns."
    if header.lower().startswith("sep="):
        return "begins with a line for Excel, 'sep='", "Remove that line."
    if any(ord(letter) < 32 and letter != "\t" for letter in header) or "\ufffd" in header:
        return (
            "is no CSV text in UTF-8",
            "It may be compressed, a workbook, or in another encoding: save it as CSV UTF-8.",
        )
    return None


def _separator(header: str, columns: list[str]) -> str | None:
    """Return the separator that makes most of the expected names of the header."""

    def matches(separator: str) -> tuple[int, int]:
        # Where no name is expected, the commoner one tells the names there are.
        return len(set(_names(header, separator)) & set(columns)), header.count(separator)

    best = max(_SEPARATORS, key=matches)
    if matches(best)[0] == 0 and not any(separator in header for separator in _SEPARATORS):
        return None
    return best


def _names(header: str, separator: str) -> list[str]:
    return [name.strip().strip('"') for name in header.split(separator)]


def _wrong_separator(table: str, path: Path, header: str) -> Fault:
    other = next((words for mark, words in _OTHER_SEPARATORS.items() if mark in header), None)
    shown = header if len(header) <= 60 else header[:60] + "..."
    quoted = "" if _private(table) else f": {shown!r}"
    problem = f"{path.name} has a single column{quoted}"
    if other:
        problem = f"the columns of {path.name} are separated by {other}{quoted}"
    return Fault(
        code="legacy.fault",
        table=table,
        details={"problem": problem, "hint": "Separate columns by , or ;."},
    )


def _repeated(header: str, separator: str, columns: list[str]) -> str | None:
    names = _names(header, separator)
    return next((name for name in names if name in columns and names.count(name) > 1), None)


def open_tables(
    inputs: Path | Mapping[str, object], columns: Mapping[str, list[str]]
) -> tuple[dict[str, Source], list[Fault]]:
    """Open every table of a folder, or of a mapping of table name to file or frame.

    Parameters
    ----------
    inputs : a folder, or per table a path or anything that speaks the Arrow C interface.
    columns : the tables wanted, each with the names of its columns.

    Returns
    -------
    dict[str, Source], list[Fault]
    """
    sources: dict[str, Source] = {}
    faults: list[Fault] = []
    if isinstance(inputs, Path):
        if not os.path.isdir(inputs):
            problem = "is a file, not a folder" if os.path.exists(inputs) else "does not exist"
            return {}, [
                Fault(
                    code="legacy.fault",
                    table=str(inputs),
                    details={"problem": problem, "hint": "Give the folder that holds the tables."},
                )
            ]
        given: Mapping[str, object] = {table: find_table(inputs, table) for table in columns}
    else:
        given = inputs
        faults += [
            Fault(
                code="legacy.fault",
                table=name,
                details={
                    "problem": "is no table of ours",
                    "hint": f"Tables: {', '.join(columns)}.",
                },
            )
            for name in given
            if name not in columns
        ]
    for table, names in columns.items():
        opened = open_table(table, given.get(table), names)
        if isinstance(opened, Fault):
            faults.append(opened)
        else:
            sources[table] = opened
    return sources, faults


def open_table(table: str, item: object, names: list[str]) -> Source | Fault:
    """Open one table: a path, or anything that speaks the Arrow C interface; see `open_tables`."""
    if item is None:
        return Fault(
            code="legacy.fault",
            table=table,
            details={"problem": "the table is missing", "hint": "Give a file or a frame for it."},
        )
    if isinstance(item, Fault):
        return item
    if isinstance(item, str | Path):
        return open_file(table, Path(item), names)
    try:
        # A plan is run once: run again it may give its rows in another order.
        frame = item.collect() if isinstance(item, pl.LazyFrame) else pl.DataFrame(item)  # type: ignore[arg-type]
    except Exception as error:  # whatever the library that made it raises
        reason = "" if _private(table) else f" ({str(error).strip().splitlines()[0]})"
        return Fault(
            code="legacy.fault",
            table=table,
            details={
                "problem": f"the {type(item).__name__} cannot be read as a table{reason}",
                "hint": "Give a path, or a frame that speaks the Arrow C interface.",
            },
        )
    return Source(table, frame.lazy(), "frame")
