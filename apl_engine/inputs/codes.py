"""Codes as text to an Enum, by tables of their own: many times faster than a cast."""

from __future__ import annotations

import numpy as np
import polars as pl

from .. import kernels
from ..columns import text_views
from ..kernels.types import Index

# At the first array that it takes over, Polars imports NumPy: if two threads of a query have the
# first at once, one fails.
pl.Series(np.empty(0))

# Bytes of a commune code, see `schemas.COMMUNE_CODE`.
_WIDTH = 5
# Enough for the codes of digits, 2A and 2B to have a slot each.
_FEWEST_SLOTS, _SLOTS_PER_CODE = 2**18, 2


def read_codes(names: list[str], codes: pl.Enum) -> pl.Expr:
    """Return the expression that reads columns of text as an Enum, null where a code is unknown.

    Parameters
    ----------
    names : list of str
        The columns.
    codes : pl.Enum
        The codes that they may hold.
    """
    known = codes.categories
    short = len(known) > 0 and bool((known.str.len_bytes() == _WIDTH).all())
    table = CodeTable(codes) if short else TextTable(known)
    text = pl.col(names).cast(pl.String)
    rows = text.map_batches(table.find, return_dtype=pl.UInt32, is_elementwise=True)
    return rows.cat.to(codes)


class CodeTable:
    """A hash table of commune codes.

    Parameters
    ----------
    codes : pl.Enum
        Each of five bytes.
    """

    def __init__(self, codes: pl.Enum) -> None:
        self._codes, known = codes, codes.categories.rechunk()
        size = max(_FEWEST_SLOTS, 2 ** (_SLOTS_PER_CODE * len(known)).bit_length())
        self._slots = np.full(size, -1, dtype=np.int64)
        for views in text_views(known):
            kernels.store_codes(views, len(known), size - 1, self._slots)

    def find(self, text: pl.Series) -> pl.Series:
        """Return the row number of each code, uint32, null where it is unknown."""
        if not text.null_count():
            rows, unknown = np.empty(len(text), dtype=np.uint32), np.zeros(1, dtype=np.int64)
            done, mask = 0, len(self._slots) - 1
            for views in text_views(text):
                n = len(views) // 4
                out = rows[done : done + n]
                kernels.find_codes(views, n, self._slots, mask, unknown, out)
                done += n
            if done == len(text) and not unknown[0]:
                return pl.Series(text.name, rows)
        return text.cast(self._codes, strict=False).to_physical().cast(pl.UInt32)


class TextTable:
    """A table of codes of any length, in a tenth of the memory that an Enum takes for a cast.

    Parameters
    ----------
    codes : pl.Series
        Different texts.
    """

    def __init__(self, codes: pl.Series) -> None:
        self._codes, hashes = codes, codes.hash().to_numpy()
        self._rows = np.argsort(hashes, kind="stable").astype(np.uint32)
        self._hashes = hashes[self._rows]
        # Two codes of one hash would be taken for each other.
        self._known = None
        if (self._hashes[1:] == self._hashes[:-1]).any():
            self._known = pl.Enum(codes)

    def find(self, text: pl.Series) -> pl.Series:
        """Return the row number of each code, uint32, null where it is unknown."""
        if self._known is not None:
            return text.cast(self._known, strict=False).to_physical().cast(pl.UInt32)
        # Each distinct code is looked up once.
        numbers, firsts = _distinct(text)
        distinct = text.gather(firsts)
        if not len(self._codes):
            return pl.Series(text.name, [None], dtype=pl.UInt32).new_from_index(0, len(text))
        at = np.searchsorted(self._hashes, distinct.hash().to_numpy())
        rows = pl.Series(text.name, self._rows[np.minimum(at, len(self._rows) - 1)])
        same = (self._codes.gather(rows) == distinct).fill_null(False)
        found = rows.zip_with(same, pl.Series([None], dtype=pl.UInt32))
        return found if numbers is None else found.gather(numbers)


def _distinct(text: pl.Series) -> tuple[Index | None, Index]:
    """Return the number of each text among the distinct ones, and the first text of each number.

    Texts of null have numbers of their own; None in place of numbers that would all differ.
    """
    every, size = np.arange(len(text), dtype=np.uint32), len(text)
    if text.null_count() or text.n_chunks() > 1:
        return None, every
    for views in text_views(text):
        mask = 2 ** (2 * size).bit_length() - 1
        slots = np.full(mask + 1, 2**32 - 1, dtype=np.uint32)
        numbers, firsts = np.empty((2, size), dtype=np.uint32)
        found = np.empty(1, dtype=np.int64)
        kernels.number_views(views, size, mask, slots, numbers, firsts, found)
        return numbers, firsts[: found[0]].copy()
    return None, every
