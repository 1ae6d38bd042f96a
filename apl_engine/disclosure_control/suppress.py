"""Which figures to suppress, so that none of few practitioners is disclosed.

The terms, primary and secondary suppression, and the rules of minimum frequency and p %, are those
of Hundepool et al., Statistical Disclosure Control (2012, Wiley), chapter 4.
"""

from __future__ import annotations

import numpy as np

from ..columns import Flags, Float
from .audit import (
    APL_OF_COMMUNE,
    APL_OF_TERRITORY,
    ETP_OF_TERRITORY,
    MARGIN,
    Exposed,
    Pattern,
    Rows,
    Supplies,
    figures_to_protect,
    find_exposed,
)

# The part of communes, the most populous, whose APL is restored if all stays protected.
_RESTORED = 0.02


def primary_suppression(supplies: Supplies, least: int) -> Pattern:
    """Suppress the ETP of communes and territories with small counts of practitioners.

    A count of 0 stays: it discloses nobody.

    Parameters
    ----------
    supplies : Supplies
        See there.
    least : int
        Fewest practitioners whose figure may be published, 2 or more.

    Returns
    -------
    Pattern
    """
    communes, areas = supplies.small_communes(least), supplies.small_territories(least)
    country = np.zeros(2, dtype=bool)
    return Pattern(communes, np.zeros_like(communes), areas, np.zeros_like(areas), country)


def secondary_suppression(supplies: Supplies, least: int) -> Pattern:
    """Suppress what else is needed so that published figures disclose no primary one.

    Parameters
    ----------
    supplies, least
        As for `primary_suppression`.

    Returns
    -------
    Pattern
        In which `find_exposed` finds nothing.
    """
    if supplies.counted < least:
        return _suppress_all(supplies)
    pattern = primary_suppression(supplies, least)
    protected, protected_areas = np.zeros_like(pattern.etp), np.zeros_like(pattern.etp_of)
    while True:
        _protect_sums(supplies, pattern, least)
        _suppress_apl_in_reach(supplies, pattern)
        left = figures_to_protect(
            supplies, pattern.etp & ~protected, pattern.etp_of & ~protected_areas, least
        )
        exposed = find_exposed(supplies, pattern, left)
        if not len(exposed.figures):
            break
        # A protected figure stays so when more is suppressed.
        protected |= pattern.etp
        protected[exposed.figures.communes] = False
        protected_areas |= pattern.etp_of
        protected_areas[exposed.figures.territories] = False
        _suppress_more(supplies, pattern, exposed)
    _restore_apl(supplies, pattern, least)
    return pattern


def _suppress_all(supplies: Supplies) -> Pattern:
    """Suppress every figure of supply except zeros: the whole country is a small count."""
    apl = np.asarray(supplies.apl_per_etp @ supplies.etp) > 0
    means = np.asarray(supplies.mean_apl_per_etp @ supplies.etp) > 0
    return Pattern(supplies.etp > 0, apl, supplies.etp_of > 0, means, np.ones(2, dtype=np.bool_))


def _protect_sums(supplies: Supplies, pattern: Pattern, least: int) -> None:
    """Suppress more until no sum, less its published parts, discloses a suppressed part."""
    while (open_ones := _open_territories(supplies, pattern, least)).any():
        for territory in np.flatnonzero(open_ones):
            _suppress_in_territory(supplies, pattern, int(territory))
    while _is_country_open(supplies, pattern, least):
        _suppress_a_territory(supplies, pattern)
    # The ETP of the country less the ETP within reach is that of communes out of reach.
    pattern.country[0] |= bool(pattern.etp[~supplies.reachable].any())


def _open_territories(supplies: Supplies, pattern: Pattern, least: int) -> Flags:
    """Return the territories whose published ETP, less published communes, discloses another."""
    shown = np.where(pattern.etp, 0, supplies.practitioners)
    # A lower bound: a person with practices in two communes is subtracted twice.
    people = supplies.practitioners_of - np.bincount(
        supplies.territory, shown, len(supplies.etp_of)
    )
    inside = np.flatnonzero(pattern.etp)
    groups = supplies.territory[inside]
    small = supplies.small_communes(least)[inside]
    disclosing = disclosing_sums(supplies.etp[inside], groups, small, people, least)
    return np.asarray(disclosing & ~pattern.etp_of)


def _is_country_open(supplies: Supplies, pattern: Pattern, least: int) -> bool:
    """Return whether the ETP of the country, less published territories, discloses another."""
    inside = np.flatnonzero(pattern.etp_of)
    people = np.array([supplies.counted - supplies.practitioners_of[~pattern.etp_of].sum()])
    small = supplies.small_territories(least)[inside]
    one_group = np.zeros_like(inside)
    disclosing = disclosing_sums(supplies.etp_of[inside], one_group, small, people, least)
    return bool(disclosing[0]) and not pattern.country[0]


def disclosing_sums(values: Float, groups: Rows, small: Flags, people: Rows, least: int) -> Flags:
    """Return the groups whose sum, if known, discloses a value in them.

    It does if it has one value, or fewer than `least` persons in all; or if the holder of the
    largest of the other values could compute a small one to less than `MARGIN` (the p % rule).

    Parameters
    ----------
    values : float64 (n,)
        Suppressed values.
    groups : int64 (n,)
        The group of each.
    small : bool (n,)
        Whether it is a figure of fewer than `least` persons.
    people : int64 (n_groups,)
        A lower bound of the persons in each group.
    least : int
        Fewest persons.

    Returns
    -------
    bool (n_groups,)
        False for a group without values.
    """
    size = len(people)
    number = np.bincount(groups, minlength=size)
    order = np.lexsort((values, groups))
    ends = np.cumsum(number)
    largest, second = np.zeros(size), np.zeros(size)
    largest[number > 0] = values[order[ends[number > 0] - 1]]
    second[number > 1] = values[order[ends[number > 1] - 2]]
    is_largest = np.zeros(len(values), dtype=bool)
    is_largest[order[ends[number > 0] - 1]] = True
    other = np.where(is_largest, second[groups], largest[groups])
    rest = np.bincount(groups, values, size)[groups] - values - other
    disclosing = (number == 1) | ((number > 0) & (people < least))
    disclosing[groups[small & (rest < MARGIN * values)]] = True
    return np.asarray(disclosing)


def _suppress_fewest(suppressed: Flags, candidates: Flags, practitioners: Rows) -> bool:
    """Suppress the candidate with the fewest practitioners; return whether there was one."""
    left = np.flatnonzero(candidates & ~suppressed)
    if len(left):
        suppressed[left[np.argmin(practitioners[left])]] = True
    return len(left) > 0


def _suppress_in_territory(supplies: Supplies, pattern: Pattern, territory: int) -> None:
    """Suppress the ETP of one more commune of a territory, or else of the territory."""
    inside = (supplies.territory == territory) & (supplies.practitioners > 0)
    if not _suppress_fewest(pattern.etp, inside, supplies.practitioners):
        pattern.etp_of[territory] = True


def _suppress_a_territory(supplies: Supplies, pattern: Pattern) -> None:
    """Suppress the ETP of one more territory, or else of the country."""
    areas = supplies.practitioners_of > 0
    if not _suppress_fewest(pattern.etp_of, areas, supplies.practitioners_of):
        pattern.country[0] = True


def _suppress_apl_in_reach(supplies: Supplies, pattern: Pattern) -> None:
    """Suppress the APL of each commune with a suppressed ETP within reach.

    The APLs of neighbours differ by one or two practices: nothing discloses an ETP better.
    """
    pattern.apl[:] |= np.asarray(supplies.apl_per_etp @ pattern.etp.astype(np.float64)) > 0


def _restore_apl(supplies: Supplies, pattern: Pattern, least: int) -> None:
    """Publish the APL of the most populous communes as far as all stays protected."""
    without = np.flatnonzero(pattern.apl & (supplies.population > 0))
    most = np.argsort(-supplies.population[without], kind="stable")
    restored = without[most[: round(_RESTORED * len(pattern.apl))]]
    pattern.apl[restored] = False
    left, threshold = figures_to_protect(supplies, pattern.etp, pattern.etp_of, least), 1.0
    while len(left := (exposed := find_exposed(supplies, pattern, left)).figures):
        multipliers = np.abs(exposed.multipliers) * (exposed.kinds == APL_OF_COMMUNE)[:, None]
        # More each time: without any of those restored all was protected.
        threshold /= 2
        again = (multipliers >= threshold * multipliers.max(axis=0, initial=0.0)) & (
            multipliers > 0
        )
        if not again.any():
            pattern.apl[restored] = True
            return
        pattern.apl[exposed.rows[again.any(axis=1)]] = True


def _suppress_more(supplies: Supplies, pattern: Pattern, exposed: Exposed) -> None:
    """Suppress a part of the published figure that discloses most of each exposed one."""
    left = exposed.figures
    figures = [
        *((np.array([commune]), supplies.territory[commune]) for commune in left.communes),
        *((np.flatnonzero(supplies.territory == area), area) for area in left.territories),
    ]
    done: set[tuple[int, int]] = set()
    for k, (communes, area) in enumerate(figures):
        strongest = np.argmax(np.abs(exposed.multipliers[:, k]))
        kind, row = int(exposed.kinds[strongest]), int(exposed.rows[strongest])
        if not pattern.etp_of[area]:
            kind, row = ETP_OF_TERRITORY, int(area)
        if (kind, row) not in done:
            done.add((kind, row))
            _suppress_part(supplies, pattern, kind, row, communes)


def _suppress_part(
    supplies: Supplies, pattern: Pattern, kind: int, row: int, communes: Rows
) -> None:
    """Suppress one more part of a published figure besides `communes`, or else the figure."""
    if kind == ETP_OF_TERRITORY:
        _suppress_in_territory(supplies, pattern, row)
    elif kind == APL_OF_TERRITORY:
        # A commune that has as large a part in the mean.
        parts = supplies.mean_apl_per_etp[[row]].toarray()[0] * supplies.etp
        candidates = (parts > 0) & (parts >= parts[communes].sum())
        if not _suppress_fewest(pattern.etp, candidates, supplies.practitioners):
            pattern.apl_of[row] = True
    elif kind == APL_OF_COMMUNE:
        pattern.apl[row] = True
    elif row == 0:
        _suppress_a_territory(supplies, pattern)
    else:
        # The APL of a territory of as much ETP, or else of any.
        areas = supplies.etp_of > 0
        as_large = areas & (supplies.etp_of >= supplies.etp[communes].sum())
        pattern.country[1] |= not (
            _suppress_fewest(pattern.apl_of, as_large, supplies.practitioners_of)
            or _suppress_fewest(pattern.apl_of, areas, supplies.practitioners_of)
        )
