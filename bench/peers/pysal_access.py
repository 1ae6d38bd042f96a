"""APL of the communes with PySAL ``access``: floating catchment areas in two stages.

The step weights of PySAL include their upper bounds; those of the method exclude all but the last.
Since minutes are multiples of a tenth, bounds lowered by half a tenth give the same weights.
"""

import numpy as np
import pandas as pd
from access import fca, weights

PER_INHABITANTS = 100_000
STEPS = {9.95: 1.0, 14.95: 2 / 3, 20.0: 1 / 3}


def with_own_communes(travel_times: pd.DataFrame, communes: pd.Series) -> pd.DataFrame:
    """Return the pairs (origin, destination, minutes) with own pairs of 0 minutes."""
    own = pd.DataFrame({"origin": communes, "destination": communes})
    return pd.concat([travel_times, own.assign(minutes=0.0)], ignore_index=True)


def accessibility(pairs: pd.DataFrame, supply: pd.DataFrame, demand: pd.DataFrame) -> pd.Series:
    """Return the APL by commune as PySAL documents it, with ``step_fn`` on the minutes.

    `supply` and `demand` are indexed by commune, with a column of their name; `pairs` includes own
    pairs.
    """
    return PER_INHABITANTS * fca.two_stage_fca(
        demand,
        supply,
        pairs,
        max_cost=20.0,
        demand_index=True,
        supply_name="supply",
        demand_name="demand",
        cost_origin="origin",
        cost_dest="destination",
        cost_name="minutes",
        weight_fn=weights.step_fn(STEPS),
    )


def weighted_accessibility(
    pairs: pd.DataFrame, supply: pd.DataFrame, demand: pd.DataFrame
) -> pd.Series:
    """Return the same much faster, with weights computed beforehand and passed as costs.

    PySAL calls ``weight_fn`` pair by pair unless it is a NumPy ufunc; ``positive`` returns the
    weights unchanged.
    """
    minutes = pairs["minutes"].to_numpy()
    steps = [minutes < 10, minutes < 15, minutes <= 20]
    cost = np.select(steps, [1.0, 2 / 3, 1 / 3], default=0.0)
    weighted = pd.DataFrame(
        {"origin": pairs["origin"], "destination": pairs["destination"], "weight": cost}
    )
    return of_weights(weighted, supply, demand)


def of_weights(weighted: pd.DataFrame, supply: pd.DataFrame, demand: pd.DataFrame) -> pd.Series:
    """Return the APL by commune from pairs (origin, destination, weight), own pairs included."""
    return PER_INHABITANTS * fca.two_stage_fca(
        demand,
        supply,
        weighted,
        demand_index=True,
        supply_name="supply",
        demand_name="demand",
        cost_origin="origin",
        cost_dest="destination",
        cost_name="weight",
        weight_fn=np.positive,
    )
