"""APL of the communes with PySAL ``access``: floating catchment areas in two stages.

Weights are computed beforehand and passed as costs: PySAL calls ``weight_fn`` pair by pair unless
it is a NumPy ufunc, and ``positive`` returns the weights unchanged.
"""

import numpy as np
import pandas as pd
from access import fca

PER_INHABITANTS = 100_000


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
