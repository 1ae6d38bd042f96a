"""APLs of territories by the supply of one result, the network of another, and so on.

What an APL is made of is exchanged one set of factors at a time. Each model below says what the
sets are, and computes the APL of every piece by any choice of them: a state, which names for each
set whether it is that of the first result (0) or of the second (1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Protocol, TypeAlias

import numpy as np

from ..columns import numbered
from ..kernels.types import Float
from ..method.accessibility import reached_demand, reached_supply, supply_ratios
from ..method.ranking import Places
from ..method.result import Zoning
from ..runs.reproduce import Behind, Pair, Rules
from .matching import Matching, column
from .shapley import Whole, to_units

State: TypeAlias = tuple[int, int, int, int]

COMPUTED = ("supply", "population", "geography", "method")
PUBLISHED = ("published_apl", "population", "geography", "method")


class Model(Protocol):
    """A way to compute the APL of communes by the factors of either result."""

    factors: tuple[str, str, str, str]

    def apl(self, state: State) -> Float:
        """Return the APL of the communes that `state` takes the geography of, by that side."""

    def weights(self, state: State) -> tuple[Float, Float]:
        """Return what parts, and communes without counterpart, weigh in their territory."""


@dataclass(frozen=True)
class Figures:
    """What both results have by commune, and by part of a commune.

    Attributes
    ----------
    zones, matching, rules : the results, their communes, their methodologies.
    """

    zones: tuple[Zoning, Zoning]
    matching: Matching
    rules: Rules

    def of(self, name: str) -> Pair:
        """Return a column of the communes of each, in the order of their codes."""
        return column(self.zones[0], name), column(self.zones[1], name)

    def on_parts(self, both: Pair, otherwise: Pair | None = None) -> Pair:
        """Share out what the communes of each have over their parts, see `Matching.spread`."""
        matching = self.matching
        shares = otherwise or (None, None)
        return (
            matching.spread(0, both[0], both[1], shares[0]),
            matching.spread(1, both[1], both[0], shares[1]),
        )

    def back(self, side: int, parts: Float, own: Float) -> Float:
        """Add parts up to the communes of one side; those without counterpart keep their own."""
        values = np.bincount(self.matching.places[side], parts, len(own)).astype(np.float64)
        alone = self.matching.alone[side]
        values[alone] = own[alone]
        return values

    @cached_property
    def population(self) -> Pair:
        """Return the inhabitants of each part, by each result, float64 (n_parts,)."""
        return self.on_parts(self.of("population"))


class Computed:
    """APLs of two runs: supply, population, geography and method are told apart.

    Parameters
    ----------
    figures : of both.
    behind : what stands behind each.
    """

    factors = COMPUTED

    def __init__(self, figures: Figures, behind: tuple[Behind, Behind]) -> None:
        self._figures, self._behind = figures, behind
        matching, people = figures.matching, figures.of("population")
        by_people = matching.shares(0, people[1]), matching.shares(1, people[0])
        # By the rules of each methodology, the values of both results.
        self._etp = [
            figures.on_parts((behind[0].etp[m], behind[1].etp[m]), by_people) for m in (0, 1)
        ]
        self._people = [
            figures.on_parts((behind[0].standardised[m], behind[1].standardised[m]), by_people)
            for m in (0, 1)
        ]
        self._reached: dict[tuple[int, int, int], Float] = {}

    def apl(self, state: State) -> Float:
        """Return the APL of the communes of the geography of `state`."""
        supply, population, geography, method = state
        own = self._behind[geography]
        network, rules = own.networks[method], self._figures.rules[method]
        weights = network.weights(rules)
        key = population, geography, method
        if key not in self._reached:
            people = self._figures.back(
                geography, self._people[method][population], own.standardised[method]
            )
            self._reached[key] = reached_demand(network, weights, people)
        etp = self._figures.back(geography, self._etp[method][supply], own.etp[method])
        ratio = supply_ratios(etp, self._reached[key])
        return float(rules.apl.per_inhabitants) * reached_supply(network, weights, ratio)

    def weights(self, state: State) -> tuple[Float, Float]:
        """Return what parts, and communes without counterpart, weigh in their territory."""
        _, population, geography, method = state
        by = self._figures.rules[method].zoning.aggregation_weight
        alone = self._figures.matching.alone[geography]
        if by == "population":
            own = self._figures.of("population")[geography]
            return self._figures.population[population], own[alone]
        own = self._behind[geography].standardised[method]
        return self._people[method][population], own[alone]


class Published:
    """APLs as they are given: what moved them cannot be told from within.

    Parameters
    ----------
    figures : of both results.
    """

    factors = PUBLISHED

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._apl = figures.of("apl")

    def apl(self, state: State) -> Float:
        """Return the APL of the communes of the geography of `state`."""
        given, _, geography, _ = state
        own = self._apl[geography]
        if given == geography:
            return own
        matching = self._figures.matching
        other = self._apl[given][matching.places[given]]
        # A commune of several of the other side has their mean, by its inhabitants in each.
        weight = self._figures.population[geography]
        there = matching.places[geography]
        return _means(there, len(own), weight, other, own)

    def weights(self, state: State) -> tuple[Float, Float]:
        """Return what parts, and communes without counterpart, weigh in their territory."""
        _, population, geography, method = state
        by = self._figures.rules[method].zoning.aggregation_weight
        both = self._figures.of(by)
        alone = self._figures.matching.alone[geography]
        return self._figures.on_parts(both)[population], both[geography][alone]


def _means(groups: Places, size: int, weights: Float, values: Float, absent: Float) -> Float:
    """Return the weighted mean of each group, a plain one where nothing weighs.

    `absent` (size,) stands where a group has no member.
    """
    members = np.bincount(groups, minlength=size)
    total = np.bincount(groups, weights, size)
    plain = np.divide(np.bincount(groups, values, size), members, out=absent.copy(),
                      where=members > 0)  # fmt: skip
    return np.divide(np.bincount(groups, weights * values, size), total, out=plain,
                     where=total > 0)  # fmt: skip


def piece_values(figures: Figures, model: Model, pieces: tuple[Places, Places]) -> Whole:
    """Compute the APL of pieces in every state.

    Parameters
    ----------
    figures, model : the two results.
    pieces : int64 (n_pieces,) for each side: the territory of each piece, as its place among the
        codes of that side. Both have an APL.

    Returns
    -------
    int64 (16, n_pieces)
        In 10^-9 of the APL of the piece's territory, which is the one of the first result where
        geography is. Row k takes from the second the factors that the bits of k name. The first
        and the last row are the stored APLs.
    """
    territories = [_Territories(figures, side) for side in (0, 1)]
    rows = []
    for bits in product((0, 1), repeat=4):
        state: State = (bits[3], bits[2], bits[1], bits[0])
        side = state[2]
        if len(set(state)) == 1:
            # Rounding aside the same as computed here, and what the cut was made by.
            found = column_of_territories(figures.zones[side])
        else:
            found = territories[side].means(model, state)
        rows.append(found[pieces[side]])
    return to_units(np.array(rows))


def column_of_territories(zones: Zoning) -> Float:
    """Return the stored APL of territories in the order of their codes, NaN where none."""
    table = zones.territories.sort("territory")
    return np.array(table["apl"].fill_null(np.nan), dtype=np.float64)


class _Territories:
    """The territories of one side, over parts and communes without counterpart."""

    def __init__(self, figures: Figures, side: int) -> None:
        known, groups = numbered(figures.zones[side].communes["territory"])
        matching = figures.matching
        self._size = len(known)
        # Parts first, then who is alone.
        self._places = np.concatenate((matching.places[side], matching.alone[side]))
        self._groups = groups[self._places]

    def means(self, model: Model, state: State) -> Float:
        """Return the APL of each territory, float64 (n_territories,)."""
        weights = np.concatenate(model.weights(state))
        values = model.apl(state)[self._places]
        return _means(self._groups, self._size, weights, values, np.full(self._size, np.nan))
