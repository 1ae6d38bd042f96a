"""Scenarios in Parquet files larger than memory: each range of columns is read where it is used."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs

from ...columns import Float, Indices
from ...errors import Fault, InputDataError, Note, check_arguments, first
from ...inputs import read_scenarios
from ...inputs.named_columns import NamedColumns
from ...inputs.scenarios import MOST_ETP, name_faults
from ...inputs.tables import READING_ERRORS, Source, open_table
from ...kernels.blocks import LANES

_TABLE, _KEY = "scenarios", "commune"
# Columns that are read at once, whole blocks of 16.
_AT_ONCE = 8 * LANES


@dataclass(frozen=True)
class _Part:
    """A file of scenarios: as it is found again, its columns, and the row of each commune."""

    path: str
    key: str
    names: tuple[str, ...]
    state: tuple[int, int]
    rows: Indices

    @classmethod
    def of(cls, source: Source) -> _Part:
        """Describe a file; its rows are not known yet."""
        assert source.file is not None
        path, names = os.path.abspath(source.file.path), _names(source)
        # What the file itself calls the column of codes.
        (key,) = pl.read_parquet_schema(path).keys() - set(names)
        return cls(path, key, names, _state(path), np.empty(0, dtype=np.int64))

    def read(self, names: list[str], codes: pl.Series, places: Indices) -> Float:
        """Return the ETP of some communes in some columns, (n_places, n)."""
        if _state(self.path) != self.state:
            details = {"file": Path(self.path).name}
            raise InputDataError(Fault("scenarios.file_changed", _TABLE, details=details))
        scanned = pl.scan_parquet(self.path, glob=False)
        if len(self.rows):
            plain = self._plain(scanned.select(cs.by_name(*names)), self.rows[places])
            if plain is not None:
                return plain
        whole = scanned.select(cs.by_name(self.key, *names)).rename({self.key: _KEY})
        found: Float = read_scenarios(whole, codes).etp.drop(_KEY).to_numpy()[places]
        return found

    @staticmethod
    def _plain(columns: pl.LazyFrame, rows: Indices) -> Float | None:
        """Return some rows of columns in which nothing can be wrong; None of others."""
        try:
            frame = columns.collect()
        except READING_ERRORS:
            return None
        if not all(kind.is_float() or kind.is_integer() for kind in frame.dtypes):
            return None
        values = frame.to_numpy().astype(np.float64, copy=False)
        # Null is not a number here.
        if not ((values >= 0.0) & (values <= MOST_ETP)).all():
            return None
        return np.where(rows[:, None] >= 0, values[rows], 0.0)


def _state(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (-1, -1)
    return found.st_size, found.st_mtime_ns


@dataclass(frozen=True)
class TableSupply:
    """The supply of any scenario of a table.

    Attributes
    ----------
    communes : int64 (n_places,)
        Rows of the communes listed, ascending: the places.
    n_communes : int
        Number of all communes.
    count : int
        Number of scenarios.
    codes : pl.Series
        Codes of all communes, sorted.
    parts : tuple of _Part
        The files; scenarios are numbered through them.
    sources : tuple of mapping
        The files with their digests, for the record.
    notes : tuple of Note
        What was matched by rule or imputed.
    """

    communes: Indices
    n_communes: int
    count: int
    codes: pl.Series
    parts: tuple[_Part, ...]
    sources: tuple[dict[str, Any], ...]
    notes: tuple[Note, ...]

    @property
    def about(self) -> dict[str, Any]:
        """The files, as plain values, for JSON."""
        return {"scenario_tables": list(self.sources)}

    def reader(self) -> TableReader:
        """Return what reads supply in one thread."""
        return TableReader(self)

    def names(self, start: int, stop: int) -> list[str]:
        """Return the names of some scenarios."""
        return [name for _, names in self._ranges(start, stop) for name in names]

    def _ranges(self, start: int, stop: int) -> Iterator[tuple[_Part, list[str]]]:
        ends = np.cumsum([0, *(len(part.names) for part in self.parts)]).tolist()
        for part, (low, high) in zip(self.parts, pairwise(ends), strict=True):
            names = part.names[max(start - low, 0) : max(stop - low, 0)] if start < high else ()
            if names:
                yield part, list(names)

    def read(self, start: int, stop: int) -> Float:
        """Return the ETP of each place in some scenarios, float64 (n_places, n).

        Raises
        ------
        InputDataError
            Values are wrong; lists every fault of these scenarios.
        """
        tables, faults = [], list[Fault]()
        for part, names in self._ranges(start, stop):
            try:
                tables.append(part.read(names, self.codes, self.communes))
            except InputDataError as error:
                faults += error.faults
        if faults:
            raise InputDataError(dict.fromkeys(faults))
        return np.concatenate(tables, axis=1)


class TableReader:
    """Reads supply in one thread."""

    def __init__(self, supply: TableSupply) -> None:
        self._supply, self._start = supply, -1
        self._values: Float = np.empty((0, 0))

    def fill(self, first: int, etp: Float) -> None:
        """Fill the ETP of each place in 16 scenarios from `first` on, (n_places, 16).

        The last one stands for those that there are not.

        Raises
        ------
        InputDataError
            Values are wrong; lists every fault of the scenarios that are read at once.
        """
        start = first // _AT_ONCE * _AT_ONCE
        if start != self._start:
            stop = min(start + _AT_ONCE, self._supply.count)
            self._start, self._values = -1, np.empty((0, 0))
            self._values = self._supply.read(start, stop)
            self._start = start
        columns = np.minimum(np.arange(first, first + LANES) - start, self._values.shape[1] - 1)
        etp[:] = self._values[:, columns]


def pieces(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of scenarios that are read at once."""
    for at in range(start // _AT_ONCE * _AT_ONCE, stop, _AT_ONCE):
        yield max(at, start), min(at + _AT_ONCE, stop)


@check_arguments(given=(str, Path), codes=pl.Series, columns=(NamedColumns, None))
def open_scenarios(
    given: str | Path, codes: pl.Series, columns: NamedColumns | None = None
) -> TableSupply:
    """Open scenarios in one or more Parquet files, without reading all of them.

    Parameters
    ----------
    given : str or Path
        A Parquet file with ``commune`` and a column of ETP for each scenario, as `read_scenarios`
        takes; or a folder of such files, each with scenarios of its own.
    codes : pl.Series
        Codes of the communes of the run, sorted.
    columns : NamedColumns, optional
        Columns that the user names.

    Returns
    -------
    TableSupply

    Raises
    ------
    InputDataError
        A file cannot be used, or communes are wrong; lists every fault, also those of values.
    """
    sources, faults = _opened(Path(given), columns)
    names = Counter(name for source in sources for name in _names(source))
    if sources:
        faults += name_faults(list(names))
    if several := [name for name, count in names.items() if count > 1]:
        faults.append(Fault("scenarios.same_name", _TABLE, values=first(several, 3)))
    if faults:
        raise InputDataError(faults)
    parts = tuple(_Part.of(source) for source in sources)
    supply = TableSupply(np.arange(len(codes)), len(codes), len(names), codes, parts, (), ())
    # The row of each commune, from 1, by the column of codes alone.
    row = pl.int_range(1, pl.len() + 1).alias("row")
    alone = [source.frame.select(_KEY, row) for source in sources]
    try:
        listed = [read_scenarios(frame, codes) for frame in alone]
    except InputDataError:
        raise InputDataError(dict.fromkeys(_all_faults(supply))) from None
    rows = [table.etp["row"].to_numpy().astype(np.int64) - 1 for table in listed]
    return replace(
        supply,
        communes=np.flatnonzero(np.max(rows, axis=0) >= 0),
        parts=tuple(replace(part, rows=own) for part, own in zip(parts, rows, strict=True)),
        sources=tuple(s.as_dict(table.rows) for s, table in zip(sources, listed, strict=True)),
        notes=tuple(dict.fromkeys(note for table in listed for note in table.notes)),
    )


def _names(source: Source) -> tuple[str, ...]:
    return tuple(name for name in source.frame.collect_schema().names() if name != _KEY)


def _all_faults(supply: TableSupply) -> Iterator[Fault]:
    for start, stop in pieces(0, supply.count):
        try:
            supply.read(start, stop)
        except InputDataError as error:
            yield from error.faults


def _opened(given: Path, columns: NamedColumns | None) -> tuple[list[Source], list[Fault]]:
    """Open the files, and return what is wrong with them."""
    paths = sorted(given.rglob("*.parquet")) if given.is_dir() else [given]
    if not paths:
        return [], [Fault("scenarios.no_parquet", _TABLE, details={"folder": str(given)})]
    sources, faults = [], list[Fault]()
    for path in paths:
        opened = open_table(_TABLE, path, [_KEY], columns)
        if isinstance(opened, Fault):
            faults.append(opened)
        elif opened.format != "Parquet":
            details = {"file": path.name, "format": opened.format}
            faults.append(Fault("scenarios.not_parquet", _TABLE, details=details))
        elif _KEY not in opened.frame.collect_schema().names():
            try:
                read_scenarios(opened.frame, pl.Series(["00000"]))
            except InputDataError as error:
                faults += [one for one in error.faults if one.column == _KEY]
        else:
            sources.append(opened)
    return sources, faults
