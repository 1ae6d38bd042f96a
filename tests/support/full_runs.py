"""A result computed whole with another supply: what shortcuts are held against."""

from __future__ import annotations

from typing import Any

import polars as pl

from apl_engine import Result, TravelNetwork, run
from apl_engine.method import Cut, Supply, aggregate_territories, classify, compute_accessibility
from apl_engine.method.demand import Demand


def full_run(
    result: Result, network: TravelNetwork, etp: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame, tuple[Cut, ...]]:
    """Return communes, territories and cuts with other ETP, by commune code."""
    rules, communes = result.methodology, result.communes.with_columns(etp.alias("etp"))
    access = compute_accessibility(
        Supply(communes.select("commune", "etp"), 1.0, 1.0, {}),
        Demand(communes, pl.DataFrame()),
        network,
        rules,
    )
    communes = communes.with_columns(access.communes.drop("commune"))
    return communes, *classify(aggregate_territories(communes, rules), rules)[:2]


def with_more(result: Result, changes: dict[str, float]) -> pl.Series:
    """Return the ETP of communes with some added or taken away."""
    more = pl.col("commune").replace_strict(changes, default=0.0, return_dtype=pl.Float64)
    return result.communes.select(pl.col("etp") + more).to_series()


def run_with_network(*arguments: Any, **options: Any) -> tuple[Result, TravelNetwork]:
    """Return the result of a run, and the network that it holds."""
    result = run(*arguments, **options)
    return result, result.network
