"""Sums by practitioner and commune, of rows that come some at a time.

The group-by of the streaming engine keeps the rows for which its table of groups has no room, here
nearly all of them. A hash table of numbers has room: a pair of codes is a key of 128 bits, their
digest.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ... import kernels
from ...kernels.types import Pointers
from .expressions import RowReader
from .values import UNITS

PRACTICE = ("practitioner_id", "commune")
_KEY = ("low", "high")
_SEEDS = ((1, 2), (3, 4))
_SLOTS = 2**12


def keyed(rows: pl.LazyFrame, reader: RowReader) -> pl.LazyFrame:
    """Return the rows of the year with what `Practices.add` takes."""
    codes = [reader[name].code for name in PRACTICE]
    digests = (
        (codes[0].hash(one) ^ codes[1].hash(other)).reinterpret(signed=True)
        for one, other in _SEEDS
    )
    amounts = (reader[role].scaled(unit).fill_null(0).alias(role) for role, unit in UNITS.items())
    return rows.filter(reader.used).select(
        *(code.alias(name) for code, name in zip(codes, PRACTICE, strict=True)),
        *(digest.alias(name) for digest, name in zip(digests, _KEY, strict=True)),
        *amounts,
    )


class Practices:
    """A hash table of sums, and the codes that belong to each.

    Parameters
    ----------
    schema : polars.Schema
        Of the rows to come.
    """

    def __init__(self, schema: pl.Schema) -> None:
        self._codes = [pl.DataFrame(schema={name: schema[name] for name in PRACTICE})]
        self._slots: Pointers = np.empty(0, np.int64)
        self._table = np.zeros((_SLOTS, 5), np.int64)

    def add(self, rows: pl.DataFrame) -> None:
        """Add rows as `keyed` returns them."""
        columns = [rows[name].rechunk().to_numpy() for name in (*_KEY, *UNITS)]
        columns.insert(2, np.ones(rows.height, np.int64))
        start = 0
        while start < rows.height:
            start, new = self._fill(columns, start)
            self._codes.append(rows.select(PRACTICE)[new])
            if start < rows.height:
                self._grow()

    def _fill(self, columns: list[Pointers], start: int) -> tuple[int, Pointers]:
        """Add rows from `start` until the table is half full; return where, and the new keys."""
        size, mask = len(columns[0]), len(self._table) - 1
        new, counts = np.empty((size, 2), np.int64), np.array([len(self._slots), 0, 0])
        kernels.add_by_key(*columns, start, size, mask, self._table, new, counts)
        new = new[: counts[1]]
        self._slots = np.concatenate([self._slots, new[:, 1]])
        return int(counts[2]), new[:, 0]

    def _grow(self) -> None:
        sums = self._table[self._slots].T.copy()
        self._table, self._slots = np.zeros((4 * len(self._table), 5), np.int64), self._slots[:0]
        self._fill(list(sums), 0)

    def table(self) -> pl.DataFrame:
        """Return the codes with their rows, acts and fees."""
        sums = self._table[self._slots]
        columns = {name: sums[:, k] for k, name in enumerate(("rows", *UNITS), 2)}
        return pl.concat(self._codes).with_columns(pl.Series(n, v) for n, v in columns.items())
