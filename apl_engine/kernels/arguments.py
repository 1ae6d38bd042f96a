"""The arguments of kernels: numbers, arrays to read, arrays to fill."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Argument:
    """One argument of a kernel: a number, or an array to read or to fill."""

    dtype: Literal["uint8", "uint16", "uint32", "int32", "int64", "uint64", "float64"]
    kind: Literal["number", "read", "fill"]

    @property
    def native_type(self) -> Any:
        """Return the type of ctypes in which the machine code takes it."""
        if self.kind != "number":
            return ctypes.c_void_p
        return ctypes.c_double if self.dtype == "float64" else getattr(ctypes, f"c_{self.dtype}")

    def converter(self) -> Callable[[Any], Any]:
        """Return what converts a value for the machine code, refusing one that it would misread.

        Raises
        ------
        TypeError
            By the converter: the value is not an array of the type, not contiguous, or not
            writeable although it is to be filled.
        """
        if self.kind == "number":
            return _unchanged
        dtype, fill = np.dtype(self.dtype), self.kind == "fill"

        def convert(value: Any) -> int | None:
            if not isinstance(value, np.ndarray) or value.dtype != dtype:
                raise TypeError(f"a {dtype} array is needed, got {value!r}")
            flags = value.flags
            if not flags.c_contiguous or (fill and not flags.writeable):
                raise TypeError("the array must be contiguous, and writeable if it is to be filled")
            return _address_of(value)

        return convert


def _unchanged(value: Any) -> Any:
    return value


def _read_address(array: Any) -> int | None:
    """Return the address of an array: in NumPy's interface for C, the field after the header.

    Several times as fast as asking NumPy.
    """
    return ctypes.c_void_p.from_address(id(array) + _HEADER).value


def _ask_address(array: Any) -> int | None:
    return int(array.ctypes.data)


_HEADER = object.__basicsize__
_trial = np.empty(1)
_can_read = sys.implementation.name == "cpython" and _read_address(_trial) == _trial.ctypes.data
_address_of = _read_address if _can_read else _ask_address

SIZE = Argument("int64", "number")
FACTOR = Argument("float64", "number")
TEXT, OUT_TEXT = Argument("uint8", "read"), Argument("uint8", "fill")
BANDS, OUT_BANDS = Argument("uint8", "read"), Argument("uint8", "fill")
MASK, OUT_MASK = Argument("uint8", "read"), Argument("uint8", "fill")
SHORTS, OUT_SHORTS = Argument("uint16", "read"), Argument("uint16", "fill")
PLACES, OUT_PLACES = Argument("uint32", "read"), Argument("uint32", "fill")
BITS, OUT_BITS = Argument("uint64", "read"), Argument("uint64", "fill")
PAIRS, OUT_PAIRS = Argument("uint32", "read"), Argument("uint32", "fill")
POINTERS, OUT_POINTERS = Argument("int64", "read"), Argument("int64", "fill")
WORDS, OUT_WORDS = Argument("int64", "read"), Argument("int64", "fill")
VALUES, OUT_VALUES = Argument("float64", "read"), Argument("float64", "fill")
