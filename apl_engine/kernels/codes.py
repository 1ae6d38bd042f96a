"""Commune codes to row numbers, by a hash table.

A code is five bytes, given as Arrow's view of a text: four words of 32 bits, the length and up to
twelve bytes. A slot is one word of 64 bits: the code in the high 40, the row in the low 24.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import OUT_PLACES, OUT_POINTERS, PAIRS, POINTERS, SIZE
from .types import Index, Pairs, Pointers


@kernel(PAIRS, SIZE, SIZE, OUT_POINTERS)
def store_codes(views: Pairs, n: int, mask: int, slots: Pointers) -> None:
    """Put codes into a table.

    views  uint32[4 n]      views of the codes, each of five bytes
    mask   int              number of slots - 1; a power of two less 1, at least n
    slots  int64[mask + 1]  -1 if empty; filled
    """
    for k in range(n):
        low, high = np.int64(views[4 * k + 1]), np.int64(views[4 * k + 2])
        # The slots of codes of one departement are neighbours; no two codes of digits share one.
        at = (low & 255) * 18000 + (low >> 8 & 255) * 1000
        at = (at + (low >> 16 & 255) * 100 + (low >> 24) * 10 + high) & mask
        while slots[at] != -1:
            at = (at + 1) & mask
        slots[at] = (low << 8 | high) << 24 | k


@kernel(PAIRS, SIZE, POINTERS, SIZE, OUT_POINTERS, OUT_PLACES)
def find_codes(
    views: Pairs, n: int, slots: Pointers, mask: int, unknown: Pointers, out: Index
) -> None:
    """Find the rows of codes, and count the codes that are not in the table.

    views    uint32[4 n]      views of texts
    slots    int64[mask + 1]  as `store_codes` fills them, at least one empty
    mask     int              number of slots - 1
    unknown  int64[1]         added to
    out      uint32[n]        overwritten; 0 for an unknown code
    """
    missing = 0
    for k in range(n):
        low, high = np.int64(views[4 * k + 1]), np.int64(views[4 * k + 2])
        at = (low & 255) * 18000 + (low >> 8 & 255) * 1000
        at = (at + (low >> 16 & 255) * 100 + (low >> 24) * 10 + high) & mask
        code = low << 8 | high
        slot = slots[at]
        while slot != -1 and slot >> 24 != code:
            at = (at + 1) & mask
            slot = slots[at]
        if slot == -1 or views[4 * k] != 5:
            missing += 1
            slot = 0
        out[k] = slot & 0xFFFFFF
    unknown[0] += missing
