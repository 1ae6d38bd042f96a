"""The figures of a result as sums over the ETP of communes, and what rounding leaves of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from ..columns import Float, Indices, numbered, numbers
from ..errors import Fault, InputDataError
from ..method.network import TravelNetwork
from ..method.result import Zoning
from ..method.zoning import contest_of
from .figures import Figures, Unknowns, join_figures, rounded, rounding_bounds
from .rules import PublicationRules
from .worlds import Group, World

if TYPE_CHECKING:
    from ..method.ranking import Contest, Ranking

# The cost of hiding a figure of this many inhabitants is twice that of one of none.
_INHABITANTS = 3_000.0
_COST_OF_TERRITORY_APL, _COST_OF_TERRITORY_ETP = 20.0, 5.0


class Supply:
    """The unknowns of a result, and how its figures come from them.

    Unknowns are the communes with practitioners, in the order of their codes.
    """

    def __init__(self, result: Zoning, network: TravelNetwork) -> None:
        from scipy import sparse

        communes, areas, methodology = result.communes, result.territories, result.methodology
        practitioners = communes["practitioners"].cast(pl.Int64).to_numpy()
        self.communes: Indices = np.flatnonzero(practitioners > 0)
        self.practitioners: Indices = practitioners[self.communes]
        self.practitioners_of: Indices = areas["practitioners"].cast(pl.Int64).to_numpy()
        etp = numbers(communes["etp"])[self.communes]
        if result.acts is None:
            raise InputDataError(Fault("publication.no_supply", "result"))
        median, ceiling = result.acts
        self.most_each = max(ceiling / median, 1.0)
        # Whoever has fewer acts is excluded, says the text.
        least = float(methodology.etp.minimum_acts) / median
        self.unknowns = Unknowns(
            values=etp,
            least=np.minimum(least * self.practitioners, etp),
            most=np.maximum(self.most_each * self.practitioners, etp),
            act=np.full(len(etp), 1.0 / median),
            alone=self.practitioners == 1,
        )
        territory = numbered(communes["territory"])[1]
        size = (areas.height, communes.height)
        weight = numbers(communes[methodology.zoning.aggregation_weight])
        total = np.bincount(territory, weight, areas.height)[territory]
        share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        every = np.arange(communes.height)
        mean = sparse.csr_array((share, (territory, every)), shape=size)
        self.apl = apl_per_etp(network, result)[:, self.communes].tocsr()
        self.mean = (mean @ self.apl).tocsr()
        members = sparse.csr_array((np.ones(communes.height), (territory, every)), shape=size)
        self.members = members[:, self.communes].tocsr()
        self._mean_columns = self.mean.tocsc()
        self._apl = numbers(areas["apl"].fill_null(np.nan))
        self.contest: Contest = contest_of(areas, methodology)
        self.ranking: Ranking = self.contest.rank(self._apl)
        self._zones = self.contest.zones(self.ranking)

    def has_own_zones(self, result: Zoning) -> bool:
        """Return whether the zones of a result are those of its ranking."""
        ids = [zone.id for zone in result.methodology.zoning.classes]
        zones = [None if k < 0 else ids[k] for k in self._zones]
        return result.territories["zone"].to_list() == zones

    def same_zones(self, world: World) -> bool:
        """Return whether each territory has the same zone in another world."""
        change = self._mean_columns[:, world.columns] @ world.change
        if not change.any():
            return True
        other = self.contest.rank(self._apl + change, near=self.ranking)
        return bool(np.array_equal(self.contest.zones(other), self._zones))

    def groups(self, least: int) -> list[Group]:
        """Return the communes and the territories of few practitioners."""
        values = self.unknowns.values
        few = np.flatnonzero(self.practitioners < least)
        small = np.flatnonzero((self.practitioners_of > 0) & (self.practitioners_of < least))
        sums = [np.sort(self.members[[area]].indices).astype(np.int64) for area in small]
        sums = [columns for columns in sums if len(columns) > 1]
        return [
            *(Group(np.array([j]), np.ones(1), float(values[j])) for j in few),
            *(Group(c, np.ones(len(c)), float(values[c].sum())) for c in sums),
        ]

    def zone_windows(self) -> tuple[Float, Float]:
        """Return bounds of the APL of each territory between which all keep their zones.

        A cut is put midway between the territories beside it: an attacker knows no better. A
        territory that would move the cut if it was beside it stays behind the one that is.
        """
        apl, order, classes = self._apl, self.ranking.order, self.ranking.classes
        lower, upper = np.full(len(apl), -np.inf), np.full(len(apl), np.inf)

        def part(below: Indices, above: Indices) -> None:
            middle = (apl[below].max() + apl[above].min()) / 2
            upper[below] = np.minimum(upper[below], middle)
            lower[above] = np.maximum(lower[above], middle)

        for k in range(int(classes[0]), int(classes[-1])):
            count = int(np.count_nonzero(classes <= k))
            below, above = order[:count], order[count:]
            part(below, above)
            leaving, entering = self.contest.exchangeable(k, self.ranking)
            if leaving.any():
                part(below[leaving], below[-1:])
            if entering.any():
                part(above[:1], above[entering])
        return lower, upper


class Layout(NamedTuple):
    """What would be published: all figures, and the rows of `figures` that each table has."""

    figures: Figures
    # Published values by table, and the row of each among the figures; -1 if none.
    values: Mapping[str, Float]
    rows: Mapping[str, Indices]


def lay_out(result: Zoning, supply: Supply, rules: PublicationRules) -> Layout:
    """Round all figures, and state what each tells."""
    from scipy import sparse

    communes, areas, steps = result.communes, result.territories, rules.steps
    unknowns = supply.unknowns
    inhabitants = 1 + numbers(communes["population"]) / _INHABITANTS
    inhabitants_of = numbers(areas["population"]) / _INHABITANTS
    enough = supply.practitioners_of >= rules.protection.min_practitioners
    country = sparse.csr_array(np.ones((1, len(unknowns.values))))
    tables = {
        "commune_apl": (supply.apl, communes["apl"], steps.commune_apl, inhabitants, True),
        "territory_apl": (
            supply.mean, areas["apl"], steps.territory_apl,
            _COST_OF_TERRITORY_APL + inhabitants_of, False,
        ),
        "territory_etp": (
            supply.members, areas["etp"].set(pl.Series(~enough), None), steps.territory_etp,
            np.full(areas.height, _COST_OF_TERRITORY_ETP), True,
        ),
        "total_etp": (
            country, pl.Series([float(communes["etp"].sum())]), steps.total_etp, np.full(1, np.inf),
            False,
        ),
    }  # fmt: skip
    parts: list[Figures] = []
    values, rows = {}, {}
    start = 0
    for name, (matrix, exact, step, cost, local) in tables.items():
        published = values[name] = rounded(numbers(exact.fill_null(np.nan)), float(step))
        lower, upper = rounding_bounds(published, float(step))
        all_of_them = Figures(
            matrix, np.asarray(matrix @ unknowns.values), lower, upper, cost,
            np.full(len(cost), local),
        )  # fmt: skip
        used = np.flatnonzero((np.diff(matrix.indptr) > 0) & ~np.isnan(published))
        parts.append(all_of_them.select(used))
        rows[name] = np.full(len(cost), -1)
        rows[name][used] = np.arange(start, start + len(used))
        start += len(used)
    parts += fixed_figures(supply)
    return Layout(join_figures(parts), values, rows)


def fixed_figures(supply: Supply) -> list[Figures]:
    """Return what is known whatever is hidden: zones, and the most that a territory can have."""
    values = supply.unknowns.values
    known = []
    etp_of = supply.members @ values
    most = np.maximum(supply.most_each * supply.practitioners_of, etp_of)
    shared = supply.members @ supply.practitioners.astype(np.float64) > supply.practitioners_of
    lower, upper = supply.zone_windows()
    for matrix, low, high, used in (
        (supply.mean, lower, upper, np.isfinite(lower) | np.isfinite(upper)),
        (supply.members, np.full(len(most), -np.inf), most, shared),
    ):
        figures = Figures(
            matrix, np.asarray(matrix @ values), low, high, np.full(len(low), np.inf),
            np.zeros(len(low), dtype=np.bool_),
        )  # fmt: skip
        known.append(figures.select(np.flatnonzero(used & (np.diff(matrix.indptr) > 0))))
    return known


def territory_of(result: Zoning, supply: Supply) -> list[str]:
    """Return the code of the territory of each unknown."""
    return result.communes["territory"].gather(supply.communes).to_list()


def apl_per_etp(network: TravelNetwork, result: Zoning) -> Any:
    """Return what one ETP in a commune (column) adds to the APL of another (row).

    Parameters
    ----------
    network : TravelNetwork
        That of the result.
    result : Zoning

    Returns
    -------
    scipy.sparse.csr_array, float64 (n_communes, n_communes)
    """
    from scipy import sparse

    reached, rules = numbers(result.communes["demand_reached"]), result.methodology
    rows = network.by_origin
    suppliers = rows.communes.astype(np.int64)
    weight = network.weights(rules)[rows.bands] / rules.travel.denominator
    # Supply without inhabitants within reach adds nothing.
    demand = reached[suppliers]
    apl = float(rules.apl.per_inhabitants) * weight
    added = np.divide(apl, demand, out=np.zeros_like(weight), where=demand > 0)
    size = len(reached)
    # What follows writes to the pointers, which are the network's and often cannot be written to.
    matrix = sparse.csr_array((added, suppliers, rows.pointers.copy()), shape=(size, size))
    # A pair of weight 0 is no term of a published figure.
    matrix.eliminate_zeros()
    return matrix
