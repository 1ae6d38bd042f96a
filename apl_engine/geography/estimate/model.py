"""Minutes by road as a function of distance and of how people are spread.

    minutes = access + factor x first_km x length x ln(1 + distance / length)

`access` is a fixed time at both ends together. `first_km` is what a first kilometre takes and
`length` how fast the following ones get quicker: a longer trip finds a better road. `factor` is the
mean, in logarithms, of one number for each end: villages lie off the main roads, and roads around
which many people live are slower. Without populations the factor is 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .points import EARTH_RADIUS_KM, Floats, Ints, Places, near_pairs

PARAMETERS_FILE = Path(__file__).with_name("estimator.json")


@dataclass(frozen=True)
class Parameters:
    """The handful of numbers of the estimate.

    Attributes
    ----------
    access_minutes : fixed time, both ends together.
    first_km_minutes : minutes of a first kilometre, at factor 1.
    length_km : after so many kilometres a further one takes half of that.
    size_exponent : power of the population of a commune (thousands) in its factor.
    smallest, largest : inhabitants between which the population counts.
    crowd_exponent : power of the density around (hundreds of inhabitants per km2) in the factor.
    crowd_km : radius of that density.
    thinnest : smallest density that counts, inhabitants per km2.
    """

    access_minutes: float
    first_km_minutes: float
    length_km: float
    size_exponent: float = 0.0
    smallest: float = 100.0
    largest: float = 1000.0
    crowd_exponent: float = 0.0
    crowd_km: float = 10.0
    thinnest: float = 50.0

    def __post_init__(self) -> None:
        """Refuse numbers with which times would not rise with distance."""
        for name in ("first_km_minutes", "length_km", "smallest", "crowd_km", "thinnest"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        if not self.access_minutes >= 0:
            raise ValueError(f"access_minutes must be 0 or more, not {self.access_minutes}")


def minutes_of(distance: Floats, factor: Floats, parameters: Parameters) -> Floats:
    """Return minutes for straight distances (km) and factors of the pairs; rises with both."""
    curve = parameters.length_km * np.log1p(distance / parameters.length_km)
    result: Floats = parameters.access_minutes + parameters.first_km_minutes * factor * curve
    return result


def farthest_km(minutes: float, factor: float, parameters: Parameters) -> float:
    """Return the largest straight distance that can be made within `minutes`."""
    spare = (minutes - parameters.access_minutes) / (parameters.first_km_minutes * factor)
    # Half the circumference bounds it all; and exp() of much more would overflow.
    exponent = min(spare / parameters.length_km, np.log1p(np.pi * EARTH_RADIUS_KM))
    return max(0.0, parameters.length_km * float(np.expm1(exponent)))


def commune_logs(places: Places, parameters: Parameters) -> Floats:
    """Return the logarithm of each commune's own factor; 0 where populations are not known."""
    if places.population is None:
        return np.zeros(len(places.codes))
    size, crowd = features(places, parameters)
    result: Floats = parameters.size_exponent * size + parameters.crowd_exponent * crowd
    return result


def features(places: Places, parameters: Parameters) -> tuple[Floats, Floats]:
    """Return the logarithms of size (thousands) and of density around (hundreds per km2)."""
    if places.population is None:
        raise ValueError("populations are not known")
    size = np.log(np.clip(places.population, parameters.smallest, parameters.largest) / 1000)
    around = places.population.copy()
    start, end = near_pairs(places, parameters.crowd_km)
    np.add.at(around, start, places.population[end])
    np.add.at(around, end, places.population[start])
    density = around / (np.pi * parameters.crowd_km**2)
    return size, np.log(np.maximum(density, parameters.thinnest) / 100)


def pair_factors(logs: Floats, start: Ints, end: Ints) -> Floats:
    """Return the factor of each pair: the geometric mean of its two ends."""
    result: Floats = np.exp((logs[start] + logs[end]) / 2)
    return result


@cache
def fitted() -> Mapping[str, Any]:
    """Return what scripts/fit_estimator wrote: parameters and how well they do."""
    loaded: Mapping[str, Any] = json.loads(PARAMETERS_FILE.read_text(encoding="utf-8"))
    return loaded


def fitted_parameters(with_population: bool) -> Parameters:
    """Return the fitted parameters, with populations or without."""
    return Parameters(**fitted()[variant(with_population)]["parameters"])


def variant(with_population: bool) -> str:
    """Return the name of a set of fitted parameters."""
    return "with_population" if with_population else "without_population"
