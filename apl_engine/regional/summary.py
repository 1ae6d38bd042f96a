"""A region before it adapts: shares, margin, candidates, territories across its border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from ..method.result import Zoning
from .knapsack import by_rank
from .region import Country, Region, Territory, read_country, total

_CANDIDATE = {
    "territory": pl.String, "territory_name": pl.String, "apl": pl.Float64,
    "population": pl.Float64, "cumulative": pl.Float64, "within": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class RegionalSummary:
    """What a region may do under annexe V.

    Attributes
    ----------
    region : Region
        Its territories and population.
    shares : pl.DataFrame
        ``zone``, ``label``, ``population``, ``share`` (% of the region), ``territories``.
    room_up, room_down : Fraction
        Inhabitants that may be added to the lower class, and removed from it.
    additions, removals : pl.DataFrame
        The candidates in legal order: ``territory``, ``territory_name``, ``apl``, ``population``,
        ``within`` (whether it fits into the margin at its turn) and ``cumulative`` (its inhabitants
        and those of the earlier candidates that fit; of all earlier ones if the order is
        ``strict``). The text sets no order for removals: they come by falling APL.
    locked : pl.DataFrame
        Communes of the region that another one classes: ``territory``, ``territory_name``,
        ``region`` and ``region_name`` (that classes it), ``zone``, ``communes`` and
        ``population`` (of the part in this region).
    shared : pl.DataFrame
        Communes of other regions that this one classes: the same columns, with the region in which
        they lie.
    """

    region: Region
    shares: pl.DataFrame
    room_up: Fraction
    room_down: Fraction
    additions: pl.DataFrame
    removals: pl.DataFrame
    locked: pl.DataFrame
    shared: pl.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain values, for JSON."""
        region = self.region
        return {
            "region": region.code,
            "region_name": region.name,
            **{name: float(getattr(region, name)) for name in ("population", "residents")},
            "margin": {
                "percent": float(region.methodology.regional.margin),
                "inhabitants": float(region.limit),
                "base_inhabitants": float(region.base),
                "up": float(self.room_up),
                "down": float(self.room_down),
            },
            "notes": [note.as_dict() for note in region.notes],
            "shares": self.shares.to_dicts(),
            **{
                name: getattr(self, name).to_dicts()
                for name in ("additions", "removals", "locked", "shared")
            },
        }


def regional_summary(zones: Zoning, region: str) -> RegionalSummary:
    """Return what a region may change, and what it may not.

    Arrêté of 20 March 2024, annexe, IV, 4.3 and V.

    Parameters
    ----------
    zones : Zoning
        A national result, as from `run`, `zone_published` or `read_result`.
    region : str
        Code or name.

    Returns
    -------
    RegionalSummary

    Raises
    ------
    InputDataError
        The region is unknown, or the zones were already adapted.

    Examples
    --------
    >>> regional_summary(read_result("zones-2024"), "Pays de la Loire").additions  # doctest: +SKIP
    """
    country = read_country(zones)
    own = country.region(region)
    up, down = own.room(adding=True), own.room(adding=False)
    return RegionalSummary(
        region=own,
        shares=shares_by_zone(own, own.own),
        room_up=up,
        room_down=down,
        additions=_candidates(own.additions(), up, own.methodology.regional.addition_order),
        removals=_candidates(own.removals(), down, "free"),
        locked=across_border(country, own, attributed_here=False),
        shared=across_border(country, own, attributed_here=True),
    )


def shares_by_zone(region: Region, territories: Sequence[Territory]) -> pl.DataFrame:
    """Return the share of each class among the territories of a region."""
    rows = []
    for zone in region.methodology.zoning.classes:
        inside = [one for one in territories if one.zone == zone.id]
        people = total(inside)
        share = float(region.share(people))
        rows.append((zone.id, zone.label, float(people), share, len(inside)))
    columns = ["zone", "label", "population", "share", "territories"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _candidates(candidates: Sequence[Territory], room: Fraction, order: str) -> pl.DataFrame:
    fitting = by_rank(candidates, room, order)
    rows, before = [], Fraction(0)
    for one in candidates:
        fits, cumulative = one in fitting, before + one.population
        rows.append(
            (one.code, one.name, one.apl, float(one.population), float(cumulative), fits)
        )  # fmt: skip
        if fits or order == "strict":
            before = cumulative
    return pl.DataFrame(rows, schema=_CANDIDATE, orient="row")


def across_border(country: Country, region: Region, *, attributed_here: bool) -> pl.DataFrame:
    """Return the communes that lie in one region and are classed by another."""
    pairs = [(one.code, one.region) for one in country.territories.values()]
    schema = dict.fromkeys(("territory", "attributed"), pl.String)
    attributed = pl.DataFrame(pairs, schema=schema, orient="row")
    zones = country.zones
    names = zones.regions.select("region", "region_name").unique()
    inside = pl.col("attributed") if attributed_here else pl.col("region")
    outside = pl.col("region") if attributed_here else pl.col("attributed")
    return (
        zones.communes.sort("commune")
        .join(attributed, on="territory", maintain_order="left")
        .filter(inside == region.code, outside != region.code)
        .with_columns(region=outside)
        .group_by("territory", "territory_name", "region", "zone", maintain_order=True)
        .agg(communes=pl.len().cast(pl.Int64), population=pl.col("population").sum())
        .join(names, on="region", how="left", maintain_order="left")
        .select("territory", "territory_name", "region", "region_name", "zone", "communes",
                "population")
        .sort("territory", "region")
    )  # fmt: skip
