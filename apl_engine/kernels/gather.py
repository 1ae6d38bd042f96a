"""The two steps of the floating catchment method, as gathers over sparse rows.

Both steps read along a row and write one cell; rows may be shared out between threads in any way.
"""

from __future__ import annotations

from ._jit import kernel
from .arguments import CLASSES, COLUMNS, OUT_VALUES, POINTERS, SIZE, VALUES
from .types import Classes, Float, Index, Pointers


@kernel(POINTERS, COLUMNS, CLASSES, VALUES, VALUES, SIZE, SIZE, OUT_VALUES)
def gather(
    pointers: Pointers,
    columns: Index,
    classes: Classes,
    weights: Float,
    values: Float,
    start: int,
    stop: int,
    out: Float,
) -> None:
    """out[r] = sum over the pairs k of row r of weights[classes[k]] * values[columns[k]].

    pointers     int64[n_rows + 1]  row starts
    columns      uint32[n_pairs]    column of each pair, rising within a row
    classes      uint8[n_pairs]     step of each pair
    weights      float64[n_steps]   weight of each step, no unit
    values       float64[n_columns] quantity carried by each column
    start, stop  int                rows start <= r < stop are computed, the others left
    out          float64[n_rows]    unit of values
    """
    for r in range(start, stop):
        total = 0.0
        for k in range(pointers[r], pointers[r + 1]):
            total += weights[classes[k]] * values[columns[k]]
        out[r] = total
