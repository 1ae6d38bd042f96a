"""Fictitious practitioners: their activity, and the rows of their practices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from .travel import Trips

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PRACTITIONERS = 75_900

# Published reference values of 2021: median and ninth decile of acts, and the number of acts
# equivalent to the minimum fees.
MEDIAN_ACTS, NINTH_DECILE_ACTS = 3783, 6906
LEAST_FEES = 10_000
EUR_PER_ACT = LEAST_FEES / 544
EUR_SPREAD = 0.03

# Shares of practitioners outside the reference: newly installed, over 65, with low fees.
SHARE_NEW, SHARE_OLD, SHARE_LOW = 0.040, 0.045, 0.042
REGULAR, NEW, OLD, LOW = range(4)
AGES = {REGULAR: (24, 65), NEW: (22, 40), OLD: (66, 79), LOW: (24, 65)}

# Log-normal halves around the median: the upper one passes through the ninth decile.
UPPER_SIGMA = float(np.log(NINTH_DECILE_ACTS / MEDIAN_ACTS) / ndtri(0.9))
LOWER_SIGMA = 0.40
FEWEST_REGULAR_ACTS = 650
MOST_ACTS = 24_000

SHARE_TWO, SHARE_THREE = 0.062, 0.006
FEWEST_ACTS_TO_SPLIT = 200


@dataclass(frozen=True)
class People:
    """One practitioner per row: data that do not depend on the practice."""

    age: Ints
    acts: Ints
    fees: Floats
    newly_installed: NDArray[np.bool_]


@dataclass(frozen=True)
class Practices:
    """One practice per row, with the row numbers of its practitioner and its commune."""

    person: Ints
    commune: Ints
    acts: Ints
    fees: Floats


def draw_people(count: int, rng: np.random.Generator) -> People:
    """Draw practitioners of the four kinds, in random order."""
    new, old, low = (round(count * share) for share in (SHARE_NEW, SHARE_OLD, SHARE_LOW))
    kinds = np.repeat([REGULAR, NEW, OLD, LOW], [count - new - old - low, new, old, low])
    age, acts = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    for kind, (youngest, oldest) in AGES.items():
        rows = np.flatnonzero(kinds == kind)
        age[rows] = rng.integers(youngest, oldest + 1, len(rows))
        acts[rows] = _draw_acts(kind, len(rows), rng)
    price = EUR_PER_ACT * (1 + EUR_SPREAD * (rng.random((count, 4)).sum(axis=1) - 2))
    fees = (acts * price).round(2)
    order = np.argsort(rng.random(count), kind="stable")
    return People(age[order], acts[order], fees[order], (kinds == NEW)[order])


def _draw_acts(kind: int, count: int, rng: np.random.Generator) -> Ints:
    """Return acts of the year, from evenly spaced ranks so that published quantiles are exact."""
    rank = (np.argsort(np.argsort(rng.random(count), kind="stable")) + 0.5) / count
    if kind == NEW:
        acts = 200 + 2600 * rank
    elif kind == LOW:
        acts = 15 + 480 * rank
    else:
        normal = ndtri(rank)
        sigma = np.where(normal > 0, UPPER_SIGMA, LOWER_SIGMA)
        acts = np.clip(MEDIAN_ACTS * np.exp(sigma * normal), FEWEST_REGULAR_ACTS, MOST_ACTS)
    if kind == OLD:
        acts = acts * 0.7
    return acts.round().astype(np.int64)


def settle(people: People, supply: Floats, trips: Trips, rng: np.random.Generator) -> Practices:
    """Assign main practices in proportion to supply, and second and third ones nearby."""
    count = len(people.acts)
    main = draw_communes(supply, count, rng)
    draw = np.where(people.acts >= FEWEST_ACTS_TO_SPLIT, rng.random(count), 1.0)
    second = draw_near(main, supply, trips, rng)
    third = draw_near(main, supply, trips, rng)
    has_second = (draw < SHARE_TWO + SHARE_THREE) & (second >= 0)
    has_third = (draw < SHARE_THREE) & has_second & (third != second)
    return _share_out(
        people,
        main,
        [
            (second, has_second * (0.10 + 0.35 * rng.random(count))),
            (third, has_third * (0.05 + 0.15 * rng.random(count))),
        ],
    )


def _share_out(people: People, main: Ints, others: list[tuple[Ints, Floats]]) -> Practices:
    """Divide acts and fees among practices; the main one gets the remainder."""
    price = people.fees / people.acts
    main_acts, main_fees = people.acts.copy(), people.fees.copy()
    parts = []
    for commune, share in others:
        rows = np.flatnonzero(share)
        acts = np.floor(people.acts[rows] * share[rows]).astype(np.int64)
        fees = (acts * price[rows]).round(2)
        main_acts[rows] -= acts
        main_fees[rows] -= fees
        parts.append((rows, commune[rows], acts, fees))
    parts.append((np.arange(len(main)), main, main_acts, main_fees.round(2)))
    return Practices(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def draw_communes(supply: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Draw communes by systematic sampling: each gets its share, rounded down or up."""
    order = np.argsort(rng.random(len(supply)), kind="stable")
    cumulated = np.cumsum(supply[order])
    picks = (np.arange(count) + rng.random()) * (cumulated[-1] / count)
    communes = order[np.searchsorted(cumulated, picks, side="right")]
    return communes[np.argsort(rng.random(count), kind="stable")]


def draw_near(communes: Ints, supply: Floats, trips: Trips, rng: np.random.Generator) -> Ints:
    """Return another commune within reach of each, drawn by supply; -1 if there is none."""
    cumulated = np.concatenate([[0.0], np.cumsum(supply[trips.destination])])
    bounds = np.searchsorted(trips.origin, np.arange(len(supply) + 1))
    low, high = cumulated[bounds[communes]], cumulated[bounds[communes + 1]]
    pick = np.searchsorted(cumulated, low + (high - low) * rng.random(len(communes)), "right") - 1
    pick = np.minimum(pick, bounds[communes + 1] - 1)
    return np.where(high > low, trips.destination[np.maximum(pick, 0)], -1)


def name_people(count: int, rng: np.random.Generator) -> list[str]:
    """Return opaque identifiers in random order."""
    order = np.argsort(rng.random(count), kind="stable")
    names = np.empty(count, dtype=object)
    names[order] = [f"K{number:06d}" for number in range(1, count + 1)]
    return names.tolist()
