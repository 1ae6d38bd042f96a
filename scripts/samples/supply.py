"""Supply by commune: published regional levels, attraction of towns, and random variation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtri

from .travel import Trips

Floats = NDArray[np.float64]

# Mean APL by region, ETP per 100 000 standardised inhabitants (DREES, APL 2021, rounded).
# Mayotte has no published value, and no practitioners in the sample.
REGION_APL = {
    "01": 165, "02": 171, "03": 50, "04": 221, "06": 0, "11": 85,
    "24": 70, "27": 78, "28": 74, "32": 120, "44": 103, "52": 90,
    "53": 101, "75": 116, "76": 151, "84": 117, "93": 165, "94": 174,
}  # fmt: skip

# Attraction per head grows with the size of the town, and is low in the smallest communes.
SIZE_EXPONENT = 0.05
SMALL_COMMUNE = 450
TOWN_BOOST = 1.25
# Without so many standardised inhabitants within reach, there are no practitioners.
LEAST_DEMAND = 1_000
# Attraction of the coast: logarithm at the shore, and the km over which it fades.
COAST_BOOST, COAST_KM = 0.45, 25.0
# Random variation (logarithm): over tens of kilometres, and of each commune.
SMOOTH_NOISE, SMOOTH_PASSES = 0.25, 4
LOCAL_NOISE = 0.40
CALIBRATION_ROUNDS = 25

# Shores of the mainland, drawn by hand: latitude, longitude.
COASTS = (
    (
        (43.37, -1.78), (44.66, -1.25), (45.57, -1.08), (46.15, -1.20), (46.50, -1.80),
        (47.25, -2.25), (47.55, -3.00), (47.80, -4.35), (48.40, -4.75), (48.70, -3.95),
        (48.80, -3.20), (48.65, -2.00), (49.70, -1.90), (49.65, -1.25), (49.35, -0.90),
        (49.30, -0.10), (49.50, 0.10), (49.93, 1.08), (50.20, 1.55), (50.87, 1.58),
        (51.05, 2.40),
    ),
    (
        (42.45, 3.15), (43.05, 3.05), (43.30, 3.50), (43.55, 4.05), (43.40, 4.80),
        (43.30, 5.35), (43.10, 5.90), (43.20, 6.65), (43.55, 7.05), (43.78, 7.50),
    ),
)  # fmt: skip
KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class CommuneProfile:
    """What makes communes attractive to practitioners; arrays in the order of the communes."""

    standardised: Floats
    population: NDArray[np.int64]
    region: NDArray[np.str_]
    town: NDArray[np.bool_]
    latlon: Floats


def weights_matrix(trips: Trips, size: int) -> sparse.csr_array:
    """Return the weight of every pair of communes, own pairs included."""
    weight = np.select([trips.minutes < 10, trips.minutes <= 15], [1.0, 2 / 3], 1 / 3)
    pairs = sparse.csr_array((weight, (trips.origin, trips.destination)), (size, size))
    return (pairs + sparse.eye_array(size)).tocsr()


def supply_field(profile: CommuneProfile, trips: Trips, rng: np.random.Generator) -> Floats:
    """Return the target ETP by commune: its attraction, scaled to the published regional APL."""
    weights = weights_matrix(trips, len(profile.population))
    demand = weights @ profile.standardised
    attraction = profile.standardised * (demand >= LEAST_DEMAND)
    attraction *= _size_effect(profile.population) * np.where(profile.town, TOWN_BOOST, 1.0)
    attraction *= np.exp(COAST_BOOST * np.exp(-_km_to_coast(profile.latlon) / COAST_KM))
    attraction *= np.exp(_smooth_noise(weights, rng))
    attraction *= np.exp(LOCAL_NOISE * ndtri(rng.random(len(attraction))))
    return _calibrate(attraction, demand, profile, weights)


def _km_to_coast(latlon: Floats) -> Floats:
    """Return the distance to the shores of the mainland on a flat map, which is accurate enough."""
    squeeze = np.cos(np.radians(46.5))
    flat = KM_PER_DEGREE * latlon * (1.0, squeeze)
    shores = shapely.MultiLineString(
        [KM_PER_DEGREE * np.array(line) * (1.0, squeeze) for line in COASTS]
    )
    return shapely.distance(shores, shapely.points(flat))


def _size_effect(population: NDArray[np.int64]) -> Floats:
    """Return the effect of size: higher in towns, close to nothing in the smallest communes."""
    people = np.maximum(population, 1)
    return (people / 5000) ** SIZE_EXPONENT * people / (people + SMALL_COMMUNE)


def _smooth_noise(weights: sparse.csr_array, rng: np.random.Generator) -> Floats:
    """Return noise averaged repeatedly over neighbours, so that it varies over tens of km.

    A commune without neighbours keeps its own noise, which varies more: hence the clip.
    """
    noise = ndtri(rng.random(weights.shape[0]))
    around = weights.sum(axis=1)
    for _ in range(SMOOTH_PASSES):
        noise = (weights @ noise) / around
    return SMOOTH_NOISE * np.clip((noise - noise.mean()) / noise.std(), -2, 2)


def _calibrate(
    attraction: Floats, demand: Floats, profile: CommuneProfile, weights: sparse.csr_array
) -> Floats:
    """Scale the supply of each region until its mean APL is the published one."""
    supply = attraction / 1000
    people = profile.standardised
    for _ in range(CALIBRATION_ROUNDS):
        ratio = np.divide(supply, demand, out=np.zeros_like(supply), where=demand > 0)
        apl = 100_000 * (weights @ ratio)
        for code, published in REGION_APL.items():
            rows = profile.region == code
            mean = (apl[rows] @ people[rows]) / people[rows].sum()
            supply[rows] *= published / mean if mean > 0 else 0
    return supply
