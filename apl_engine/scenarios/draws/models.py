"""Random supply: practitioners who leave or arrive, and activity that varies.

A draw is a function of the seed, of its number and of the models alone. All methodologies see the
same persons leave: these are numbered by commune, then by identifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import lgamma
from numbers import Real
from statistics import NormalDist
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ... import kernels
from ...columns import Float, Index, Indices, Pointers
from ...errors import Fault, InputDataError, Note, check_types, check_whole_number
from ...kernels.blocks import LANES
from ...method.supply import Practices
from ...methodology.model import Methodology

# Probabilities of leaving are multiples of this, and those of arriving of 2**-32.
_LEAVING = 2**16
# Sums of multiples of it are exact up to 131 072 ETP.
_UNIT = 2.0**-36
_HIGHEST = {"departures": 1.0, "arrivals": 10.0, "variation": 0.5}


@dataclass(frozen=True)
class SupplyModels:
    """What varies from draw to draw; all in the same draw, and independently.

    Attributes
    ----------
    departures : float or mapping of int to float
        Probability that a practitioner leaves, with all practices, and is not replaced; or, by age,
        that of those who have reached it (the highest age that applies decides). Taken to
        1/65 536.
    arrivals : float
        Mean number of practitioners who arrive in a commune, for each ETP that it has now; their
        number has a Poisson distribution, and each counts as one newly installed. None arrive
        where there is no ETP.
    variation : float
        Standard deviation of the ETP of a practice from one year to another, relative to it;
        practices vary independently. The ETP of a commune is multiplied by a normal number with
        mean 1 and the standard deviation that follows; one below 0 counts as 0.

    Raises
    ------
    InputDataError
        A value is out of range, or nothing varies; lists every fault.
    """

    departures: float | Mapping[int, float] = 0.0
    arrivals: float = 0.0
    variation: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        check_types(
            departures=(self.departures, Real, Mapping),
            arrivals=(self.arrivals, Real),
            variation=(self.variation, Real),
        )
        given = self.departures if isinstance(self.departures, Mapping) else {0: self.departures}
        faults = []
        for age, value in given.items():
            check_whole_number("departures", age, 0)
            check_types(departures=(value, Real))
            faults += _out_of_range("departures", value)
        faults += _out_of_range("arrivals", self.arrivals)
        faults += _out_of_range("variation", self.variation)
        if not faults and not (any(self.by_age.values()) or self.arrivals or self.variation):
            faults = [Fault("draws.nothing_varies", "models")]
        if faults:
            raise InputDataError(faults)

    @property
    def by_age(self) -> dict[int, float]:
        """Probability of leaving from each age on."""
        if isinstance(self.departures, Mapping):
            return dict(sorted(self.departures.items()))
        return {0: self.departures}

    def as_dict(self) -> dict[str, Any]:
        """Return the models as plain values, for JSON."""
        departures = [
            {"from_age": int(age), "probability": float(share)}
            for age, share in self.by_age.items()
        ]
        arrivals, variation = float(self.arrivals), float(self.variation)
        return {"departures": departures, "arrivals": arrivals, "variation": variation}

    def leaving(self, ages: Float) -> Index:
        """Return the probability that persons of some ages leave, in 2**-16, uint32 (n,)."""
        found = np.zeros(len(ages), dtype=np.uint32)
        for age, share in self.by_age.items():
            found[ages >= age] = round(share * _LEAVING)
        return found


def _out_of_range(name: str, value: float) -> list[Fault]:
    if 0 <= value <= _HIGHEST[name]:
        return []
    details = {"low": 0.0, "high": _HIGHEST[name], "value": float(value)}
    return [Fault("argument.out_of_range", name, details=details)]


@dataclass(frozen=True)
class RandomSupply:
    """The supply of any draw.

    Attributes
    ----------
    communes : int64 (n_places,)
        Rows of the communes with supply in some draw, ascending: the places.
    n_communes : int
        Number of all communes.
    count : int
        Number of draws.
    models : SupplyModels
        What varies.
    seed : uint64 (1,)
    numbers : uint32 (n_places,)
        Number of each place among the communes with a practitioner, which random numbers go by.
    totals : float64 (n_places,)
        ETP of all who are there now.
    leaving : uint32 (n_persons,)
        Probability of leaving, in 2**-16.
    starts, places, etp : int64 (n_persons + 1,), uint32 (n_practices,), float64 (n_practices,)
        The practices of each person, their places and ETP.
    spreads : float64 (n_places,)
        Relative standard deviation of the ETP of each place.
    arrival_starts, arrivals : int64 (n_places + 1,), uint32
        Probabilities of 0, 1, ... arrivals or fewer at each place, in 2**-32.
    etp_of_new : float
        ETP of one who arrives.
    normal : float64 (65536,)
        See `normal_numbers`; empty if activity does not vary.
    """

    communes: Indices
    n_communes: int
    count: int
    models: SupplyModels
    seed: npt.NDArray[np.uint64]
    numbers: Index
    totals: Float
    leaving: Index
    starts: Pointers
    places: Index
    etp: Float
    spreads: Float
    arrival_starts: Pointers
    arrivals: Index
    etp_of_new: float
    normal: Float
    notes: ClassVar[tuple[Note, ...]] = ()

    @classmethod
    def of(
        cls, practices: Practices, n_communes: int, rules: Methodology, models: SupplyModels,
        count: int, seed: int,
    ) -> RandomSupply:  # fmt: skip
        """Prepare draws of the practices of a run."""
        etp: Float = np.rint(practices.etp / _UNIT) * _UNIT
        sums = np.bincount(practices.communes, etp, n_communes).astype(np.float64, copy=False)
        squares = np.bincount(practices.communes, etp * etp, n_communes)
        inhabited = np.unique(practices.communes)
        numbers = np.flatnonzero(sums[inhabited] > 0)
        communes = inhabited[numbers].astype(np.int64)
        place_of = np.zeros(n_communes, dtype=np.uint32)
        place_of[communes] = np.arange(len(communes))
        counted: Indices = np.concatenate(([0], np.cumsum(etp > 0)))
        totals = sums[communes]
        starts, thresholds = poisson_thresholds(float(models.arrivals) * totals)
        return cls(
            communes,
            n_communes,
            count,
            models,
            np.array([seed], dtype=np.uint64),
            numbers.astype(np.uint32),
            totals,
            models.leaving(practices.ages),
            counted[practices.starts].astype(np.int64),
            place_of[practices.communes[etp > 0]],
            etp[etp > 0],
            float(models.variation) * np.sqrt(squares[communes]) / totals,
            starts,
            thresholds,
            float(rules.etp.newly_installed_etp),
            normal_numbers() if models.variation else np.empty(0),
        )

    @property
    def about(self) -> dict[str, Any]:
        """What is drawn, as plain values, for JSON."""
        return {"seed": int(self.seed[0]), **self.models.as_dict()}

    def reader(self) -> RandomReader:
        """Return what draws supply in one thread."""
        return RandomReader(self)


class RandomReader:
    """Draws supply in one thread."""

    def __init__(self, supply: RandomSupply) -> None:
        self._supply, self._words = supply, np.empty(2 * LANES, dtype=np.uint64)

    def fill(self, first: int, etp: Float) -> None:
        """Fill the ETP of each place in 16 draws from `first` on, (n_places, 16)."""
        of, words, n = self._supply, self._words, len(self._supply.communes)
        if of.leaving.any():
            kernels.leave_block(
                of.seed, of.totals, n, of.leaving, len(of.leaving), of.starts, of.places, of.etp,
                first, words, etp,
            )  # fmt: skip
        else:
            etp[:] = of.totals[:, None]
        if of.spreads.any():
            kernels.vary_block(of.seed, of.numbers, of.spreads, of.normal, n, first, words, etp)
        if len(of.arrivals):
            kernels.arrive_block(
                of.seed, of.numbers, of.arrival_starts, of.arrivals, of.etp_of_new, n, first,
                words, etp,
            )  # fmt: skip


@cache
def normal_numbers() -> Float:
    """Return equally likely numbers with a standard normal distribution, float64 (65536,).

    They are rounded, so that they do not depend on the last bits of a logarithm.
    """
    half = [NormalDist().inv_cdf((k + 0.5) / 2**16) for k in range(2**15)]
    lower = np.rint(np.array(half) * 2.0**20) * 2.0**-20
    return np.concatenate((lower, -lower[::-1]))


def poisson_thresholds(means: Float) -> tuple[Pointers, Index]:
    """Return the probabilities of k or fewer, in 2**-32, as far as they are less than 1.

    Parameters
    ----------
    means : float64 (n,)
        Of Poisson distributions; 0 or more.

    Returns
    -------
    int64 (n + 1,), uint32
        First probability of each distribution, and at the end their number; the probabilities.
    """
    active, whole = np.flatnonzero(means > 0), np.zeros(len(means))
    logs = np.log(means[active])
    owners, thresholds, k = [active[:0]], [np.zeros(0)], 0
    while len(active):
        whole[active] += np.exp(k * logs - means[active] - lgamma(k + 1))
        reached = whole[active] * 2.0**32
        left = reached < 2.0**32 - 0.5
        active, logs = active[left], logs[left]
        owners.append(active)
        thresholds.append(np.rint(reached[left]))
        k += 1
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    lengths = np.bincount(owner, minlength=len(means))
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return starts, np.concatenate(thresholds)[order].astype(np.uint32)
