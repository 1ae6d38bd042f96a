"""The one place that decides how kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba import types

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def _read_only(dtype: Any) -> Any:
    return types.Array(dtype, 1, "C", readonly=True)


# Argument types. Inputs are read-only, so that memory shared with a table or mapped from a file
# goes in as it is; C order is asked for, so that the compiler knows the stride.
CLASSES = _read_only(types.uint8)
COLUMNS = _read_only(types.uint32)
POINTERS = _read_only(types.int64)
VALUES = _read_only(types.float64)
OUT_CLASSES = types.uint8[::1]
OUT_COLUMNS = types.uint32[::1]
OUT_POINTERS = types.int64[::1]
OUT_VALUES = types.float64[::1]
SIZE = types.int64


def kernel(*arguments: Any) -> Callable[[Kernel], Kernel]:
    """Compile a function for these argument types, once per machine.

    fastmath is off: a legal figure must not change with the order a compiler sums in.
    """
    compiled: Callable[[Kernel], Kernel] = numba.njit(
        types.void(*arguments), cache=True, nogil=True, fastmath=False, error_model="numpy"
    )
    return compiled
