"""The APL of a place spelled out: who supplies it, where its demand goes, who its people are."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from ..columns import numbers
from ..kernels.types import Bands, Float
from ..method.network import TravelNetwork
from ..method.ranking import Places
from ..method.result import Zoning
from ..methodology.model import common_denominator
from ..rounding import apportion, rounded

# Decimals of APLs and of shares in % that are made to add up.
APL_DECIMALS, SHARE_DECIMALS = 6, 4


@dataclass(frozen=True)
class Sum:
    """How the APL of a place comes about.

    Attributes
    ----------
    suppliers : the communes that its people reach, by falling contribution: ``commune``, ``name``,
        ``minutes_from``, ``minutes_to`` (the shortest and the longest trip from it, minutes),
        ``weight`` (that of a trip there, the mean over its people), ``etp``, ``demand_reached``
        (standardised inhabitants), ``ratio`` (ETP per `per_inhabitants`), ``contribution`` (weight
        times ratio; Decimal, and together the APL of the place), ``share`` (% of it; together 100),
        ``demand_sent`` (standardised inhabitants of the place that count in the demand there),
        ``share_of_demand`` (% of all demand there), ``etp_received`` (what of its ETP they get).
    apl : Decimal, the sum of the contributions; None where some are hidden.
    own_etp, own_etp_kept : what practises in the place, ETP, and what of it goes to its people.
    hidden : how many suppliers keep their figures secret; where there are any, ``contribution``
        and ``share`` of these are null, and ``share`` of all.
    """

    suppliers: pl.DataFrame
    apl: Decimal | None
    own_etp: float | None
    own_etp_kept: float | None
    hidden: int


def spell_out(
    zones: Zoning, network: TravelNetwork, communes: pl.DataFrame, apl: float | None
) -> Sum:
    """Spell out the APL of some communes together, each weighing by its people.

    Parameters
    ----------
    zones : a result with its supply.
    network : that it was computed on.
    communes : the rows of its communes that make the place: one, or those of a territory.
    apl : that of the place, which the contributions are made to add up to; None where it is hidden.

    Returns
    -------
    Sum
    """
    rules = zones.methodology
    per = float(rules.apl.per_inhabitants)
    trips = _trips(zones, network, communes)
    weight = numbers(communes[rules.zoning.aggregation_weight])
    if communes.height == 1:
        weight = np.ones(1)
    total = float(weight.sum())
    part = weight / total if total > 0 else weight
    people = numbers(communes["standardised_population"])
    k = trips["origin"].to_numpy()
    w = trips["weight"].to_numpy()
    trips = trips.with_columns(part=part[k] * w, sent=people[k] * w)
    there = zones.communes.select("commune", "name", "etp", "demand_reached")
    found = (
        trips.group_by("place", maintain_order=True)
        .agg(
            pl.col("minutes_from").min(),
            pl.col("minutes_to").max(),
            weight=pl.col("part").sum(),
            demand_sent=pl.col("sent").sum(),
        )
        .with_columns(there[trips["place"].unique(maintain_order=True)])
        .with_columns(ratio=_per_demand(per * pl.col("etp")))
        .with_columns(
            contribution=pl.col("weight") * pl.col("ratio"),
            share_of_demand=100.0 * _per_demand(pl.col("demand_sent")),
            etp_received=pl.col("demand_sent") * pl.col("ratio") / per,
        )
    )
    hidden = int(found["contribution"].null_count())
    found = _shared(found, apl if apl is not None and not hidden else None).sort(
        "contribution", "commune", descending=[True, False], nulls_last=True
    )
    own = found.filter(pl.col("commune").is_in(communes["commune"].implode()))
    secret = bool(communes["etp"].null_count())
    return Sum(
        found.select(_COLUMNS),
        None if hidden or apl is None else rounded(apl, APL_DECIMALS),
        None if secret else float(communes["etp"].sum()),
        None if secret else float(own["etp_received"].sum()),
        hidden,
    )


_COLUMNS = (
    "commune", "name", "minutes_from", "minutes_to", "weight", "etp", "demand_reached", "ratio",
    "contribution", "share", "demand_sent", "share_of_demand", "etp_received",
)  # fmt: skip


def _per_demand(value: pl.Expr) -> pl.Expr:
    """Return a value over the demand reached, 0 where there is none."""
    return (
        pl.when(pl.col("demand_reached") > 0)
        .then(value / pl.col("demand_reached"))
        .otherwise(pl.when(pl.col("demand_reached").is_not_null()).then(0.0))
    )


def _shared(found: pl.DataFrame, apl: float | None) -> pl.DataFrame:
    """Make contributions decimals that add up to the APL, and shares that add up to 100."""
    values = found["contribution"].to_list()
    exact: list[Decimal | None]
    shares: list[Decimal | None] = [None] * len(values)
    if apl is None:
        exact = [None if value is None else rounded(value, APL_DECIMALS) for value in values]
    else:
        exact = list(apportion(values, apl, APL_DECIMALS))
        if apl > 0:
            shares = list(apportion([100.0 * value / apl for value in values], 100, SHARE_DECIMALS))
    return found.with_columns(
        contribution=pl.Series(exact, dtype=pl.Decimal(None, APL_DECIMALS)),
        share=pl.Series(shares, dtype=pl.Decimal(None, SHARE_DECIMALS)),
    )


def _trips(zones: Zoning, network: TravelNetwork, communes: pl.DataFrame) -> pl.DataFrame:
    """Return trips that weigh something: origin (row of `communes`), place, minutes, weight."""
    rows = _rows_of(zones, communes)
    pointers = network.by_origin.pointers
    spans = [np.arange(pointers[row], pointers[row + 1]) for row in rows]
    at = np.concatenate(spans)
    origin = np.repeat(np.arange(len(rows)), [len(span) for span in spans])
    bands = network.by_origin.bands[at]
    low, high = minutes_of(bands, network.edges)
    weights = network.weights(zones.methodology)[bands]
    trips = pl.DataFrame(
        {
            "origin": origin,
            "place": network.by_origin.places[at],
            "minutes_from": low,
            "minutes_to": high,
            "weight": weights / common_denominator(zones.methodology.travel.steps),
        }
    )
    return trips.filter(pl.col("weight") > 0).sort("place", "origin")


def _rows_of(zones: Zoning, communes: pl.DataFrame) -> Places:
    rows = zones.communes.select("commune").with_row_index()
    found = communes.select("commune").join(rows, on="commune", how="left", maintain_order="left")
    return found["index"].cast(pl.Int64).to_numpy()


def minutes_of(bands: Bands, edges: Float) -> tuple[Float, Float]:
    """Return between which minutes each band lies; both are the same on an edge.

    Parameters
    ----------
    bands : uint8 (n,), see `TravelNetwork.edges`.
    edges : float64 (n_edges,), minutes.

    Returns
    -------
    float64 (n,), float64 (n,)
    """
    edge = bands >> 1
    low = np.concatenate(([0.0], edges))[edge]
    high = edges[edge]
    return np.where(bands & 1, high, low), high


def standardised(
    communes: pl.DataFrame, population: pl.DataFrame, bands: pl.DataFrame
) -> pl.DataFrame:
    """Spell out the standardised population of some communes by age.

    Parameters
    ----------
    communes : with ``commune``.
    population : the table of a run: ``commune``, ``age_band``, ``population``.
    bands : ``age_band`` and ``weight``, see `Demand.bands`.

    Returns
    -------
    pl.DataFrame
        By age: ``age_band``, ``population``, ``weight`` (standardised inhabitants per inhabitant),
        ``standardised_population``.
    """
    text = pl.col("commune", "age_band").cast(pl.String)
    people = (
        population.with_columns(text)
        .filter(pl.col("commune").is_in(communes["commune"].implode()))
        .sort("age_band", "commune")
        .group_by("age_band", maintain_order=True)
        .agg(pl.col("population").sum())
    )
    weights = bands.select(pl.col("age_band").cast(pl.String), "weight")
    return (
        weights.join(people, on="age_band", how="left", maintain_order="left")
        .with_columns(pl.col("population").fill_null(0.0))
        .with_columns(standardised_population=pl.col("population") * pl.col("weight"))
        .select("age_band", "population", "weight", "standardised_population")
    )
