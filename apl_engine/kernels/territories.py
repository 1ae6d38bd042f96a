"""Territories in 16 scenarios side by side: their APL from supply, and their classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._jit import helper, kernel, prefetch
from .arguments import (
    OUT_BANDS,
    OUT_PLACES,
    OUT_POINTERS,
    OUT_VALUES,
    PAIRS,
    PLACES,
    POINTERS,
    SIZE,
    VALUES,
    WORDS,
)
from .types import Bands, Float, Index, Pairs, Pointers, Words

BUCKETS = 1024
# Rows whose memory is asked for while one is computed.
AHEAD = 8


@kernel(VALUES, VALUES, PLACES, SIZE, SIZE, SIZE, OUT_VALUES)
def divide_block(
    values: Float,
    divisors: Float,
    rows: Index,
    n: int,
    n_columns: int,
    first: int,
    out: Float,
) -> None:
    """out[i, b] = values[rows[i], first + b] / divisors[rows[i]], for 16 columns b.

    values    float64[n_rows, n_columns]  any unit
    divisors  float64[n_rows]             above 0 for the rows taken
    rows      uint32[n]                   the rows taken
    first     int                         first column
    out       float64[n, 16]              overwritten
    """
    for i in range(n):
        at = np.int64(rows[i]) * n_columns + first
        divisor = divisors[rows[i]]
        later = np.int64(rows[i + AHEAD if i + AHEAD < n else i]) * n_columns + first
        prefetch(values, later)
        prefetch(values, later + 8)
        prefetch(values, later + 15)
        for b in range(16):
            out[16 * i + b] = values[at + b] / divisor


@kernel(POINTERS, PLACES, VALUES, POINTERS, PAIRS, WORDS, PLACES, SIZE, SIZE, SIZE, POINTERS,
        OUT_POINTERS, OUT_POINTERS, OUT_PLACES, OUT_VALUES)  # fmt: skip
def group_rows(
    groups: Pointers,
    places: Index,
    shares: Float,
    pointers: Pointers,
    pairs: Pairs,
    weights: Words,
    column_of: Index,
    n_columns: int,
    start: int,
    stop: int,
    at: Pointers,
    slots: Pointers,
    counts: Pointers,
    columns: Index,
    values: Float,
) -> None:
    """Add up rows of pairs by group, each times its share, over some columns.

    groups       int64[n_groups + 1]  first place of each group
    places       uint32[n_places]     the places, one group after the other
    shares       float64[n_places]    factor of the row of each
    pointers     int64[n_rows + 1]    row starts
    pairs        uint32[n_pairs]      band << 24 | other place
    weights      int64[n_bands]       weight of each band
    column_of    uint32[n_rows]       column of each other place, n_columns if it has none
    start, stop  int                  groups start <= g < stop are computed
    at           int64[n_groups + 1]  where the entries of each group go, ascending
    slots        int64[n_columns]     scratch, -1 for each column
    counts       int64[n_groups]      number of entries of each group, overwritten
    columns, values  uint32[], float64[]  column of each entry and the entry, overwritten
    """
    for g in range(start, stop):
        end = at[g]
        for i in range(groups[g], groups[g + 1]):
            place = np.int64(places[i])
            for k in range(pointers[place], pointers[place + 1]):
                column = np.int64(column_of[pairs[k] & 0xFFFFFF])
                if column < n_columns and weights[pairs[k] >> 24] > 0:
                    slot = slots[column]
                    # One below is of an earlier group.
                    if slot < at[g]:
                        slot = end
                        slots[column] = slot
                        columns[slot] = column
                        values[slot] = 0.0
                        end += 1
                    values[slot] += shares[i] * np.float64(weights[pairs[k] >> 24])
        counts[g] = end - at[g]


@helper
def plus_product(sums: Any, weight: float, values: Float, at: Any) -> Any:
    """Return 16 sums with a weight times 16 values added."""
    a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15 = sums
    return (
        a0 + weight * values[at], a1 + weight * values[at + 1],
        a2 + weight * values[at + 2], a3 + weight * values[at + 3],
        a4 + weight * values[at + 4], a5 + weight * values[at + 5],
        a6 + weight * values[at + 6], a7 + weight * values[at + 7],
        a8 + weight * values[at + 8], a9 + weight * values[at + 9],
        a10 + weight * values[at + 10], a11 + weight * values[at + 11],
        a12 + weight * values[at + 12], a13 + weight * values[at + 13],
        a14 + weight * values[at + 14], a15 + weight * values[at + 15],
    )  # fmt: skip


@kernel(POINTERS, POINTERS, PLACES, VALUES, VALUES, SIZE, OUT_VALUES)
def multiply_block(
    at: Pointers,
    counts: Pointers,
    columns: Index,
    weights: Float,
    values: Float,
    n: int,
    out: Float,
) -> None:
    """out[r] = sum over the entries of row r of a matrix of weight * values[column], 16 at once.

    at        int64[n]                first entry of each row
    counts    int64[n]                number of entries of each row
    columns   uint32[n_entries]       column of each entry
    weights   float64[n_entries]      the entries
    values    float64[n_columns, 16]  any unit
    out       float64[n, 16]          overwritten
    """
    for r in range(n):
        # Separate numbers stay in vector registers along the row; an array would not.
        sums = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for k in range(at[r], at[r] + counts[r]):
            sums = plus_product(sums, weights[k], values, 16 * np.int64(columns[k]))
        to = 16 * r
        (
            out[to], out[to + 1], out[to + 2], out[to + 3],
            out[to + 4], out[to + 5], out[to + 6], out[to + 7],
            out[to + 8], out[to + 9], out[to + 10], out[to + 11],
            out[to + 12], out[to + 13], out[to + 14], out[to + 15],
        ) = sums  # fmt: skip


@helper
def cut_lane(
    apl: Float,
    population: Float,
    scales: Float,
    limits: Float,
    n_cuts: int,
    straddling: int,
    n: int,
    lane: int,
    keys: Index,
    sums: Float,
    members: Index,
    classes: Bands,
    gaps: Float,
) -> None:
    """Cut rows into classes for one column; see `cut_block`."""
    low, high = np.inf, 0.0
    for r in range(n):
        value = apl[16 * r + lane]
        low = value if value < low else low
        high = value if value > high else high
    factor = (BUCKETS - 1.0) / (high - low) if high > low else 0.0
    for q in range(BUCKETS):
        sums[q] = 0.0
    for r in range(n):
        key = np.uint32((apl[16 * r + lane] - low) * factor)
        keys[r] = key
        sums[key] += population[r]
        classes[16 * r + lane] = n_cuts
    for step in range(n_cuts):
        k = n_cuts - 1 - step
        # The bucket in which the cut falls.
        total, bucket = 0.0, np.int64(0)
        while bucket < BUCKETS and scales[k] * (total + sums[bucket]) <= limits[k]:
            total += sums[bucket]
            bucket += 1
        count = np.int64(0)
        for r in range(n):
            if keys[r] == bucket:
                value, at = apl[16 * r + lane], count
                while at > 0 and apl[16 * members[at - 1] + lane] > value:
                    members[at] = members[at - 1]
                    at -= 1
                members[at] = r
                count += 1
        inside = np.int64(0)
        while inside < count and scales[k] * (total + population[members[inside]]) <= limits[k]:
            total += population[members[inside]]
            inside += 1
        if inside < count and straddling > 0:
            start = scales[k] * total
            end = scales[k] * (total + population[members[inside]])
            if start < limits[k] and (straddling == 1 or end - limits[k] < limits[k] - start):
                inside += 1
        for i in range(inside):
            keys[members[i]] = 2 * BUCKETS + bucket
        below, above = -1.0, np.inf
        for r in range(n):
            value, key = apl[16 * r + lane], keys[r]
            if key < bucket or key == 2 * BUCKETS + bucket:
                classes[16 * r + lane] = k
                below = value if value > below else below
            else:
                above = value if value < above else above
        for i in range(inside):
            keys[members[i]] = bucket
        apart = below >= 0.0 and above < np.inf
        gaps[n_cuts * lane + k] = (above - below) / above if apart else np.inf


@kernel(VALUES, VALUES, VALUES, VALUES, SIZE, SIZE, SIZE, OUT_PLACES, OUT_VALUES, OUT_PLACES,
        OUT_BANDS, OUT_VALUES)  # fmt: skip
def cut_block(
    apl: Float,
    population: Float,
    scales: Float,
    limits: Float,
    n_cuts: int,
    straddling: int,
    n: int,
    keys: Index,
    sums: Float,
    members: Index,
    classes: Bands,
    gaps: Float,
) -> None:
    """Cut rows of rising APL into classes by cumulative population, for each of 16 columns.

    Rows fall into buckets of equal width in APL, so that only the bucket of a cut is sorted.

    apl         float64[n, 16]    0 or more
    population  float64[n]        0 or more
    scales, limits  float64[n_cuts]  a row is in class k or below if scales[k] times the population
                                  up to it, itself included, is at most limits[k]
    straddling  int               the row that a cut falls in: 0 above it, 1 below it, 2 below it if
                                  the nearer end is there
    keys        uint32[n]         bucket of each row, overwritten
    sums        float64[BUCKETS]  population of each bucket, overwritten
    members     uint32[n]         rows of one bucket, overwritten
    classes     uint8[n, 16]      overwritten
    gaps        float64[16, n_cuts]  difference between the APLs on both sides of each cut, relative
                                  to the higher; infinite if there is none on a side; overwritten
    """
    for lane in range(16):
        cut_lane(
            apl, population, scales, limits, n_cuts, straddling, n, lane,
            keys, sums, members, classes, gaps,
        )  # fmt: skip
