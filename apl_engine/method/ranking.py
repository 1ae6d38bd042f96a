"""Ranks and cuts of territories, on arrays. Annexe, IV, 4.2."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..columns import Flags, Indices, starts_of
from ..errors import Fault, InputDataError
from ..kernels.types import Float
from ..methodology.model import Zoning
from .exact_sums import APL_BOUND

# Relative difference below which the APLs of two territories differ by rounding only. Each is off
# by the bound for communes, and by a rounding of each product, of each addition to both sums, and
# of their quotient. No territory has as many communes.
_MOST_COMMUNES = 2048
_SAME = 2 * (APL_BOUND + (2 * _MOST_COMMUNES + 2) * 2.0**-53)


@dataclass(frozen=True)
class Ranking:
    """Territories by rising APL.

    Attributes
    ----------
    order : int64 (n_ranked,)
        Row of the territory of each rank.
    classes : int64 (n_ranked,)
        Class of each rank, numbered in the order of the rules.
    cumulative : float64 (n_ranked,)
        Population up to each rank, itself included.
    held : float64 (n_classes,)
        Population with an imposed zone in each class or below.
    total : float
        Population that the cuts are shares of.
    """

    order: Indices
    classes: Indices
    cumulative: Float
    held: Float
    total: float

    @property
    def shares(self) -> Float:
        """Cumulative share of each rank, imposed zones included, %, float64 (n_ranked,)."""
        return 100.0 * (self.cumulative + self.held[self.classes]) / (self.total or 1.0)


@dataclass(frozen=True)
class Contest:
    """All that the ranks and cuts of territories depend on, except the APLs.

    Attributes
    ----------
    population : float64 (n_territories,)
        That of `rules.cut_population`.
    code_order : int64 (n_territories,)
        Rank of each code in alphabetical order.
    imposed : int64 (n_territories,)
        The class imposed, -1 if none is.
    rules : Zoning
        Section ``zoning`` of a methodology.
    """

    population: Float
    code_order: Indices
    imposed: Indices
    rules: Zoning

    def limits(self, ranked: Indices) -> tuple[Float, Float]:
        """Return what decides each cut.

        Parameters
        ----------
        ranked : int64 (n_ranked,)
            The territories that are ranked.

        Returns
        -------
        scales, limits : float64 (n_classes - 1,)
            A territory is in class k or below if scales[k] times the ranked population up to it,
            itself included, is at most limits[k]; see `Zoning.straddling` for one that is not. For
            cumulated cuts.
        """
        held, rules = _held(self.population, self.imposed, self.rules), self.rules
        total = float(self.population[ranked].sum()) + float(held[-1])
        pairs = [_limit(k, held, total, rules) for k in range(len(rules.classes) - 1)]
        return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])

    def rank(self, apl: Float) -> Ranking:
        """Rank territories by rising APL and cut them by cumulative population.

        Parameters
        ----------
        apl : float64 (n_territories,)
            NaN for a territory without one.

        Returns
        -------
        Ranking

        Raises
        ------
        InputDataError
            The territories to rank have no population to cut by.
        """
        ranked = np.flatnonzero((self.imposed < 0) & ~np.isnan(apl))
        order = ranked[np.lexsort((self.code_order[ranked], apl[ranked]))]
        blocks = _blocks(apl[order])
        if len(blocks) and blocks[-1] < len(blocks) - 1:
            # Within a block of APLs equal but for rounding, by code.
            order = order[np.lexsort((self.code_order[order], blocks))]
        cumulative = np.cumsum(self.population[order])
        if len(cumulative) and cumulative[-1] <= 0:
            raise InputDataError(Fault("zoning.no_population", "territories"))
        held = _held(self.population, self.imposed, self.rules)
        total = float(cumulative[-1] if len(cumulative) else 0.0) + float(held[-1])
        classes = _classes(cumulative, blocks, held, total, self.rules)
        return Ranking(order, classes, cumulative, held, total)

    def zones(self, ranking: Ranking) -> Indices:
        """Return the class of each territory, int64 (n_territories,); -1 without a zone."""
        zones = self.imposed.copy()
        zones[ranking.order] = ranking.classes
        return zones

    def class_at(self, before: Float, through: Float, ranking: Ranking, others: Indices) -> Indices:
        """Return the class of a territory from the cumulative populations that it lies between.

        Parameters
        ----------
        before, through : float64 (n,)
            Ranked population before the territory, and with it; no other has the same APL.
        ranking : Ranking
            Total population, and that with an imposed zone.
        others : int64 (n_ranked - 1,)
            The other ranked territories, in their order.

        Returns
        -------
        int64 (n,)
        """
        held, total, rules = ranking.held, ranking.total, self.rules
        below = np.cumsum(self.population[others])
        ends = _ends(below, _before(below), held, total, rules)
        return _cut(through, before, ends, held, total, rules)


def cut_share(k: int, rules: Zoning) -> Fraction:
    """Return the share of the population that the end of class k is at, %.

    Cumulated, or for successive cuts that of the class alone.
    """
    first = 0 if rules.cuts == "cumulated" else k
    shares = (c.share for c in rules.classes[first : k + 1])
    return sum((share for share in shares if share is not None), Fraction(0))


def _blocks(apl: Float) -> Indices:
    """Return the run of APLs, equal but for rounding, of each rank, int64 (n_ranked,)."""
    blocks = np.zeros(len(apl), dtype=np.int64)
    blocks[1:] = np.cumsum(np.diff(apl) > _SAME * np.abs(apl[1:]))
    return blocks


def _held(population: Float, imposed: Indices, rules: Zoning) -> Float:
    """Return the population with an imposed zone in each class or below, (n_classes,)."""
    if rules.imposed_population == "outside_cuts":
        return np.zeros(len(rules.classes))
    taken = imposed >= 0
    # bincount adds in the order of the territories, that of their codes.
    of_class = np.bincount(imposed[taken], population[taken], minlength=len(rules.classes))
    return np.cumsum(of_class)


def _classes(
    cumulative: Float, blocks: Indices, held: Float, total: float, rules: Zoning
) -> Indices:
    """Return the class of each rank, (n_ranked,)."""
    through, before = cumulative, _before(cumulative)
    if rules.ties == "together" and len(cumulative):
        starts = starts_of(blocks)
        length = np.diff(starts)
        through = np.repeat(cumulative[starts[1:] - 1], length)
        before = np.repeat(before[starts[:-1]], length)
    ends = _ends(through, before, held, total, rules)
    return _cut(through, before, ends, held, total, rules)


def _before(cumulative: Float) -> Float:
    """Return the population before each rank."""
    return np.concatenate(([0.0], cumulative[:-1]))[: len(cumulative)]


def _ends(through: Float, before: Float, held: Float, total: float, rules: Zoning) -> Float:
    """Return the ranked population at the end of each class but the last, by successive cuts.

    Zeros if cuts are cumulated: each is then counted from the start.
    """
    ends, end = np.zeros(len(rules.classes) - 1), 0.0
    if rules.cuts == "successive":
        for k in range(len(ends)):
            inside = _within(k, through - end, before - end, held, total, rules)
            end = float(through[inside & (through > end)].max(initial=end))
            ends[k] = end
    return ends


def _cut(
    through: Float, before: Float, ends: Float, held: Float, total: float, rules: Zoning
) -> Indices:
    """Return the class of each rank from the population before it and through it.

    `ends` are as from `_ends`: no class ends beyond a rank that is not in it.
    """
    last = len(rules.classes) - 1
    classes, start = np.full(len(through), last), np.zeros(len(through))
    for k in range(last):
        inside = _within(k, through - start, before - start, held, total, rules)
        classes[inside & (classes == last)] = k
        start = np.minimum(ends[k], before)
    return classes


def _limit(k: int, held: Float, total: float, rules: Zoning) -> tuple[float, float]:
    """Return a scale, and the limit of the scaled population that the cut of class k counts."""
    share = cut_share(k, rules)
    scale = float(100 * share.denominator)
    own = float(held[k])
    if rules.cuts == "successive" and k:
        own -= float(held[k - 1])
    return scale, float(share.numerator) * total - scale * own


def _within(
    k: int, through: Float, before: Float, held: Float, total: float, rules: Zoning
) -> Flags:
    """Return which ranks are in class k or below, of those that its cut counts.

    If populations are whole numbers, so are those compared: a share equal to a cut is on it.
    """
    scale, limit = _limit(k, held, total, rules)
    end, start = scale * through, scale * before
    at_or_below: Flags = end <= limit
    if rules.straddling == "crossing":
        crossing: Flags = at_or_below | (start < limit)
        return crossing
    if rules.straddling == "nearest":
        nearest: Flags = at_or_below | ((start < limit) & (end - limit < limit - start))
        return nearest
    return at_or_below
