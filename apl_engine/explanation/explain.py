"""Why a commune or a territory has its APL and its zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError
from ..method.result import OnStep
from ..method.zoning import RANKED
from ..results.lookup import Became, Kind, Place, find_place
from ..results.read import StoredResult
from ..rounding import apportion
from ..runs.explained_inputs import Given, LocatedInputs, Missing, locate_inputs
from ..scenarios.margins import Distance, distances, zone_by_rank
from ..scenarios.what_if import WhatIf
from .contributions import APL_DECIMALS, Sum, spell_out, standardised
from .sensitivity import Reading, other_readings

_NEIGHBOURS = 3


@dataclass(frozen=True)
class Explanation:
    """All that a result says of one place.

    Attributes
    ----------
    place : a commune or a territory.
    territory : the row of its territory, see `schemas.OUTPUTS`.
    national : id of the class of its territory by rank, to which distances and readings refer: an
        agency may have moved it since; None where it has none, or that is secret.
    communes : the communes of the place, by falling weight: ``commune``, ``name``, ``population``,
        ``standardised_population``, ``apl``, and ``contribution`` (Decimal; together the APL of the
        place) where it is a territory.
    sum : its APL spelled out; None where that cannot be, see `missing`.
    ages : its people by age, see `standardised`; None where the table is not at hand.
    neighbours : the territories before and after it by rising APL, itself among them.
    distances : how far its territory is from each other class; empty where it is not ranked.
    readings : the other readings of the silent points.
    missing : what could not be told, and why.
    zones : the result.
    """

    place: Place
    territory: Mapping[str, Any]
    national: str | None
    communes: pl.DataFrame
    sum: Sum | None
    ages: pl.DataFrame | None
    neighbours: pl.DataFrame
    distances: tuple[Distance, ...]
    readings: tuple[Reading, ...]
    missing: tuple[Missing, ...]
    zones: StoredResult

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values, for JSON."""
        spelled = self.sum
        return {
            "place": asdict(self.place),
            "methodology": {
                "id": self.zones.methodology.id,
                "title": self.zones.methodology.title,
            },
            "apl": _apl(self),
            "territory": dict(self.territory),
            "national_zone": self.national,
            "communes": _rows(self.communes),
            "suppliers": _rows(spelled.suppliers) if spelled else [],
            "own_etp": spelled.own_etp if spelled else None,
            "own_etp_kept": spelled.own_etp_kept if spelled else None,
            "hidden_suppliers": spelled.hidden if spelled else 0,
            "ages": [] if self.ages is None else _rows(self.ages),
            "neighbours": _rows(self.neighbours),
            "cuts": [asdict(cut) for cut in self.zones.cuts],
            "distances": [distance.as_dict() for distance in self.distances],
            "readings": [reading.as_dict() for reading in self.readings],
            "missing": [asdict(missing) for missing in self.missing],
        }


def explain(
    zones: StoredResult,
    code: str,
    *,
    kind: Kind | None = None,
    inputs: Given | None = None,
    network: Given | None = None,
    at: str | None = None,
    readings: bool = True,
    min_practitioners: int | None = None,
    became: Became | None = None,
    on_step: OnStep | None = None,
) -> Explanation:
    """Explain the APL and the zone of a commune or a territory.

    Every figure is computed anew from what the result holds, and its travel times: contributions
    add up to the APL, ETP to the next zone are found by running with them.

    Parameters
    ----------
    zones : as from `read_result`.
    code : of a commune or a territory; see `find_place`.
    kind : which of both, where a code is both.
    inputs : the tables or run file of the result; where they lay when it was written, where None.
        Travel times are enough for most of it; population tells ages, practitioners other readings.
    network : a prepared network of its travel times.
    at : commune of the territory where ETP is added or taken away, see `distances`.
    readings : whether to try the other readings of the silent points: a run for each.
    min_practitioners : hide the figures of fewer, as `suppress_small_counts` does, for an explanation that
        leaves the house; then there are no distances and no other readings.
    became : what codes of other years became, see `find_place`.
    on_step : called with a few words as each step begins.

    Returns
    -------
    Explanation

    Raises
    ------
    InputDataError
        There is no such place, or what was given is not what the result was computed from.
    ValueError
        `min_practitioners` is no whole number of 2 or more.

    Examples
    --------
    >>> told = explain(read_result("zones-2024"), "53130")  # doctest: +SKIP
    >>> told.sum.suppliers.select("name", "minutes_to", "contribution")  # doctest: +SKIP
    """
    place = find_place(zones, code, kind=kind, became=became)
    hand = locate_inputs(zones, inputs, network, on_step)
    if min_practitioners is not None:
        zones = _hiding(zones, hand, min_practitioners)
    by = {place.kind: place.code}
    communes = zones.communes.filter(**by)
    territory = zones.territories.row(
        by_predicate=pl.col("territory") == place.territory, named=True
    )
    secret = zones.suppression is not None
    ranked = territory["rank"] is not None and not secret
    what_if = WhatIf(zones, hand.network) if hand.network and ranked else None
    # A run by another reading would tell what this result hides.
    tried = (
        other_readings(zones, place.territory, hand.tables, hand.network, on_step)
        if readings and not secret
        else []
    )
    return Explanation(
        place=place,
        territory=territory,
        national=_national(zones, place.territory) if ranked else territory["zone"],
        communes=_weighed(zones, communes, place, territory["apl"]),
        sum=_spelled(zones, communes, place, territory, hand),
        ages=_ages(zones, communes, hand),
        neighbours=_neighbours(zones.territories, territory["rank"]),
        distances=tuple(distances(zones, place.territory, what_if, at=at) if ranked else ()),
        readings=tuple(tried),
        missing=tuple(_missing(hand, territory, secret)),
        zones=zones,
    )


def _national(zones: StoredResult, territory: str) -> str:
    return str(zone_by_rank(zones).filter(zones.territories["territory"] == territory).item())


def _hiding(zones: StoredResult, hand: LocatedInputs, least: int) -> StoredResult:
    """Hide the figures of few practitioners, which takes the travel times of the result."""
    from ..disclosure_control.apply import suppress_small_counts

    zones.check_whole()
    if zones.has_supply and hand.network is None:
        hint = "Give --inputs or --network: they tell what would give hidden figures back."
        problem = "its travel times are not at hand, without which nothing can be hidden safely"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault", table="network", details={"problem": problem, "hint": hint}
                )
            ]
        )
    return suppress_small_counts(zones, hand.network, least) if hand.network else zones


def _spelled(
    zones: StoredResult,
    communes: pl.DataFrame,
    place: Place,
    territory: Mapping[str, Any],
    hand: LocatedInputs,
) -> Sum | None:
    if hand.network is None:
        return None
    apl = territory["apl"] if place.kind == "territory" else communes.item(0, "apl")
    return spell_out(zones, hand.network, communes, apl)


def _weighed(
    zones: StoredResult, communes: pl.DataFrame, place: Place, apl: float | None
) -> pl.DataFrame:
    """Return the communes of a place, and what each brings to the APL of a territory."""
    weight = zones.methodology.zoning.aggregation_weight
    names = ["commune", "name", "population", "standardised_population", "etp", "practitioners"]
    rows = communes.select([*(name for name in names if name in communes.columns), "apl"])
    total = float(communes[weight].sum())
    if place.kind == "commune" or apl is None or communes["apl"].null_count():
        return rows
    parts = [people * own / total for people, own in communes.select(weight, "apl").rows()]
    exact = apportion(parts, apl, APL_DECIMALS)
    exact_column = pl.Series("contribution", exact, dtype=pl.Decimal(None, APL_DECIMALS))
    return rows.with_columns(exact_column).sort(
        "standardised_population", "commune", descending=[True, False]
    )


def _ages(zones: StoredResult, communes: pl.DataFrame, hand: LocatedInputs) -> pl.DataFrame | None:
    if hand.tables is None:
        return None
    bands = pl.DataFrame(zones.record["reference_values"]["age_bands"])
    return standardised(communes, hand.tables.population, bands)


def _neighbours(territories: pl.DataFrame, rank: int | None) -> pl.DataFrame:
    names = ["rank", "territory", "territory_name", "population", "apl", "cumulative_share", "zone"]
    if rank is None:
        return territories.select(names).clear()
    near = pl.col("rank").cast(pl.Int64).is_between(rank - _NEIGHBOURS, rank + _NEIGHBOURS)
    return territories.filter(near).sort("rank").select(names)


def _missing(hand: LocatedInputs, territory: Mapping[str, Any], secret: bool) -> list[Missing]:
    found = [hand.missing] if hand.missing else []
    if secret:
        found.append(Missing("secret"))
    elif territory["rank"] is None:
        found.append(Missing("unranked", territory["zone_reason"]))
    elif territory["zone_reason"] != RANKED:
        found.append(Missing("other_zone", territory["zone_reason"]))
    return found


def _apl(told: Explanation) -> float | None:
    """Return the APL of the place as it is stored."""
    if told.place.kind == "territory":
        return told.territory["apl"]  # type: ignore[no-any-return]
    return told.communes.item(0, "apl")  # type: ignore[no-any-return]


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON knows them: exact decimals become numbers."""
    return table.with_columns(pl.selectors.decimal().cast(pl.Float64)).to_dicts()
