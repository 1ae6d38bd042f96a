"""Whether a pair of communes is on several rows, by a counting sort."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from .. import kernels
from ..columns import row_numbers
from ..kernels.types import Bands, Index

# Rows that are converted at once.
_AT_ONCE = 2**20
# Pairs need a band for the kernels; all have the band 0.
_BEYOND = 1


def are_distinct(origin: pl.Series, destination: pl.Series) -> bool:
    """Return whether every pair is on one row.

    Parameters
    ----------
    origin, destination : pl.Series
        Of one Enum, without nulls. If they are in order, no pair is moved.
    """
    size, rows = len(origin.dtype.categories), len(origin)  # type: ignore[attr-defined]
    pointers = np.zeros((2, size + 1), dtype=np.int64)
    descents = np.zeros(1, dtype=np.int64)
    for pairs, start, stop in _chunks(origin, destination):
        kernels.count_pairs(*pairs, _BEYOND, start, stop, *pointers[:, 1:], descents)
    if not descents[0]:
        return True
    np.cumsum(pointers, axis=1, out=pointers)
    by_origin, by_destination = np.empty((2, rows), dtype=np.uint32)
    cursors = pointers[:, :-1].copy()
    for pairs, start, stop in _chunks(origin, destination):
        kernels.fill_rows(*pairs, _BEYOND, start, stop, cursors[0], by_origin)
    kernels.transpose_rows(pointers[0], by_origin, size, 0, size, cursors[1], by_destination)
    repeats = np.zeros(4, dtype=np.int64)
    kernels.find_repeats(pointers[1], by_destination, size, repeats)
    return not repeats[0]


def _chunks(
    origin: pl.Series, destination: pl.Series
) -> Iterator[tuple[tuple[Index, Index, Bands], int, int]]:
    """Yield pairs some at a time, with the range of new ones: the pair before them comes along."""
    bands = np.zeros(_AT_ONCE + 1, dtype=np.uint8)
    for first in range(0, len(origin), _AT_ONCE):
        start = 1 if first else 0
        part = slice(first - start, first + _AT_ONCE)
        one, two = row_numbers(origin[part]), row_numbers(destination[part])
        yield (one, two, bands), start, len(one)
