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

    from ..errors import OnStep
    from ._code import Code as Code
    from .blocks import add_runs_blocks, narrow_runs, pack_blocks, scan_rows
    from .catchment import (
        add_long_runs,
        add_long_runs_at,
        add_pairs,
        add_pairs_at,
        add_runs,
        add_runs_at,
        fixed_point,
        round_sums,
        running_fixed_point,
        running_sums,
        spread_changes,
    )
    from .codes import find_codes, store_codes
    from .draws import (
        arrive_block,
        count_block,
        count_classes,
        leave_block,
        step_block,
        vary_block,
    )
    from .keyed_sums import add_by_key
    from .lines import select_lines
    from .order import column_totals, improve_order, join_chains, join_nearest, neighbour_costs
    from .population import fill_bands, sum_bands, weight_bands
    from .practitioners import classify_practitioners, share_etp
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
    from .runs import derive_runs, derive_sorted_runs
    from .segments import segment_sums
    from .shards import (
        count_windows,
        count_words,
        divide_pairs,
        divide_rows,
        number_views,
        place_words,
        sort_places,
    )
    from .territories import cut_block, divide_block, group_rows, multiply_block

_HOMES = {
    "add_by_key": "keyed_sums",
    "add_long_runs": "catchment",
    "add_long_runs_at": "catchment",
    "add_pairs": "catchment",
    "add_pairs_at": "catchment",
    "add_runs": "catchment",
    "add_runs_at": "catchment",
    "add_runs_blocks": "blocks",
    "arrive_block": "draws",
    "classify_practitioners": "practitioners",
    "column_totals": "order",
    "count_block": "draws",
    "count_classes": "draws",
    "count_pairs": "rows",
    "count_windows": "shards",
    "count_words": "shards",
    "cut_block": "territories",
    "derive_runs": "runs",
    "derive_sorted_runs": "runs",
    "divide_block": "territories",
    "divide_pairs": "shards",
    "divide_rows": "shards",
    "fill_bands": "population",
    "fill_both_ways": "rows",
    "fill_rows": "rows",
    "find_codes": "codes",
    "find_repeats": "rows",
    "fixed_point": "catchment",
    "group_rows": "territories",
    "improve_order": "order",
    "insert_last": "rows",
    "join_chains": "order",
    "join_nearest": "order",
    "leave_block": "draws",
    "multiply_block": "territories",
    "narrow_runs": "blocks",
    "neighbour_costs": "order",
    "number_views": "shards",
    "pack_blocks": "blocks",
    "place_words": "shards",
    "round_sums": "catchment",
    "running_fixed_point": "catchment",
    "running_sums": "catchment",
    "scan_rows": "blocks",
    "segment_sums": "segments",
    "select_lines": "lines",
    "share_etp": "practitioners",
    "sort_places": "shards",
    "spread_changes": "catchment",
    "step_block": "draws",
    "store_codes": "codes",
    "sum_bands": "population",
    "time_bands": "rows",
    "transpose_rows": "rows",
    "vary_block": "draws",
    "weight_bands": "population",
    "whole_minute_bands": "rows",
}

__all__ = [
    "add_by_key",
    "add_long_runs",
    "add_long_runs_at",
    "add_pairs",
    "add_pairs_at",
    "add_runs",
    "add_runs_at",
    "add_runs_blocks",
    "arrive_block",
    "classify_practitioners",
    "column_totals",
    "count_block",
    "count_classes",
    "count_pairs",
    "count_windows",
    "count_words",
    "cut_block",
    "derive_runs",
    "derive_sorted_runs",
    "divide_block",
    "divide_pairs",
    "divide_rows",
    "fill_bands",
    "fill_both_ways",
    "fill_rows",
    "find_codes",
    "find_repeats",
    "fixed_point",
    "group_rows",
    "improve_order",
    "insert_last",
    "join_chains",
    "join_nearest",
    "leave_block",
    "multiply_block",
    "narrow_runs",
    "neighbour_costs",
    "number_views",
    "pack_blocks",
    "place_words",
    "round_sums",
    "running_fixed_point",
    "running_sums",
    "scan_rows",
    "segment_sums",
    "select_lines",
    "share_etp",
    "sort_places",
    "spread_changes",
    "step_block",
    "store_codes",
    "sum_bands",
    "time_bands",
    "transpose_rows",
    "vary_block",
    "weight_bands",
    "whole_minute_bands",
]


def prepare(on_step: OnStep | None = None) -> dict[str, Code | None]:
    """Load the machine code of every kernel, compiling those that have none.

    Parameters
    ----------
    on_step : callable, optional
        Called with a few words before each.

    Returns
    -------
    dict of str to Code or None
        The machine code of each kernel; None if it is interpreted.
    """
    from ..steps import announce

    codes = {}
    for number, name in enumerate(_HOMES, 1):
        announce(f"kernel {number} of {len(_HOMES)}", on_step)
        codes[name] = __getattr__(name).prepare()
    return codes


def build(folder: Path) -> list[Path]:
    """Compile every kernel for each target that the package ships code for.

    Parameters
    ----------
    folder : Path
        Where to write; exists.

    Returns
    -------
    list of Path
        One file per target, with every kernel: a shared library if there is a linker for the
        target, otherwise an object file, which takes LLVM to load; and a list of their digests.
    """
    from ._shipped import build as build_all

    return build_all([__getattr__(name) for name in _HOMES], folder)


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
