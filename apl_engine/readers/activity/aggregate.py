"""From rows of prestations to two small tables of exact sums, in one pass of the streaming engine.

Sums are of whole cents and of whole ten-thousandths of an act, so they are the same bits in any
order of rows, split of files and number of threads. Checks of values are counts beside the sums;
identifiers, communes, months and ages are checked afterwards, on their few distinct values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from .columns import PRESTATIONS, describe, match_columns, note_unused
from .dataset import FILE, Part
from .duplicates import MOST_COMPARED, frequent_age, sample_of, with_text
from .expressions import RowReader
from .findings import PRESTATIONS_TABLE, Findings
from .values import ACT_UNITS, CENTS, count, parse_period, text_of

_HEAD_ROWS = 8_192
# Fees (EUR) and acts that no row of a month and an age has: 40 acts a day.
MOST_FEES, MOST_ACTS = 20_000, 1_200
# Tables of practices that are kept before they are added up.
_MERGE_EVERY = 16
_PRACTICE = ("practitioner_id", "commune")
_SUMMED = ("rows", "acts", "cents")
_COUNTS = (
    "rows", "units", "cents", "fees_read", "fees_rounded", "fees_marked", "fees_grouped",
    "fees_large", "acts_read", "acts_rounded", "acts_marked", "acts_grouped", "acts_large",
    "too_long",
)  # fmt: skip


@dataclass
class Sums:
    """What the rows of prestations add up to.

    Attributes
    ----------
    practices : polars.DataFrame
        practitioner_id, commune, rows, acts (ten-thousandths), cents; of the year.
    times : polars.DataFrame
        file, age (as written), written (the month, or the year), inside (the year of activity),
        year and month (as read), rows, units (of acts), cents and counts.
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


def aggregate(
    parts: Sequence[Part],
    columns: Mapping[str, str],
    keep: Mapping[str, Sequence[str]],
    year: int,
    findings: Findings,
) -> Sums | None:
    """Read all rows of all parts once.

    Parameters
    ----------
    parts : sequence of Part
        The data set, not empty.
    columns : mapping of str to str
        Role to column, ahead of the documented names.
    keep : mapping of str to sequence of str
        Role to the values of the rows that are kept.
    year : int
        The year of activity.
    findings : Findings
        Takes faults and notes.

    Returns
    -------
    Sums or None
        None if the files cannot be read.
    """
    roles = _roles(parts, columns, keep, findings)
    if findings.faults:
        return None
    readers = [RowReader(part, roles, part.scan().collect_schema(), year, keep) for part in parts]
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
    findings.note(
        "activity.rows_not_kept", int(dropped["rows"].sum()), table=PRESTATIONS_TABLE,
        columns=tuple(roles[role] for role in keep if role in roles),
    )  # fmt: skip
    times = times.filter("kept").drop("kept")
    if times.is_empty():
        findings.fault("activity.no_row_kept" if dropped.height else "activity.no_row")
        return None
    by_file = {str(path): reader for reader in readers for path in reader.part.files}
    return Sums(
        _merge(totals.practices), times, pl.concat(totals.samples), by_file, describe(roles)
    )


def _roles(
    parts: Sequence[Part],
    columns: Mapping[str, str],
    keep: Mapping[str, Sequence[str]],
    findings: Findings,
) -> dict[str, str]:
    """Return the columns of the first part, which the others must share."""
    matched: list[dict[str, str]] = []
    for part in parts:
        names = part.layout.names
        matched.append(
            match_columns(part.files[0].name, names, PRESTATIONS, columns, keep, findings)
        )
        if findings.faults:
            break
        if matched[-1] != matched[0]:
            first = parts[0].files[0].name
            findings.fault("activity.files_differ", part.files[0].name, first=first)
    return matched[0]


def _sampled_age(reader: RowReader, findings: Findings) -> str:
    plan = reader.part.scan().select(reader.age.cast(pl.String).alias("age")).head(_HEAD_ROWS)
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
        totals.practices.append(practices.with_columns(map(text_of, _PRACTICE)))
        totals.times.append(_with_periods(times, reader))
        totals.samples.append(with_text(sample))
        if len(totals.practices) == _MERGE_EVERY:
            totals.practices = [_merge(totals.practices)]


def _act_unit(reader: RowReader) -> int:
    """Return the units of an act in sums of rows: whole acts need none smaller."""
    return 1 if reader.schema[reader.roles["acts"]].is_integer() else ACT_UNITS


def _practices(rows: pl.LazyFrame, reader: RowReader) -> pl.LazyFrame:
    unit = _act_unit(reader)
    return (
        rows.filter(reader.used)
        .group_by(reader.key(role).alias(role) for role in _PRACTICE)
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            reader.scaled("acts", unit).sum().alias("acts"),
            reader.scaled("fees", CENTS).sum().alias("cents"),
        )
        .with_columns(pl.col("acts") * (ACT_UNITS // unit))
    )


def _times(rows: pl.LazyFrame, reader: RowReader) -> pl.LazyFrame:
    cents, unit = reader.scaled("fees", CENTS), _act_unit(reader)
    units = reader.scaled("acts", unit)
    keys = {
        "file": pl.col(FILE),
        "month": reader.month,
        "year": reader.annual,
        "age": reader.age,
        "kept": reader.kept,
    }
    marks = [
        count(test(role)).alias(f"{role}_{name}")
        for role in ("acts", "fees")
        for name, test in (("marked", reader.marked), ("grouped", reader.grouped))
    ]
    return (
        rows.group_by(key.alias(name) for name, key in keys.items() if key is not None)
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            cents.sum().alias("cents"),
            cents.count().cast(pl.Int64).alias("fees_read"),
            reader.count_inexact("fees", CENTS).alias("fees_rounded"),
            count(cents.abs() > MOST_FEES * CENTS).alias("fees_large"),
            units.sum().alias("units"),
            units.count().cast(pl.Int64).alias("acts_read"),
            reader.count_inexact("acts", ACT_UNITS).alias("acts_rounded"),
            count(units.abs() > MOST_ACTS * unit).alias("acts_large"),
            *marks,
            count(reader.part.too_long).alias("too_long"),
        )
        .with_columns(pl.col("units") * (ACT_UNITS // unit))
    )


def _with_periods(times: pl.DataFrame, reader: RowReader) -> pl.DataFrame:
    """Read the distinct months, and set the types that all parts share."""
    month, annual = (pl.col(n) if n in times.columns else None for n in ("month", "year"))
    times = times.with_columns(inside=reader.in_year(month, annual).fill_null(False))
    none = pl.lit(None, pl.String)
    defaults = {"month": none, "year": none, "kept": pl.lit(True)}
    times = times.with_columns(
        value.alias(name) for name, value in defaults.items() if name not in times.columns
    )
    pairs = times.select("month", "year").unique()
    periods = [parse_period(*pair) for pair in pairs.iter_rows()]
    read = pairs.with_columns(
        pl.Series("year_read", [year for year, _ in periods], dtype=pl.Int64),
        pl.Series("month_read", [month for _, month in periods], dtype=pl.Int64),
        written=pl.coalesce(pl.col("month").cast(pl.String), "year"),
    )
    blank = (pl.col("fees_read") == 0) & (pl.col("acts_read") == 0) & pl.col("age").is_null()
    # The year that a row was summed by must be the one that is read.
    agrees = (pl.col("year_read") == reader.year) == pl.col("inside")
    return (
        times.filter(~(blank & pl.col("month").is_null()))
        .join(read, on=["month", "year"], nulls_equal=True)
        .select(
            "file", "inside", "kept", "written", pl.col("age").cast(pl.String),
            pl.when(agrees).then("year_read").alias("year"), pl.col("month_read").alias("month"),
            *_COUNTS,
        )
    )  # fmt: skip


def _merge(practices: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up parts, and what is one practice once its codes are stripped."""
    return pl.concat(practices).group_by(_PRACTICE).agg(pl.col(_SUMMED).sum())
