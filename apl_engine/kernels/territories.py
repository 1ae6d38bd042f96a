"""Territories in 16 scenarios side by side: their APL from supply, and their classes."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import (
    OUT_BANDS,
    OUT_PLACES,
    OUT_VALUES,
    PLACES,
    POINTERS,
    SIZE,
    VALUES,
)
from .types import Bands, Float, Index, Pointers

BUCKETS = 1024


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
        for b in range(16):
            out[16 * i + b] = values[at + b] / divisor


@kernel(POINTERS, PLACES, VALUES, VALUES, SIZE, OUT_VALUES)
def multiply_block(
    pointers: Pointers, columns: Index, weights: Float, values: Float, n: int, out: Float
) -> None:
    """out[r] = sum over the entries of row r of a matrix of weight * values[column], 16 at once.

    pointers  int64[n + 1]            row starts
    columns   uint32[n_entries]       column of each entry
    weights   float64[n_entries]      the entries
    values    float64[n_columns, 16]  any unit
    out       float64[n, 16]          overwritten
    """
    for r in range(n):
        # Separate names stay in vector registers along the row; an array would not.
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = 0.0
        a8 = a9 = a10 = a11 = a12 = a13 = a14 = a15 = 0.0
        for k in range(pointers[r], pointers[r + 1]):
            weight = weights[k]
            at = 16 * np.int64(columns[k])
            a0 += weight * values[at]
            a1 += weight * values[at + 1]
            a2 += weight * values[at + 2]
            a3 += weight * values[at + 3]
            a4 += weight * values[at + 4]
            a5 += weight * values[at + 5]
            a6 += weight * values[at + 6]
            a7 += weight * values[at + 7]
            a8 += weight * values[at + 8]
            a9 += weight * values[at + 9]
            a10 += weight * values[at + 10]
            a11 += weight * values[at + 11]
            a12 += weight * values[at + 12]
            a13 += weight * values[at + 13]
            a14 += weight * values[at + 14]
            a15 += weight * values[at + 15]
        to = 16 * r
        out[to] = a0
        out[to + 1] = a1
        out[to + 2] = a2
        out[to + 3] = a3
        out[to + 4] = a4
        out[to + 5] = a5
        out[to + 6] = a6
        out[to + 7] = a7
        out[to + 8] = a8
        out[to + 9] = a9
        out[to + 10] = a10
        out[to + 11] = a11
        out[to + 12] = a12
        out[to + 13] = a13
        out[to + 14] = a14
        out[to + 15] = a15


@kernel(VALUES, VALUES, VALUES, VALUES, SIZE, SIZE, SIZE, SIZE, OUT_PLACES, OUT_VALUES,
        OUT_PLACES, OUT_BANDS, OUT_VALUES)  # fmt: skip
def cut_block(
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
    """Cut rows of rising APL into classes by cumulative population, for one column of 16.

    Rows fall into 1 024 buckets of equal width in APL, so that only the bucket of a cut is sorted.

    apl         float64[n, 16]    0 or more
    population  float64[n]        0 or more
    scales, limits  float64[n_cuts]  a row is in class k or below if scales[k] times the population
                                  up to it, itself included, is at most limits[k]
    straddling  int               the row that a cut falls in: 0 above it, 1 below it, 2 below it if
                                  the nearer end is there
    lane        int               the column
    keys        uint32[n]         bucket of each row, overwritten
    sums        float64[1024]     population of each bucket, overwritten
    members     uint32[n]         rows of one bucket, overwritten
    classes     uint8[n]          overwritten
    gaps        float64[n_cuts]   difference between the APLs on both sides of each cut, relative to
                                  the higher; infinite if there is none on a side; overwritten
    """
    low, high = np.inf, 0.0
    for r in range(n):
        value = apl[16 * r + lane]
        low = value if value < low else low
        high = value if value > high else high
    factor = 1023.0 / (high - low) if high > low else 0.0
    for q in range(1024):
        sums[q] = 0.0
    for r in range(n):
        key = np.uint32((apl[16 * r + lane] - low) * factor)
        keys[r] = key
        sums[key] += population[r]
        classes[r] = n_cuts
    for step in range(n_cuts):
        k = n_cuts - 1 - step
        # The bucket in which the cut falls.
        total, bucket = 0.0, np.int64(0)
        while bucket < 1024 and scales[k] * (total + sums[bucket]) <= limits[k]:
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
            keys[members[i]] = 2048 + bucket
        below, above = -1.0, np.inf
        for r in range(n):
            value, key = apl[16 * r + lane], keys[r]
            if key < bucket or key == 2048 + bucket:
                classes[r] = k
                below = value if value > below else below
            else:
                above = value if value < above else above
        for i in range(inside):
            keys[members[i]] = bucket
        gaps[k] = (above - below) / above if below >= 0.0 and above < np.inf else np.inf
