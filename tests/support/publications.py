"""A small region, published, and an attacker with linear programs over all of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse
from scipy.optimize import linprog

from apl_engine import Result, run
from apl_engine.disclosure_control.publish import Plan, plan_publication
from apl_engine.disclosure_control.rules import publication_rules

from .tables import SAMPLES

SAMPLE = SAMPLES / "pays-de-la-loire"


def tables_of_mayenne() -> dict[str, pl.DataFrame]:
    """Ten territories of 62 communes, as if nothing was around them."""
    tables = {
        name: pl.read_parquet(SAMPLE / f"{name}.parquet")
        for name in ("communes", "practitioners", "population", "consumption", "travel_times")
    }
    of_departement = tables["communes"].filter(departement="53")
    some = of_departement["territory"].unique().sort().head(10).implode()
    tables["communes"] = of_departement.filter(pl.col("territory").is_in(some))
    codes = tables["communes"]["commune"].implode()
    for name, columns in {
        "practitioners": ["commune"],
        "population": ["commune"],
        "travel_times": ["origin", "destination"],
    }.items():
        within = [pl.col(column).is_in(codes) for column in columns]
        tables[name] = tables[name].filter(pl.all_horizontal(within))
    return tables


@cache
def mayenne(*, leaving: int = 0) -> Result:
    """Return its result.

    Parameters
    ----------
    leaving : int
        How many of those who practise alone in a commune are gone, far from one another.
    """
    tables = tables_of_mayenne()
    if leaving:
        alone = mayenne().communes.filter(practitioners=1)["commune"]
        gone = alone.gather_every(max(1, len(alone) // leaving))
        stay = ~pl.col("commune").is_in(gone.head(leaving).implode())
        tables["practitioners"] = tables["practitioners"].filter(stay)
    return run(tables)


@cache
def plan_of_mayenne() -> Plan:
    """What is published of it, with the proofs."""
    return plan_publication(mayenne(), publication_rules())


def interval(matrix: Any, lower: Any, upper: Any, bounds: Any, group: Any) -> tuple[float, float]:
    """Return the least and the most of a sum of unknowns, given what is known of other sums."""
    rows = sparse.vstack([matrix, -matrix]).tocsr()
    limits = np.concatenate([upper, -np.asarray(lower)])
    finite = np.isfinite(limits)
    ends = []
    for sign in (1.0, -1.0):
        solved = linprog(
            sign * group, A_ub=rows[np.flatnonzero(finite)], b_ub=limits[finite], bounds=bounds
        )
        assert solved.status == 0, solved.message
        ends.append(sign * solved.fun)
    return ends[0], ends[1]
