"""The arguments of kernels: whole numbers, arrays to read, arrays to fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Argument:
    """One argument of a kernel: a whole number, or an array to read or to fill."""

    dtype: Literal["uint8", "uint32", "int64", "float64"]
    kind: Literal["number", "read", "fill"]

    def native(self, value: Any) -> Any:
        """Convert a value for the machine code; refuse one that it would misread."""
        if self.kind == "number":
            return value
        if not isinstance(value, np.ndarray) or value.dtype != self.dtype:
            raise TypeError(f"a {self.dtype} array is needed, got {value!r}")
        if not value.flags.c_contiguous or (self.kind == "fill" and not value.flags.writeable):
            raise TypeError("the array must be contiguous, and writeable if it is to be filled")
        return value.ctypes.data


SIZE = Argument("int64", "number")
TEXT, OUT_TEXT = Argument("uint8", "read"), Argument("uint8", "fill")
BANDS, OUT_BANDS = Argument("uint8", "read"), Argument("uint8", "fill")
PLACES, OUT_PLACES = Argument("uint32", "read"), Argument("uint32", "fill")
PAIRS, OUT_PAIRS = Argument("uint32", "read"), Argument("uint32", "fill")
POINTERS, OUT_POINTERS = Argument("int64", "read"), Argument("int64", "fill")
VALUES, OUT_VALUES = Argument("float64", "read"), Argument("float64", "fill")
