"""Which figures to hide, so that none of few practitioners is told: primary and secondary.

The terms, and the rules of minimum frequency and p %, are those of Hundepool et al., Statistical
Disclosure Control (2012, Wiley), chapter 4.
"""

from __future__ import annotations

import numpy as np

from ..columns import Flags
from ..kernels.types import Float
from .audit import (
    APL_OF_COMMUNE,
    APL_OF_TERRITORY,
    ETP_OF_TERRITORY,
    MARGIN,
    Exposed,
    Pattern,
    Places,
    Supplies,
    exposed,
    to_protect,
)

# The part of communes, the most populous, whose APL is offered again once all is protected.
_OFFERED = 0.02


def primary(supplies: Supplies, least: int) -> Pattern:
    """Hide the ETP of communes and territories with practitioners, but few.

    Where nobody practises there is nobody to tell of: the 0 stays.

    Parameters
    ----------
    supplies : see `Supplies`.
    least : fewest practitioners whose figure may be published, 2 or more.

    Returns
    -------
    Pattern
    """
    small, areas = supplies.small(least), supplies.small_areas(least)
    nothing = np.zeros(2, dtype=bool)
    return Pattern(small, np.zeros_like(small), areas, np.zeros_like(areas), nothing)


def secondary(supplies: Supplies, least: int) -> Pattern:
    """Hide what else is needed so that no published figure gives a primary one back.

    Parameters
    ----------
    supplies, least : as for `primary`.

    Returns
    -------
    Pattern
        In which `exposed` finds nothing.
    """
    if supplies.counted < least:
        return _all_hidden(supplies)
    hidden = primary(supplies, least)
    free, free_areas = np.zeros_like(hidden.etp), np.zeros_like(hidden.etp_of)
    while True:
        _close_sums(supplies, hidden, least)
        _hide_apl_in_reach(supplies, hidden)
        left = to_protect(supplies, hidden.etp & ~free, hidden.etp_of & ~free_areas, least)
        found = exposed(supplies, hidden, left)
        if not len(found.figures):
            break
        # What is free stays so when more is hidden.
        free |= hidden.etp
        free[found.figures.communes] = False
        free_areas |= hidden.etp_of
        free_areas[found.figures.territories] = False
        _hide_more(supplies, hidden, found)
    _offer_apl(supplies, hidden, least)
    return hidden


def _all_hidden(supplies: Supplies) -> Pattern:
    """Hide every figure of supply but the zeros: those of the country are of few too."""
    reaching = np.asarray(supplies.apl_per_etp @ supplies.etp) > 0
    means = np.asarray(supplies.mean_apl_per_etp @ supplies.etp) > 0
    return Pattern(
        supplies.etp > 0, reaching, supplies.etp_of > 0, means, np.ones(2, dtype=np.bool_)
    )


def _close_sums(supplies: Supplies, hidden: Pattern, least: int) -> None:
    """Hide more until what each sum leaves to its hidden parts tells of none of them."""
    while (open_ones := _open_territories(supplies, hidden, least)).any():
        for territory in np.flatnonzero(open_ones):
            _hide_in_territory(supplies, hidden, int(territory))
    while _open_country(supplies, hidden, least):
        _hide_a_territory(supplies, hidden)
    # The ETP of the country less those in reach are those of the communes that nobody reaches.
    hidden.country[0] |= bool(hidden.etp[~supplies.reachable].any())


def _open_territories(supplies: Supplies, hidden: Pattern, least: int) -> Flags:
    """Return the territories whose published ETP tells of a hidden commune, less the others."""
    shown = np.where(hidden.etp, 0, supplies.practitioners)
    # At least so many persons are behind what is hidden: one who practises twice counts once.
    people = supplies.practitioners_of - np.bincount(
        supplies.territory, shown, len(supplies.etp_of)
    )
    inside = np.flatnonzero(hidden.etp)
    groups = supplies.territory[inside]
    told = too_few(supplies.etp[inside], groups, supplies.small(least)[inside], people, least)
    return np.asarray(told & ~hidden.etp_of)


def _open_country(supplies: Supplies, hidden: Pattern, least: int) -> bool:
    """Tell whether the ETP of the country, less the published territories, tells of one."""
    inside = np.flatnonzero(hidden.etp_of)
    people = np.array([supplies.counted - supplies.practitioners_of[~hidden.etp_of].sum()])
    small = supplies.small_areas(least)[inside]
    told = too_few(supplies.etp_of[inside], np.zeros_like(inside), small, people, least)
    return bool(told[0]) and not hidden.country[0]


def too_few(values: Float, groups: Places, small: Flags, people: Places, least: int) -> Flags:
    """Return the groups whose sum, where it is known, tells of a value in them.

    It does where there is one value, or fewer than `least` persons behind all; or where whoever
    knows the largest of the others knows a small one to less than `MARGIN` (the p % rule).

    Parameters
    ----------
    values : float64 (n,), hidden.
    groups : int64 (n,), the group of each.
    small : bool (n,), whether fewer than `least` persons are behind it.
    people : int64 (n_groups,), how many persons are behind the values of a group, at least.
    least : fewest persons.

    Returns
    -------
    bool (n_groups,)
        False where nothing is hidden.
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
    told = (number == 1) | ((number > 0) & (people < least))
    told[groups[small & (rest < MARGIN * values)]] = True
    return np.asarray(told)


def _hide_in_territory(supplies: Supplies, hidden: Pattern, territory: int) -> None:
    """Hide one more commune of a territory, of fewest practitioners; or else its sum."""
    inside = supplies.territory == territory
    left = np.flatnonzero(inside & ~hidden.etp & (supplies.practitioners > 0))
    if len(left):
        hidden.etp[left[np.argmin(supplies.practitioners[left])]] = True
    else:
        hidden.etp_of[territory] = True


def _hide_a_territory(supplies: Supplies, hidden: Pattern) -> None:
    """Hide the ETP of one more territory, of fewest practitioners; or else of the country."""
    left = np.flatnonzero(~hidden.etp_of & (supplies.practitioners_of > 0))
    if len(left):
        hidden.etp_of[left[np.argmin(supplies.practitioners_of[left])]] = True
    else:
        hidden.country[0] = True


def _hide_apl_in_reach(supplies: Supplies, hidden: Pattern) -> None:
    """Hide the APL of each commune that reaches one whose ETP is hidden.

    Those of neighbours differ by one or two practices: nothing tells an ETP better.
    """
    hidden.apl[:] |= np.asarray(supplies.apl_per_etp @ hidden.etp.astype(np.float64)) > 0


def _offer_apl(supplies: Supplies, hidden: Pattern, least: int) -> None:
    """Publish the APL of the most populous communes as far as all stays protected."""
    without = np.flatnonzero(hidden.apl & (supplies.population > 0))
    most = np.argsort(-supplies.population[without], kind="stable")
    offered = without[most[: round(_OFFERED * len(hidden.apl))]]
    hidden.apl[offered] = False
    left, enough = to_protect(supplies, hidden.etp, hidden.etp_of, least), 1.0
    while len(left := (found := exposed(supplies, hidden, left)).figures):
        telling = np.abs(found.telling) * (found.kinds == APL_OF_COMMUNE)[:, None]
        # Ever more at once: without any of those offered all was protected.
        enough /= 2
        back = (telling >= enough * telling.max(axis=0, initial=0.0)) & (telling > 0)
        if not back.any():
            hidden.apl[offered] = True
            return
        hidden.apl[found.places[back.any(axis=1)]] = True


def _hide_more(supplies: Supplies, hidden: Pattern, found: Exposed) -> None:
    """Hide some of the published figure that tells most of each exposed one."""
    left = found.figures
    figures = [
        *((np.array([commune]), supplies.territory[commune]) for commune in left.communes),
        *((np.flatnonzero(supplies.territory == home), home) for home in left.territories),
    ]
    done: set[tuple[int, int]] = set()
    for k, (communes, home) in enumerate(figures):
        strongest = np.argmax(np.abs(found.telling[:, k]))
        kind, place = int(found.kinds[strongest]), int(found.places[strongest])
        if not hidden.etp_of[home]:
            kind, place = ETP_OF_TERRITORY, int(home)
        if (kind, place) not in done:
            done.add((kind, place))
            _hide_part(supplies, hidden, kind, place, communes)


def _hide_part(
    supplies: Supplies, hidden: Pattern, kind: int, place: int, communes: Places
) -> None:
    """Put something beside the hidden `communes` in a published figure, or hide the figure."""
    if kind == ETP_OF_TERRITORY:
        _hide_in_territory(supplies, hidden, place)
    elif kind == APL_OF_TERRITORY:
        _hide_in_mean(supplies, hidden, place, communes)
    elif kind == APL_OF_COMMUNE:
        hidden.apl[place] = True
    elif place == 0:
        _hide_a_territory(supplies, hidden)
    else:
        _hide_a_mean(supplies, hidden, communes)


def _hide_in_mean(supplies: Supplies, hidden: Pattern, place: int, communes: Places) -> None:
    """Hide one more commune of as large a part in the APL of a territory; or else that APL."""
    parts = supplies.mean_apl_per_etp[[place]].toarray()[0] * supplies.etp
    left = np.flatnonzero(~hidden.etp & (parts > 0) & (parts >= parts[communes].sum()))
    if len(left):
        hidden.etp[left[np.argmin(supplies.practitioners[left])]] = True
    else:
        hidden.apl_of[place] = True


def _hide_a_mean(supplies: Supplies, hidden: Pattern, communes: Places) -> None:
    """Hide the APL of another territory of as much ETP as `communes`; or else their sum."""
    shown = ~hidden.apl_of & (supplies.etp_of > 0)
    left = np.flatnonzero(shown & (supplies.etp_of >= supplies.etp[communes].sum()))
    if len(left) == 0:
        left = np.flatnonzero(shown)
    if len(left):
        hidden.apl_of[left[np.argmin(supplies.practitioners_of[left])]] = True
    else:
        hidden.country[1] = True
