"""Supply added or removed at some communes: only what it changes in a result is computed.

The demand that reaches a practice does not depend on supply. So a change affects only the ratios of
the communes where it is made, the APLs of the communes that reach them, those of their territories,
and the ranks. Sums over rows are exact, so that adding differences gives the bits of a full run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from numbers import Real

import numpy as np
import polars as pl

from ..columns import Float, Index, Indices, Pointers, numbers, starts_of, sums
from ..errors import Fault, InputDataError, check_arguments, check_types, first
from ..method.network import TravelNetwork
from ..method.ranking import Contest, Ranking
from ..method.result import Zoning, network_of
from ..method.zoning import Cut, contest_of, cuts_of, with_zones, zone_columns
from .changes import ChangedSupply


@dataclass(frozen=True)
class _Applied:
    """Supply and APL after a change: of all communes, and of territories.

    `recomputed` are the rows of the communes that changed, some twice; `groups` are the rows of
    their territories, with the communes of each one after the other, from `starts` on.
    """

    supply: Float
    apl: Float
    recomputed: Index
    groups: Indices
    starts: Pointers
    members: Indices
    territory_apl: Float


@dataclass(frozen=True, repr=False, eq=False)
class SupplyChange:
    """The effects of a change of supply. Each table is made when first used."""

    _of: WhatIf
    _after: _Applied
    _ranking: Ranking

    @cached_property
    def communes(self) -> pl.DataFrame:
        """The communes whose supply or APL was recomputed.

        By code: ``commune``, ``name``, ``etp``, ``etp_before``, ``apl``, ``apl_before``.
        """
        return self._of._communes_after(self._after)

    @cached_property
    def moved(self) -> pl.DataFrame:
        """The territories whose zone changes.

        By code: ``territory``, ``territory_name``, ``population``, ``apl``, ``apl_before``,
        ``zone``, ``zone_before``.
        """
        return self._of._moved(self._after, self._ranking)

    @cached_property
    def territories(self) -> pl.DataFrame:
        """All territories, as a full run with the changed supply gives them."""
        return self._of._territories_after(self._after, self._ranking)

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """The end of each class but the last."""
        return cuts_of(self.territories, self._of.contest, self._ranking)


@dataclass(frozen=True)
class _Groups:
    """The communes of each territory, in the order of their codes, as `aggregate_territories`.

    `of_commune` (n_communes,) is the territory of each commune; `members` (n_communes,) are the
    communes of one territory after the other, those of territory t from `starts[t]` on; `weights`
    (n_communes,) are the weights of communes, and `totals` (n_territories,) their sums.
    """

    of_commune: Indices
    members: Indices
    starts: Pointers
    weights: Float
    totals: Float

    @classmethod
    def of(cls, communes: pl.DataFrame, weights: Float) -> _Groups:
        rows = communes.select("territory").with_row_index().sort("territory", "index")
        group = rows["territory"].rle_id().to_numpy()
        members, starts = rows["index"].cast(pl.Int64).to_numpy(), starts_of(group)
        of_commune = np.empty(len(members), dtype=np.int64)
        of_commune[members] = group
        return cls(of_commune, members, starts, weights, sums(starts, weights[members]))

    def with_some_of(self, communes: Index) -> tuple[Indices, Pointers, Indices]:
        """Return the territories of some communes, where the communes of each start, and these."""
        concerned = np.zeros(len(self.totals), dtype=np.bool_)
        concerned[self.of_commune[communes]] = True
        groups = np.flatnonzero(concerned)
        first = self.starts[groups]
        lengths = self.starts[groups + 1] - first
        starts = np.concatenate(([0], np.cumsum(lengths)))
        members = self.members[np.arange(starts[-1]) + np.repeat(first - starts[:-1], lengths)]
        return groups, starts, members

    def means(self, groups: Indices, starts: Pointers, members: Indices, values: Float) -> Float:
        """Return the weighted mean of the communes of some territories, NaN if weights are 0."""
        weighted = sums(starts, self.weights[members] * values[members])
        totals, means = self.totals[groups], np.full(len(groups), np.nan)
        np.divide(weighted, totals, out=means, where=totals > 0)
        return means


class WhatIf:
    """A result that can be recomputed for changes of supply.

    Parameters
    ----------
    result : Zoning
        As from `run` or `read_result`.
    network : TravelNetwork, optional
        The network that it was computed on, or a prepared one of the same travel times; by
        default the one that the result holds.

    Raises
    ------
    InputDataError
        The network is of other communes, or figures of the result are hidden.
    MethodologyError
        The network was built by other rules, or no edge of it is the end of a step.

    Examples
    --------
    >>> what_if = WhatIf(run("my_tables"))  # doctest: +SKIP
    >>> what_if.change({"53130": 1.5}).moved  # doctest: +SKIP
    """

    def __init__(self, result: Zoning, network: TravelNetwork | None = None) -> None:
        check_types(result=(result, Zoning), network=(network, TravelNetwork, None))
        result.check_exact("result.published_scenarios")
        network = network_of(result, network)
        communes, self._network, self._result = result.communes, network, result
        network.check_communes(communes["commune"])
        rules = result.methodology
        self._communes = communes.select("commune", "name")
        self._etp, self._apl = numbers(communes["etp"]), numbers(communes["apl"])
        people = numbers(communes["standardised_population"])
        self._supply = ChangedSupply(network, self._etp, people, rules)
        self._no_supply = partial(ChangedSupply, network, np.zeros(len(people)), people, rules)
        self._row_of = {code: row for row, code in enumerate(network.communes.to_list())}
        self._groups = _Groups.of(communes, numbers(communes[rules.zoning.aggregation_weight]))
        # The number of practitioners who would provide the added supply is not known.
        added = ("rank", "cumulative_share", "zone", "zone_reason", "practitioners")
        self.territories = result.territories.drop(added, strict=False)
        self.contest: Contest = contest_of(self.territories, rules)
        self._territory_apl = numbers(self.territories["apl"])
        self._territory_etp = numbers(self.territories["etp"])
        self._ranking = self.contest.rank(self._territory_apl)
        self._zones = self.contest.zones(self._ranking)
        self._zoned = with_zones(self.territories, self.contest, self._ranking)
        self._heads = self.territories.select("territory", "territory_name", "population")
        self._column_of = {name: index for index, name in enumerate(self._zoned.columns)}

    def __reduce__(self) -> tuple[type[WhatIf], tuple[Zoning, TravelNetwork]]:
        return type(self), (self._result, self._network)

    def change(self, etp: Mapping[str, float]) -> SupplyChange:
        """Return the effects of supply added or removed; the result itself is unchanged.

        Parameters
        ----------
        etp : mapping of str to float
            ETP to add, by commune code; negative to remove.

        Returns
        -------
        SupplyChange

        Raises
        ------
        InputDataError
            A commune is unknown, a value is not a finite number, or more is removed than there is.
        """
        after = self._applied(self._checked(etp))
        return SupplyChange(self, after, self.contest.rank(after.territory_apl, self._ranking))

    def zones_after(self, etp: Mapping[str, float]) -> Indices:
        """Return the class of each territory after a change, without its tables.

        Parameters
        ----------
        etp : mapping of str to float
            As for `change`.

        Returns
        -------
        int64 (n_territories,)
            The index among the classes of the methodology, -1 if there is none.

        Raises
        ------
        InputDataError
            As from `change`.
        """
        apl = self._applied(self._checked(etp)).territory_apl
        return self.contest.zones(self.contest.rank(apl, self._ranking))

    def slopes(self, etp: Mapping[str, float]) -> Float:
        """Return what the APL of each territory gains by supply added at some communes.

        The APL is linear in supply, so that twice as much gains twice as much.

        Parameters
        ----------
        etp : mapping of str to float
            ETP by commune code; 0 or more.

        Returns
        -------
        float64 (n_territories,)
            ETP per `per_inhabitants` of the methodology; 0 if the weights of the territory are 0.
        """
        apl, changed = np.zeros(len(self._etp)), self._checked(etp)
        at, added = _rows_of(changed), np.array([changed[row] for row in sorted(changed)])
        changes = self._added.changed([0, len(at)], at, added)
        rows, apl[changes.rows] = changes.rows, changes.apl
        slopes, of_groups = np.zeros(len(self._zones)), self._groups.with_some_of(rows)
        slopes[of_groups[0]] = np.nan_to_num(self._groups.means(*of_groups, apl))
        return slopes

    @cached_property
    def _added(self) -> ChangedSupply:
        """What supply adds where there is none."""
        return self._no_supply()

    def _applied(self, changed: Mapping[int, float]) -> _Applied:
        supply, apl, at = self._etp.copy(), self._apl.copy(), _rows_of(changed)
        for row, more in changed.items():
            supply[row] += more
        changes = self._supply.changed([0, len(at)], at, supply[at])
        apl[changes.rows] = changes.apl
        rows, territory_apl = np.concatenate((changes.rows, at)), self._territory_apl.copy()
        of_groups = self._groups.with_some_of(rows)
        territory_apl[of_groups[0]] = self._groups.means(*of_groups, apl)
        return _Applied(supply, apl, rows, *of_groups, territory_apl)

    @check_arguments(etp=Mapping)
    def _checked(self, etp: Mapping[str, float]) -> dict[int, float]:
        """Return the change by row, or raise all its faults."""
        check_types(**{str(code): (more, Real, Decimal) for code, more in etp.items()})
        known = {code: float(more) for code, more in etp.items() if code in self._row_of}
        there = {code: float(self._etp[self._row_of[code]]) for code in known}
        wrong = {
            "unknown_commune": [code for code in etp if code not in known],
            "not_finite": [code for code, more in known.items() if not np.isfinite(more)],
            # With all digits, so that exactly this much can be removed.
            "too_much_removed": [
                f"{code}: {there[code]} ETP" for code in known if there[code] + known[code] < 0
            ],
        }
        faults = [
            Fault(f"what_if.{kind}", "change", values=first(values, 3))
            for kind, values in wrong.items()
            if values
        ]
        if faults:
            raise InputDataError(faults)
        return {self._row_of[code]: more for code, more in known.items()}

    def _communes_after(self, after: _Applied) -> pl.DataFrame:
        rows = np.unique(after.recomputed)
        figures = {
            "etp": after.supply, "etp_before": self._etp, "apl": after.apl, "apl_before": self._apl,
        }  # fmt: skip
        return self._communes[pl.Series(rows)].hstack(
            [pl.Series(n, of[rows]) for n, of in figures.items()]
        )

    def _territories_after(self, after: _Applied, ranking: Ranking) -> pl.DataFrame:
        etp = self._territory_etp.copy()
        etp[after.groups] = sums(after.starts, after.supply[after.members])
        table = self._zoned.clone()
        # Supply decides of no territory whether it is ranked, so that no reason changes.
        for column in (
            pl.Series("etp", etp),
            pl.Series("apl", after.territory_apl, nan_to_null=True),
            *zone_columns(self.contest, ranking),
        ):
            table.replace_column(self._column_of[column.name], column)
        return table

    def _moved(self, after: _Applied, ranking: Ranking) -> pl.DataFrame:
        apl, zones = after.territory_apl, self.contest.zones(ranking)
        moved = np.flatnonzero(zones != self._zones)
        ids = pl.Series([zone.id for zone in self.contest.rules.classes])
        return self._heads[pl.Series(moved.astype(np.uint32))].hstack(
            [
                pl.Series("apl", apl[moved], nan_to_null=True),
                pl.Series("apl_before", self._territory_apl[moved], nan_to_null=True),
                ids[zones[moved]].alias("zone"),
                ids[self._zones[moved]].alias("zone_before"),
            ]
        )


def _rows_of(changed: Mapping[int, float]) -> Index:
    return np.array(sorted(changed), dtype=np.uint32)
