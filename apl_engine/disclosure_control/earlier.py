"""Earlier publications as further knowledge of the attacker.

Who compares two years knows, at worst, how the activity of everybody who stayed changed: a commune
with as many practitioners as before is one unknown for both years. One in which practitioners came
or went is an unknown in each, and the difference is the activity of those few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..columns import Float, Indices, numbers
from ..errors import Fault, InputDataError
from ..method.network import TravelNetwork
from ..method.result import Zoning
from .figures import Figures, Unknowns, join_figures, rounding_bounds
from .supply import Supply, fixed_figures, territory_of
from .worlds import Group, World


@dataclass(frozen=True)
class Earlier:
    """An earlier publication, and the exact result behind it.

    Attributes
    ----------
    exact : Zoning
    published : Zoning
        What was published of it.
    network : TravelNetwork
        That of the exact result.
    """

    exact: Zoning
    published: Zoning
    network: TravelNetwork


@dataclass(frozen=True)
class Knowledge:
    """All that an attacker knows and wants to know.

    Attributes
    ----------
    unknowns : Unknowns
        Those of the new release first.
    figures : Figures
        Those of the new release first.
    groups : list of Group
    same_zones : callable
        Whether a world has the zones of all releases.
    homes : list of str
        The territory of each unknown.
    """

    unknowns: Unknowns
    figures: Figures
    groups: list[Group]
    same_zones: Callable[[World], bool]
    homes: list[str]


def knowledge_of(result: Zoning, supply: Supply, figures: Figures, least: int) -> Knowledge:
    """Return what is known of one release alone."""
    homes = territory_of(result, supply)
    return Knowledge(supply.unknowns, figures, supply.groups(least), supply.same_zones, homes)


def with_earlier(
    known: Knowledge, result: Zoning, supply: Supply, earlier: Earlier, least: int
) -> Knowledge:
    """Return what is known of a release and of an earlier one.

    Parameters
    ----------
    known : Knowledge
        Of the new release, and of other earlier ones.
    result, supply
        The new release.
    earlier : Earlier
    least : int
        Fewest practitioners who are not protected.

    Returns
    -------
    Knowledge

    Raises
    ------
    InputDataError
        The earlier publication is none, or not of that result.
    """
    from scipy import sparse

    check_pair(earlier.exact, earlier.published)
    before = Supply(earlier.exact, earlier.network)
    place = {code: j for j, code in enumerate(_codes(result, supply))}
    codes = _codes(earlier.exact, before)
    shared = np.array([place.get(code, -1) for code in codes], dtype=np.int64)
    stays = shared >= 0
    stays[stays] = supply.practitioners[shared[stays]] == before.practitioners[stays]
    # Unknowns of their own come after all others.
    size, own = len(known.unknowns.values), np.flatnonzero(~stays)
    column = shared.copy()
    column[own] = size + np.arange(len(own))
    ratio = np.ones(len(codes))
    ratio[stays] = before.unknowns.act[stays] / supply.unknowns.act[shared[stays]]
    links = sparse.csr_array(
        (ratio, (np.arange(len(codes)), column)), shape=(len(codes), size + len(own))
    )
    unknowns = _joined_unknowns(known.unknowns, before.unknowns, own, links, np.flatnonzero(stays))
    figures = join_figures(
        [
            _widened(known.figures, len(own)),
            *(_linked(part, links) for part in (*_shown(earlier, before), *fixed_figures(before))),
        ]
    )
    columns = links.tocsc()

    def same_zones(world: World) -> bool:
        inside = world.columns < size
        new = World(world.columns[inside], world.change[inside])
        changes = columns[:, world.columns] @ world.change
        moved = np.flatnonzero(changes)
        return known.same_zones(new) and before.same_zones(World(moved, changes[moved]))

    homes = territory_of(earlier.exact, before)
    groups = _groups_of_changes(own, shared, supply, before, size, least)
    return Knowledge(
        unknowns, figures, [*known.groups, *groups], same_zones,
        [*known.homes, *(homes[j] for j in own)],
    )  # fmt: skip


def _codes(result: Zoning, supply: Supply) -> list[str]:
    return result.communes["commune"].gather(supply.communes).to_list()


def check_pair(exact: Zoning, published: Zoning) -> None:
    """Refuse an earlier publication that is none, or not of the exact result given with it.

    Raises
    ------
    InputDataError
    """
    if not published.publication:
        raise InputDataError(Fault("publication.earlier_is_exact", "earlier"))
    public = ["commune", "territory", "standardised_population", "demand_reached", "zone"]
    same = "demand_reached" in exact.communes.columns and exact.communes.select(public).equals(
        published.communes.select(public)
    )
    if exact.publication or not same:
        raise InputDataError(Fault("publication.earlier_differs", "earlier"))


def _shown(earlier: Earlier, before: Supply) -> list[Figures]:
    """Return the figures that were published, none of which can be hidden any more."""
    from scipy import sparse

    published = earlier.published
    publication = published.publication
    assert publication
    total = pl.Series([publication.totals.get("etp")], dtype=pl.Float64)
    everybody = sparse.csr_array(np.ones((1, len(before.unknowns.values))))
    tables = {
        "commune_apl": (before.apl, published.communes["apl"], True),
        "territory_apl": (before.mean, published.territories["apl"], False),
        "territory_etp": (before.members, published.territories["etp"], True),
        "total_etp": (everybody, total, False),
    }
    parts = []
    for name, (matrix, column, local) in tables.items():
        values = numbers(column.fill_null(np.nan))
        lower, upper = rounding_bounds(values, publication.steps[name])
        all_of_them = Figures(
            matrix, np.asarray(matrix @ before.unknowns.values), lower, upper,
            np.full(len(values), np.inf), np.full(len(values), local),
        )  # fmt: skip
        parts.append(
            all_of_them.select(np.flatnonzero((np.diff(matrix.indptr) > 0) & ~np.isnan(values)))
        )
    return parts


def _widened(figures: Figures, more: int) -> Figures:
    """Return figures with further unknowns that are no part of them."""
    from scipy import sparse

    matrix = figures.matrix
    shape = (matrix.shape[0], matrix.shape[1] + more)
    return figures.replaced(sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape))


def _linked(figures: Figures, links: Any) -> Figures:
    """Return figures of an earlier year as sums over the unknowns of all years."""
    return figures.replaced((figures.matrix @ links).tocsr())


def _joined_unknowns(
    known: Unknowns, before: Unknowns, own: Indices, links: Any, stay: Indices
) -> Unknowns:
    """Return the unknowns of all years; those of both within the bounds of both."""
    low, high = known.room
    least, most = known.values + low, known.values + high
    own_low, own_high = before.room
    ratio, column = links.data[stay], links.indices[stay]
    least[column] = np.maximum(least[column], known.values[column] + own_low[stay] / ratio)
    most[column] = np.minimum(most[column], known.values[column] + own_high[stay] / ratio)

    def both(new: Any, old: Any) -> Any:
        return np.concatenate([new, old[own]])

    return Unknowns(
        values=both(known.values, before.values),
        least=both(least, before.least),
        most=both(most, before.most),
        act=both(known.act, before.act),
        alone=both(known.alone, before.alone),
    )


def _groups_of_changes(
    own: Indices, shared: Indices, supply: Supply, before: Supply, size: int, least: int
) -> list[Group]:
    """Return the few practitioners of communes where some came or went, and those who did."""
    groups = []
    for k, j in enumerate(own):
        value = float(before.unknowns.values[j])
        if before.practitioners[j] < least:
            groups.append(Group(np.array([size + k]), np.ones(1), value))
        new = int(shared[j])
        if new < 0:
            continue
        change = value - float(supply.unknowns.values[new])
        if abs(int(before.practitioners[j]) - int(supply.practitioners[new])) < least:
            # One of the same ETP as who left is a group too: that there is none would tell.
            weights: Float = np.array([-1.0, 1.0]) * (-1.0 if change < 0 else 1.0)
            groups.append(Group(np.array([new, size + k]), weights, abs(change)))
    return groups
