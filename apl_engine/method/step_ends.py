"""Zones by the other readings of the end of a step: annexe, IV, 4.1.3.

Such a reading changes the weight of the pairs at exactly that time, and of no other.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ..columns import numbered, numbers
from ..errors import Note, first
from ..kernels.types import Float, Words
from ..methodology.model import Methodology
from .accessibility import reached_supply, supply_ratios
from .network import TravelNetwork
from .result import AMBIGUOUS
from .zoning import contest_of, group_means


def zones_by_other_ends(
    communes: pl.DataFrame,
    territories: pl.DataFrame,
    network: TravelNetwork,
    methodology: Methodology,
    threads: int | None = None,
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the territories whose zone depends on which step the end of a step belongs to.

    Parameters
    ----------
    communes : pl.DataFrame
        Sorted by code: ``territory``, ``etp``, ``population``, ``standardised_population``,
        ``demand_reached``.
    territories : pl.DataFrame
        As from `classify`.
    network : TravelNetwork
        Of the same communes.
    methodology : Methodology
        Its ``travel.steps``: each other reading that only includes an end which it excludes, or
        the reverse, is tried.
    threads : int, optional
        Number of threads; the result is the same for any number.

    Returns
    -------
    pl.DataFrame, tuple of Note
        The columns `AMBIGUOUS`, and a warning for each reading by which zones change.
    """
    classes = [zone.id for zone in methodology.zoning.classes]
    own = territories.select(AMBIGUOUS[2:-1])
    parts: list[pl.DataFrame] = []
    notes: list[Note] = []
    for value, change in network.other_ends(methodology):
        apl = _apl(communes, network, methodology, change, threads)
        if apl is None:
            continue
        codes, territory = numbered(communes["territory"])
        weights = numbers(communes[methodology.zoning.aggregation_weight])
        means = group_means(territory, len(codes), weights, apl)
        contest = contest_of(territories, methodology)
        zones = [classes[k] if k >= 0 else None for k in contest.zones(contest.rank(means))]
        both = own.with_columns(
            parameter=pl.lit("steps"), value=pl.lit(value),
            other_zone=pl.Series(zones, dtype=pl.String),
        ).filter(pl.col("zone").ne_missing(pl.col("other_zone")))  # fmt: skip
        parts.append(both.select(AMBIGUOUS))
        if both.height:
            examples = first(
                f"{row['territory']} {row['territory_name']} ({row['zone']}, "
                f"else {row['other_zone']})"
                for row in both.iter_rows(named=True)
            )
            details = {"value": value, "pairs": int(network.band_counts[change != 0].sum())}
            code = "zoning.step_ends"
            notes.append(Note(code, both.height, examples, warning=True, details=details))
    empty = own.clear().with_columns(pl.lit("").alias(n) for n in AMBIGUOUS if n not in own.columns)
    return pl.concat([empty.select(AMBIGUOUS), *parts]), tuple(notes)


def _apl(
    communes: pl.DataFrame,
    network: TravelNetwork,
    methodology: Methodology,
    change: Words,
    threads: int | None,
) -> Float | None:
    """Return the APLs if the weights of some bands change; None if no pair has these.

    Only these pairs are added to the sums that the run has, so that others need not be read.
    """
    bands = [int(band) for band in np.flatnonzero(change) if network.band_counts[band]]
    if not bands:
        return None
    size, denominator = communes.height, methodology.travel.denominator
    people, etp = (numbers(communes[name]) for name in ("standardised_population", "etp"))
    reached = denominator * numbers(communes["demand_reached"])
    ends = [(*network.pairs_of(band), float(change[band])) for band in bands]
    for origin, destination, more in ends:
        reached = reached + np.bincount(destination, more * people[origin], size)
    ratio = supply_ratios(etp, np.where(reached > 0, reached, 0.0))
    supply = reached_supply(network.ways(methodology), ratio, threads)
    for origin, destination, more in ends:
        supply = supply + np.bincount(origin, more * ratio[destination], size)
    return float(methodology.apl.per_inhabitants) * supply
