"""The audit of a pattern of suppression: which suppressed figures the published ones disclose.

Each published figure of supply is a sum of the ETP of communes, with weights that anybody can
compute from travel times and populations. Solving these equations gives the suppressed figures that
they determine. Conversely, a change of the suppressed ETP that keeps every published sum proves
that each figure that it moves is not determined.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..columns import Flags, Float

Rows = npt.NDArray[np.int64]

# Relative range, up and down, over which a figure of few practitioners must be able to vary; and a
# figure that is suppressed for the sake of another.
MARGIN, _UNDETERMINED = 0.2, 1e-3

# The kinds of published figures, each an equation.
ETP_OF_TERRITORY, APL_OF_TERRITORY, APL_OF_COMMUNE, ETP_OF_COUNTRY = range(4)

_SEED, _DRAWS, _BENDS, _STRETCH = 1, 16, 12, 1.5
# Largest relative change of a published figure that counts as none; the residual to reach before a
# change is scaled to its bounds, and the most projections to reach it.
_UNCHANGED, _EXACT, _PROJECTIONS = 1e-9, 1e-12, 8
# Equations may depend on each other: this keeps the factors of their products non-singular.
_RIDGE = 1e-12
# A shorter change is rounding noise.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class Supplies:
    """The terms of which the published figures of supply are sums.

    Attributes
    ----------
    etp : float64 (n_communes,)
        ETP.
    practitioners : int64 (n_communes,)
        Number of practitioners.
    territory : int64 (n_communes,)
        Row of the territory.
    etp_of, practitioners_of : float64, int64 (n_territories,)
        The same of territories; each person once.
    apl_per_etp : SciPy sparse array (n_communes, n_communes)
        What one ETP in a commune (column) adds to the APL of another (row).
    mean_apl_per_etp : SciPy sparse array (n_territories, n_communes)
        The same for the APL of territories.
    reachable : bool (n_communes,)
        Whether the commune is within reach of any inhabitant.
    population : float64 (n_communes,)
        Inhabitants.
    counted : int
        Practitioners of the whole country, each once.
    """

    etp: Float
    practitioners: Rows
    territory: Rows
    etp_of: Float
    practitioners_of: Rows
    apl_per_etp: Any
    mean_apl_per_etp: Any
    reachable: Flags
    population: Float
    counted: int

    def small_communes(self, least: int) -> Flags:
        """Return which communes have 1 to `least` - 1 practitioners, (n_communes,)."""
        return (self.practitioners > 0) & (self.practitioners < least)

    def small_territories(self, least: int) -> Flags:
        """Return which territories have 1 to `least` - 1 practitioners, (n_territories,)."""
        return (self.practitioners_of > 0) & (self.practitioners_of < least)


@dataclass(frozen=True)
class Pattern:
    """Which figures are suppressed: arrays of bool, changed in place.

    Attributes
    ----------
    etp, apl : (n_communes,)
        The ETP and the APL of communes.
    etp_of, apl_of : (n_territories,)
        The same of territories.
    country : (2,)
        The ETP of the country, and its part within reach of any inhabitant.
    """

    etp: Flags
    apl: Flags
    etp_of: Flags
    apl_of: Flags
    country: Flags


@dataclass(frozen=True)
class Figures:
    """The ETP of some communes and territories, to be protected.

    Attributes
    ----------
    communes, territories : int64
        Their rows.
    margins : float64 (n_figures,)
        Relative range, up and down, over which each must be able to vary; communes first.
    """

    communes: Rows
    territories: Rows
    margins: Float

    def __len__(self) -> int:
        return len(self.margins)

    def take(self, positions: Rows) -> Figures:
        """Return the figures at rising positions, communes first."""
        size = len(self.communes)
        return Figures(
            self.communes[positions[positions < size]],
            self.territories[positions[positions >= size] - size],
            self.margins[positions],
        )


@dataclass(frozen=True)
class Exposed:
    """Suppressed figures for which no protecting change was found, and what discloses them.

    Attributes
    ----------
    figures : Figures
        The exposed figures.
    kinds, rows : int64 (n_published,)
        The kind of each published figure, and its row.
    multipliers : float64 (n_published, n_figures)
        The combination of published figures that comes closest to each suppressed one.
    """

    figures: Figures
    kinds: Rows
    rows: Rows
    multipliers: Float


def figures_to_protect(
    supplies: Supplies, communes: Flags, territories: Flags, least: int
) -> Figures:
    """Return the figures to protect among suppressed communes and territories.

    Parameters
    ----------
    supplies : Supplies
        See there.
    communes : bool (n_communes,)
        Suppressed communes. Those of fewer practitioners than `least` must be able to vary by
        `MARGIN`; the others must only not be determined.
    territories : bool (n_territories,)
        Suppressed territories; only those of fewer than `least` are to be protected.
    least : int
        Fewest practitioners whose figure may be published.

    Returns
    -------
    Figures
    """
    rows = np.flatnonzero(communes)
    areas = np.flatnonzero(territories & supplies.small_territories(least))
    of_communes = np.where(supplies.small_communes(least)[rows], MARGIN, _UNDETERMINED)
    return Figures(rows, areas, np.concatenate([of_communes, np.full(len(areas), MARGIN)]))


def find_exposed(supplies: Supplies, pattern: Pattern, figures: Figures) -> Exposed:
    """Find the suppressed figures that cannot vary.

    A figure is protected if a change of the suppressed ETP is found that keeps every published
    figure, makes no ETP negative, and moves the figure by its margin; the reverse change then moves
    it the other way. The changes tried are random combinations of figures, projected in turn on
    the null space of the published sums and on the bounds of the ETP. A figure that none of these
    protects counts as exposed, although another change might protect it.

    Parameters
    ----------
    supplies, pattern : Supplies, Pattern
        The supply, and what of it is not published.
    figures : Figures
        The figures to examine, all of them suppressed.

    Returns
    -------
    Exposed

    Notes
    -----
    A protected figure stays protected when more is suppressed: only exposed ones need to be
    examined again.
    """
    published = _Published.of(supplies, pattern)
    targets = _targets(supplies, published.columns, figures)
    left = _not_protected(published, targets, figures.margins)
    multipliers = published.multipliers(targets[left].T.toarray())
    return Exposed(figures.take(left), published.kinds, published.rows, multipliers)


@dataclass(frozen=True)
class _Published:
    """The published figures, as equations of the suppressed ETP.

    Attributes
    ----------
    columns : int64 (n_suppressed,)
        The communes whose ETP is unknown.
    matrix : SciPy sparse array (n_published, n_suppressed)
        The change of each published figure if one ETP changes by all of itself; rows are
        normalised to length 1.
    kinds, rows : int64 (n_published,)
        See `Exposed`.
    """

    columns: Rows
    matrix: Any
    kinds: Rows
    rows: Rows

    @classmethod
    def of(cls, supplies: Supplies, pattern: Pattern) -> _Published:
        """Take every published figure with a suppressed term."""
        from scipy import sparse

        columns = np.flatnonzero(pattern.etp)
        shape = (len(supplies.etp_of), len(columns))
        inside = (np.ones(len(columns)), (supplies.territory[columns], np.arange(len(columns))))
        country = np.vstack([np.ones(len(columns)), supplies.reachable[columns]])
        parts = [
            (ETP_OF_TERRITORY, sparse.csr_array(inside, shape=shape), pattern.etp_of),
            (APL_OF_TERRITORY, supplies.mean_apl_per_etp[:, columns], pattern.apl_of),
            (APL_OF_COMMUNE, supplies.apl_per_etp[:, columns], pattern.apl),
            (ETP_OF_COUNTRY, sparse.csr_array(country), pattern.country),
        ]
        shown = [np.flatnonzero(~suppressed) for _, _, suppressed in parts]
        sums = [matrix[rows] for (_, matrix, _), rows in zip(parts, shown, strict=True)]
        matrix = sparse.vstack(sums) @ sparse.diags_array(supplies.etp[columns])
        lengths = np.sqrt(np.asarray((matrix * matrix).sum(axis=1)).ravel())
        used = np.flatnonzero(lengths > 0)
        matrix = sparse.diags_array(1.0 / lengths[used]) @ matrix.tocsr()[used]
        kinds = np.repeat([kind for kind, _, _ in parts], [len(rows) for rows in shown])
        return cls(columns, matrix.tocsr(), kinds[used], np.concatenate(shown)[used])

    @cached_property
    def _factors(self) -> Any:
        from scipy.sparse import eye_array
        from scipy.sparse.linalg import splu

        products = self.matrix @ self.matrix.T + _RIDGE * eye_array(len(self.kinds))
        return splu(
            products.tocsc(),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )

    def multipliers(self, values: Float) -> Float:
        """Return the combinations of equations closest to sums of suppressed figures, (n, k)."""
        if len(self.kinds) == 0:
            return np.zeros((0, values.shape[1]))
        sums: Float = self.matrix @ values
        solved: Float = np.empty_like(sums)
        for k in range(sums.shape[1]):
            # One at a time: SuperLU takes several times as long for many at once.
            solved[:, k] = self._factors.solve(sums[:, k])
        return solved

    def residual(self, changes: Float) -> float:
        """Return the largest relative change of a published figure."""
        return float(np.abs(self.matrix @ changes).max(initial=0.0))

    def project(self, changes: Float) -> Float:
        """Return the closest changes that keep every published figure, (n_suppressed, k)."""
        for _ in range(_PROJECTIONS):
            if self.residual(changes) < _EXACT:
                break
            changes = changes - self.matrix.T @ self.multipliers(changes)
        return changes


def _targets(supplies: Supplies, columns: Rows, figures: Figures) -> Any:
    """Return each figure to protect as a sum of suppressed ones, as parts of itself, by rows."""
    from scipy import sparse

    size, home = len(columns), supplies.territory[columns]
    parts = supplies.etp[columns] / supplies.etp_of[home]
    by_territory = sparse.csr_array((parts, (home, np.arange(size))), (len(supplies.etp_of), size))
    one = sparse.eye_array(size, format="csr")[np.searchsorted(columns, figures.communes)]
    return sparse.vstack([one, by_territory[figures.territories]]).tocsr()


def _not_protected(published: _Published, targets: Any, margins: Float) -> Rows:
    """Return the figures that no change moves by their margin."""
    left = np.arange(targets.shape[0])
    draws = np.random.default_rng(_SEED)
    for draw in range(_DRAWS):
        if len(left) == 0:
            break
        # In turn all that is suppressed, and half of the figures left without their neighbours.
        some = left[draws.random(len(left)) < 0.5] if len(left) > 1 else left
        size = len(some) if draw % 2 else len(published.columns)
        signs = draws.choice([-1.0, 1.0], (size, 1))
        change = targets[some].T @ signs if draw % 2 else signs
        for _ in range(_BENDS):
            # No ETP may become negative: an even change is worth more than a longer one.
            change = np.clip(_STRETCH * published.project(change), -1.0, 1.0)
        change = _scale(published.project(change))
        if published.residual(change) < _UNCHANGED:
            left = left[np.abs(targets[left] @ change)[:, 0] < margins[left]]
    return left


def _scale(changes: Float) -> Float:
    """Scale changes so that the largest takes all of an ETP; drop rounding noise."""
    most = np.abs(changes).max(axis=0, initial=0.0)
    return changes * np.where(most > _ROUNDING, 1.0 / np.maximum(most, _ROUNDING), 0.0)
