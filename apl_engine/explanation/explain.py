"""Explain why a commune or a territory has its APL and its zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import OnStep, check_arguments
from ..executors import Given
from ..method.network import TravelNetwork
from ..method.result import Result, Zoning
from ..method.zoning import RANKED
from ..methodology.values import plain_fields
from ..results.lookup import Became, Kind, Place, find_place
from ..results.read import StoredResult, read_result
from ..results.write import in_memory
from ..rounding import apportion_decimals
from ..runs.reproduce import LocatedInputs, Missing, locate_inputs
from ..runs.run import GivenColumns
from ..scenarios.margins import Distance, distances, zone_by_rank
from ..scenarios.what_if import WhatIf
from .contributions import APL_DECIMALS, Sum, standardise_by_age, sum_contributions
from .sensitivity import Reading, other_readings

_NEIGHBOURS = 3


# Suppliers in the summary of a notebook.
_SHOWN = 10


@dataclass(frozen=True)
class Explanation:
    """All that a result states about a commune or a territory.

    Attributes
    ----------
    place : Place
        The commune or the territory.
    territory : mapping of str to object
        The row of its territory, see `schemas.OUTPUTS`.
    national : str or None
        Id of the class of its territory by rank, to which distances and readings refer: an agency
        may have moved it since. None if it has none, or it is hidden.
    communes : pl.DataFrame
        Its communes, by falling weight: ``commune``, ``name``, ``population``,
        ``standardised_population``, ``apl``, and ``contribution`` (Decimal; they add up to the
        APL) if it is a territory.
    sum : Sum or None
        Its APL as a sum of contributions; None if `missing` says why.
    ages : pl.DataFrame or None
        Its population by age, see `standardise_by_age`; None if the table is not available.
    neighbours : pl.DataFrame
        Its territory and those just below and above it by APL.
    distances : tuple of Distance
        The distance of its territory to each other class; empty if it is not ranked.
    readings : tuple of Reading
        The other readings of the points that the text leaves open.
    missing : tuple of Missing
        What could not be determined, and why.
    at : Place or None
        The commune to which ETP was added; None if each commune has a part of it.
    zones : StoredResult
        The result.
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
    at: Place | None
    zones: StoredResult

    @property
    def apl(self) -> float | None:
        """Return the stored APL of the commune or the territory; None if it is hidden."""
        own = self.territory if self.place.kind == "territory" else self.communes.row(0, named=True)
        return own["apl"]  # type: ignore[no-any-return]

    def _repr_markdown_(self) -> str:
        """Return a summary for notebooks; the page is `reports.explanation.explanation_page`."""
        apl = "hidden" if self.apl is None else f"{self.apl:.2f}"
        lines = [
            f"**{self.place.code} {self.place.name}**: zone {self.territory['zone']}, APL {apl}, "
            f"territory {self.territory['territory']} {self.territory['territory_name']}"
        ]
        if self.sum:
            lines += ["", "| supplier | ETP | weight | contribution |", "|---|--:|--:|--:|"]
            lines += [
                f"| {row['commune']} {row['name']} | {_cell(row['etp'])} | {_cell(row['weight'])} "
                f"| {_cell(row['contribution'])} |"
                for row in self.sum.suppliers.head(_SHOWN).iter_rows(named=True)
            ]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values, for JSON."""
        rules, spelled = self.zones.methodology, self.sum
        return {
            "place": asdict(self.place),
            "methodology": {"id": rules.id, "title": rules.title},
            "apl": self.apl,
            "territory": dict(self.territory),
            "national_zone": self.national,
            "communes": _rows(self.communes),
            "suppliers": _rows(spelled.suppliers) if spelled else [],
            **{name: getattr(spelled, name, None) for name in ("own_etp", "own_etp_kept")},
            "hidden_suppliers": spelled.hidden if spelled else 0,
            "ages": [] if self.ages is None else _rows(self.ages),
            "neighbours": _rows(self.neighbours),
            "cuts": [asdict(cut) for cut in self.zones.cuts],
            **plain_fields(self, "distances", "readings", "missing"),
        }


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.3f}"


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON has them, with exact decimals as numbers."""
    return table.with_columns(pl.selectors.decimal().cast(pl.Float64)).to_dicts()


@check_arguments(
    zones=(Zoning, str, Path), place=(str, int), kind=(str, None), at=(str, int, None),
    inputs=(str, Path, None), network=(str, Path, None),
)  # fmt: skip
def explain(
    zones: Zoning | str | Path,
    place: str | int,
    *,
    kind: Kind | None = None,
    inputs: str | Path | None = None,
    network: str | Path | None = None,
    at: str | int | None = None,
    readings: bool = True,
    became: Became | None = None,
    columns: GivenColumns | None = None,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> Explanation:
    """Explain the APL and the zone of a commune or a territory.

    Every figure is computed again from the result and its travel times: contributions add up to
    the APL, and the ETP to the next zone are verified by a run with them. A publication, which
    has no ETP of communes, is explained without them.

    Parameters
    ----------
    zones : Zoning, str or Path
        A result, as from `run` or `read_result`, or its folder.
    place : str or int
        Code or name of a commune or a territory, see `find_place`.
    kind : str, optional
        ``commune`` or ``territory``, if a code may be either.
    inputs : path, optional
        The tables or the run file of the result; by default where they were when it was written.
        Travel times are enough for most of the explanation; ages need the population, and most
        other readings the practitioners.
    network : path, optional
        A prepared network of its travel times.
    at : str or int, optional
        Commune of the territory where ETP is added or removed, by code or name; see `distances`.
    readings : bool
        Whether to try the other readings of open points, a run for each.
    became : callable, optional
        What codes of other years became, see `find_place`.
    columns : mapping of str to str, optional
        What the tables call columns, by our names; by default as recorded with the result.
    executor : concurrent.futures.Executor or str, optional
        What tries the other readings, see `open_workers`; the explanation is the same.
    on_step : callable, optional
        Called with a few words as each step begins.

    Returns
    -------
    Explanation

    Raises
    ------
    InputDataError
        The place is unknown or ambiguous, or the inputs are not those of the result.
    ExecutorError
        The executor cannot be used.

    Examples
    --------
    >>> explanation = explain(read_result("zones-2024"), "53130")  # doctest: +SKIP
    >>> explanation.sum.suppliers.select("name", "minutes_to", "contribution")  # doctest: +SKIP
    """
    held: TravelNetwork | None = None
    if isinstance(zones, str | Path):
        zones = read_result(zones)
    if not isinstance(zones, StoredResult):
        if isinstance(zones, Result) and inputs is None and network is None:
            # Tables on disk are read again: most other readings need them.
            held = zones.network if zones.prepared or "inputs" not in zones.located else None
        zones = in_memory(zones)
    found = find_place(zones, place, kind=kind, became=became)
    changed = None if at is None else find_place(zones, at, kind="commune", became=became)
    secret = zones.publication is not None
    if inputs is not None:
        zones.check_exact("result.published_inputs")
    # Of what a publication was computed from, travel times alone are public.
    located = locate_inputs(zones, inputs, network or held, on_step, columns)
    travel = located.network
    communes = zones.communes.filter(pl.col(found.kind) == found.code)
    territory = zones.territories.row(
        by_predicate=pl.col("territory") == found.territory, named=True
    )
    apl = territory["apl"] if found.kind == "territory" else communes.item(0, "apl")
    ranked = territory["rank"] is not None and not secret
    what_if = WhatIf(zones, travel) if travel and ranked else None
    own = zones.territories["territory"] == found.territory
    tried = (
        other_readings(zones, found.territory, located, on_step, executor=executor)
        if readings and not secret
        else []
    )
    margins = (
        distances(zones, found.territory, what_if, at=changed.code if changed else None)
        if ranked
        else []
    )
    return Explanation(
        place=found,
        territory=territory,
        national=str(zone_by_rank(zones).filter(own).item()) if ranked else territory["zone"],
        communes=_with_contributions(zones, communes, found, apl),
        sum=sum_contributions(zones, travel, communes, apl) if travel else None,
        ages=_ages(zones, communes, located.tables.population) if located.tables else None,
        neighbours=_neighbours(zones.territories, territory["rank"]),
        distances=tuple(margins),
        readings=tuple(tried),
        missing=_missing(located, territory, secret),
        at=changed,
        zones=zones,
    )


def _with_contributions(
    zones: StoredResult, communes: pl.DataFrame, place: Place, apl: float | None
) -> pl.DataFrame:
    """Return the communes of a place, with their contributions to the APL of a territory."""
    weight = zones.methodology.zoning.aggregation_weight
    names = ["commune", "name", "population", "standardised_population", "etp", "practitioners"]
    rows = communes.select([*(name for name in names if name in communes.columns), "apl"])
    if place.kind == "commune" or apl is None or communes["apl"].null_count():
        return rows
    total = float(communes[weight].sum())
    parts = [people * own / total for people, own in communes.select(weight, "apl").rows()]
    exact = apportion_decimals(parts, apl, APL_DECIMALS)
    contribution = pl.Series(exact, dtype=pl.Decimal(None, APL_DECIMALS))
    return rows.with_columns(contribution=contribution).sort(
        "standardised_population", "commune", descending=[True, False]
    )


def _ages(zones: StoredResult, communes: pl.DataFrame, population: pl.DataFrame) -> pl.DataFrame:
    bands = pl.DataFrame(zones.record["reference_values"]["age_bands"])
    return standardise_by_age(communes, population, bands)


def _neighbours(territories: pl.DataFrame, rank: int | None) -> pl.DataFrame:
    names = ["rank", "territory", "territory_name", "population", "apl", "cumulative_share", "zone"]
    if rank is None:
        return territories.select(names).clear()
    near = pl.col("rank").cast(pl.Int64).is_between(rank - _NEIGHBOURS, rank + _NEIGHBOURS)
    return territories.filter(near).sort("rank").select(names)


def _missing(
    located: LocatedInputs, territory: Mapping[str, Any], secret: bool
) -> tuple[Missing, ...]:
    missing = [located.missing] if located.missing and not secret else []
    if secret:
        missing.append(Missing("secret"))
    elif territory["rank"] is None:
        missing.append(Missing("unranked", territory["zone_reason"]))
    elif territory["zone_reason"] != RANKED:
        missing.append(Missing("other_zone", territory["zone_reason"]))
    return tuple(missing)
