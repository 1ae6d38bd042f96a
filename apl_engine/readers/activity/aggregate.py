"""From rows of prestations to two small tables of exact sums, unit by unit.

Sums are of whole cents and of whole ten-thousandths of an act, so they are the same bits in any
order of rows, split of files, and number of threads and processes. Checks of values are counts
beside the sums; identifiers, communes, months and ages are checked afterwards, on their few
distinct values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import Fault, InputDataError
from ...executors import Workers
from ..common.issues import Issues
from .columns import PRESTATIONS, PRESTATIONS_TABLE, Request, describe, match_columns, note_unused
from .dataset import Part
from .duplicates import MOST_COMPARED, frequent_age
from .expressions import RowReader
from .practices import PRACTICE
from .units import Task, add_up, units_of
from .values import UNITS, parse_period

# Rows of practices that are put aside before they are added up.
_MOST_ASIDE = 1_000_000


@dataclass
class Sums:
    """What the rows of prestations add up to.

    Attributes
    ----------
    practices : polars.DataFrame
        practitioner_id, commune, rows, acts and fees (in `UNITS`); of the year.
    times : polars.DataFrame
        file, age (as written), written (the month, or the year), inside (the year of activity),
        year and month (as read), rows, acts and fees (in `UNITS`) and counts.
    sample : polars.DataFrame
        Some rows whole; see `duplicates`.
    readers : sequence of RowReader
        How each part is read.
    recognised : str
        The column of each role, for people.
    """

    practices: pl.DataFrame
    times: pl.DataFrame
    sample: pl.DataFrame
    readers: Sequence[RowReader]
    recognised: str

    def reader_of(self, file: str) -> RowReader:
        """Return how a file is read."""
        return next(reader for reader in self.readers if Path(file) in reader.part.files)


def aggregate(parts: Sequence[Part], request: Request, issues: Issues, workers: Workers) -> Sums:
    """Read and add up all rows of all parts.

    Parameters
    ----------
    parts : sequence of Part
        The data set, not empty.
    request : Request
        What the caller states.
    issues : Issues
        Takes faults and notes.
    workers : Workers
        Who adds up the units.

    Returns
    -------
    Sums

    Raises
    ------
    InputDataError
        The files cannot be read.
    """
    roles = _roles(parts, request, issues)
    readers = [RowReader(part, roles, part.schema, request) for part in parts]
    counts = [[part.count_rows(path, issues) for path in part.files] for part in parts]
    many = sum(map(sum, counts)) > MOST_COMPARED
    task = Task(readers, frequent_age(readers[0], issues) if many else "")
    units = list(units_of(parts, counts))
    times: list[list[pl.DataFrame]] = [[] for _ in parts]
    samples, practices = [], _Practices()
    results = workers.map(add_up, task, units, label="reading prestations")
    for unit, done in zip(units, results, strict=True):
        if isinstance(done, Fault):
            raise InputDataError([*issues.faults, done])
        times[unit.part].append(done.times)
        samples.append(done.sample)
        practices.add(done.practices)
    note_unused(PRESTATIONS_TABLE, parts[0].layout.names, roles, issues)
    every = pl.concat(map(_with_periods, map(_added, times), readers))
    selected = every.filter("selected").drop("selected")
    dropped = int(every.filter(~pl.col("selected"))["rows"].sum())
    selecting = tuple(roles[role] for role in request.keep if role in roles)
    issues.note_count("activity.rows_not_kept", dropped, table=PRESTATIONS_TABLE, columns=selecting)
    if selected.is_empty():
        issues.fault("activity.no_row_kept" if dropped else "activity.no_row")
    issues.raise_faults()
    return Sums(practices.table(), selected, pl.concat(samples), readers, describe(roles))


def _roles(parts: Sequence[Part], request: Request, issues: Issues) -> dict[str, str]:
    """Return the columns of the first part, which the others must share."""
    matched: dict[str, str] = {}
    for part in parts:
        file, names = part.files[0].name, part.layout.names
        own = match_columns(file, names, PRESTATIONS, request, issues)
        issues.raise_faults()
        matched = matched or own
        if own != matched:
            issues.fault("activity.files_differ", table=file, first=parts[0].files[0].name)
    issues.raise_faults()
    return matched


def _added(times: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up the units of a part; a file may be in several."""
    every = pl.concat(times)
    sums = every.columns[every.columns.index("rows") :]
    return every.group_by(pl.exclude(sums)).agg(pl.col(sums).sum())


def _with_periods(times: pl.DataFrame, reader: RowReader) -> pl.DataFrame:
    """Read the distinct months, and set the types that all parts share."""
    period = {name: pl.col(name) for name in reader.period}
    none = pl.lit(None, pl.String)
    absent = (none.alias(name) for name in ("month", "year") if name not in period)
    times = times.with_columns(reader.in_year(period).fill_null(False).alias("inside"), *absent)
    pairs = times.select("month", "year").unique()
    periods = [parse_period(*pair) for pair in pairs.iter_rows()]
    schema = {"year_read": pl.Int64, "month_read": pl.Int64}
    read = pl.concat([pairs, pl.DataFrame(periods, schema, orient="row")], how="horizontal")
    read = read.with_columns(written=pl.coalesce(pl.col("month").cast(pl.String), "year"))
    unread = (pl.col("rows") == pl.col("fees_unread")) & (pl.col("rows") == pl.col("acts_unread"))
    blank = unread & pl.col("age").is_null() & pl.col("month").is_null()
    # The year that a row was summed by must be the one that is read.
    agrees = (pl.col("year_read") == reader.request.year) == pl.col("inside")
    times = times.filter(~blank).join(read, on=["month", "year"], nulls_equal=True)
    year = pl.when(agrees).then("year_read")
    times = times.with_columns(pl.col("file", "age").cast(pl.String), year=year, month="month_read")
    return times.drop("year_read", "month_read")


class _Practices:
    """Sums by practice, added up as they come: what is one once its codes are stripped is one."""

    def __init__(self) -> None:
        self._tables: list[pl.DataFrame] = []
        self._aside = 0

    def add(self, practices: pl.DataFrame) -> None:
        """Add those of a unit."""
        self._tables.append(practices)
        self._aside += practices.height
        if self._aside > max(_MOST_ASIDE, self._tables[0].height):
            self._tables, self._aside = [self.table()], 0

    def table(self) -> pl.DataFrame:
        """Return all of them."""
        return pl.concat(self._tables).group_by(PRACTICE).agg(pl.col("rows", *UNITS).sum())
