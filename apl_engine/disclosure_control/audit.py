"""Which hidden figures the published ones give back: the audit of a pattern of suppression.

Each published figure of supply is a sum of the ETP of communes, with weights that anybody can
compute from travel times and populations: whoever solves these equations has the hidden figures
that they determine. A change of the hidden ETP that leaves every published sum as it is proves the
contrary for each figure that it moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..columns import Flags
from ..errors import AplError, Fault
from ..kernels.types import Float

Places = npt.NDArray[np.int64]

# How far a figure of few practitioners must be free to move, up and down, as a part of itself; and
# one that is hidden for another's sake.
MARGIN, _UNTOLD = 0.2, 1e-3

# What a published figure is, where an equation comes from.
ETP_OF_TERRITORY, APL_OF_TERRITORY, APL_OF_COMMUNE, ETP_OF_COUNTRY = range(4)

_SEED, _DRAWS, _BENDS, _STRETCH = 1, 16, 12, 1.5
# What a change may alter a published figure by, as a part of it; how near to nothing that is
# brought, before it is made as long as may be, and in how many steps.
_UNALTERED, _EXACT, _MENDS = 1e-9, 1e-12, 8
# Equations may follow from each other: this keeps the factors of their products apart from 0.
_RIDGE = 1e-12
# A change shorter than this is what rounding leaves of one that is not free.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class Supplies:
    """What published figures of supply are sums of.

    Attributes
    ----------
    etp : float64 (n_communes,).
    practitioners : int64 (n_communes,), how many stand behind it.
    territory : int64 (n_communes,), the row of its territory.
    etp_of, practitioners_of : float64, int64 (n_territories,), of territories; each person once.
    apl_per_etp : SciPy array of rows (n_communes, n_communes): what an ETP in a commune (column)
        adds to the APL of another (row).
    mean_apl_per_etp : the same for the APL of territories, (n_territories, n_communes).
    reachable : bool (n_communes,), whether anybody can reach a practice there.
    population : float64 (n_communes,), inhabitants.
    counted : practitioners of the whole country, each once.
    """

    etp: Float
    practitioners: Places
    territory: Places
    etp_of: Float
    practitioners_of: Places
    apl_per_etp: Any
    mean_apl_per_etp: Any
    reachable: Flags
    population: Float
    counted: int

    def small(self, least: int) -> Flags:
        """Return which communes have practitioners, but fewer than `least`."""
        return (self.practitioners > 0) & (self.practitioners < least)

    def small_areas(self, least: int) -> Flags:
        """Return which territories have practitioners, but fewer than `least`."""
        return (self.practitioners_of > 0) & (self.practitioners_of < least)


@dataclass(frozen=True)
class Pattern:
    """What is hidden: arrays of bool that are changed in place as more is.

    Attributes
    ----------
    etp, apl : (n_communes,), whose ETP is, and whose APL is.
    etp_of, apl_of : (n_territories,), the same of territories.
    country : (2,), the ETP of the country, and of them those that somebody can reach.
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
    communes, territories : int64, their rows.
    margins : float64 (n_figures,), how far each must be free to move, up and down, as a part of
        itself; communes first.
    """

    communes: Places
    territories: Places
    margins: Float

    def __len__(self) -> int:
        return len(self.margins)

    def some(self, which: Places) -> Figures:
        """Return those at some places, rising, communes counted first."""
        first = len(self.communes)
        return Figures(
            self.communes[which[which < first]],
            self.territories[which[which >= first] - first],
            self.margins[which],
        )


@dataclass(frozen=True)
class Exposed:
    """Hidden figures that no change was found to protect, and what tells of them.

    Attributes
    ----------
    figures : those exposed.
    kinds, places : int64 (n_published,), what each published figure is, and of which row.
    telling : float64 (n_published, n_figures), how much of each published figure goes into the
        combination of them that comes nearest to the hidden one.
    """

    figures: Figures
    kinds: Places
    places: Places
    telling: Float


def to_protect(supplies: Supplies, communes: Flags, territories: Flags, least: int) -> Figures:
    """Return what must stay unknown of some hidden communes and territories.

    Parameters
    ----------
    supplies : see `Supplies`.
    communes : bool (n_communes,), those hidden. Figures of fewer practitioners than `least` must
        be free by `MARGIN`; those hidden for their sake must only not be told.
    territories : bool (n_territories,); those of fewer than `least` must be free by `MARGIN`.
    least : fewest practitioners whose figure may be published.

    Returns
    -------
    Figures
    """
    some, areas = (
        np.flatnonzero(communes),
        np.flatnonzero(territories & supplies.small_areas(least)),
    )
    of_communes = np.where(supplies.small(least)[some], MARGIN, _UNTOLD)
    return Figures(some, areas, np.concatenate([of_communes, np.full(len(areas), MARGIN)]))


def exposed(supplies: Supplies, hidden: Pattern, figures: Figures) -> Exposed:
    """Find the hidden figures that are not free to move.

    A figure is protected where a change of the hidden ETP is found that keeps every published
    figure, leaves no ETP below 0, and moves it by its margin; the same change backwards then
    moves it the other way. Tried are changes of figures at random, brought in turn to the
    null space of the published sums and to the bounds of the ETP. What none of these protects
    counts as exposed, though another might protect it.

    Parameters
    ----------
    supplies, hidden : what there is, and what of it is not published.
    figures : to look at, all of them hidden.

    Returns
    -------
    Exposed

    Raises
    ------
    AplError
        SciPy is not installed.

    Notes
    -----
    What protects a figure goes on protecting it when more is hidden: only those exposed need be
    looked at again.
    """
    published = _Published.of(supplies, hidden)
    targets = _targets(supplies, published.columns, figures)
    left = _not_moved(published, targets, figures.margins)
    telling = published.multipliers(targets[left].T.toarray())
    return Exposed(figures.some(left), published.kinds, published.places, telling)


@dataclass(frozen=True)
class _Published:
    """What is published, as equations of the hidden ETP.

    Attributes
    ----------
    columns : int64 (n_hidden,), the communes whose ETP is not known.
    matrix : SciPy array of rows (n_published, n_hidden): what a change of each ETP by all of
        itself alters in each published figure; rows are of length 1.
    kinds, places : see `Exposed`.
    """

    columns: Places
    matrix: Any
    kinds: Places
    places: Places

    @classmethod
    def of(cls, supplies: Supplies, hidden: Pattern) -> _Published:
        """Take every published figure with something hidden in it."""
        sparse = import_sparse()
        columns = np.flatnonzero(hidden.etp)
        shape = (len(supplies.etp_of), len(columns))
        inside = (np.ones(len(columns)), (supplies.territory[columns], np.arange(len(columns))))
        country = np.vstack([np.ones(len(columns)), supplies.reachable[columns]])
        parts = [
            (ETP_OF_TERRITORY, sparse.csr_array(inside, shape=shape), hidden.etp_of),
            (APL_OF_TERRITORY, supplies.mean_apl_per_etp[:, columns], hidden.apl_of),
            (APL_OF_COMMUNE, supplies.apl_per_etp[:, columns], hidden.apl),
            (ETP_OF_COUNTRY, sparse.csr_array(country), hidden.country),
        ]
        shown = [np.flatnonzero(~without) for _, _, without in parts]
        sums = [rows[some] for (_, rows, _), some in zip(parts, shown, strict=True)]
        matrix = sparse.vstack(sums) @ sparse.diags_array(supplies.etp[columns])
        lengths = np.sqrt(np.asarray((matrix * matrix).sum(axis=1)).ravel())
        told = np.flatnonzero(lengths > 0)
        matrix = sparse.diags_array(1.0 / lengths[told]) @ matrix.tocsr()[told]
        kinds = np.repeat([kind for kind, _, _ in parts], [len(some) for some in shown])
        return cls(columns, matrix.tocsr(), kinds[told], np.concatenate(shown)[told])

    @cached_property
    def _factors(self) -> Any:
        sparse = import_sparse()
        products = self.matrix @ self.matrix.T + _RIDGE * sparse.eye_array(len(self.kinds))
        return sparse.linalg.splu(
            products.tocsc(),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )

    def multipliers(self, values: Float) -> Float:
        """Return the combination of published figures nearest to sums of hidden ones, (n, k)."""
        if len(self.kinds) == 0:
            return np.zeros((0, values.shape[1]))
        sums: Float = self.matrix @ values
        found: Float = np.empty_like(sums)
        for k in range(sums.shape[1]):
            # One at a time: SuperLU takes several times as long for many at once.
            found[:, k] = self._factors.solve(sums[:, k])
        return found

    def altered(self, changes: Float) -> float:
        """Return the most that changes alter a published figure by, as a part of it."""
        return float(np.abs(self.matrix @ changes).max(initial=0.0))

    def project(self, changes: Float) -> Float:
        """Return the nearest changes that alter no published figure, float64 (n_hidden, k)."""
        for _ in range(_MENDS):
            if self.altered(changes) < _EXACT:
                break
            changes = changes - self.matrix.T @ self.multipliers(changes)
        return changes


def _targets(supplies: Supplies, columns: Places, figures: Figures) -> Any:
    """Return each figure to protect as a sum of hidden ones, as parts of itself, by rows."""
    sparse = import_sparse()
    size, home = len(columns), supplies.territory[columns]
    parts = supplies.etp[columns] / supplies.etp_of[home]
    by_territory = sparse.csr_array((parts, (home, np.arange(size))), (len(supplies.etp_of), size))
    one = sparse.eye_array(size, format="csr")[np.searchsorted(columns, figures.communes)]
    return sparse.vstack([one, by_territory[figures.territories]]).tocsr()


def _not_moved(published: _Published, targets: Any, margins: Float) -> Places:
    """Return the figures that no change moves far enough."""
    left = np.arange(targets.shape[0])
    draws = np.random.default_rng(_SEED)
    for draw in range(_DRAWS):
        if len(left) == 0:
            break
        # All that is hidden, and half of the figures left without their neighbours, by turns.
        some = left[draws.random(len(left)) < 0.5] if len(left) > 1 else left
        size = len(some) if draw % 2 else len(published.columns)
        signs = draws.choice([-1.0, 1.0], (size, 1))
        change = targets[some].T @ signs if draw % 2 else signs
        for _ in range(_BENDS):
            # No ETP may fall below 0: a change that is even is worth more than a longer one.
            change = np.clip(_STRETCH * published.project(change), -1.0, 1.0)
        change = _within(published.project(change))
        if published.altered(change) < _UNALTERED:
            left = left[np.abs(targets[left] @ change)[:, 0] < margins[left]]
    return left


def _within(changes: Float) -> Float:
    """Shorten changes until none takes more than all of an ETP; drop those that are rounding."""
    most = np.abs(changes).max(axis=0, initial=0.0)
    return changes * np.where(most > _ROUNDING, 1.0 / np.maximum(most, _ROUNDING), 0.0)


def import_sparse() -> Any:
    """Import SciPy's sparse arrays only where they are needed: SciPy is an extra."""
    try:
        import scipy.sparse.linalg
    except ImportError as error:
        raise AplError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": "Hiding figures of few practitioners needs SciPy: pip install 'apl-engine[annex]'"
                },
            )
        ) from error
    return scipy.sparse
