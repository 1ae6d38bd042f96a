"""From rows of prestations to two small tables of exact sums, in one pass of the streaming engine.

Sums are of whole cents and of whole ten-thousandths of an act, so they are the same bits in any
order of rows, split of files and number of threads. Checks of values are counts beside the sums;
identifiers, communes, months and ages are checked afterwards, on their few distinct values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ..common.numbers import MARK, THOUSANDS
from .columns import PRESTATIONS, Request, describe, match_columns, note_unused
from .dataset import FILE, Part
from .duplicates import MOST_COMPARED, frequent_age, sample_of, with_text
from .expressions import RowReader
from .findings import PRESTATIONS_TABLE, Findings
from .values import UNITS, filled, parse_period

_HEAD_ROWS = 8_192
# Acts, and fees in EUR, that no row of a month and an age has: 40 acts a day.
MOST = {"acts": 1_200, "fees": 20_000}
# Tables of practices that are kept before they are added up.
_MERGE_EVERY = 16
_PRACTICE = ("practitioner_id", "commune")


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
    readers : mapping of str to RowReader
        How each file is read.
    recognised : str
        The column of each role, for people.
    """

    practices: pl.DataFrame
    times: pl.DataFrame
    sample: pl.DataFrame
    readers: Mapping[str, RowReader]
    recognised: str


def aggregate(parts: Sequence[Part], request: Request, findings: Findings) -> Sums | None:
    """Read all rows of all parts once.

    Parameters
    ----------
    parts : sequence of Part
        The data set, not empty.
    request : Request
        What the caller states.
    findings : Findings
        Takes faults and notes.

    Returns
    -------
    Sums or None
        None if the files cannot be read.
    """
    roles = _roles(parts, request, findings)
    if findings.faults:
        return None
    readers = [RowReader(part, roles, part.scan().collect_schema(), request) for part in parts]
    many = sum(part.approximate_rows for part in parts) > MOST_COMPARED
    totals = _Totals(sampled_age=_sampled_age(readers[0], findings) if many else "")
    for reader in readers:
        if not findings.faults:
            _add_part(reader, totals, findings)
    if findings.faults:
        return None
    note_unused(PRESTATIONS_TABLE, parts[0].layout.names, roles, findings)
    times = pl.concat(totals.times)
    dropped = times.filter(~pl.col("kept"))
    selecting = tuple(roles[role] for role in request.keep if role in roles)
    count = int(dropped["rows"].sum())
    findings.note("activity.rows_not_kept", count, table=PRESTATIONS_TABLE, columns=selecting)
    times = times.filter("kept").drop("kept")
    if times.is_empty():
        findings.fault("activity.no_row_kept" if dropped.height else "activity.no_row")
        return None
    by_file = {str(path): reader for reader in readers for path in reader.part.files}
    return Sums(
        _merge(totals.practices), times, pl.concat(totals.samples), by_file, describe(roles)
    )


def _roles(parts: Sequence[Part], request: Request, findings: Findings) -> dict[str, str]:
    """Return the columns of the first part, which the others must share."""
    matched: dict[str, str] = {}
    for k, part in enumerate(parts):
        file, names = part.files[0].name, part.layout.names
        own = match_columns(file, names, PRESTATIONS, request, findings)
        if findings.faults:
            break
        if k and own != matched:
            findings.fault("activity.files_differ", file, first=parts[0].files[0].name)
        matched = matched or own
    return matched


def _sampled_age(reader: RowReader, findings: Findings) -> str:
    plan = (
        reader.part.scan().select(reader["age"].age.cast(pl.String).alias("age")).head(_HEAD_ROWS)
    )
    head = reader.part.read([plan], findings)
    return frequent_age(head[0]["age"]) if head else ""


@dataclass
class _Totals:
    """What the parts read so far add up to.

    `sampled_age` is the age whose rows are compared with each other; all of them if it is empty.
    """

    sampled_age: str
    practices: list[pl.DataFrame] = field(default_factory=list)
    times: list[pl.DataFrame] = field(default_factory=list)
    samples: list[pl.DataFrame] = field(default_factory=list)


def _add_part(reader: RowReader, totals: _Totals, findings: Findings) -> None:
    """Run the aggregations of a part over one scan, some millions of rows at a time."""
    for batch in reader.part.batches():
        plans = [
            _practices(batch, reader),
            _times(batch, reader),
            sample_of(batch, reader, totals.sampled_age),
        ]
        done = reader.part.read(plans, findings)
        if done is None:
            return
        practices, times, sample = done
        totals.practices.append(practices.with_columns(filled(pl.col(key)) for key in _PRACTICE))
        totals.times.append(_with_periods(times, reader))
        totals.samples.append(with_text(sample))
        if len(totals.practices) == _MERGE_EVERY:
            totals.practices = [_merge(totals.practices)]


def _practices(rows: pl.LazyFrame, reader: RowReader) -> pl.LazyFrame:
    sums = (reader[role].scaled(unit).sum().alias(role) for role, unit in UNITS.items())
    return (
        rows.filter(reader.used)
        .group_by(reader[role].code.alias(role) for role in _PRACTICE)
        .agg(pl.len().cast(pl.Int64).alias("rows"), *sums)
    )


def _times(rows: pl.LazyFrame, reader: RowReader) -> pl.LazyFrame:
    keys = {"file": pl.col(FILE), **reader.period, "age": reader["age"].age, "kept": reader.kept}
    tests = {"too_long": reader.part.too_long}
    sums = [pl.len().cast(pl.Int64).alias("rows")]
    for role, unit in UNITS.items():
        amount = reader[role].scaled(unit)
        sums.append(amount.sum().alias(role))
        tests |= {
            f"{role}_unread": amount.is_null(),
            f"{role}_rounded": reader[role].is_inexact(unit),
            f"{role}_large": amount.abs() > MOST[role] * unit,
            f"{role}_marked": reader[role].matches(MARK),
            f"{role}_grouped": reader[role].matches(THOUSANDS),
        }
    counts = (test.sum().cast(pl.Int64).alias(name) for name, test in tests.items())
    return rows.group_by(key.alias(name) for name, key in keys.items()).agg(*sums, *counts)


def _with_periods(times: pl.DataFrame, reader: RowReader) -> pl.DataFrame:
    """Read the distinct months, and set the types that all parts share."""
    period = {name: pl.col(name) for name in reader.period}
    none = pl.lit(None, pl.String)
    absent = (none.alias(name) for name in ("month", "year") if name not in period)
    times = times.with_columns(reader.in_year(period).fill_null(False).alias("inside"), *absent)
    pairs = times.select("month", "year").unique()
    periods = [parse_period(*pair) for pair in pairs.iter_rows()]
    read = pairs.with_columns(
        pl.Series("year_read", [year for year, _ in periods], dtype=pl.Int64),
        pl.Series("month_read", [month for _, month in periods], dtype=pl.Int64),
        written=pl.coalesce(pl.col("month").cast(pl.String), "year"),
    )
    unread = (pl.col("rows") == pl.col("fees_unread")) & (pl.col("rows") == pl.col("acts_unread"))
    blank = unread & pl.col("age").is_null() & pl.col("month").is_null()
    # The year that a row was summed by must be the one that is read.
    agrees = (pl.col("year_read") == reader.request.year) == pl.col("inside")
    return (
        times.filter(~blank)
        .join(read, on=["month", "year"], nulls_equal=True)
        .with_columns(
            pl.col("age").cast(pl.String),
            year=pl.when(agrees).then("year_read"),
            month="month_read",
        )
        .drop("year_read", "month_read")
    )


def _merge(practices: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up parts, and what is one practice once its codes are stripped."""
    return pl.concat(practices).group_by(_PRACTICE).agg(pl.col("rows", *UNITS).sum())
