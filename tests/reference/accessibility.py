"""The indicator by commune: supply set against demand, both in reach (annexe, IV, 4.1)."""

from collections.abc import Mapping
from fractions import Fraction

from .exact import ZERO, exact, total
from .parameters import Parameters
from .travel import Pair

ByCommune = Mapping[str, Fraction]
Weights = Mapping[Pair, Fraction]


def demand_reached(weights: Weights, standardised_population: ByCommune) -> dict[str, Fraction]:
    """Return for each commune j the sum over i of w_ij P_i (annexe, IV, 4.1)."""
    communes = standardised_population.keys()
    return {
        j: total(weights.get((i, j), ZERO) * standardised_population[i] for i in communes)
        for j in communes
    }


def supply_ratios(etp: ByCommune, demand: ByCommune) -> dict[str, Fraction]:
    """Return for each commune j the ETP over the demand that reaches it; 0 where none does."""
    return {j: etp[j] / demand[j] if demand[j] != 0 else ZERO for j in etp}


def unreachable_supply(etp: ByCommune, demand: ByCommune) -> dict[str, Fraction]:
    """Return the ETP of the communes that have some and that nobody can reach."""
    return {j: etp[j] for j in etp if etp[j] != 0 and demand[j] == 0}


def apl(weights: Weights, ratios: ByCommune, parameters: Parameters) -> dict[str, Fraction]:
    """Return for each commune i the ETP in reach for 100 000 inhabitants (annexe, IV)."""
    per = exact(parameters.apl_per_inhabitants)
    return {i: per * total(weights.get((i, j), ZERO) * ratios[j] for j in ratios) for i in ratios}
