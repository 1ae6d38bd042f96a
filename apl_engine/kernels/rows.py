"""Travel times to compressed sparse rows, by counting sort.

A pair is (row, column, class): two places and the step its minutes fall in. Pairs of the last
class, beyond every step, are left out.
"""

from __future__ import annotations

from ._jit import kernel
from .arguments import (
    CLASSES,
    COLUMNS,
    OUT_CLASSES,
    OUT_COLUMNS,
    OUT_POINTERS,
    POINTERS,
    SIZE,
    VALUES,
)
from .types import Classes, Float, Index, Pointers


@kernel(VALUES, VALUES, SIZE, SIZE, OUT_CLASSES)
def step_classes(minutes: Float, edges: Float, n_pairs: int, n_steps: int, out: Classes) -> None:
    """out[k] = number of edges at or below minutes[k].

    minutes  float64[n_pairs]  travel times, minutes, no NaN
    edges    float64[n_steps]  rising; the first minute that is beyond each step
    out      uint8[n_pairs]    step of each pair, n_steps where it is beyond the last
    """
    for k in range(n_pairs):
        out[k] = 0
    # Step by step, so that the inner loop has no branch and runs on many pairs at once.
    for step in range(n_steps):
        edge = edges[step]
        for k in range(n_pairs):
            out[k] += minutes[k] >= edge


@kernel(COLUMNS, CLASSES, SIZE, SIZE, OUT_POINTERS)
def count_pairs(rows: Index, classes: Classes, beyond: int, n_pairs: int, counts: Pointers) -> None:
    """counts[r + 1] += number of pairs kept in row r.

    rows     uint32[n_pairs]     row of each pair
    classes  uint8[n_pairs]      step of each pair
    beyond   int                 pairs of this class are left out
    counts   int64[n_rows + 1]   added to
    """
    for k in range(n_pairs):
        if classes[k] != beyond:
            counts[rows[k] + 1] += 1


@kernel(COLUMNS, COLUMNS, CLASSES, SIZE, SIZE, OUT_POINTERS, OUT_COLUMNS, OUT_CLASSES)
def fill_rows(
    rows: Index,
    columns: Index,
    classes: Classes,
    beyond: int,
    n_pairs: int,
    cursors: Pointers,
    out_columns: Index,
    out_classes: Classes,
) -> None:
    """Put each pair into its row, in the order the pairs come.

    rows, columns  uint32[n_pairs]  the two places of each pair
    classes        uint8[n_pairs]   step of each pair
    beyond         int              pairs of this class are left out
    cursors        int64[n_rows]    where each row begins; moved to where it ends
    out_columns    uint32[n_kept]   overwritten
    out_classes    uint8[n_kept]    overwritten
    """
    for k in range(n_pairs):
        if classes[k] != beyond:
            place = cursors[rows[k]]
            out_columns[place] = columns[k]
            out_classes[place] = classes[k]
            cursors[rows[k]] = place + 1


@kernel(POINTERS, COLUMNS, CLASSES, SIZE, OUT_POINTERS, OUT_COLUMNS, OUT_CLASSES)
def transpose_rows(
    pointers: Pointers,
    columns: Index,
    classes: Classes,
    n_rows: int,
    cursors: Pointers,
    out_columns: Index,
    out_classes: Classes,
) -> None:
    """Turn rows into columns; the result has its columns in rising order.

    pointers     int64[n_rows + 1]  row starts of what goes in
    columns      uint32[n_pairs]    column of each pair
    classes      uint8[n_pairs]     step of each pair
    cursors      int64[n_columns]   where each row that comes out begins; moved to where it ends
    out_columns  uint32[n_pairs]    overwritten
    out_classes  uint8[n_pairs]     overwritten
    """
    for r in range(n_rows):
        for k in range(pointers[r], pointers[r + 1]):
            place = cursors[columns[k]]
            out_columns[place] = r
            out_classes[place] = classes[k]
            cursors[columns[k]] = place + 1
