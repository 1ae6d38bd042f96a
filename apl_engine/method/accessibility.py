"""Supply, demand and network to the APL of each commune: annexe, IV."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .. import kernels
from ..columns import numbers
from ..errors import ComputationError, Fault
from ..kernels.threads import check_threads, share_out
from ..kernels.types import Float
from ..methodology.model import Methodology, common_denominator
from .demand import Demand
from .network import TravelNetwork
from .sparse_rows import Rows
from .supply import Supply

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
    InputDataError
        Supply or demand is of other communes than the network.
    MethodologyError
        The network was built by other rules, or does not tell the steps apart.
    ComputationError
        The sum of APL times population is not the reachable supply.
    """
    check_threads(threads)
    # Rows of another network would be read beyond their end, or for other communes.
    codes = supply.communes["commune"]
    network.check_communes(codes)
    if not demand.communes["commune"].equals(codes):
        network.check_communes(demand.communes["commune"])
    etp = numbers(supply.communes["etp"])
    people = numbers(demand.communes["standardised_population"])
    per = float(methodology.apl.per_inhabitants)
    # Weights are whole numbers over a common denominator, which cancels between both steps.
    weights = network.weights(methodology)
    reached = reached_demand(network, weights, people, threads)
    served = reached > 0
    ratio = supply_ratios(etp, reached)
    apl = per * _gather(network.by_origin, weights, ratio, threads)
    apl = per * reached_supply(network, weights, ratio, threads)
    reachable = float(np.sum(etp[served]))
    _check_balance(float(np.sum(people * apl)) / per, reachable)
    lost = (etp > 0) & ~served
    denominator = common_denominator(methodology.travel.steps)
    return Accessibility(
        pl.DataFrame({"commune": codes, "demand_reached": reached / denominator, "apl": apl}),
        pl.DataFrame({"commune": codes.filter(lost), "etp": etp[lost]}),
        reachable,
    )


def reached_demand(
    network: TravelNetwork, weights: Float, people: Float, threads: int | None = None
) -> Float:
    """Return the weighted demand that reaches each commune, float64 (n,): the first step."""
    return _gather(network.by_destination, weights, people, threads)


def supply_ratios(etp: Float, reached: Float) -> Float:
    """Return supply over the demand that reaches it, 0 where none does, float64 (n,)."""
    return np.divide(etp, reached, out=np.zeros_like(etp), where=reached > 0)


def reached_supply(
    network: TravelNetwork, weights: Float, ratio: Float, threads: int | None = None
) -> Float:
    """Return the weighted ratios within reach of each commune, (n,): the second step."""
    return _gather(network.by_origin, weights, ratio, threads)


def apl_by(network: TravelNetwork, methodology: Methodology, etp: Float, people: Float) -> Float:
    """Return the APL of each commune by both steps, without checks, float64 (n,).

    Parameters
    ----------
    network : of n communes.
    methodology : see its sections ``travel`` and ``apl``.
    etp, people : float64 (n,), supply in ETP and standardised inhabitants.
    """
    weights = network.weights(methodology)
    ratio = supply_ratios(etp, reached_demand(network, weights, people))
    return float(methodology.apl.per_inhabitants) * reached_supply(network, weights, ratio)


def _check_balance(distributed: float, reachable: float) -> None:
    """Check the identity of the method: no supply is made or lost between the two steps."""
    if abs(distributed - reachable) > _ROUNDING * max(reachable, 1.0):
        raise ComputationError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"the APLs distribute {distributed!r} ETP where {reachable!r} can be reached; "
                    "please report this with the record of the inputs"
                },
            )
        )


def _gather(rows: Rows, weights: Float, values: Float, threads: int | None) -> Float:
    """Sum along each row."""
    out = np.empty(len(values))

    def work(start: int, stop: int) -> None:
        kernels.gather(rows.pointers, rows.pairs, weights, values, start, stop, out)

    share_out(work, rows.pointers, threads)
    return out
