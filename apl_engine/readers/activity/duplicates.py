"""Prestations that stand twice in the data: copies of files, files within others, rows repeated.

The digest shows copies byte by byte. Others give the same sums by month and age. For what is there
in part, rows are compared one by one: all of them if they are few, and else those of patients of
one age, for a row and its copy have the same.
"""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl

from ..common.issues import Issues
from .dataset import FILE
from .expressions import RowReader
from .values import UNITS, filled

MOST_COMPARED = 500_000
# Fewer rows than these may be alike by chance.
_ENOUGH = 100
# Share of rows alike from which their note is a warning.
_LIKELY = 0.1
_HEAD_ROWS = 8_192
# About the share of rows that is compared if there are many.
_SHARE = 0.01
_ROW = ("practitioner_id", "commune", "month", "year", "age", "acts", "fees")


def frequent_age(reader: RowReader, issues: Issues) -> str:
    """Return the age, as written, that about a hundredth of the first rows have."""
    plan = reader.part.scan().select(reader["age"].age.cast(pl.String).alias("age"))
    ages = reader.part.read(plan.head(_HEAD_ROWS), issues)["age"].drop_nulls()
    counts = ages.value_counts(name="rows")
    near = counts.sort((pl.col("rows") - _SHARE * len(ages)).abs(), "age")
    return str(near["age"][0]) if near.height else ""


def sample_of(rows: pl.LazyFrame, reader: RowReader, age: str) -> pl.LazyFrame:
    """Return the rows that are compared, in the types that all parts share.

    Parameters
    ----------
    rows : polars.LazyFrame
        Rows of the part of `reader`.
    reader : RowReader
        How they are read.
    age : str
        Of the rows to compare; empty for all.

    Returns
    -------
    polars.LazyFrame
        file and the columns of a row.
    """
    if age:
        column = reader["age"]
        dtype = column.dtype if column.dtype.is_numeric() else pl.String
        rows = rows.filter(column.age == pl.lit(age).cast(dtype))
    period = {name: reader.period.get(name, pl.lit(None)) for name in ("month", "year")}
    texts = {"file": pl.col(FILE), **period, "age": reader["age"].age}
    return rows.filter(reader.used).select(
        *(filled(reader[role].code).alias(role) for role in ("practitioner_id", "commune")),
        *(value.cast(pl.String).alias(name) for name, value in texts.items()),
        *(reader[role].scaled(unit).alias(role) for role, unit in UNITS.items()),
    )


def check_duplicates(times: pl.DataFrame, sample: pl.DataFrame, issues: Issues) -> None:
    """Refuse what certainly stands twice, and note what may.

    Parameters
    ----------
    times : polars.DataFrame
        Counts and sums by file, month and age; see `aggregate.Sums`.
    sample : polars.DataFrame
        Rows as from `sample_of`.
    issues : Issues
        Takes faults and notes.
    """
    before = len(issues.faults)
    counts = sample.group_by("file", *_ROW).agg(pl.len().cast(pl.Int64).alias("times"))
    by_row = counts.group_by(_ROW).agg(pl.col("times").sum())["times"]
    _same_sums(times, issues)
    if len(issues.faults) == before:
        _within_others(counts, issues)
    if len(issues.faults) == before:
        _all_repeated(by_row, issues)


def _same_sums(times: pl.DataFrame, issues: Issues) -> None:
    """Refuse files of the same rows, acts and fees for every month and age."""
    keys = ["month", "age", "rows", *UNITS]
    files = (
        times.filter(pl.col("inside"))
        .group_by("file", "month", "age")
        .agg(pl.col("rows", *UNITS).sum())
        .sort(keys)
        .group_by("file")
        .agg(pl.struct(keys).alias("sums"), pl.col("rows").sum())
        .filter(pl.col("rows") >= _ENOUGH)
        .sort("file")
    )
    seen: dict[str, str] = {}
    for file, sums in zip(files["file"], files["sums"], strict=True):
        name = Path(file).name
        other = seen.setdefault(str(sums.to_list()), name)
        if other != name:
            issues.fault("activity.copy", table=name, other=other)


def _within_others(counts: pl.DataFrame, issues: Issues) -> None:
    """Refuse files all of whose rows another one has as often."""
    if counts["file"].n_unique() < 2:
        return
    rows = counts.group_by("file").agg(pl.col("times").sum().alias("rows"))
    several = counts.filter(pl.struct(_ROW).is_duplicated())
    pairs = several.join(several, on=_ROW, suffix="_other", nulls_equal=True)
    whole = (
        pairs.filter(pl.col("file") != pl.col("file_other"))
        .group_by("file", "file_other")
        .agg(pl.min_horizontal("times", "times_other").sum().alias("shared"))
        .join(rows, on="file")
        .filter((pl.col("shared") == pl.col("rows")) & (pl.col("rows") >= _ENOUGH))
        .sort("file", "file_other")
        .unique("file", keep="first", maintain_order=True)
    )
    for file, other in whole.select("file", "file_other").rows():
        issues.fault("activity.rows_of_another_file", table=Path(file).name, other=Path(other).name)


def _all_repeated(by_row: pl.Series, issues: Issues) -> None:
    """Refuse rows that all stand a multiple of some number of times; note those alike else."""
    repeats = math.gcd(*by_row.unique()) if len(by_row) >= _ENOUGH else 1
    if repeats > 1:
        issues.fault("activity.rows_repeated", times=repeats)
        return
    total, again = int(by_row.sum()), int((by_row - 1).sum())
    share = again / total if total else 0.0
    likely = share >= _LIKELY and total >= _ENOUGH
    issues.note_count("activity.rows_alike", again, warning=likely, compared=total, share=share)
