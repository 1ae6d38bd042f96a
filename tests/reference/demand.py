"""Demand: the population standardised by age (annexe, IV, 4.1.2)."""

from collections.abc import Sequence
from fractions import Fraction

from .errors import FeesWithoutPopulationError, NoFeesError, NoPopulationError, UnknownAgeBandError
from .exact import ZERO, Row, check_communes, check_unique, exact_from_zero, total
from .parameters import Parameters


def population_by_commune(
    population: Sequence[Row], communes: Sequence[Row]
) -> dict[str, Fraction]:
    """Return the population of every commune, all ages together (annexe, III, 3.3)."""
    people = {row["commune"]: ZERO for row in communes}
    check_communes(population, "commune", people)
    check_unique(population, "commune", "age_band")
    for row in population:
        people[row["commune"]] += exact_from_zero(row["population"])
    return people


def band_weights(
    population: Sequence[Row], consumption: Sequence[Row], parameters: Parameters
) -> dict[str, Fraction]:
    """Return the weight of each age band, from the fees that it consumes (annexe, IV, 4.1.2).

    The fees per head of the band; normalised, in units of the fees per head of everybody.
    """
    check_unique(consumption, "age_band")
    fees = {row["age_band"]: exact_from_zero(row["fees"]) for row in consumption}
    people = dict.fromkeys(fees, ZERO)
    for row in population:
        if row["age_band"] not in people:
            raise UnknownAgeBandError(f"no consumption of the age band {row['age_band']!r}")
        people[row["age_band"]] += exact_from_zero(row["population"])
    all_fees, all_people = total(fees.values()), total(people.values())
    if all_people == 0:
        raise NoPopulationError("all the population sums to 0")
    if all_fees == 0:
        raise NoFeesError("all the fees sum to 0")
    weights = {}
    for band in fees:
        if people[band] == 0 and fees[band] != 0:
            raise FeesWithoutPopulationError(f"fees, but nobody, in the age band {band!r}")
        per_head = fees[band] / people[band] if people[band] != 0 else ZERO
        if parameters.demand_normalised:
            weights[band] = per_head / (all_fees / all_people)
        else:
            weights[band] = per_head
    return weights


def standardised_population(
    population: Sequence[Row],
    consumption: Sequence[Row],
    communes: Sequence[Row],
    parameters: Parameters,
) -> dict[str, Fraction]:
    """Return the standardised population of every commune (annexe, IV, 4.1.2)."""
    people = {row["commune"]: ZERO for row in communes}
    check_communes(population, "commune", people)
    check_unique(population, "commune", "age_band")
    weight = band_weights(population, consumption, parameters)
    for row in population:
        people[row["commune"]] += exact_from_zero(row["population"]) * weight[row["age_band"]]
    return people
