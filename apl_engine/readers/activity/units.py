"""A data set in units, each of which is added up apart, in any process.

A unit is some files of a part, or some rows of a large Parquet file, by a rule that knows of sizes
alone. What a unit returns is small: whole numbers by practice, and by file, month and age.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ...errors import Fault
from .dataset import FILE, Part
from .duplicates import sample_of
from .expressions import RowReader
from .practices import PRACTICE, Practices, keyed
from .values import UNITS, filled

# Bytes of the files of a unit, and of the rows of a file that is split: about a second of a core.
BYTES_OF_FILES = BYTES_OF_ROWS = 32 * 2**20


@dataclass(frozen=True)
class Unit:
    """Files of a part, or rows of one of them.

    Attributes
    ----------
    part : int
        Number of the part.
    first : int
        Number of its first file in the part.
    files : int
        How many follow one another.
    rows : tuple of int or None
        Number of the first row and of rows, of a single file; None for all of them.
    """

    part: int
    first: int
    files: int = 1
    rows: tuple[int, int] | None = None

    def of(self, readers: Sequence[RowReader]) -> RowReader:
        """Return how the rows of this unit alone are read."""
        whole = readers[self.part]
        opened = whole.part.opened[self.first : self.first + self.files]
        return replace(whole, part=Part(whole.part.layout, opened, self.rows))


@dataclass(frozen=True)
class SumsOfUnit:
    """What the rows of a unit add up to.

    Attributes
    ----------
    practices : polars.DataFrame
        As in `aggregate.Sums`.
    times : polars.DataFrame
        By file, period and age as the files have them, whether rows are selected; sums and counts.
    sample : polars.DataFrame
        As in `aggregate.Sums`.
    """

    practices: pl.DataFrame
    times: pl.DataFrame
    sample: pl.DataFrame


@dataclass(frozen=True)
class Task:
    """What all units share.

    Attributes
    ----------
    readers : sequence of RowReader
        How the rows of each part are read.
    age : str
        Patients whose rows are compared; see `duplicates.frequent_age`.
    """

    readers: Sequence[RowReader]
    age: str


def units_of(parts: Sequence[Part], rows: Sequence[Sequence[int]]) -> Iterator[Unit]:
    """Yield the units of a data set, in its order.

    Parameters
    ----------
    parts : sequence of Part
        Its parts.
    rows : sequence of sequence of int
        Of each part, the number of rows of each file.

    Yields
    ------
    Unit
    """
    for number, part in enumerate(parts):
        first, taken = 0, 0
        for k, path in enumerate(part.files):
            size = path.stat().st_size
            alone = part.layout.kind == "Parquet" and size > 2 * BYTES_OF_ROWS
            if first < k and (alone or taken + size > BYTES_OF_FILES):
                yield Unit(number, first, k - first)
                first, taken = k, 0
            taken += size
            if alone:
                yield from _units_of_file(Unit(number, k), rows[number][k], size)
                first, taken = k + 1, 0
        if first < len(part.files):
            yield Unit(number, first, len(part.files) - first)


def _units_of_file(file: Unit, rows: int, size: int) -> Iterator[Unit]:
    length = max(1, math.ceil(rows / math.ceil(size / BYTES_OF_ROWS)))
    for start in range(0, max(1, rows), length):
        yield replace(file, rows=(start, length))


def add_up(task: Task, unit: Unit) -> SumsOfUnit | Fault:
    """Return the sums of a unit, or the fault of a file that cannot be read.

    Parameters
    ----------
    task : Task
        What all units share.
    unit : Unit
        What is read.
    """
    reader = unit.of(task.readers)

    def run() -> SumsOfUnit:
        rows = reader.part.scan()
        plans = [_times(rows, reader), sample_of(rows, reader, task.age)]
        times, sample = pl.collect_all(plans, engine="streaming")
        plan = keyed(rows, reader)
        sums = Practices(plan.collect_schema())
        for batch in plan.collect_batches(engine="streaming", maintain_order=False):
            sums.add(batch)
        practices = sums.table().with_columns(filled(pl.col(key)) for key in PRACTICE)
        return SumsOfUnit(practices, times.with_columns(pl.col("file").cast(pl.String)), sample)

    return reader.part.run(run)


def _times(rows: pl.LazyFrame, reader: RowReader) -> pl.LazyFrame:
    # As numbers, for paths are long keys.
    paths = pl.Enum([str(path) for path in reader.part.files])
    keys = {"file": pl.col(FILE).cast(paths), **reader.period, "age": reader["age"].age}
    keys["selected"] = reader.selected
    sums = [pl.len().cast(pl.Int64).alias("rows")]
    sums += [reader[role].scaled(unit).sum().alias(role) for role, unit in UNITS.items()]
    counts = (test.sum().cast(pl.Int64).alias(name) for name, test in reader.tests.items())
    return rows.group_by(key.alias(name) for name, key in keys.items()).agg(*sums, *counts)
