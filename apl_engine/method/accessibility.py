"""The APL of each commune from supply, demand and travel times: annexe, IV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from ..columns import Indices, numbers
from ..errors import (
    EXAMPLES,
    ComputationError,
    Fault,
    InputDataError,
    Note,
    check_arguments,
    check_threads,
    first,
)
from ..executors import Given, open_workers
from ..kernels.types import Float
from ..methodology.model import Methodology
from ..schemas import Kind, typed_columns
from .demand import Demand
from .exact_sums import PEOPLE, ratios_unit, weighted_sums
from .network import TravelNetwork, Ways
from .supply import Supply

# Relative difference between distributed and reachable ETP that rounding explains.
_ROUNDING = 1e-9
_DEMAND: dict[str, Kind] = {
    "commune": "code",
    "population": "number",
    "standardised_population": "number",
}


@dataclass(frozen=True)
class Accessibility:
    """The APL of each commune.

    Attributes
    ----------
    communes : pl.DataFrame
        One row per commune, sorted by code: ``commune``, ``demand_reached`` (standardised
        inhabitants that a practice there serves, weighted), ``apl`` (ETP per `per_inhabitants` of
        the methodology).
    unreachable : pl.DataFrame
        ``commune`` and ``etp`` of the supply that no inhabitant can reach.
    reachable_etp : float
        All other supply, ETP.
    notes : tuple of Note
        Supply without inhabitants within reach, and inhabited communes without supply.
    """

    communes: pl.DataFrame
    unreachable: pl.DataFrame
    reachable_etp: float
    notes: tuple[Note, ...] = ()


@check_arguments(supply=Supply, demand=Demand, network=TravelNetwork, methodology=Methodology)
def compute_accessibility(
    supply: Supply,
    demand: Demand,
    network: TravelNetwork,
    methodology: Methodology,
    *,
    threads: int | None = None,
    executor: Given = None,
) -> Accessibility:
    """Compute the accessibilité potentielle localisée (APL) of every commune.

    With w the weight of the step that the minutes from i to j fall in, P standardised
    population, S supply in ETP: ``R_j = S_j / sum_i w_ij P_i`` and
    ``APL_i = 100 000 * sum_j w_ij R_j``, the two-step floating catchment method of Luo and Qi
    (2009, Health and Place 15) as the arrêté of 20 March 2024 sets it, annexe, IV.

    Parameters
    ----------
    supply : Supply
        ETP by commune.
    demand : Demand
        Standardised population of the same communes.
    network : TravelNetwork
        Travel times between them.
    methodology : Methodology
        Sections ``travel`` and ``apl``.
    threads : int, optional
        Number of threads; by default that of the cores. The result is the same for any number.
    executor : concurrent.futures.Executor or str, optional
        What adds up the parts of a network in parts, see `open_workers`; the result is the same.

    Returns
    -------
    Accessibility

    Raises
    ------
    InputDataError
        Supply or demand has other communes than the network, or a value that is negative or not
        a finite number, or a total that is out of range; or `threads` is not a positive integer;
        or an executor is given for a network in one piece.
    ExecutorError
        The executor cannot be used.
    MethodologyError
        The network was built by other rules, or does not distinguish the steps.
    ComputationError
        The APLs times the populations do not add up to the reachable supply.
    """
    check_threads(threads)
    if executor is not None:
        with open_workers(executor) as workers:
            network = network.on(workers)
            return compute_accessibility(supply, demand, network, methodology, threads=threads)
    # The kernels index by row: communes in another order would be read for each other.
    supplies = typed_columns(supply.communes, "supply", {"commune": "code", "etp": "number"})
    demands = typed_columns(demand.communes, "demand", _DEMAND)
    network.check_communes(supplies["commune"])
    network.check_communes(demands["commune"])
    codes = network.communes.alias("commune")
    etp, people = numbers(supplies["etp"]), numbers(demands["standardised_population"])
    per = float(methodology.apl.per_inhabitants)
    # Weights are whole numbers over a common denominator, which cancels between both steps.
    ways = network.ways(methodology)
    reached = reached_demand(ways, people, threads)
    apl = reached_supply(ways, supply_ratios(etp, reached), threads)
    apl *= per
    served = reached > 0
    alone = np.flatnonzero(~served)
    _check_unserved(etp[alone])
    reachable = float(np.sum(etp[served] if len(alone) else etp))
    _check_balance(float(np.sum(people * apl)) / per, reachable)
    lost = alone[etp[alone] > 0]
    unserved = np.flatnonzero(apl == 0)
    unserved = unserved[numbers(demands["population"])[unserved] > 0]
    reached /= methodology.travel.denominator
    communes = codes.to_frame().hstack(
        [pl.Series("demand_reached", reached), pl.Series("apl", apl)]
    )
    # Few if any: one by one takes less than all at once.
    without = pl.Series("commune", [codes[row] for row in lost.tolist()], dtype=pl.String)
    unreachable = without.to_frame().hstack([pl.Series("etp", etp[lost])])
    return Accessibility(
        communes, unreachable, reachable, tuple(_notes(codes, unreachable, unserved))
    )


def _notes(codes: pl.Series, unreachable: pl.DataFrame, unserved: Indices) -> Iterator[Note]:
    if unreachable.height:
        etp = float(unreachable["etp"].sum())
        yield Note(
            "accessibility.unreachable_supply",
            unreachable.height,
            first(unreachable["commune"]),
            warning=True,
            details={"etp": etp},
        )
    if len(unserved):
        examples = first(codes[row] for row in unserved[:EXAMPLES].tolist())
        yield Note("accessibility.no_supply_within_reach", len(unserved), examples)


def reached_demand(ways: Ways, people: Float, threads: int | None = None) -> Float:
    """Return the weighted demand within reach of each commune, float64 (n,): the first step."""
    return weighted_sums(ways.by_destination, people, PEOPLE, "demand", threads)


def supply_ratios(etp: Float, reached: Float) -> Float:
    """Return supply divided by the demand within its reach, float64 (n,); 0 if there is none."""
    # A quotient beyond floating point is refused where it is added up.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        ratios: Float = etp / reached
    ratios[reached <= 0] = 0.0
    return ratios


def reached_supply(ways: Ways, ratio: Float, threads: int | None = None) -> Float:
    """Return the weighted ratios within reach of each commune, (n,): the second step."""
    rows = ways.by_origin
    return weighted_sums(rows, ratio, ratios_unit(rows.heaviest), "supply", threads)


def apl_by(network: TravelNetwork, methodology: Methodology, etp: Float, people: Float) -> Float:
    """Return the APL of each commune by both steps, without checks, float64 (n,).

    NaN if it depends on a hidden figure.

    Parameters
    ----------
    network : TravelNetwork
        Of n communes.
    methodology : Methodology
        Sections ``travel`` and ``apl``.
    etp : float64 (n,)
        Supply, ETP; NaN if it is hidden.
    people : float64 (n,)
        Standardised inhabitants; NaN if they are hidden.
    """
    ways = network.ways(methodology)
    reached = reached_demand(ways, np.nan_to_num(people))
    ratio = supply_ratios(np.nan_to_num(etp), reached)
    apl = float(methodology.apl.per_inhabitants) * reached_supply(ways, ratio)
    unknown = np.isnan(etp) | (reached_demand(ways, np.isnan(people).astype(np.float64)) > 0)
    if unknown.any():
        apl[reached_supply(ways, unknown.astype(np.float64)) > 0] = np.nan
    return apl


def _check_unserved(etp: Float) -> None:
    """Refuse supply that is no quantity where no ratio of it is added up, which would refuse it."""
    if invalid := int(np.count_nonzero(~((etp >= 0.0) & (etp < np.inf)))):
        fault = Fault("argument.not_a_quantity", "supply", details={"invalid": invalid})
        raise InputDataError(fault)


def _check_balance(distributed: float, reachable: float) -> None:
    """Check the identity of the method: no supply is created or lost between the two steps."""
    if abs(distributed - reachable) > _ROUNDING * max(reachable, 1.0):
        details = {"distributed": distributed, "reachable": reachable}
        raise ComputationError(Fault("accessibility.unbalanced", "communes", details=details))
