"""What an attacker knows: published figures as sums over unknown ETP, and bounds of each ETP.

Arrays alone; `release.py` makes them from a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..columns import Flags, Float, Indices


@dataclass(frozen=True)
class Unknowns:
    """The ETP of communes, which the attacker wants to know.

    Attributes
    ----------
    values : float64 (n,)
        The true ETP.
    least, most : float64 (n,)
        Bounds that the attacker knows of each; the true ETP is one of the values between.
    act : float64 (n,)
        The ETP of one act: whoever knows the median of acts knows that the ETP of a commune is a
        whole number of acts.
    alone : bool (n,)
        Whether it is the ETP of a single practitioner, who knows it.
    """

    values: Float
    least: Float
    most: Float
    act: Float
    alone: Flags

    @cached_property
    def room(self) -> tuple[Float, Float]:
        """How much each can fall and rise: to a whole number of acts, and not out of its bounds."""
        lowest = np.ceil(self.least / self.act - _FUZZ) * self.act
        highest = np.floor(self.most / self.act + _FUZZ) * self.act
        return np.minimum(lowest - self.values, 0.0), np.maximum(highest - self.values, 0.0)

    def in_whole_acts(self, columns: Indices, change: Float) -> Float:
        """Return a change such that each ETP that it changes becomes a whole number of acts."""
        values, act = self.values[columns], self.act[columns]
        whole: Float = np.rint((values + change) / act) * act - values
        return np.where(np.abs(change) < 0.5 * act, 0.0, whole)


# Parts of an act below which two numbers of acts are the same.
_FUZZ = 1e-6


@dataclass(frozen=True)
class Figures:
    """Published figures, each a sum of unknown ETP.

    Attributes
    ----------
    matrix : scipy.sparse.csr_array, float64 (n_figures, n_unknowns)
        What one ETP adds to each.
    values : float64 (n_figures,)
        The exact figures.
    lower, upper : float64 (n_figures,)
        What the publication tells of each: it lies between.
    cost : float64 (n_figures,)
        The harm done by hiding it; infinite if it cannot be hidden.
    local : bool (n_figures,)
        Whether two unknowns in this figure are neighbours.
    """

    matrix: Any
    values: Float
    lower: Float
    upper: Float
    cost: Float
    local: Flags

    @cached_property
    def columns(self) -> Any:
        """The matrix by columns."""
        return self.matrix.tocsc()

    @cached_property
    def nearness(self) -> Any:
        """How much unknowns have figures in common, csr (n_unknowns, n_unknowns)."""
        rows = self.matrix[np.flatnonzero(self.local)]
        return (rows.T @ rows).tocsr()

    def replaced(self, matrix: Any) -> Figures:
        """Return the same figures as sums over other unknowns."""
        return replace(self, matrix=matrix)

    def select(self, rows: Indices) -> Figures:
        """Return some of the figures."""
        arrays = {name: getattr(self, name)[rows] for name in _ARRAYS}
        return replace(self, matrix=self.matrix[rows], **arrays)


_ARRAYS = ("values", "lower", "upper", "cost", "local")


def rounded(values: Float, step: float) -> Float:
    """Return values rounded to the nearest multiples of a step, half to even.

    Parameters
    ----------
    values : float64 (n,)
        NaN stays.
    step : float
        Above 0.

    Returns
    -------
    float64 (n,)
    """
    # A multiple of a decimal fraction is not exact: what is written is its shortest decimal.
    multiples: Float = np.rint(values / step) * step
    return np.round(multiples, 9) + 0.0


def rounding_bounds(published: Float, step: float) -> tuple[Float, Float]:
    """Return the interval in which a rounded figure leaves the exact one."""
    return published - step / 2, published + step / 2


def join_figures(parts: Sequence[Figures]) -> Figures:
    """Return several sets of figures of the same unknowns as one, in their order."""
    from scipy import sparse

    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
    return Figures(matrix=sparse.vstack([part.matrix for part in parts]).tocsr(), **arrays)
