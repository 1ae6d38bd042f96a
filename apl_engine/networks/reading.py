"""Travel times in files of any size, read a piece at a time."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import polars as pl

from ..errors import Fault, InputDataError, Note, first
from ..inputs.named_columns import NamedColumns
from ..inputs.provenance import check_provenance, read_provenance
from ..inputs.tables import (
    EXAMPLES,
    SUFFIXES,
    Source,
    find_table,
    open_table,
    open_tables,
    reading,
    recoded,
    table_fault,
)
from ..inputs.travel_times import (
    Limit,
    TablePairs,
    check_zero_times,
    none_within,
    repaired_code,
    shown_pairs,
)
from ..inputs.validate import Categories, plan_reading
from ..schemas import COMMUNE_CODE, COMMUNES, INPUTS, TRAVEL_TIMES, duplicate_fault, printable_codes

Given = str | Path | object
T = TypeVar("T")
R = TypeVar("R")
# Rows of a Parquet file that are read at once.
ROWS = 1_000_000
_OF_CODES = replace(COMMUNES, columns=(COMMUNES["commune"],))
_MAGIC = ("*", "?", "[")


@dataclass(frozen=True)
class Located:
    """Travel times as they are given.

    Attributes
    ----------
    tables : tuple of Path or object, or Fault
        The table, or the files of a data set; or why there is none.
    folder : Path or None
        Where the table communes and imports.json are beside it; None for a table in memory.
    names : tuple of str
        Names of the files of a data set, from its folder on; empty for a single table.
    """

    tables: tuple[Given, ...] | Fault
    folder: Path | None = None
    names: tuple[str, ...] = ()

    def beside(self) -> Path | None:
        """Return the table communes beside the travel times, if there is one."""
        if self.folder is None:
            return None
        found = open_tables(self.folder, {COMMUNES.name: ["commune"]})[0].get(COMMUNES.name)
        return found.path if found else None


def locate(given: Given) -> Located:
    """Find the files of travel times: a table, a folder of tables, a data set or a pattern.

    Parameters
    ----------
    given : str, Path or object
        A data set is a folder of files, possibly in subfolders, or ``travel_times`` in a folder of
        tables; a pattern has ``*``, ``?`` or ``[``.
    """
    if not isinstance(given, str | Path):
        return Located((given,))
    path = Path(given)
    if os.path.isdir(path):
        inside = path / TRAVEL_TIMES.name
        if os.path.isdir(inside):
            return _data_set(inside, path)
        if not list(path.glob(f"{TRAVEL_TIMES.name}*")) and not _is_of_tables(path):
            return _data_set(path, path.parent)
        table = find_table(path, TRAVEL_TIMES.name)
        return Located(table if isinstance(table, Fault) else (table,), path)
    if any(mark in str(path) for mark in _MAGIC) and not os.path.exists(path):
        files = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]
        fixed = takewhile(lambda part: not any(mark in part for mark in _MAGIC), path.parts)
        top = Path(*fixed)
        return _of_files([file for file in files if file.is_file()], top, top.parent)
    return Located((path,), path.parent)


def _is_of_tables(folder: Path) -> bool:
    """Return whether a folder holds other tables of a run."""
    stems = {item.name.partition(".")[0] for item in folder.iterdir() if item.is_file()}
    return bool(stems & set(INPUTS)) or not any(
        name.endswith(SUFFIXES) for _, _, names in os.walk(folder) for name in names
    )


def _data_set(folder: Path, beside: Path) -> Located:
    """Return the files of a folder and its subfolders that are no hidden ones."""
    files = [
        Path(top, name)
        for top, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(SUFFIXES)
    ]
    shown = [
        file
        for file in files
        if not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    ]
    return _of_files(sorted(shown), folder, beside)


def _of_files(files: Sequence[Path], folder: Path, beside: Path) -> Located:
    if not files:
        return Located(table_fault(TRAVEL_TIMES.name, "missing_file", folder=str(folder)), beside)
    return Located(tuple(files), beside, tuple(file.relative_to(folder).as_posix()
                                               for file in files))  # fmt: skip


def open_times(given: Given, named: NamedColumns) -> Source | Fault:
    """Open one table of travel times."""
    return open_table(TRAVEL_TIMES.name, given, TRAVEL_TIMES.names, named)


def codes_of(
    sources: Iterable[Source], communes: Given | None, named: NamedColumns
) -> tuple[pl.Series, list[Note], list[Fault]]:
    """Return the codes that a network is of, sorted; with notes and faults.

    Parameters
    ----------
    sources : iterable of Source
        The travel times, whose codes are taken if no table of communes is given.
    communes : str, Path or object, optional
        A table with a column ``commune``: any codes that can be printed, each once.
    named : NamedColumns
        Columns that the user names.
    """
    codes = pl.Series("commune", [], dtype=pl.String)
    if communes is None:
        for source in sources:
            faults, _ = plan_reading(TRAVEL_TIMES, source, Categories())
            if faults:
                return codes, [], faults
            for rows in pieces_of(source):
                ends = (rows[name].cast(pl.String).unique() for name in ("origin", "destination"))
                given = pl.concat([end.alias("commune").to_frame() for end in ends])
                given = given.select(repaired_code("commune"))
                found = given.filter(pl.col("commune").str.contains(COMMUNE_CODE))["commune"]
                codes = pl.concat([codes, found]).unique()
        codes = codes.sort()
        return codes, [Note("network.communes_from_pairs", len(codes))], []
    opened = open_table(COMMUNES.name, communes, ["commune"], named)
    if isinstance(opened, Fault):
        return codes, [], [opened]
    faults, plan = plan_reading(_OF_CODES, opened, Categories())
    if plan is None:
        return codes, [], faults
    column = rows_of(opened, plan).to_series().sort()
    return column, [], _code_faults(column)


def _code_faults(column: pl.Series) -> list[Fault]:
    """Return what is wrong with sorted codes."""
    faults = []
    if empty := column.null_count():
        faults.append(replace(table_fault(COMMUNES.name, "no_value", "commune"), count=empty))
    given = column.drop_nulls()
    twice = given.filter((given == given.shift()).fill_null(False)).unique().sort()
    if len(twice):
        fault = duplicate_fault(COMMUNES)
        faults.append(replace(fault, count=len(twice), values=first(twice, 3)))
    if odd := int((~printable_codes(given)).sum()):
        fault = table_fault(COMMUNES.name, "unprintable_code", "commune")
        faults.append(replace(fault, count=odd))
    return faults


def vintage_of(folder: Path | None, asked: int | None, communes: bool) -> int | None:
    """Return the year of the codes, as asked or as the imports of the tables recorded it.

    Parameters
    ----------
    folder : Path or None
        Where imports.json is, if there is one.
    asked : int or None
        The year that the caller states.
    communes : bool
        Whether the table communes of that folder is used too.
    """
    if folder is None:
        return asked
    imports = read_provenance(folder)
    if isinstance(imports, Fault):
        raise InputDataError(imports)
    used = {TRAVEL_TIMES.name, COMMUNES.name} if communes else {TRAVEL_TIMES.name}
    own = [
        {**entry, "tables": tables}
        for entry in imports
        if (tables := [table for table in entry["tables"] if table["table"] in used])
    ]
    faults, _ = check_provenance(own, {})
    recorded = {entry["vintage"] for entry in own if entry.get("vintage")}
    if asked and not faults and recorded - {asked}:
        details = {"recorded": tuple(recorded), "asked": asked}
        code = "network.vintage_mismatch"
        faults = [Fault(code, TRAVEL_TIMES.name, details=details)]
    if faults:
        raise InputDataError(faults)
    return asked or next(iter(recorded), None)


@dataclass
class Totals:
    """What is counted over all pieces: rows in doubt, and pairs of different communes.

    Attributes
    ----------
    pairs : TablePairs
        Rows in doubt, and what became of them.
    read, apart, zeros : int
        Rows; pairs of different communes within reach; those of them that take no time.
    shown : tuple of str
        The first of the last.
    """

    pairs: TablePairs
    read: int = 0
    apart: int = 0
    zeros: int = 0
    shown: tuple[str, ...] = ()

    def add(self, other: Totals) -> None:
        """Count what another piece has."""
        self.pairs.merge(other.pairs)
        self.read += other.read
        self.apart += other.apart
        self.zeros += other.zeros
        self.shown = tuple(sorted({*self.shown, *other.shown})[:EXAMPLES])

    def check(self, limit: Limit) -> list[Note]:
        """Return the notes of the table, or raise its faults."""
        if not self.pairs.rows:
            raise InputDataError(none_within(TRAVEL_TIMES.name, limit))
        faults, notes = list[Fault](), list[Note]()
        if self.zeros:
            faults, notes = check_zero_times(TRAVEL_TIMES.name, self.zeros, self.shown, self.apart)
        if faults:
            raise InputDataError(faults)
        return [*self.pairs.notes(), *notes]


@dataclass
class Piece:
    """Some rows that were read: those that count or may count, their totals and faults."""

    rows: pl.DataFrame
    totals: Totals
    faults: list[Fault] = field(default_factory=list)


def pieces_of(source: Source, start: int = 0) -> Iterator[pl.DataFrame]:
    """Read the columns of travel times, from a row on, some rows at a time.

    A Parquet file is read by slices, which hold no more than their rows; Polars reads ahead in
    batches of any file, by a gigabyte.

    Raises
    ------
    InputDataError
        The file is damaged, or no table.
    """
    pieces = _pieces(source, start)
    while (rows := _read(source, lambda: next(pieces, None))) is not None:
        if isinstance(rows, Fault):
            other = None
            if rows.code == f"{source.table}.not_utf8":
                other = recoded(source, list(TRAVEL_TIMES.names))
            if other is None:
                raise InputDataError(rows)
            yield from pieces_of(other, start)
            return
        start += rows.height
        yield rows


def _pieces(source: Source, start: int) -> Iterator[pl.DataFrame]:
    given = source.frame.select(TRAVEL_TIMES.names)
    if source.format != "Parquet":
        yield from given.slice(start).collect_batches(engine="streaming", maintain_order=True)
        return
    while (rows := given.slice(start, ROWS).collect()).height:
        yield rows
        if rows.height < ROWS:
            return
        start += ROWS


def rows_of(source: Source, plan: pl.LazyFrame) -> pl.DataFrame:
    """Read rows of a table.

    Raises
    ------
    InputDataError
        The file is damaged, or no table.
    """
    rows = _read(source, plan.collect)
    if isinstance(rows, Fault):
        raise InputDataError(rows)
    return rows


def _read(source: Source, action: Callable[[], T]) -> T | Fault:
    name = source.path.name if source.path else "the frame"
    return reading(source.table, name, source.format, action)


def read_piece(source: Source, raw: pl.DataFrame, known: Categories) -> Piece:
    """Read the values of some rows of a table."""
    assert known.limit is not None
    part = replace(source, frame=raw.lazy())
    reading = plan_reading(TRAVEL_TIMES, part, known)[1]
    assert reading is not None
    totals = Totals(TablePairs(known.limit), read=raw.height)
    piece = Piece(reading.collect(), totals)
    minutes, apart = pl.col("minutes"), pl.col("origin") != pl.col("destination")
    within, free = known.limit.within(minutes), apart & (minutes == 0)
    if piece.rows.select(_is_sound()).item():
        totals.pairs.rows += piece.rows.select((within | ~apart).sum()).item()
    else:
        piece.rows, piece.faults = totals.pairs.add(piece.rows, part, known.communes)
    counts = piece.rows.select(close=(within & apart).sum(), zero=free.sum()).row(0)
    totals.apart, totals.zeros = counts
    if totals.zeros:
        totals.shown = shown_pairs(piece.rows.filter(free))
    return piece


def _is_sound() -> pl.Expr:
    """Return whether all codes of a piece are known, and all times valid."""
    minutes = pl.col("minutes")
    return pl.all_horizontal(
        pl.col("origin", "destination").is_not_null().all(),
        (minutes.is_finite() & (minutes >= 0)).fill_null(False).all(),
    )


def in_order(work: Callable[[T], R], given: Iterable[T], ahead: int) -> Iterator[R]:
    """Call `work` on each, in threads; yield the results in order, so many calls ahead."""
    with ThreadPoolExecutor(ahead) as pool:
        running: deque[Future[R]] = deque()
        try:
            for each in given:
                running.append(pool.submit(work, each))
                if len(running) > ahead:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()
