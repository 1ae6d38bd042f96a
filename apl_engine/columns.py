"""The seam between tables and arrays: columns of a table as the kernels want them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from . import kernels
from .kernels.types import Float, Index, Pointers

Flags: TypeAlias = npt.NDArray[np.bool_]


def numbers(column: pl.Series) -> Float:
    """Return a column of numbers, shape (n_rows,), float64, contiguous."""
    return np.ascontiguousarray(column.cast(pl.Float64).to_numpy())


def places(column: pl.Series) -> Index:
    """Return the row numbers that an Enum column stands for, shape (n_rows,), uint32."""
    return np.ascontiguousarray(column.to_physical().cast(pl.UInt32).to_numpy())


def numbered(codes: pl.Series) -> tuple[pl.Series, npt.NDArray[np.int64]]:
    """Return the codes there are, in rising order, and the place among them of each row, int64."""
    known = codes.unique().sort()
    return known, codes.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy()


def starts_of(groups: npt.NDArray[np.integer[Any]]) -> Pointers:
    """Return where each run of equal values begins, and the end; shape (n_runs + 1,), int64."""
    changes = np.flatnonzero(groups[1:] != groups[:-1]) + 1
    return np.concatenate(([0], changes, [len(groups)])).astype(np.int64)


def sums(starts: Pointers, values: Float) -> Float:
    """Return the sum of each run of `values`, added from left to right, shape (n_runs,)."""
    out = np.empty(len(starts) - 1)
    kernels.segment_sums(starts, values, len(out), out)
    return out
