"""Minutes by road as a function of distance and population.

    minutes = access + factor x first_km x length x ln(1 + distance / length)

`access` is a fixed time at both ends together. `first_km` is the time of a first kilometre, and
`length` the distance over which further kilometres get quicker: a longer trip finds a better road.
`factor` is the geometric mean of one number for each end: villages lie off the main roads, and
roads through densely populated areas are slower. Without populations the factor is 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Fault, InputDataError
from .points import EARTH_RADIUS_KM, CommunePoints, Floats, Ints, near_pairs

PARAMETERS_FILE = Path(__file__).with_name("estimator.json")


@dataclass(frozen=True)
class Parameters:
    """The parameters of the estimate.

    Attributes
    ----------
    access_minutes : float
        Fixed time, both ends together.
    first_km_minutes : float
        Minutes of a first kilometre at factor 1.
    length_km : float
        Distance after which a further kilometre takes half of that.
    size_exponent : float
        Power of the population of a commune (thousands) in its factor.
    smallest, largest : float
        Inhabitants between which the population counts.
    crowd_exponent : float
        Power of the density around (hundreds of inhabitants per km2) in the factor.
    crowd_km : float
        Radius of that density.
    thinnest : float
        Smallest density that counts, inhabitants per km2.

    Raises
    ------
    InputDataError
        With these numbers times would not rise with distance.
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
        positive = ("first_km_minutes", "length_km", "smallest", "crowd_km", "thinnest")
        faults = [
            Fault("argument.not_positive", name, details={"given": getattr(self, name)})
            for name in positive
            if not getattr(self, name) > 0
        ]
        if not self.access_minutes >= 0:
            details = {"given": self.access_minutes, "minimum": 0}
            faults.append(Fault("argument.too_small", "access_minutes", details=details))
        if faults:
            raise InputDataError(faults)


def minutes_of(distance: Floats, factor: Floats, parameters: Parameters) -> Floats:
    """Return the minutes of pairs.

    Parameters
    ----------
    distance : ndarray of float64, shape (n_pairs,)
        Straight distance, km.
    factor : ndarray of float64, shape (n_pairs,)
        As `pair_factors` returns it.
    parameters : Parameters

    Returns
    -------
    ndarray of float64, shape (n_pairs,)
        Rises with both.
    """
    curve = parameters.length_km * np.log1p(distance / parameters.length_km)
    return parameters.access_minutes + parameters.first_km_minutes * factor * curve


def farthest_km(minutes: float, factor: float, parameters: Parameters) -> float:
    """Return the largest straight distance that takes at most `minutes` at a factor, km."""
    spare = (minutes - parameters.access_minutes) / (parameters.first_km_minutes * factor)
    # Half the circumference is a bound of all; and exp() of much more would overflow.
    exponent = min(spare / parameters.length_km, np.log1p(np.pi * EARTH_RADIUS_KM))
    return max(0.0, parameters.length_km * float(np.expm1(exponent)))


def commune_logs(points: CommunePoints, parameters: Parameters) -> Floats:
    """Return the logarithm of each commune's own factor; 0 if populations are not known.

    Parameters
    ----------
    points : CommunePoints
    parameters : Parameters

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    people = points.population
    if people is None:
        return np.zeros(len(points.codes))
    size = np.log(np.clip(people, parameters.smallest, parameters.largest) / 1000)
    around = people.copy()
    start, end = near_pairs(points, parameters.crowd_km)
    np.add.at(around, start, people[end])
    np.add.at(around, end, people[start])
    density = around / (np.pi * parameters.crowd_km**2)
    crowd = np.log(np.maximum(density, parameters.thinnest) / 100)
    return parameters.size_exponent * size + parameters.crowd_exponent * crowd


def pair_factors(logs: Floats, start: Ints, end: Ints) -> Floats:
    """Return the factor of each pair: the geometric mean of its two ends."""
    return np.exp((logs[start] + logs[end]) / 2)


@cache
def fitted_model(with_population: bool) -> Mapping[str, Any]:
    """Return what scripts/fit_estimator wrote: ``parameters`` and their ``quality``."""
    models = json.loads(PARAMETERS_FILE.read_text(encoding="utf-8"))
    model: Mapping[str, Any] = models[f"{'with' if with_population else 'without'}_population"]
    return model


def fitted_parameters(with_population: bool) -> Parameters:
    """Return the fitted parameters, with populations or without."""
    return Parameters(**fitted_model(with_population)["parameters"])
