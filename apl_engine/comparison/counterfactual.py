"""APLs of territories by the supply of one result, the network of another, and so on.

The factors of an APL are exchanged one at a time. Each model below names its factors and computes
APLs in any state: for each factor, whether it is that of the first result (0) or the second (1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Protocol, TypeAlias

import numpy as np

from ..columns import Float, Indices, numbered, numbers
from ..method.accessibility import reached_demand, reached_supply, supply_ratios
from ..method.result import Zoning
from ..runs.reproduce import Pair, Reproduced, Rules
from .matching import Matching
from .shapley import Units, to_units

State: TypeAlias = tuple[int, int, int, int]


class Model(Protocol):
    """A way to compute the APL of communes from the factors of either result."""

    factors: tuple[str, str, str, str]

    def apl(self, state: State) -> Float:
        """Return the APL of the communes of the side that `state` takes the geography of."""

    def weights(self, state: State) -> tuple[Float, Float]:
        """Return the weight in its territory of each fragment, and of each unmatched commune."""


@dataclass(frozen=True)
class Figures:
    """Figures of two results by commune, and by fragment of a commune.

    Attributes
    ----------
    zones : tuple of Zoning
        The results.
    matching : Matching
        Their communes.
    rules : tuple of Methodology
        Their methodologies.
    """

    zones: tuple[Zoning, Zoning]
    matching: Matching
    rules: Rules

    def of(self, name: str) -> Pair:
        """Return a column of the communes of each, in the order of their codes."""
        first, second = self.zones
        return numbers(first.communes[name]), numbers(second.communes[name])

    def on_fragments(self, both: Pair, fallback: Pair | None = None) -> Pair:
        """Distribute the values of the communes of each, see `Matching.spread`."""
        spread, (first, second) = self.matching.spread, both
        shares: tuple[Float | None, Float | None] = fallback or (None, None)
        return spread(0, first, second, shares[0]), spread(1, second, first, shares[1])

    def on_communes(self, side: int, fragments: Float, own: Float) -> Float:
        """Add fragments up to the communes of one side; unmatched ones have their own values."""
        values = np.bincount(self.matching.rows[side], fragments, len(own)).astype(np.float64)
        unmatched = self.matching.unmatched[side]
        values[unmatched] = own[unmatched]
        return values

    @cached_property
    def population(self) -> Pair:
        """Return the inhabitants of each fragment by each result, float64 (n_fragments,)."""
        return self.on_fragments(self.of("population"))


class Computed:
    """Model of two APLs that were computed: supply, population, geography and method.

    Parameters
    ----------
    figures : Figures
        Of both results.
    inputs : tuple of Reproduced
        What each was computed from.
    """

    factors = ("supply", "population", "geography", "method")

    def __init__(self, figures: Figures, inputs: tuple[Reproduced, Reproduced]) -> None:
        self._figures, self._inputs = figures, inputs
        matching, people = figures.matching, figures.of("population")
        by_people = matching.shares(0, people[1]), matching.shares(1, people[0])
        first, second = inputs
        # By the rules of each methodology, the values of both results.
        self._etp = [figures.on_fragments((first.etp[m], second.etp[m]), by_people) for m in (0, 1)]
        self._people = [
            figures.on_fragments((first.standardised[m], second.standardised[m]), by_people)
            for m in (0, 1)
        ]
        self._reached: dict[tuple[int, int, int], Float] = {}

    def apl(self, state: State) -> Float:
        """Return the APL of the communes of the geography of `state`."""
        supply, population, geography, method = state
        own = self._inputs[geography]
        network, rules = own.networks[method], self._figures.rules[method]
        ways = network.ways(rules)
        key = population, geography, method
        if key not in self._reached:
            people = self._figures.on_communes(
                geography, self._people[method][population], own.standardised[method]
            )
            self._reached[key] = reached_demand(ways, people)
        etp = self._figures.on_communes(geography, self._etp[method][supply], own.etp[method])
        ratio = supply_ratios(etp, self._reached[key])
        return float(rules.apl.per_inhabitants) * reached_supply(ways, ratio)

    def weights(self, state: State) -> tuple[Float, Float]:
        """Return the weight in its territory of each fragment, and of each unmatched commune."""
        _, population, geography, method = state
        unmatched = self._figures.matching.unmatched[geography]
        if self._figures.rules[method].zoning.aggregation_weight == "population":
            own = self._figures.of("population")[geography]
            return self._figures.population[population], own[unmatched]
        own = self._inputs[geography].standardised[method]
        return self._people[method][population], own[unmatched]


class Published:
    """Model of two APLs as they are given: supply, population and travel are one factor.

    Parameters
    ----------
    figures : Figures
        Of both results.
    """

    factors = ("published_apl", "population", "geography", "method")

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._apl = figures.of("apl")

    def apl(self, state: State) -> Float:
        """Return the APL of the communes of the geography of `state`."""
        given, _, geography, _ = state
        own = self._apl[geography]
        if given == geography:
            return own
        rows = self._figures.matching.rows
        # A commune split among several of the other side has their mean, by its inhabitants.
        other, weight = self._apl[given][rows[given]], self._figures.population[geography]
        return _means(rows[geography], len(own), weight, other, own)

    def weights(self, state: State) -> tuple[Float, Float]:
        """Return the weight in its territory of each fragment, and of each unmatched commune."""
        _, population, geography, method = state
        both = self._figures.of(self._figures.rules[method].zoning.aggregation_weight)
        unmatched = self._figures.matching.unmatched[geography]
        return self._figures.on_fragments(both)[population], both[geography][unmatched]


def _means(groups: Indices, size: int, weights: Float, values: Float, absent: Float) -> Float:
    """Return the weighted mean of each group, a plain one if all weights are 0.

    `absent` (size,) stands for groups without a member.
    """
    members = np.bincount(groups, minlength=size)
    total = np.bincount(groups, weights, size)
    plain = np.divide(np.bincount(groups, values, size), members, out=absent.copy(),
                      where=members > 0)  # fmt: skip
    return np.divide(np.bincount(groups, weights * values, size), total, out=plain,
                     where=total > 0)  # fmt: skip


def counterfactual_apls(
    figures: Figures, model: Model, territories: tuple[Indices, Indices]
) -> Units:
    """Compute the APL of territories in every state.

    Parameters
    ----------
    figures : Figures
        Of both results.
    model : Model
        How APLs are computed.
    territories : tuple of int64 (n,)
        For each side, the rows of its territories among their sorted codes. All have an APL.

    Returns
    -------
    int64 (16, n)
        In 10^-9, the APL of the territory of the side that geography is taken from. Row k takes
        those factors from the second result whose bit is set in k. The first and the last row are
        the stored APLs.
    """
    grouped = [_Territories(figures, side) for side in (0, 1)]
    rows = []
    for bits in product((0, 1), repeat=4):
        state: State = (bits[3], bits[2], bits[1], bits[0])
        side = state[2]
        if len(set(state)) == 1:
            # The stored APL, by which the cut was made; as computed here, except for rounding.
            stored = figures.zones[side].territories.sort("territory")["apl"]
            apl = numbers(stored.fill_null(np.nan))
        else:
            apl = grouped[side].means(model, state)
        rows.append(apl[territories[side]])
    return to_units(np.array(rows))


class _Territories:
    """The territories of one side, as groups of fragments and unmatched communes."""

    def __init__(self, figures: Figures, side: int) -> None:
        known, groups = numbered(figures.zones[side].communes["territory"])
        matching = figures.matching
        self._size = len(known)
        self._communes = np.concatenate((matching.rows[side], matching.unmatched[side]))
        self._groups = groups[self._communes]

    def means(self, model: Model, state: State) -> Float:
        """Return the APL of each territory, float64 (n_territories,)."""
        weights = np.concatenate(model.weights(state))
        values = model.apl(state)[self._communes]
        return _means(self._groups, self._size, weights, values, np.full(self._size, np.nan))
