"""What a distancier is laid out like: separator, encoding, which column is what."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ...errors import Fault
from ...inputs.text_file import compression_of
from ..common.file_type import content_of
from ..common.headers import plain
from ..common.text_file import HEAD_ROWS as _HEAD_ROWS
from ..common.text_file import cut_at_end, head_of, uneven

PERIODS = ("off_peak", "peak", "mean", "max")
_SEPARATORS = ";,\t|"

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
class Layout:
    """A file of travel times, opened but not read.

    Attributes
    ----------
    path, format : the file, and what it holds (CSV, Parquet, Arrow IPC).
    names : its columns.
    sample : the values of its first rows as text, column by column.
    separator, encoding : of CSV; empty otherwise.
    decimal_comma : whether its numbers have one.
    quoted : whether there are quotation marks.
    quotes : whether these hold separators, so that they must be followed.
    numeric : places of columns that the file keeps as numbers; none in CSV.
    no_numbers : places of columns that hold neither numbers nor text, and their types.
    plain_text : whether it is text that is not compressed.
    """

    path: Path
    format: str
    names: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    separator: str = ""
    encoding: str = ""
    decimal_comma: bool = False
    quoted: bool = False
    quotes: bool = False
    numeric: frozenset[int] = frozenset()
    no_numbers: Mapping[int, str] = field(default_factory=dict)
    plain_text: bool = False

    @property
    def square(self) -> bool:
        """Return whether the header holds commune codes: a square matrix."""
        return len(self.names) > 2 and all(_CODE.match(bare(name)) for name in self.names[1:])

    @property
    def reading(self) -> str:
        """Return how it is read, for people."""
        if self.format != "CSV":
            return self.format
        mark = {"\t": "tabulation"}.get(self.separator, f"'{self.separator}'")
        comma = ", decimal comma" if self.decimal_comma else ""
        return f"CSV separated by {mark}{comma}, {self.encoding}"


@dataclass(frozen=True)
class Roles:
    """Which column is what, by place.

    Attributes
    ----------
    origin, destination : the codes.
    times : the time, or the off-peak and the peak one where both are asked for.
    distance : where there is one.
    described : the same for people.
    hint : the names of the times, for the unit they may tell.
    """

    origin: int
    destination: int
    times: tuple[int, ...]
    distance: int | None
    described: str
    hint: str


def bare(name: str) -> str:
    """Return the code in a header of a square matrix; R writes X38001 for 38001."""
    return re.sub(r"^[xX](?=\d)", "", name.strip())


def open_layout(path: Path) -> Layout | Fault:
    """Open a file and read its first rows.

    Parameters
    ----------
    path : CSV (plain, gz, zst), Parquet or Arrow IPC; told by its content.

    Returns
    -------
    Layout | Fault
    """
    content = content_of(path)
    if isinstance(content, Fault):
        return content
    if content == "workbook":
        hint = "A workbook holds a million rows at most: give CSV or Parquet."
        return Fault(
            code="legacy.fault", table=path.name, details={"problem": "is a workbook", "hint": hint}
        )
    try:
        return _text(path) if content == "CSV" else _typed(path, content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        return cut_short(path, error)
    except (pl.exceptions.PolarsError, OSError) as error:
        return unreadable(path, content, error)


def cut_short(path: Path, error: Exception) -> Fault:
    """Say that a compressed file ends too early."""
    problem = f"cannot be decompressed to its end ({error})"
    return Fault(
        code="legacy.fault",
        table=path.name,
        details={"problem": problem, "hint": "It is cut short or damaged: download it again."},
    )


def unreadable(path: Path, content: str, error: Exception) -> Fault:
    """Say why a file cannot be read."""
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    if isinstance(error, OSError) and re.search(r"end of file|incomplete|corrupt|deflate", reason):
        return cut_short(path, error)
    hint = "It may be cut short or damaged."
    if '`"' in reason:
        hint = "A quotation mark may be opened and never closed: close it, or remove it."
    return Fault(
        code="legacy.fault",
        table=path.name,
        details={"problem": f"cannot be read as {content}: {reason}", "hint": hint},
    )


def _typed(path: Path, content: str) -> Layout | Fault:
    scan = pl.scan_parquet(path, glob=False) if content == "Parquet" else pl.scan_ipc(path)
    schema = scan.collect_schema()
    no_numbers = {k: str(dtype) for k, dtype in enumerate(schema.dtypes()) if _no_cell(dtype)}
    # Of what is neither a number nor text, nothing is shown: it is refused where it is wanted.
    cells = (
        pl.lit("").alias(name) if k in no_numbers else pl.col(name).cast(pl.String).fill_null("")
        for k, name in enumerate(schema)
    )
    head = scan.head(_HEAD_ROWS).with_columns(*cells).collect()
    if head.is_empty():
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "has no row", "hint": "Export it again."},
        )
    sample = tuple(tuple(head[name].to_list()) for name in head.columns)
    numeric = frozenset(k for k, dtype in enumerate(schema.dtypes()) if dtype.is_numeric())
    return Layout(
        path, content, tuple(head.columns), sample, numeric=numeric, no_numbers=no_numbers
    )


def _no_cell(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or dtype.is_temporal() or dtype in (pl.Binary, pl.Boolean, pl.Object)


def _text(path: Path) -> Layout | Fault:
    found = head_of(path)
    if isinstance(found, Fault):
        return found
    lines = found[0].splitlines()
    if not lines or not lines[0].strip():
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={
                "problem": "begins with an empty line",
                "hint": "Its first line must name them.",
            },
        )
    if "\0" in found[0]:
        hint = "Give CSV, Parquet or Arrow IPC."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "is neither text nor a format that is known", "hint": hint},
        )
    separator = max(_SEPARATORS, key=lines[0].count)
    if open_mark := next((k for k, line in enumerate(lines) if line.count('"') % 2), None):
        problem = "a quotation mark is opened and not closed in its row"
        hint = "Close it, or remove it: codes and times need none."
        return Fault(
            code="legacy.fault",
            table=path.name,
            rows=(open_mark,),
            details={"problem": problem, "hint": hint},
        )
    rows = [next(csv.reader([line], delimiter=separator), []) for line in lines]
    names, body = rows[0], [row for row in rows[1:] if row]
    if not body:
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "has no row below its header", "hint": "Export it again."},
        )
    if len(names) < 3 or all(_NUMBER.match(name) for name in names):
        problem = f"has on its first line {lines[0][:60]!r}"
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": problem, "hint": "Its first line must name three columns or more."},
        )
    if fault := uneven(path, separator, len(names), body) or cut_at_end(
        path, separator, len(names)
    ):
        return fault
    columns = [tuple(row[k] if k < len(row) else "" for row in body) for k in range(len(names))]
    return Layout(
        path, "CSV", tuple(names), tuple(columns), separator, found[1],
        decimal_comma=any(_with_comma(values) for values in columns),
        quoted='"' in found[0],
        quotes=any(separator in value for row in rows for value in row),
        plain_text=not compression_of(path),
    )  # fmt: skip


def _with_comma(values: Sequence[str]) -> bool:
    return any("," in v for v in values) and all(_NUMBER.match(v) for v in values if v.strip())


# --- which column is what ------------------------------------------------------------------------


def roles_of(layout: Layout, named: Mapping[str, str], period: str) -> Roles | Fault:
    """Tell which column is what: as named, by names, else by content where that is clear.

    Parameters
    ----------
    layout : the file.
    named : columns that somebody names: ours (origin, destination, minutes) to theirs.
    period : which time is taken where there is an off-peak and a peak one.

    Returns
    -------
    Roles | Fault
    """
    headers = [plain(name) for name in layout.names]
    chosen: dict[str, int] = {}
    for ours, theirs in named.items():
        if plain(theirs) not in headers:
            return _unnamed(layout, f"it has no column {theirs!r} for {ours}")
        chosen[ours] = headers.index(plain(theirs))
    taken = set(chosen.values())
    free = [k for k in range(len(headers)) if k not in taken]
    codes = [k for k in free if _all(_CODE, layout.sample[k])]
    by_name = {
        ours: [k for k in codes if pattern.search(headers[k])]
        for ours, pattern in (("origin", _ORIGIN), ("destination", _DESTINATION))
        if ours not in chosen
    }
    # Where the first codes of a column are spoilt its name alone must do.
    for ours, pattern in (("origin", _ORIGIN), ("destination", _DESTINATION)):
        if ours in by_name and not by_name[ours]:
            others = (_TIME, _DISTANCE)
            by_name[ours] = [
                k for k in free
                if pattern.search(headers[k]) and not any(o.search(headers[k]) for o in others)
            ]  # fmt: skip
    chosen |= {ours: places[0] for ours, places in by_name.items() if len(places) == 1}
    distances = [k for k in free if _DISTANCE.search(headers[k]) and not _is_time(headers[k])]
    times = _times(layout, headers, chosen, [k for k in free if k not in distances])
    how = ""
    open_codes = [ours for ours in ("origin", "destination") if ours not in chosen]
    left = [k for k in codes if k not in {*chosen.values(), *times, *distances}]
    if open_codes and len(left) == len(open_codes) and not any(map(by_name.get, open_codes)):
        chosen |= dict(zip(open_codes, left, strict=True))
        how = ", by its content"
    if "origin" not in chosen or "destination" not in chosen or not times:
        return _unnamed(layout, "its columns are not recognised")
    return _roles(layout, headers, chosen, times, distances, period, how)


def _is_time(header: str) -> bool:
    return bool(_TIME.search(header)) and not re.match(r"dist", header)


def _times(
    layout: Layout, headers: Sequence[str], chosen: Mapping[str, int], free: Sequence[int]
) -> list[int]:
    """Return the columns of times: one, or off-peak and peak in this order; empty if unclear."""
    if "minutes" in chosen:
        return [chosen["minutes"]]
    codes = {chosen.get("origin"), chosen.get("destination")}
    numeric = [k for k in free if k not in codes and _all(_NUMBER, layout.sample[k], 0.5)]
    found = [k for k in numeric if _is_time(headers[k])]
    off = [k for k in found if _OFF_PEAK.search(headers[k])]
    peak = [k for k in found if k not in off and _PEAK.search(headers[k])]
    if len(off) == len(peak) == 1 and len(found) == 2:
        return [*off, *peak]
    if not found:
        named = [k for k in free if k not in codes and _is_time(headers[k])]
        found = named or [k for k in numeric if not _all(_CODE, layout.sample[k])]
    return found if len(found) == 1 else []


def _roles(
    layout: Layout, headers: Sequence[str], chosen: Mapping[str, int], times: list[int],
    distances: list[int], period: str, how: str,
) -> Roles:  # fmt: skip
    if len(times) == 2 and period in ("off_peak", "peak"):
        taken = [times[period == "peak"]]
        which = f" ({period})"
    else:
        taken, which = times, f" ({period} of both)" if len(times) == 2 else ""
    names = [layout.names[k] for k in taken]
    described = (
        f"origin = {layout.names[chosen['origin']]}, "
        f"destination = {layout.names[chosen['destination']]}, "
        f"minutes = {' and '.join(names)}{which}{how}"
    )
    distance = distances[0] if len(distances) == 1 else None
    hint = " ".join(headers[k] for k in taken)
    return Roles(chosen["origin"], chosen["destination"], tuple(taken), distance, described, hint)


def _unnamed(layout: Layout, why: str) -> Fault:
    shown = ", ".join(layout.names[:12]) + (", ..." if len(layout.names) > 12 else "")
    return Fault(
        code="legacy.fault",
        table=layout.path.name,
        details={
            "problem": f"{why}. It has {shown}",
            "hint": "Name them: columns={'origin': ..., 'destination': ..., 'minutes': ...}, or "
            "--column origin=NAME for each.",
        },
    )


def _all(pattern: re.Pattern[str], values: Sequence[str], share: float = 0.95) -> bool:
    """Tell whether nearly all values that are given match."""
    given = [value for value in values[:2000] if value.strip()]
    return bool(given) and sum(bool(pattern.match(v)) for v in given) >= share * len(given)
