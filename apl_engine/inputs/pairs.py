"""Whether a pair of communes is on several rows, by a counting sort."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from .. import kernels
from ..columns import chunks_of, row_numbers
from ..kernels.types import Bands, Index

# Pairs need a band for the kernels; all have the band 0.
_BEYOND = 1


def are_distinct(pairs: pl.DataFrame) -> bool:
    """Return whether every pair is on one row.

    Parameters
    ----------
    pairs : pl.DataFrame
        Two columns of one Enum, without nulls. If they are in order, no pair is moved.
    """
    size = len(pairs.to_series().dtype.categories)  # type: ignore[attr-defined]
    pointers = np.zeros((2, size + 1), dtype=np.int64)
    descents, before = np.zeros(1, dtype=np.int64), (-1, -1)
    for one, two, bands in _arrays(pairs):
        kernels.count_pairs(
            one, two, bands, _BEYOND, 0, len(bands), *pointers[:, 1:], descents
        )  # fmt: skip
        descents += (int(one[0]), int(two[0])) <= before
        before = int(one[-1]), int(two[-1])
    if not descents[0]:
        return True
    np.cumsum(pointers, axis=1, out=pointers)
    by_one, by_two = np.empty((2, pairs.height), dtype=np.uint32)
    cursors = pointers[:, :-1].copy()
    for one, two, bands in _arrays(pairs):
        kernels.fill_rows(one, two, bands, _BEYOND, 0, len(bands), cursors[0], by_one)
    kernels.transpose_rows(pointers[0], by_one, size, 0, size, cursors[1], by_two)
    repeats = np.zeros(4, dtype=np.int64)
    kernels.find_repeats(pointers[1], by_two, size, repeats)
    return not repeats[0]


def _arrays(pairs: pl.DataFrame) -> Iterator[tuple[Index, Index, Bands]]:
    for rows in chunks_of(pairs):
        one, two = (row_numbers(column) for column in rows)
        yield one, two, np.zeros(rows.height, dtype=np.uint8)
