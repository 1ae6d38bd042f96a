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
    from .codes import find_codes, store_codes
    from .rows import (
        count_pairs,
        fill_both_ways,
        fill_rows,
        find_repeats,
        insert_last,
        time_bands,
        transpose_rows,
        whole_minute_bands,
    )
    from .segments import segment_sums

_HOMES = {
    "count_pairs": "rows",
    "fill_both_ways": "rows",
    "fill_rows": "rows",
    "find_codes": "codes",
    "find_repeats": "rows",
    "gather": "catchment",
    "gather_block": "catchment",
    "gather_some": "catchment",
    "insert_last": "rows",
    "pack_block": "catchment",
    "segment_sums": "segments",
    "store_codes": "codes",
    "time_bands": "rows",
    "transpose_rows": "rows",
    "whole_minute_bands": "rows",
}

__all__ = [
    "count_pairs",
    "fill_both_ways",
    "fill_rows",
    "find_codes",
    "find_repeats",
    "gather",
    "gather_block",
    "gather_some",
    "insert_last",
    "pack_block",
    "segment_sums",
    "store_codes",
    "time_bands",
    "transpose_rows",
    "whole_minute_bands",
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
