"""The whole method, from the tables to the zones (annexe, IV)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .accessibility import apl, demand_reached, supply_ratios, unreachable_supply
from .demand import population_by_commune, standardised_population
from .exact import Row, check_unique
from .parameters import Parameters
from .supply import (
    PractitionerCounts,
    count_practitioners,
    etp_by_commune,
    gather_practitioners,
    reference_values,
)
from .territories import TerritoryResult, ZoneTotals, national_table, regional_table
from .travel import minutes_between, weights
from .zoning import zone_territories


@dataclass(frozen=True)
class Outcome:
    """All that the method says: by commune, by territory, by region and class, by class."""

    median: Fraction
    ceiling: Fraction
    practitioners: PractitionerCounts
    etp: dict[str, Fraction]
    population: dict[str, Fraction]
    standardised_population: dict[str, Fraction]
    demand_reached: dict[str, Fraction]
    apl: dict[str, Fraction]
    unreachable: dict[str, Fraction]
    territories: dict[str, TerritoryResult]
    regions: dict[tuple[str, str], ZoneTotals]
    national: dict[str, ZoneTotals]


def compute(
    practitioners: Sequence[Row],
    population: Sequence[Row],
    consumption: Sequence[Row],
    travel_times: Sequence[Row],
    communes: Sequence[Row],
    parameters: Parameters | None = None,
) -> Outcome:
    """Run the method over the tables (annexe, IV)."""
    chosen = parameters if parameters is not None else Parameters()
    check_unique(communes, "commune")

    gathered = gather_practitioners(practitioners)
    reference = reference_values(gathered, chosen)
    etp = etp_by_commune(practitioners, communes, chosen)

    people = population_by_commune(population, communes)
    standardised = standardised_population(population, consumption, communes, chosen)

    weight = weights(minutes_between(travel_times, communes, chosen), chosen)
    demand = demand_reached(weight, standardised)
    indicator = apl(weight, supply_ratios(etp, demand), chosen)

    territories = zone_territories(communes, indicator, people, standardised, chosen)
    zones = [zone for zone, _ in chosen.zoning_classes]
    return Outcome(
        median=reference.median,
        ceiling=reference.ceiling,
        practitioners=count_practitioners(gathered, chosen),
        etp=etp,
        population=people,
        standardised_population=standardised,
        demand_reached=demand,
        apl=indicator,
        unreachable=unreachable_supply(etp, demand),
        territories=territories,
        regions=regional_table(territories, communes, zones),
        national=national_table(territories, communes, zones),
    )
