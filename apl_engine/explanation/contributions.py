"""The APL of a commune or a territory as a sum: suppliers, demand, inhabitants by age."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from ..columns import Bands, Float, numbers
from ..method.network import TravelNetwork
from ..method.result import Zoning
from ..rounding import apportion_decimals, round_decimal

# Decimals of APLs and of shares in % that add up exactly.
APL_DECIMALS, SHARE_DECIMALS = 6, 4


@dataclass(frozen=True)
class Sum:
    """An APL as the sum of the contributions of its suppliers.

    Attributes
    ----------
    suppliers : pl.DataFrame
        The communes within reach, by falling contribution: ``commune``, ``name``,
        ``minutes_from``, ``minutes_to`` (the shortest and the longest trip there, minutes),
        ``weight`` (of a trip there, the mean over the inhabitants), ``etp``, ``demand_reached``
        (standardised inhabitants), ``ratio`` (ETP per `per_inhabitants`), ``contribution`` (weight
        times ratio, Decimal; they add up to the APL), ``share`` (% of the APL; 100 in all),
        ``demand_sent`` (standardised inhabitants counted in the demand there),
        ``share_of_demand`` (% of all demand there), ``etp_received`` (share of the ETP there).
    apl : Decimal or None
        The sum of the contributions; None if some are hidden.
    own_etp, own_etp_kept : float or None
        ETP that practise in the commune or territory, and what its own inhabitants get of them.
    hidden : int
        Number of suppliers whose figures are hidden: ``contribution`` of these is null, and
        ``share`` of all.
    """

    suppliers: pl.DataFrame
    apl: Decimal | None
    own_etp: float | None
    own_etp_kept: float | None
    hidden: int


_COLUMNS = (
    "commune", "name", "minutes_from", "minutes_to", "weight", "etp", "demand_reached", "ratio",
    "contribution", "share", "demand_sent", "share_of_demand", "etp_received",
)  # fmt: skip


def sum_contributions(
    zones: Zoning, network: TravelNetwork, communes: pl.DataFrame, apl: float | None
) -> Sum:
    """Compute the contributions to the APL of some communes together, weighted by inhabitants.

    Parameters
    ----------
    zones : Zoning
        A result with its supply.
    network : TravelNetwork
        The network that it was computed on.
    communes : pl.DataFrame
        Rows of its communes: one, or those of a territory.
    apl : float or None
        Their APL, to which the contributions add up; None if it is hidden.

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
    k, w = trips["origin"].to_numpy(), trips["weight"].to_numpy()
    trips = trips.with_columns(part=part[k] * w, sent=people[k] * w)
    there = zones.communes.select("commune", "name", "etp", "demand_reached")
    suppliers = (
        trips.group_by("row", maintain_order=True)
        .agg(
            pl.col("minutes_from").min(),
            pl.col("minutes_to").max(),
            weight=pl.col("part").sum(),
            demand_sent=pl.col("sent").sum(),
        )
        .with_columns(there[trips["row"].unique(maintain_order=True)])
        .with_columns(ratio=_per_demand(per * pl.col("etp")))
        .with_columns(
            contribution=pl.col("weight") * pl.col("ratio"),
            share_of_demand=100.0 * _per_demand(pl.col("demand_sent")),
            etp_received=pl.col("demand_sent") * pl.col("ratio") / per,
        )
    )
    hidden = int(suppliers["contribution"].null_count())
    apl = None if hidden else apl
    suppliers = _add_up(suppliers, apl).sort(
        "contribution", "commune", descending=[True, False], nulls_last=True
    )
    own = suppliers.filter(pl.col("commune").is_in(communes["commune"].implode()))
    secret = bool(communes["etp"].null_count())
    return Sum(
        suppliers.select(_COLUMNS),
        None if apl is None else round_decimal(apl, APL_DECIMALS),
        None if secret else float(communes["etp"].sum()),
        None if secret else float(own["etp_received"].sum()),
        hidden,
    )


def _per_demand(value: pl.Expr) -> pl.Expr:
    """Return a value divided by the demand reached; 0 without demand, null if it is hidden."""
    demand = pl.col("demand_reached")
    return pl.when(demand > 0).then(value / demand).when(demand.is_not_null()).then(0.0)


def _add_up(suppliers: pl.DataFrame, apl: float | None) -> pl.DataFrame:
    """Round contributions so that they add up to the APL, and shares so that they add up to 100."""
    values = suppliers["contribution"].to_list()
    rounded: list[Decimal | None]
    shares: list[Decimal | None] = [None] * len(values)
    if apl is None:
        rounded = [None if v is None else round_decimal(v, APL_DECIMALS) for v in values]
    else:
        rounded = list(apportion_decimals(values, apl, APL_DECIMALS))
        if apl > 0:
            percent = [100.0 * value / apl for value in values]
            shares = list(apportion_decimals(percent, 100, SHARE_DECIMALS))
    return suppliers.with_columns(
        contribution=pl.Series(rounded, dtype=pl.Decimal(None, APL_DECIMALS)),
        share=pl.Series(shares, dtype=pl.Decimal(None, SHARE_DECIMALS)),
    )


def _trips(zones: Zoning, network: TravelNetwork, communes: pl.DataFrame) -> pl.DataFrame:
    """Return the trips of weight above 0: origin (row of `communes`), row of `zones`, minutes."""
    known = zones.communes.select("commune").with_row_index()
    rows = communes.select("commune").join(known, on="commune", how="left", maintain_order="left")
    pointers = network.by_origin.pointers
    spans = [np.arange(pointers[row], pointers[row + 1]) for row in rows["index"]]
    at = np.concatenate(spans)
    bands = network.by_origin.bands[at]
    low, high = minutes_of(bands, network.edges)
    denominator = zones.methodology.travel.denominator
    trips = pl.DataFrame(
        {
            "origin": np.repeat(np.arange(len(spans)), [len(span) for span in spans]),
            "row": network.by_origin.communes[at],
            "minutes_from": low,
            "minutes_to": high,
            "weight": network.weights(zones.methodology)[bands] / denominator,
        }
    )
    return trips.filter(pl.col("weight") > 0).sort("row", "origin")


def minutes_of(bands: Bands, edges: Float) -> tuple[Float, Float]:
    """Return the shortest and the longest travel time of each band; equal on an edge.

    Parameters
    ----------
    bands : uint8 (n,)
        See `TravelNetwork.edges`.
    edges : float64 (n_edges,)
        Minutes.

    Returns
    -------
    float64 (n,), float64 (n,)
        Minutes.
    """
    edge = bands >> 1
    low = np.concatenate(([0.0], edges))[edge]
    high = edges[edge]
    return np.where(bands & 1, high, low), high


def standardise_by_age(
    communes: pl.DataFrame, population: pl.DataFrame, bands: pl.DataFrame
) -> pl.DataFrame:
    """Compute the standardised population of some communes by age.

    Parameters
    ----------
    communes : pl.DataFrame
        ``commune``.
    population : pl.DataFrame
        The table of a run: ``commune``, ``age_band``, ``population``.
    bands : pl.DataFrame
        ``age_band`` and ``weight``, see `Demand.bands`.

    Returns
    -------
    pl.DataFrame
        A row per age band: ``age_band``, ``population``, ``weight`` (standardised inhabitants per
        inhabitant), ``standardised_population``.
    """
    people = (
        population.with_columns(pl.col("commune", "age_band").cast(pl.String))
        .filter(pl.col("commune").is_in(communes["commune"].implode()))
        .sort("age_band", "commune")
        .group_by("age_band", maintain_order=True)
        .agg(pl.col("population").sum())
    )
    return (
        bands.select(pl.col("age_band").cast(pl.String), "weight")
        .join(people, on="age_band", how="left", maintain_order="left")
        .with_columns(pl.col("population").fill_null(0.0))
        .with_columns(standardised_population=pl.col("population") * pl.col("weight"))
        .select("age_band", "population", "weight", "standardised_population")
    )
