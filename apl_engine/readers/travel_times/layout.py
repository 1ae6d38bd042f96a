"""The layout of a file of travel times: format, separator, and the role of each column."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import polars as pl

from ...errors import Fault
from ...inputs.names import is_data, plain, shown_header
from ...inputs.plain_file import PlainFile, file_fault, open_plain
from ...inputs.row_shape import RowShape, quoted_row, split_rows
from ...inputs.tables import READING_ERRORS, scan_arrow
from ...inputs.text_file import compression_of, damaged, lines_of, separator_of
from ...quoting import HIDDEN, reason_of
from ..common.text_file import head_of

T = TypeVar("T")
PERIODS = ("off_peak", "peak", "mean", "max")
_SHOWN_NAMES = 12
# Enough to distinguish codes from numbers, and minutes from seconds.
_HEAD_ROWS = 8_000

_CODE = re.compile(r"^\s*(?:\d{4,5}|2[ABab]\d{3})\s*$")
_NUMBER = re.compile(r"^\s*[+-]?\d+(?:[.,]\d*)?(?:[eE][+-]?\d+)?\s*$")
_ORIGIN = re.compile(
    r"src|source|orig|depart(?!ement)|^dep$|(^|_)from(_|$)|(^|_)(o|a)$"
    r"|^(com|commune|codgeo|code|insee|id|depcom|codecom|code_commune|code_insee|id_com)_?[1ao]$"
)
_DESTINATION = re.compile(
    r"dst|dest|arriv|^arr$|(^|_)to(_|$)|(^|_)(d|b)$"
    r"|^(com|commune|codgeo|code|insee|id|depcom|codecom|code_commune|code_insee|id_com)_?[2bd]$"
)
_TIME = re.compile(
    r"dur|temps|time|tps|minute|second|heure|hour|trajet|hc$|hp$|peak|(^|_)(min|mn|sec|t)$"
)
_DISTANCE = re.compile(r"dist(?!ancier)|(^|_)km(_|$)|kilom|metre|meter|longueur|length|(^|_)m$")
_OFF_PEAK = re.compile(r"hc$|hc_|creuse|off_?peak")
_PEAK = re.compile(r"hp$|hp_|pleine|pointe|peak")


@dataclass(frozen=True)
class OpenedFile:
    """A file of travel times, opened but not yet read.

    Attributes
    ----------
    path : Path
    format : str
        CSV, Parquet or Arrow IPC.
    names : tuple of str
        Column names.
    sample : tuple of tuple of str
        The values of the first rows as text, by column.
    separator, encoding : str
        Of CSV; empty otherwise.
    decimal_comma : bool
        Whether numbers have a decimal comma.
    quoted : bool
        Whether there are quotation marks.
    quoted_separators : bool
        Whether quoted values contain separators, so that quotation marks must be parsed.
    numeric : frozenset of int
        Positions of columns stored as numbers; empty for CSV.
    unsupported : mapping of int to str
        Types of columns that hold neither numbers nor text, by position.
    plain_text : bool
        Whether it is text without compression.
    source : PlainFile or None
        Holds what is read, which may be a copy.
    """

    path: Path
    format: str
    names: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    separator: str = ""
    encoding: str = ""
    decimal_comma: bool = False
    quoted: bool = False
    quoted_separators: bool = False
    numeric: frozenset[int] = frozenset()
    unsupported: Mapping[int, str] = field(default_factory=dict)
    plain_text: bool = False
    source: PlainFile | None = field(default=None, repr=False)

    @property
    def is_square(self) -> bool:
        """Whether the header holds commune codes: a square matrix."""
        return len(self.names) > 2 and all(_CODE.match(code_of(name)) for name in self.names[1:])

    def cut_at_end(self) -> Fault | None:
        """Return the fault of a compressed CSV file that ends within a row, if it does.

        All is decompressed for it.
        """
        if self.format != "CSV":
            return None
        try:
            return RowShape(self.path, self.separator, len(self.names)).cut_after_decompression()
        except damaged():
            # Reading reports it.
            return None

    @property
    def description(self) -> str:
        """Format, separator and encoding, for display."""
        if self.format != "CSV":
            return self.format
        mark = {"\t": "tabs"}.get(self.separator, f"'{self.separator}'")
        comma = ", decimal comma" if self.decimal_comma else ""
        return f"CSV separated by {mark}{comma}, {self.encoding}"

    def fault(
        self, code: str, column: str | None = None, *, count: int | None = None,
        rows: Iterable[int] = (), values: Iterable[str] = (), **details: object,
    ) -> Fault:  # fmt: skip
        """Return a fault of the file, or of one of its columns."""
        return Fault(
            code, self.path.name, column=column, count=count, rows=tuple(rows),
            values=tuple(values), details=details,
        )  # fmt: skip


@dataclass(frozen=True)
class Roles:
    """The role of each column, by position.

    Attributes
    ----------
    origin, destination : int
        The commune codes.
    times : tuple of int
        The time, or the off-peak and the peak time if both are needed.
    distance : int or None
    description : str
        The same, for display.
    time_names : str
        Normalised names of the times, which may state their unit.
    """

    origin: int
    destination: int
    times: tuple[int, ...]
    distance: int | None
    description: str
    time_names: str


def code_of(name: str) -> str:
    """Return the code in a header of a square matrix; R writes X38001 for 38001."""
    return re.sub(r"^[xX](?=\d)", "", name.strip())


def open_file(path: Path) -> OpenedFile | Fault:
    """Open a file and read its first rows.

    Parameters
    ----------
    path : Path
        CSV (plain, gz, zst), Parquet or Arrow IPC, recognised by its content.

    Returns
    -------
    OpenedFile or Fault
    """
    file = open_plain(path)
    if isinstance(file, Fault):
        return file
    if file.content == "workbook":
        return Fault("distancier.workbook", path.name)
    try:
        opened = _open_text(file) if file.content == "CSV" else _open_typed(file)
    except READING_ERRORS as error:
        return unreadable(file.path, file.content, error)
    return opened if isinstance(opened, Fault) else replace(opened, source=file)


def scan_typed(path: Path, content: str) -> pl.LazyFrame:
    """Scan a file of Parquet or Arrow IPC; categories as text."""
    scan = pl.scan_parquet(path, glob=False) if content == "Parquet" else scan_arrow(path)
    categories = [
        name for name, dtype in scan.collect_schema().items() if dtype in (pl.Categorical, pl.Enum)
    ]
    return scan.with_columns(pl.col(categories).cast(pl.String)) if categories else scan


def unreadable(path: Path, content: str, error: BaseException) -> Fault:
    """Return the fault of a file that cannot be read.

    Parameters
    ----------
    path : Path
    content : str
        CSV, Parquet or Arrow IPC.
    error : Exception
        What reading raised.

    Returns
    -------
    Fault
    """
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    damage = r"end of file|incomplete|corrupt|deflate"
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile) or (
        isinstance(error, OSError) and re.search(damage, reason)
    ):
        return file_fault(path, "cannot_decompress", reason=reason_of(error))
    if '`"' in reason:
        return file_fault(path, "open_quote")
    return file_fault(path, "unreadable", format=content, reason=reason_of(error))


def read_numbers_or_text(file: OpenedFile, read: Callable[[bool], T]) -> T | list[Fault]:
    """Read a file with its numbers as such, or as text if one of them is none.

    Parameters
    ----------
    file : OpenedFile
    read : callable
        Reads the file; takes whether numbers are read as text.

    Returns
    -------
    what `read` returns, or list of Fault
    """
    try:
        try:
            return read(file.separator == ",")
        except pl.exceptions.ComputeError:
            return read(True)
    except READING_ERRORS as error:
        return [unreadable(file.path, file.format, error)]


def _open_typed(file: PlainFile) -> OpenedFile | Fault:
    path, content = file.path, file.content
    scan = scan_typed(path, content)
    schema = scan.collect_schema()
    types = dict(enumerate(schema.dtypes()))
    unsupported = {k: str(dtype) for k, dtype in types.items() if _no_cell(dtype)}
    cells = (
        pl.lit("").alias(name) if k in unsupported else pl.col(name).cast(pl.String).fill_null("")
        for k, name in enumerate(schema)
    )
    head = scan.head(_HEAD_ROWS).with_columns(*cells).collect()
    if head.is_empty():
        return file_fault(path, "no_rows")
    names, sample = tuple(head.columns), tuple(map(tuple, head.get_columns()))
    numeric = frozenset(k for k, dtype in types.items() if dtype.is_numeric())
    return OpenedFile(path, content, names, sample, numeric=numeric, unsupported=unsupported)


def _no_cell(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or dtype.is_temporal() or dtype in (pl.Binary, pl.Boolean, pl.Object)


def _open_text(file: PlainFile) -> OpenedFile | Fault:
    path = file.path
    found = head_of(path)
    if isinstance(found, Fault):
        return found
    lines = lines_of(found[0])
    if not lines or not lines[0].strip():
        return file_fault(path, "empty_first_line")
    separator = separator_of(lines[0])
    if row := next((k for k, line in enumerate(lines) if line.count('"') % 2), None):
        return Fault("distancier.unclosed_quotation_in_row", path.name, rows=(row,))
    rows = split_rows(path, lines, separator)
    if isinstance(rows, Fault):
        return rows
    names, body = rows[0], [row for row in rows[1:] if row]
    if not body:
        return file_fault(path, "no_rows")
    if len(names) < 3 or all(_NUMBER.match(name) for name in names):
        # A row of two codes and a time is quoted; a longer one may be about a person.
        few = quoted_row(names, separator) if len(names) <= 3 else ()
        line = next(iter(few), HIDDEN if is_data(names) else lines[0][:60])
        return Fault("distancier.no_header", path.name, details={"line": line})
    size = len(names)
    shape = RowShape(path, separator, size)
    if fault := shape.uneven(body) or shape.cut_at_end():
        return fault
    columns = list(zip(*body, strict=True))
    return OpenedFile(
        path, "CSV", tuple(names), tuple(columns), separator, file.encoding or found[1],
        decimal_comma=any(_with_comma(values) for values in columns),
        quoted='"' in found[0],
        quoted_separators=any(separator in value for row in rows for value in row),
        plain_text=not compression_of(path),
    )  # fmt: skip


def _with_comma(values: Sequence[str]) -> bool:
    return any("," in v for v in values) and all(_NUMBER.match(v) for v in values if v.strip())


def detect_roles(
    file: OpenedFile, named: Mapping[str, str], period: str
) -> Roles | tuple[Fault, ...]:
    """Assign roles to columns: as named by the caller, else by name, else by content.

    Parameters
    ----------
    file : OpenedFile
    named : mapping of str to str
        Columns that the caller names: origin, destination or minutes to the file's own names.
    period : str
        Which time is used if there is an off-peak and a peak one.

    Returns
    -------
    Roles or tuple of Fault
    """
    headers = [plain(name) for name in file.names]
    more = ["..."] if len(file.names) > _SHOWN_NAMES else []
    names = (*shown_header(file.names[:_SHOWN_NAMES]), *more)
    if absent := {role: name for role, name in named.items() if plain(name) not in headers}:
        code = "distancier.named_column_absent"
        given = absent.items()
        return tuple(file.fault(code, role=role, name=name, columns=names) for role, name in given)
    chosen = {role: headers.index(plain(name)) for role, name in named.items()}
    free = [k for k in range(len(headers)) if k not in chosen.values()]
    codes = [k for k in free if _mostly(_CODE, file.sample[k])]
    by_name: dict[str, list[int]] = {}
    for role, pattern in (("origin", _ORIGIN), ("destination", _DESTINATION)):
        if role not in chosen:
            alike = [k for k in free if pattern.search(headers[k])]
            # If the first codes of a column are invalid, its name alone must do.
            by_name[role] = [k for k in alike if k in codes] or [
                k for k in alike if not (_TIME.search(headers[k]) or _DISTANCE.search(headers[k]))
            ]
    chosen |= {role: found[0] for role, found in by_name.items() if len(found) == 1}
    distances = [k for k in free if _DISTANCE.search(headers[k]) and not _is_time(headers[k])]
    times = _times(file, headers, chosen, [k for k in free if k not in distances])
    open_codes = [role for role in ("origin", "destination") if role not in chosen]
    left = [k for k in codes if k not in {*chosen.values(), *times, *distances}]
    by_content = len(left) == len(open_codes) > 0 and not any(map(by_name.get, open_codes))
    if by_content:
        chosen |= dict(zip(open_codes, left, strict=True))
    if "origin" not in chosen or "destination" not in chosen or not times:
        return (file.fault("distancier.unrecognised_columns", columns=names),)
    which = ""
    if len(times) == 2:
        which = f" ({period})" if period in ("off_peak", "peak") else f" ({period} of both)"
        times = {"off_peak": times[:1], "peak": times[1:]}.get(period, times)
    origin, destination = chosen["origin"], chosen["destination"]
    description = (
        f"origin = {file.names[origin]}, destination = {file.names[destination]}, "
        f"minutes = {' and '.join(file.names[k] for k in times)}{which}"
        f"{', by its content' if by_content else ''}"
    )
    distance = distances[0] if len(distances) == 1 else None
    time_names = " ".join(headers[k] for k in times)
    return Roles(origin, destination, tuple(times), distance, description, time_names)


def _is_time(header: str) -> bool:
    return bool(_TIME.search(header)) and not header.startswith("dist")


def _times(
    file: OpenedFile, headers: Sequence[str], chosen: Mapping[str, int], free: Sequence[int]
) -> list[int]:
    """Return the columns of times: one, or off-peak and peak in this order; empty if unclear."""
    if "minutes" in chosen:
        return [chosen["minutes"]]
    codes = {chosen.get("origin"), chosen.get("destination")}
    numeric = [k for k in free if k not in codes and _mostly(_NUMBER, file.sample[k], 0.5)]
    found = [k for k in numeric if _is_time(headers[k])]
    off = [k for k in found if _OFF_PEAK.search(headers[k])]
    peak = [k for k in found if k not in off and _PEAK.search(headers[k])]
    if len(off) == len(peak) == 1 and len(found) == 2:
        return [*off, *peak]
    if not found:
        named = [k for k in free if k not in codes and _is_time(headers[k])]
        found = named or [k for k in numeric if not _mostly(_CODE, file.sample[k])]
    return found if len(found) == 1 else []


def _mostly(pattern: re.Pattern[str], values: Sequence[str], share: float = 0.95) -> bool:
    """Return whether nearly all non-blank values match."""
    given = [value for value in values[:2000] if value.strip()]
    return bool(given) and sum(bool(pattern.match(v)) for v in given) >= share * len(given)
