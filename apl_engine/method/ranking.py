"""Territories ranked and cut, as arrays: annexe, IV, 4.2."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..columns import Flags, starts_of
from ..errors import Fault, InputDataError
from ..kernels.types import Float
from ..methodology.model import Zoning

# APLs nearer to each other than this, relatively, differ by rounding only.
_SAME = 1e-12

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranking:
    """Territories by rising APL.

    Attributes
    ----------
    order : int64 (n_ranked,), the territory of each rank, as its place among all.
    classes : int64 (n_ranked,), the class of each rank, as its place among those of the rules.
    cumulative : float64 (n_ranked,), population up to each rank, itself included.
    held : float64 (n_classes,), population that imposed zones take from each class and those
        before it.
    total : population that the cuts are taken on.
    """

    order: Places
    classes: Places
    cumulative: Float
    held: Float
    total: float

    @property
    def shares(self) -> Float:
        """Return the cumulative share of each rank, imposed zones included, %, (n_ranked,)."""
        return 100.0 * (self.cumulative + self.held[self.classes]) / (self.total or 1.0)


@dataclass(frozen=True)
class Contest:
    """What the ranks and cuts of territories depend on, but for their APLs.

    Attributes
    ----------
    population : float64 (n_territories,), that of `rules.cut_population`.
    code_order : int64 (n_territories,), the place of each code in rising order.
    imposed : int64 (n_territories,), the class that is imposed, -1 where none is.
    rules : see section ``zoning`` of a methodology.
    """

    population: Float
    code_order: Places
    imposed: Places
    rules: Zoning

    def rank(self, apl: Float) -> Ranking:
        """Rank territories by rising APL and cut them by cumulative population.

        Parameters
        ----------
        apl : float64 (n_territories,), NaN where there is none.

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
            # By code within a block, whose APLs differ by rounding only.
            order = order[np.lexsort((self.code_order[order], blocks))]
        cumulative = np.cumsum(self.population[order])
        if len(cumulative) and cumulative[-1] <= 0:
            raise InputDataError(Fault(code="zoning.no_population", table="territories"))
        held = _held(self.population, self.imposed, self.rules)
        total = float(cumulative[-1] if len(cumulative) else 0.0) + float(held[-1])
        classes = _classes(cumulative, blocks, held, total, self.rules)
        return Ranking(order, classes, cumulative, held, total)

    def zones(self, ranking: Ranking) -> Places:
        """Return the class of each territory, int64 (n_territories,), -1 where it has none."""
        zones = self.imposed.copy()
        zones[ranking.order] = ranking.classes
        return zones

    def class_at(self, before: Float, through: Float, ranking: Ranking) -> Places:
        """Return the class of who stands between two populations, alone with its APL.

        Parameters
        ----------
        before, through : float64 (n,), ranked population before it, and with it.
        ranking : for the population of all, and what imposed zones hold of it.

        Returns
        -------
        int64 (n,)
        """
        return _cut(through, before, ranking.held, ranking.total, self.rules)


def cut_share(k: int, rules: Zoning) -> Fraction:
    """Return the share of the population up to the end of class k, %."""
    shares = (c.share for c in rules.classes[: k + 1])
    return sum((share for share in shares if share is not None), Fraction(0))


def _blocks(apl: Float) -> Places:
    """Return the number of the run of APLs equal but for rounding that each is in, (n_ranked,)."""
    blocks = np.zeros(len(apl), dtype=np.int64)
    blocks[1:] = np.cumsum(np.diff(apl) > _SAME * np.abs(apl[1:]))
    return blocks


def _held(population: Float, imposed: Places, rules: Zoning) -> Float:
    """Return the population that imposed zones take from each class and those before it."""
    if rules.imposed_population == "outside_cuts":
        return np.zeros(len(rules.classes))
    taken = imposed >= 0
    # bincount adds in the order of the territories, which is that of their codes.
    of_class = np.bincount(imposed[taken], population[taken], minlength=len(rules.classes))
    return np.cumsum(of_class)


def _classes(cumulative: Float, blocks: Places, held: Float, total: float, rules: Zoning) -> Places:
    """Return the class of each rank, (n_ranked,)."""
    through, before = cumulative, np.concatenate(([0.0], cumulative[:-1]))[: len(cumulative)]
    if rules.ties == "together" and len(cumulative):
        starts = starts_of(blocks)
        length = np.diff(starts)
        through = np.repeat(cumulative[starts[1:] - 1], length)
        before = np.repeat(before[starts[:-1]], length)
    return _cut(through, before, held, total, rules)


def _cut(through: Float, before: Float, held: Float, total: float, rules: Zoning) -> Places:
    """Return the class of each by the population before it and up to it, itself included."""
    classes = np.full(len(through), len(rules.classes) - 1)
    for k in reversed(range(len(rules.classes) - 1)):
        classes[_within(k, through, before, held, total, rules)] = k
    return classes


def _within(
    k: int, through: Float, before: Float, held: Float, total: float, rules: Zoning
) -> Flags:
    """Tell who is in class k or before.

    Where populations are whole, so are the numbers compared: a share on a cut is on it.
    """
    share = cut_share(k, rules)
    scale = float(100 * share.denominator)
    limit = float(share.numerator) * total - scale * held[k]
    end, start = scale * through, scale * before
    at_or_below: Flags = end <= limit
    if rules.straddling == "crossing":
        crossing: Flags = at_or_below | (start < limit)
        return crossing
    if rules.straddling == "nearest":
        nearest: Flags = at_or_below | ((start < limit) & (end - limit < limit - start))
        return nearest
    return at_or_below
