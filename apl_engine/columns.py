"""Columns of a table as the arrays that the kernels take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from . import kernels
from .kernels.types import Bands as Bands
from .kernels.types import Float as Float
from .kernels.types import Index as Index
from .kernels.types import Pointers as Pointers

Flags: TypeAlias = npt.NDArray[np.bool_]
Indices: TypeAlias = npt.NDArray[np.int64]

# Rows of a large table that are converted at once.
FEWEST_AT_ONCE, MOST_AT_ONCE = 10_000, 2**22


def numbers(column: pl.Series) -> Float:
    """Return a column of numbers as float64 (n_rows,), contiguous."""
    return np.ascontiguousarray(column.cast(pl.Float64).to_numpy())


def row_numbers(column: pl.Series) -> Index:
    """Return the row numbers that an Enum column stands for, uint32 (n_rows,)."""
    return np.ascontiguousarray(column.to_physical().cast(pl.UInt32).to_numpy())


def chunks_of(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows of a table in parts, each within one chunk so that arrays need no copy.

    Chunks that are small on average are joined.
    """
    first, stop = 0, 0
    lengths = table.to_series().chunk_lengths()
    if len(lengths) * FEWEST_AT_ONCE > table.height:
        lengths = [table.height]
    for length in lengths:
        stop += length
        while first < stop:
            yield table[first : min(first + MOST_AT_ONCE, stop)]
            first = min(first + MOST_AT_ONCE, stop)


def numbered(codes: pl.Series) -> tuple[pl.Series, npt.NDArray[np.int64]]:
    """Return the distinct codes, sorted, and the index of each row among them, int64 (n_rows,)."""
    distinct = codes.unique().sort()
    return distinct, codes.cast(pl.Enum(distinct)).to_physical().cast(pl.Int64).to_numpy()


def starts_of(groups: npt.NDArray[np.integer[Any]]) -> Pointers:
    """Return the start of each run of equal values, and the end: int64 (n_runs + 1,)."""
    changes = np.flatnonzero(groups[1:] != groups[:-1]) + 1
    return np.concatenate(([0], changes, [len(groups)])).astype(np.int64)


def sums(starts: Pointers, values: Float) -> Float:
    """Return the sum of each run of `values`, added from left to right: float64 (n_runs,)."""
    out = np.empty(len(starts) - 1)
    kernels.segment_sums(starts, values, len(out), out)
    return out
