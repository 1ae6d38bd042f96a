"""Who supplies each commune and each territory most, for all of them in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from ...columns import numbered, numbers
from ...errors import OnStep
from ...executors import Given
from ...explanation.contributions import minutes_of
from ...method.network import TravelNetwork
from ...method.result import Zoning
from ...scenarios.margins import zone_margins
from ...scenarios.what_if import WhatIf

# Suppliers shown of a place.
MOST = 5


def supplies_content(zones: Zoning, network: TravelNetwork) -> dict[str, Any]:
    """Return the communes that contribute most to the APL of each commune and each territory.

    Parameters
    ----------
    zones : Zoning
        An exact result with its supply.
    network : TravelNetwork
        The network that it was computed on.

    Returns
    -------
    dict
        For ``communes`` and ``territories``, by number: ``count`` of suppliers of each, five at
        most, and of all of them, one place after the other, ``commune``, ``share`` (of the APL, in
        whole %) and, of communes, ``minutes`` (at most, of the trip there). Plain values.
    """
    zones.check_exact("result.published_margins")
    trips = _trips(zones, network)
    codes, territory = numbered(zones.communes["territory"])
    weight = numbers(zones.communes[zones.methodology.zoning.aggregation_weight])
    # The APL of a territory is the mean of those of its communes.
    summed = (
        trips.with_columns(
            place=pl.Series(territory)[trips["place"]], part=pl.col("part") * weight[trips["place"]]
        )
        .group_by("place", "commune")
        .agg(pl.col("part").sum(), pl.col("minutes").max())
    )
    own = _packed(_largest(trips), zones.communes.height)
    return {
        "communes": own,
        "territories": {
            name: values
            for name, values in _packed(_largest(summed), len(codes)).items()
            if name != "minutes"
        },
    }


def _trips(zones: Zoning, network: TravelNetwork) -> pl.DataFrame:
    """Return what each commune within reach contributes: ``place``, ``commune``, ``part``."""
    rows = network.by_origin
    etp, demand = (numbers(zones.communes[name]) for name in ("etp", "demand_reached"))
    ratio = np.divide(etp, demand, out=np.zeros_like(etp), where=demand > 0)
    weights = network.weights(zones.methodology)[rows.bands]
    place = np.repeat(np.arange(len(rows.pointers) - 1), np.diff(rows.pointers))
    there = np.asarray(rows.communes)
    minutes = minutes_of(rows.bands, network.edges)[1]
    trips = pl.DataFrame(
        {"place": place, "commune": there, "part": weights * ratio[there], "minutes": minutes}
    )
    return trips.filter(pl.col("part") > 0)


def _largest(trips: pl.DataFrame) -> pl.DataFrame:
    """Return the largest parts of each place, with their share of all of them in whole %."""
    share = (100.0 * pl.col("part") / pl.col("part").sum().over("place")).round().cast(pl.Int64)
    return (
        trips.with_columns(share=share)
        .sort("place", "part", "commune", descending=[False, True, False])
        .filter(pl.int_range(pl.len()).over("place") < MOST)
    )


def _packed(largest: pl.DataFrame, size: int) -> dict[str, list[Any]]:
    return {
        "count": np.bincount(largest["place"].to_numpy(), minlength=size).tolist(),
        "commune": largest["commune"].to_list(),
        "share": largest["share"].to_list(),
        "minutes": largest["minutes"].cast(pl.Int64).to_list(),
    }


def margins_content(
    zones: Zoning,
    network: TravelNetwork,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> dict[str, Any]:
    """Return what separates each territory from the next class above and below, exactly.

    Parameters
    ----------
    zones : Zoning
        An exact result.
    network : TravelNetwork
        The network that it was computed on.
    executor, on_step : optional
        As for `zone_margins`.

    Returns
    -------
    dict
        For ``up`` and ``down``, by territory: ``zone`` (number of the class, -1 if there is none),
        ``apl`` to gain (negative: to lose), and ``etp`` to add (negative: to remove) or None.
        Plain values.
    """
    ids = [zone.id for zone in zones.methodology.zoning.classes]
    what_if = WhatIf(zones, network)
    rows = zone_margins(zones, what_if, beside=True, executor=executor, on_step=on_step)
    numbers_of = {code: number for number, code in enumerate(zones.territories["territory"])}
    size = zones.territories.height
    content: dict[str, Any] = {
        way: {"zone": [-1] * size, "apl": [None] * size, "etp": [None] * size}
        for way in ("up", "down")
    }
    for row in rows.iter_rows(named=True):
        own, other = ids.index(row["zone"]), ids.index(row["to_zone"])
        way, number = content["up" if other > own else "down"], numbers_of[row["territory"]]
        way["zone"][number], way["apl"][number], way["etp"][number] = other, row["apl"], row["etp"]
    return content
