"""Commune codes as text to an Enum, by a table of slots: many times faster than a cast."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import numpy as np
import polars as pl

from .. import kernels
from ..kernels.types import Pairs

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
    text = pl.col(names).cast(pl.String)
    known = codes.categories
    if not len(known) or (known.str.len_bytes() != _WIDTH).any():
        return text.cast(codes, strict=False)
    rows = text.map_batches(CodeTable(codes).find, return_dtype=pl.UInt32, is_elementwise=True)
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
        for views in _views(known):
            kernels.store_codes(views, len(known), size - 1, self._slots)

    def find(self, text: pl.Series) -> pl.Series:
        """Return the row number of each code, uint32, null where it is unknown."""
        if not text.null_count():
            rows, unknown = np.empty(len(text), dtype=np.uint32), np.zeros(1, dtype=np.int64)
            done, mask = 0, len(self._slots) - 1
            for views in _views(text):
                n = len(views) // 4
                out = rows[done : done + n]
                kernels.find_codes(views, n, self._slots, mask, unknown, out)
                done += n
            if done == len(text) and not unknown[0]:
                return pl.Series(text.name, rows)
        return text.cast(self._codes, strict=False).to_physical().cast(pl.UInt32)


# The structures of the C data and C stream interfaces of Arrow. Through them, short text is read
# where it is, inside views; any method of Polars would copy it.
_Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_Next = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_VIEWS = b"vu"


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


def _views(text: pl.Series) -> Iterator[Pairs]:
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
        if array.length:
            views = ctypes.cast(array.buffers[1], ctypes.POINTER(ctypes.c_uint32))
            first, last = 4 * array.offset, 4 * (array.offset + array.length)
            yield np.ctypeslib.as_array(views, (last,))[first:]
        array.release(ctypes.addressof(array))
