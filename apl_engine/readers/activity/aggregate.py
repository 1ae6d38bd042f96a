"""From rows of prestations to two small tables of exact sums, by the streaming engine.

Sums are of whole cents and of whole ten-thousandths of an act, so they are the same bits in any
order of rows, split of files and number of threads. Checks of values are counts beside the sums;
identifiers, communes, months and ages are checked afterwards, on their few distinct values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..common.issues import Issues
from .columns import PRESTATIONS, PRESTATIONS_TABLE, Request, describe, match_columns, note_unused
from .dataset import FILE, Part
from .duplicates import MOST_COMPARED, frequent_age, sample_of
from .expressions import RowReader
from .practices import PRACTICE, Practices, keyed
from .values import UNITS, filled, parse_period


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


def aggregate(parts: Sequence[Part], request: Request, issues: Issues) -> Sums:
    """Read and add up all rows of all parts.

    Parameters
    ----------
    parts : sequence of Part
        The data set, not empty.
    request : Request
        What the caller states.
    issues : Issues
        Takes faults and notes.

    Returns
    -------
    Sums

    Raises
    ------
    InputDataError
        The files cannot be read.
    """
    roles = _roles(parts, request, issues)
    readers = [RowReader(part, roles, part.scan().collect_schema(), request) for part in parts]
    many = (
        sum(part.count_rows(path, issues) for part in parts for path in part.files) > MOST_COMPARED
    )
    age = frequent_age(readers[0], issues) if many else ""
    practices, times, samples = [], [], []
    for reader in readers:
        rows = reader.part.scan()
        done = reader.part.read([_times(rows, reader), sample_of(rows, reader, age)], issues)
        times.append(_with_periods(done[0], reader))
        samples.append(done[1])
        plan = keyed(rows, reader)
        sums = Practices(plan.collect_schema())
        reader.part.stream(plan, sums.add, issues)
        practices.append(sums.table().with_columns(filled(pl.col(key)) for key in PRACTICE))
    note_unused(PRESTATIONS_TABLE, parts[0].layout.names, roles, issues)
    every = pl.concat(times)
    selected = every.filter("selected").drop("selected")
    dropped = int(every.filter(~pl.col("selected"))["rows"].sum())
    selecting = tuple(roles[role] for role in request.keep if role in roles)
    issues.note_count("activity.rows_not_kept", dropped, table=PRESTATIONS_TABLE, columns=selecting)
    if selected.is_empty():
        issues.fault("activity.no_row_kept" if dropped else "activity.no_row")
    issues.raise_faults()
    return Sums(_merge(practices), selected, pl.concat(samples), readers, describe(roles))


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


def _times(rows: pl.LazyFrame, reader: RowReader) -> pl.LazyFrame:
    # As numbers, for paths are long keys.
    paths = pl.Enum([str(path) for path in reader.part.files])
    keys = {"file": pl.col(FILE).cast(paths), **reader.period, "age": reader["age"].age}
    keys["selected"] = reader.selected
    sums = [pl.len().cast(pl.Int64).alias("rows")]
    sums += [reader[role].scaled(unit).sum().alias(role) for role, unit in UNITS.items()]
    counts = (test.sum().cast(pl.Int64).alias(name) for name, test in reader.tests.items())
    return rows.group_by(key.alias(name) for name, key in keys.items()).agg(*sums, *counts)


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


def _merge(practices: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up parts, and what is one practice once its codes are stripped."""
    return pl.concat(practices).group_by(PRACTICE).agg(pl.col("rows", *UNITS).sum())
