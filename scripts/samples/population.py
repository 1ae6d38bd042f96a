"""Inhabitants of each commune by age band, and their consumption of physiotherapy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AGE_BANDS = (
    *(f"{age:02d}-{age + 4:02d}" for age in range(0, 95, 5)),
    "95+",
)

# Thousands of inhabitants by band, France with its overseas departements (Insee, census of
# 2018, table POP1B, rounded).
PYRAMID = np.array(
    [
        (3747, 4116, 4142, 4129, 3733, 3834, 4058, 4179, 4210, 4511),
        (4471, 4309, 4083, 3940, 3032, 2179, 1884, 1336, 645, 193),
    ],
    dtype=np.float64,
).ravel()

# EUR per inhabitant and year, by band: invented, since no such table is openly published.
FEES_PER_HEAD = np.array(
    [15, 9, 18, 32, 32, 37, 45, 53, 61, 71, 82, 90, 98, 109, 129, 161, 208, 270, 334, 350],
    dtype=np.float64,
)

# Standardised population over population of each region (DREES, APL 2021, rounded). Mayotte has
# no published value; it is the youngest region.
AGEING = {
    "01": 1.00, "02": 1.06, "03": 0.60, "04": 0.81, "06": 0.45, "11": 0.88,
    "24": 1.06, "27": 1.07, "28": 1.03, "32": 0.94, "44": 1.01, "52": 1.01,
    "53": 1.05, "75": 1.10, "76": 1.06, "84": 1.00, "93": 1.07, "94": 1.08,
}  # fmt: skip

# Standard deviation of the tilt of communes around that of their region.
TILT_NOISE = 0.25
# Rural communes are older: change of the tilt for ten times the population.
TILT_BY_SIZE = -0.18
STUDENT_CITY = 100_000
STUDENT_BANDS = slice(3, 6)
STUDENT_BOOST = 1.45


def draw_population(
    totals: NDArray[np.int64], regions: list[str], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Divide the published population of each commune into the 20 bands; row sums are exact."""
    noise = (rng.random((len(totals), 4)).sum(axis=1) - 2) * np.sqrt(3) * TILT_NOISE
    size = np.log10(np.maximum(totals, 1) / 2000)
    local = noise + TILT_BY_SIZE * size
    shares = np.empty((len(totals), len(AGE_BANDS)))
    region = np.array(regions)
    for code, ageing in AGEING.items():
        rows = np.flatnonzero(region == code)
        shares[rows] = _fitted_shares(local[rows], totals[rows], ageing)
    start = rng.random(len(totals))
    return split_exactly(totals, shares, start)


def _fitted_shares(
    local: NDArray[np.float64], totals: NDArray[np.int64], ageing: float
) -> NDArray[np.float64]:
    """Shift a region's tilts until it consumes what is published for it, by bisection."""
    national = (PYRAMID * FEES_PER_HEAD).sum() / PYRAMID.sum()
    low, high = -6.0, 6.0
    for _ in range(50):
        middle = (low + high) / 2
        shares = tilted_shares(local + middle, totals)
        fees = totals @ (shares @ FEES_PER_HEAD) / totals.sum()
        low, high = (middle, high) if fees < ageing * national else (low, middle)
    return shares


def tilted_shares(tilt: NDArray[np.float64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shares of the bands: the pyramid leaning to the old (+) or young (-), and students."""
    age = (np.arange(len(AGE_BANDS)) * 5 + 2.5 - 42) / 42
    weights = PYRAMID * np.exp(np.outer(tilt, age))
    weights[totals >= STUDENT_CITY, STUDENT_BANDS] *= STUDENT_BOOST
    return weights / weights.sum(axis=1, keepdims=True)


def split_exactly(
    totals: NDArray[np.int64], shares: NDArray[np.float64], start: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Whole counts by band that sum to the total: steps of the cumulated share plus a draw."""
    cumulated = np.cumsum(shares, axis=1) * totals[:, None] + start[:, None]
    steps = np.floor(cumulated).astype(np.int64)
    steps[:, -1] = totals
    return np.diff(steps, axis=1, prepend=0)


def standardise(population: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weight each commune's population by what its age bands consume."""
    heads = population.sum(axis=0)
    mean = (heads @ FEES_PER_HEAD) / heads.sum()
    return population @ (FEES_PER_HEAD / mean)
