"""Prestations that are there twice: copies of files, files within others, rows added again.

Copies byte by byte are told by their digests. Others give the same sums by month and age. For
what is there in part, rows are compared one by one: all of them where they are few, and else
those of patients of one age, for a row and its copy have the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import Fault
from ...notes import Note
from .dataset import FILE
from .expressions import Look
from .values import ACT_UNITS, CENTS, text_of

LOOKED_AT = 500_000
# Fewer rows than these may be alike by chance.
_ENOUGH = 100
# Of rows that are alike in all that is used, this share is told as a warning.
_LIKELY = 0.1
# About the share of rows that is compared where there are many.
_SHARE = 0.01
_ROW = ("practitioner_id", "commune", "month", "year", "age", "units", "cents")
_HINT = "Its acts would count as often. Keep one."


def usual_age(look: Look, head: pl.DataFrame) -> str:
    """Return the age, as written, whose rows are about a hundredth of all."""
    counts = head.select(age=look.age.cast(pl.String))["age"].drop_nulls().value_counts(name="rows")
    wanted = _SHARE * head.height
    near = counts.sort((pl.col("rows") - wanted).abs(), "age")
    return str(near["age"][0]) if near.height else ""


def sample_of(frame: pl.LazyFrame, look: Look, age: str) -> pl.LazyFrame:
    """Return the rows that are compared, with what is used of them.

    Parameters
    ----------
    frame, look : rows, and how they are read.
    age : of the rows; "" for all.

    Returns
    -------
    pl.LazyFrame
        file and the columns of a row; see `with_text`.
    """
    if age:
        dtype = look.schema[look.roles["age"]]
        frame = frame.filter(
            look.age == pl.lit(age).cast(dtype if dtype.is_numeric() else pl.String)
        )
    month, annual = look.period.month, look.period.annual
    nothing = pl.lit(None, pl.String)
    return frame.filter(look.period.inside).select(
        pl.col(FILE).alias("file"),
        look.key("practitioner_id").alias("practitioner_id"),
        look.key("commune").alias("commune"),
        (nothing if month is None else month).alias("month"),
        (nothing if annual is None else annual).alias("year"),
        look.age.alias("age"),
        look.scaled("acts", ACT_UNITS).alias("units"),
        look.scaled("fees", CENTS).alias("cents"),
    )


def with_text(sample: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a sample in the types that all parts share."""
    keys = ("practitioner_id", "commune")
    return sample.with_columns(
        *map(text_of, keys), pl.col("file", "month", "year", "age").cast(pl.String)
    )


@dataclass(frozen=True)
class Repeats:
    """What is there twice: what is certain, and what is likely."""

    faults: list[Fault]
    notes: list[Note]


def find_repeats(times: pl.DataFrame, sample: pl.DataFrame) -> Repeats:
    """Tell what is there twice.

    Parameters
    ----------
    times : counts and sums by file, month and age; see `activity_sums.Sums`.
    sample : as `with_text` returns it.

    Returns
    -------
    Repeats
    """
    faults = _same_sums(times)
    counts = sample.group_by("file", *_ROW).agg(pl.len().cast(pl.Int64).alias("times"))
    faults += [] if faults else _within_others(counts)
    faults += [] if faults else _all_again(counts)
    return Repeats(faults, [] if faults else _alike(counts))


def _same_sums(times: pl.DataFrame) -> list[Fault]:
    """Refuse files of the same rows, acts and fees for every month and age."""
    keys = ["month", "age", "rows", "units", "cents"]
    inside = (
        times.filter(pl.col("inside"))
        .group_by("file", "month", "age")
        .agg(pl.col("rows", "units", "cents").sum())
    )
    files = (
        inside.sort(keys)
        .group_by("file")
        .agg(pl.struct(keys).alias("sums"), pl.col("rows").sum())
        .filter(pl.col("rows") >= _ENOUGH)
        .sort("file")
    )
    seen: dict[str, str] = {}
    faults = []
    for file, sums in zip(files["file"], files["sums"], strict=True):
        print_of = str(sums.to_list())
        if print_of in seen:
            name = Path(seen[print_of]).name
            problem = f"has the rows, acts and fees of {name} for every month and age: a copy of it"
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=Path(file).name,
                    details={"problem": problem, "hint": _HINT},
                )
            )
        seen.setdefault(print_of, file)
    return faults


def _shared(counts: pl.DataFrame) -> pl.DataFrame:
    """Return per file and other file: rows, and those that the other has as often."""
    total = counts.group_by("file").agg(pl.col("times").sum().alias("rows"))
    several = counts.filter(pl.struct(_ROW).is_duplicated())
    pairs = several.join(several, on=_ROW, suffix="_other", nulls_equal=True)
    both = pl.min_horizontal("times", "times_other").sum().alias("shared")
    return (
        pairs.filter(pl.col("file") != pl.col("file_other"))
        .group_by("file", "file_other")
        .agg(both)
        .join(total, on="file")
        .sort("file", "file_other")
    )


def _within_others(counts: pl.DataFrame) -> list[Fault]:
    """Refuse files all of whose rows another one has too."""
    if counts["file"].n_unique() < 2:
        return []
    shared = _shared(counts)
    whole = shared.filter((pl.col("shared") == pl.col("rows")) & (pl.col("rows") >= _ENOUGH))
    return [
        Fault(
            code="legacy.fault",
            table=Path(file).name,
            details={"problem": f"its rows are those of {Path(other).name} again", "hint": _HINT},
        )
        for file, other in whole.select("file", "file_other").unique("file").sort("file").rows()
    ]


def _all_again(counts: pl.DataFrame) -> list[Fault]:
    """Refuse rows that all stand a multiple of some times."""
    rows = counts.group_by(_ROW).agg(pl.col("times").sum())["times"]
    if len(rows) < _ENOUGH:
        return []
    again = math.gcd(*rows.unique())
    if again == 1:
        return []
    problem = f"every row stands {again} times, or a multiple of it"
    return [
        Fault(
            code="legacy.fault",
            table="prestations",
            details={"problem": problem, "hint": "Was a file added to itself? " + _HINT},
        )
    ]


def _alike(counts: pl.DataFrame) -> list[Note]:
    """Say how many rows are alike in all that is used of them."""
    by_row = counts.group_by(_ROW).agg(pl.col("times").sum())["times"]
    total, again = int(by_row.sum()), int((by_row - 1).sum())
    if not again:
        return []
    share = again / total
    text = (
        f"prestations: of {total} rows compared, {again} ({share:.1%}) are like another one in "
        "practitioner, commune, month, age, acts and fees: right where a row is a single service, "
        "else they are there twice"
    )
    return [
        Note(
            "rows_alike",
            again,
            warning=share >= _LIKELY and total >= _ENOUGH,
            details={"text": text},
        )
    ]
