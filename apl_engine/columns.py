"""Columns of a table as the arrays that the kernels take."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from . import kernels
from .kernels.types import Bands as Bands
from .kernels.types import Float as Float
from .kernels.types import Index as Index
from .kernels.types import Pairs
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


# The structures of the C data and C stream interfaces of Arrow. Through them, short text is read
# where it is, inside views; any method of Polars would copy it.
_Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_Next = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_VIEWS = b"vu"
# Bytes of text that a view holds itself, after its length; shorter text is followed by zeros.
MOST_IN_A_VIEW = 12


class _Schema(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_void_p),
        ("metadata", ctypes.c_void_p),
        ("flags", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", _Release),
        ("private_data", ctypes.c_void_p),
    )


class _Array(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_int64),
        ("null_count", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("buffers", ctypes.POINTER(ctypes.c_void_p)),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", _Release),
        ("private_data", ctypes.c_void_p),
    )


class _Stream(ctypes.Structure):
    _fields_ = (
        ("get_schema", _Next),
        ("get_next", _Next),
        ("get_last_error", ctypes.c_void_p),
        ("release", _Release),
        ("private_data", ctypes.c_void_p),
    )


_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)


def text_views(text: pl.Series) -> Iterator[Pairs]:
    """Yield the views of each chunk, uint32 (4 n,); nothing if text is not held as views.

    An array yielded is valid until the next one is asked for.
    """
    # The capsule releases the stream.
    capsule = text.__arrow_c_stream__()
    address = _pointer_of(capsule, b"arrow_array_stream")
    stream, schema = _Stream.from_address(address), _Schema()
    if stream.get_schema(address, ctypes.addressof(schema)):
        return
    is_views = schema.format == _VIEWS
    schema.release(ctypes.addressof(schema))
    while is_views:
        array = _Array()
        # An array without a function to release it ends the stream.
        if stream.get_next(address, ctypes.addressof(array)) or not array.release:
            return
        try:
            if array.length:
                views = ctypes.cast(array.buffers[1], ctypes.POINTER(ctypes.c_uint32))
                first, last = 4 * array.offset, 4 * (array.offset + array.length)
                yield np.ctypeslib.as_array(views, (last,))[first:]
        finally:
            # Also if no other array is asked for.
            array.release(ctypes.addressof(array))
