"""Supply, demand and network to the APL of each commune: annexe, IV."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from . import kernels
from .arrays import numbers
from .demand import Demand
from .errors import ComputationError
from .kernels.types import Float
from .methodology import Methodology
from .network import Rows, TravelNetwork
from .supply import Supply

# Below this many pairs a second thread costs more than it brings.
_PAIRS_PER_THREAD = 4_000_000
# What the sum of APL times population may differ from the reachable ETP by rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Accessibility:
    """The indicator, commune by commune.

    Attributes
    ----------
    communes : one row per commune, sorted by code: ``commune``, ``demand_reached``
        (standardised inhabitants a practice there serves, by weight), ``apl`` (ETP per
        `per_inhabitants` of the methodology).
    unreachable : ``commune``, ``etp`` of the supply that no inhabitant can reach.
    reachable_etp : all other supply, ETP.
    """

    communes: pl.DataFrame
    unreachable: pl.DataFrame
    reachable_etp: float


def compute_accessibility(
    supply: Supply,
    demand: Demand,
    network: TravelNetwork,
    methodology: Methodology,
    *,
    threads: int | None = None,
) -> Accessibility:
    """Compute the accessibilité potentielle localisée (APL) of every commune.

    With w the weight of the step that the minutes from i to j fall in, P standardised
    population, S supply in ETP: ``R_j = S_j / sum_i w_ij P_i`` and
    ``APL_i = 100 000 * sum_j w_ij R_j``, the two-step floating catchment method of Luo and Qi
    (2009, Health and Place 15) as the arrêté of 20 March 2024 sets it, annexe, IV.

    Parameters
    ----------
    supply, demand, network : of the same communes.
    methodology : see its section ``apl``.
    threads : how many may work; as many as the machine has where None. The result is the same.

    Returns
    -------
    Accessibility

    Raises
    ------
    ValueError
        `threads` is no whole number of 1 or more.
    ComputationError
        The sum of APL times population is not the reachable supply.
    """
    if threads is not None and (not isinstance(threads, int) or threads < 1):
        raise ValueError(f"threads must be a whole number of 1 or more, got {threads!r}")
    etp = numbers(supply.communes["etp"])
    people = numbers(demand.communes["standardised_population"])
    per = float(methodology.apl.per_inhabitants)
    # Weights are whole numbers over a common denominator, which cancels between both steps.
    reached = _gather(network.by_destination, network.weights, people, threads)
    served = reached > 0
    ratio = np.divide(etp, reached, out=np.zeros_like(etp), where=served)
    apl = per * _gather(network.by_origin, network.weights, ratio, threads)
    reachable = float(np.sum(etp[served]))
    _check_balance(float(np.sum(people * apl)) / per, reachable)
    lost = (etp > 0) & ~served
    codes = supply.communes["commune"]
    return Accessibility(
        pl.DataFrame(
            {"commune": codes, "demand_reached": reached / network.denominator, "apl": apl}
        ),
        pl.DataFrame({"commune": codes.filter(lost), "etp": etp[lost]}),
        reachable,
    )


def _check_balance(distributed: float, reachable: float) -> None:
    """Check the identity of the method: no supply is made or lost between the two steps."""
    if abs(distributed - reachable) > _ROUNDING * max(reachable, 1.0):
        raise ComputationError(
            f"the APLs distribute {distributed!r} ETP where {reachable!r} can be reached; "
            "please report this with the record of the inputs"
        )


def _gather(rows: Rows, weights: Float, values: Float, threads: int | None) -> Float:
    """Sum along each row; threads share the rows out in runs of about as many pairs."""
    size = len(rows.pointers) - 1
    out = np.empty(size)
    arguments = (rows.pointers, rows.columns, rows.classes, weights, values)
    workers = min(threads or os.cpu_count() or 1, 1 + len(rows.columns) // _PAIRS_PER_THREAD)
    if workers == 1:
        kernels.gather(*arguments, 0, size, out)
        return out
    shares = np.linspace(0, len(rows.columns), workers + 1)[1:-1]
    bounds = [0, *np.searchsorted(rows.pointers, shares).tolist(), size]
    with ThreadPoolExecutor(workers) as pool:
        work = [
            pool.submit(kernels.gather, *arguments, start, stop, out)
            for start, stop in pairwise(bounds)
        ]
        for part in work:
            part.result()
    return out
