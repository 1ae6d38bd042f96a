"""Inhabitants by commune and age band: each band added up, and the bands of a commune weighted."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import OUT_VALUES, PLACES, SIZE, VALUES
from .types import Float, Index


@kernel(PLACES, PLACES, VALUES, SIZE, SIZE, OUT_VALUES)
def fill_bands(
    communes: Index, bands: Index, people: Float, n_rows: int, n_bands: int, cells: Float
) -> None:
    """cells[communes[k], bands[k]] = people[k].

    communes, bands  uint32[n_rows]                the cell of each row
    people           float64[n_rows]               inhabitants
    cells            float64[n_communes, n_bands]  the cells named are overwritten
    """
    for k in range(n_rows):
        cells[np.int64(communes[k]) * n_bands + np.int64(bands[k])] = people[k]


@kernel(VALUES, SIZE, SIZE, OUT_VALUES)
def sum_bands(cells: Float, n_communes: int, n_bands: int, totals: Float) -> None:
    """totals[b] = cells[0, b] + ... + cells[n_communes - 1, b], added in the order of communes.

    cells   float64[n_communes, n_bands]  inhabitants
    totals  float64[n_bands]              overwritten
    """
    for b in range(n_bands):
        totals[b] = 0.0
    for c in range(n_communes):
        for b in range(n_bands):
            totals[b] += cells[c * n_bands + b]


@kernel(VALUES, VALUES, SIZE, SIZE, OUT_VALUES, OUT_VALUES)
def weight_bands(
    cells: Float, weights: Float, n_communes: int, n_bands: int, people: Float, weighted: Float
) -> None:
    """Add up the bands of each commune in their order, as they are and weighted.

    cells     float64[n_communes, n_bands]  inhabitants
    weights   float64[n_bands]              of each band
    people    float64[n_communes]           overwritten
    weighted  float64[n_communes]           unit of the weights; overwritten
    """
    for c in range(n_communes):
        total = weighted_total = 0.0
        for b in range(n_bands):
            value = cells[c * n_bands + b]
            total += value
            weighted_total += value * weights[b]
        people[c] = total
        weighted[c] = weighted_total
