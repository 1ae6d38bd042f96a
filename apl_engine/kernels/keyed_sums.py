"""Sums by key in a hash table, for more keys than a processor's cache holds."""

from __future__ import annotations

from ._jit import kernel
from .arguments import OUT_POINTERS, POINTERS, SIZE
from .types import Pointers


@kernel(POINTERS, POINTERS, POINTERS, POINTERS, POINTERS, SIZE, SIZE, SIZE, OUT_POINTERS,
        OUT_POINTERS, OUT_POINTERS)  # fmt: skip
def add_by_key(
    low: Pointers,
    high: Pointers,
    rows: Pointers,
    acts: Pointers,
    fees: Pointers,
    start: int,
    n: int,
    mask: int,
    table: Pointers,
    new: Pointers,
    counts: Pointers,
) -> None:
    """Add rows to the sums of their keys; stop before the table is more than half full.

    low, high   int64[n]             key of each row: two numbers that are as if drawn by chance
    rows        int64[n]             what a row counts, 1 or more
    acts, fees  int64[n]             amounts
    start       int                  first row
    mask        int                  number of slots - 1, a power of two less 1
    table       int64[mask + 1, 5]   slots: key, rows (0 if the slot is free), acts, fees; added to
    new         int64[n, 2]          row and slot of each key that is new, overwritten
    counts      int64[3]             keys in the table, added to; keys that are new and the first
                                     row that was not added, overwritten
    """
    found, k = 0, start
    while k < n and 2 * counts[0] <= mask:
        at = 5 * (low[k] & mask)
        while table[at + 2] != 0 and (table[at] != low[k] or table[at + 1] != high[k]):
            at += 5
            if at > 5 * mask:
                at = 0
        if table[at + 2] == 0:
            table[at] = low[k]
            table[at + 1] = high[k]
            new[2 * found] = k
            new[2 * found + 1] = at // 5
            found += 1
            counts[0] += 1
        table[at + 2] += rows[k]
        table[at + 3] += acts[k]
        table[at + 4] += fees[k]
        k += 1
    counts[1] = found
    counts[2] = k
