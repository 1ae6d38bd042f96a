"""Compiled loops: arrays in, arrays out; no table, no print.

A kernel is imported on first use, so that imports without kernels stay light. Kernels raise
nothing and allocate nothing; outputs are the last arguments. Each visits its rows in order and
writes one cell at a time, so that results have the same bits for any number of threads.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from .catchment import gather, gather_block, gather_some, pack_block
    from .keyed_sums import add_by_key
    from .lines import select_lines
    from .rows import count_pairs, fill_rows, find_repeats, settle_rows, time_bands, transpose_rows
    from .segments import segment_sums

_HOMES = {
    "add_by_key": "keyed_sums",
    "count_pairs": "rows",
    "fill_rows": "rows",
    "find_repeats": "rows",
    "gather": "catchment",
    "gather_block": "catchment",
    "gather_some": "catchment",
    "pack_block": "catchment",
    "segment_sums": "segments",
    "select_lines": "lines",
    "settle_rows": "rows",
    "time_bands": "rows",
    "transpose_rows": "rows",
}

__all__ = [
    "add_by_key",
    "count_pairs",
    "fill_rows",
    "find_repeats",
    "gather",
    "gather_block",
    "gather_some",
    "pack_block",
    "segment_sums",
    "select_lines",
    "settle_rows",
    "time_bands",
    "transpose_rows",
]


def prepare() -> dict[str, Path | None]:
    """Load the machine code of every kernel, compiling those that are not stored.

    Returns
    -------
    dict of str to Path or None
        The file of the machine code of each kernel, None if it is not stored.
    """
    return {name: __getattr__(name).prepare() for name in _HOMES}


def are_compiled() -> bool:
    """Return whether kernels run as machine code; NUMBA_DISABLE_JIT=1 has them interpreted."""
    from ._jit import is_disabled

    return not is_disabled()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
