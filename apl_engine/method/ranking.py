"""Ranks and cuts of territories, on arrays. Annexe, IV, 4.2."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..columns import Flags, Indices, Pointers
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
        total = float(self.population[ranked].sum()) + float(self._held[-1])
        pairs = [self._limit(k, total) for k in range(len(self.rules.classes) - 1)]
        return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])

    def rank(self, apl: Float, near: Ranking | None = None) -> Ranking:
        """Rank territories by rising APL and cut them by cumulative population.

        Parameters
        ----------
        apl : float64 (n_territories,)
            NaN for a territory without one.
        near : Ranking, optional
            By other APLs of the same territories; most are in the same order.

        Returns
        -------
        Ranking

        Raises
        ------
        InputDataError
            The territories to rank have no population to cut by.
        """
        ranked = np.flatnonzero((self.imposed < 0) & ~np.isnan(apl)) if near is None else near.order
        values = apl[ranked]
        # A stable sort takes a fifth of the time where most are in order.
        rising = np.argsort(values, kind=None if near is None else "stable")
        order, values = ranked[rising], values[rising]
        starts = tie_starts(values)
        tied = len(starts) < len(order)
        if tied:
            starts = np.concatenate((starts, [len(order)]))
            self._sort_by_code(order, starts)
        cumulative = np.cumsum(self.population[order])
        if len(cumulative) and cumulative[-1] <= 0:
            raise InputDataError(Fault("zoning.no_population", "territories"))
        total = float(cumulative[-1] if len(cumulative) else 0.0) + float(self._held[-1])
        through, before = cumulative, _before(cumulative)
        if tied and self.rules.ties == "together":
            length = np.diff(starts)
            through = np.repeat(cumulative[starts[1:] - 1], length)
            before = np.repeat(before[starts[:-1]], length)
        ends = self._ends(through, before, total)
        classes = self._cut(through, before, ends, total)
        return Ranking(order, classes, cumulative, self._held, total)

    def _sort_by_code(self, order: Indices, starts: Pointers) -> None:
        """Sort the territories of each block by code, in place."""
        length = np.diff(starts)
        several = np.flatnonzero(length > 1)
        sizes, blocks = length[several], np.repeat(several, length[several])
        within = np.arange(len(blocks)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        ranks = starts[blocks] + within
        tied = order[ranks]
        # One sort by a number for block and code takes less than one by two.
        order[ranks] = tied[np.argsort(blocks * len(self.code_order) + self.code_order[tied])]

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
        below = np.cumsum(self.population[others])
        ends = self._ends(below, _before(below), ranking.total)
        return self._cut(through, before, ends, ranking.total)

    def exchangeable(self, k: int, ranking: Ranking) -> tuple[Flags, Flags]:
        """Return which territories would move the end of a class if they were beside it.

        Parameters
        ----------
        k : int
            The class; territories end it and follow it.
        ranking : Ranking

        Returns
        -------
        leaving : bool (n,)
            For each rank in class k or below: whether it would be above the end if it was the last.
        entering : bool (n_ranked - n,)
            For each rank above: whether it would be below the end if it was the first.
        """
        count = int(np.count_nonzero(ranking.classes <= k))
        population = self.population[ranking.order]
        if self.rules.cuts == "successive":
            # The end of one class depends on that of the one below: any exchange might move it.
            ranks = np.arange(len(population))
            return ranks[:count] < count - 1, ranks[count:] > count
        through = np.full(len(population), ranking.cumulative[count - 1])
        inside = self._within(k, through, through - population, ranking.total)
        after = self._within(k, through + population, through, ranking.total)
        return ~inside[:count], after[count:]

    @cached_property
    def _held(self) -> Float:
        """The population with an imposed zone in each class or below, (n_classes,)."""
        classes = len(self.rules.classes)
        if self.rules.imposed_population == "outside_cuts":
            return np.zeros(classes)
        taken = self.imposed >= 0
        # bincount adds in the order of the territories, that of their codes.
        of_class = np.bincount(self.imposed[taken], self.population[taken], minlength=classes)
        return np.cumsum(of_class)

    @cached_property
    def _shares(self) -> tuple[Fraction, ...]:
        return tuple(cut_share(k, self.rules) for k in range(len(self.rules.classes) - 1))

    def _limit(self, k: int, total: float) -> tuple[float, float]:
        """Return a scale, and the limit of the scaled population that the cut of class k counts."""
        share, own = self._shares[k], float(self._held[k])
        if self.rules.cuts == "successive" and k:
            own -= float(self._held[k - 1])
        scale = float(100 * share.denominator)
        return scale, float(share.numerator) * total - scale * own

    def _ends(self, through: Float, before: Float, total: float) -> Float:
        """Return the ranked population at the end of each class but the last, by successive cuts.

        Zeros if cuts are cumulated: each is then counted from the start.
        """
        ends, end = np.zeros(len(self.rules.classes) - 1), 0.0
        if self.rules.cuts == "successive":
            for k in range(len(ends)):
                inside = self._within(k, through - end, before - end, total)
                end = float(through[inside & (through > end)].max(initial=end))
                ends[k] = end
        return ends

    def _cut(self, through: Float, before: Float, ends: Float, total: float) -> Indices:
        """Return the class of each rank from the population before it and through it.

        `ends` are as from `_ends`: no class ends beyond a rank that is not in it.
        """
        if self.rules.cuts == "successive":
            return self._cut_one_by_one(through, before, ends, total)
        classes = np.full(len(through), len(self.rules.classes) - 1)
        for k in reversed(range(len(self.rules.classes) - 1)):
            classes[self._within(k, through, before, total)] = k
        return classes

    def _cut_one_by_one(self, through: Float, before: Float, ends: Float, total: float) -> Indices:
        last = len(self.rules.classes) - 1
        classes, start = np.full(len(through), last), np.zeros(len(through))
        for k in range(last):
            inside = self._within(k, through - start, before - start, total)
            classes[inside & (classes == last)] = k
            start = np.minimum(ends[k], before)
        return classes

    def _within(self, k: int, through: Float, before: Float, total: float) -> Flags:
        """Return which ranks are in class k or below, of those that its cut counts.

        If populations are whole numbers, so are those compared: a share equal to a cut is on it.
        """
        scale, limit = self._limit(k, total)
        end = scale * through
        at_or_below: Flags = end <= limit
        if self.rules.straddling == "crossing":
            crossing: Flags = at_or_below | (scale * before < limit)
            return crossing
        if self.rules.straddling == "nearest":
            start = scale * before
            nearest: Flags = at_or_below | ((start < limit) & (end - limit < limit - start))
            return nearest
        return at_or_below


def tie_starts(apl: Float) -> Pointers:
    """Return where each block of territories begins whose APLs are equal but for rounding.

    Parameters
    ----------
    apl : float64 (n,)
        Rising.

    Returns
    -------
    int64 (n_blocks,)
    """
    apart = np.diff(apl) > _SAME * np.abs(apl[1:])
    return np.flatnonzero(np.concatenate(([len(apl) > 0], apart)))


def cut_share(k: int, rules: Zoning) -> Fraction:
    """Return the share of the population that the end of class k is at, %.

    Cumulated, or for successive cuts that of the class alone.
    """
    first = 0 if rules.cuts == "cumulated" else k
    shares = (c.share for c in rules.classes[first : k + 1])
    return sum((share for share in shares if share is not None), Fraction(0))


def _before(cumulative: Float) -> Float:
    """Return the population before each rank."""
    return np.concatenate(([0.0], cumulative[:-1]))[: len(cumulative)]
