"""From communes to territories, and to the region of each (annexe, II; IV, 4.1 and 4.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .exact import ZERO, Row, check_unique, total

ByCommune = Mapping[str, Fraction]


@dataclass(frozen=True)
class TerritoryResult:
    """One territory: its indicator, its rank and its class.

    ``rank``, ``cumulative_share`` (in %) are None where the territory is not ranked; ``reason``
    says why it is not.
    """

    apl: Fraction | None
    population: Fraction
    standardised_population: Fraction
    rank: int | None
    cumulative_share: Fraction | None
    zone: str | None
    region: str
    reason: str | None


@dataclass(frozen=True)
class ZoneTotals:
    """One class in one region, or in the whole of France; the share is in %.

    The share is None where there is no population to take a share of.
    """

    population: Fraction
    share: Fraction | None
    communes: int
    territories: int


def communes_of_territories(communes: Sequence[Row]) -> dict[str, list[str]]:
    """Return the communes of each territory (annexe, II)."""
    check_unique(communes, "commune")
    members: dict[str, list[str]] = {}
    for row in communes:
        members.setdefault(row["territory"], []).append(row["commune"])
    return members


def sum_by_territory(
    members: Mapping[str, Sequence[str]], values: ByCommune
) -> dict[str, Fraction]:
    """Return the sum of the values of the communes of each territory."""
    return {code: total(values[i] for i in own) for code, own in members.items()}


def territory_apl(
    members: Mapping[str, Sequence[str]], apl: ByCommune, weight: ByCommune
) -> dict[str, Fraction | None]:
    """Return the weighted mean of the indicator over the communes (annexe, IV, 4.1).

    None where the weights sum to 0.
    """
    result: dict[str, Fraction | None] = {}
    for code, own in members.items():
        weights = total(weight[i] for i in own)
        weighted = total(weight[i] * apl[i] for i in own)
        result[code] = weighted / weights if weights != 0 else None
    return result


def region_of_attribution(communes: Sequence[Row], population: ByCommune) -> dict[str, str]:
    """Return for each territory the region with most of its population (annexe, IV, 4.3).

    Where several have as much, the one with the smallest code.
    """
    people: dict[str, dict[str, Fraction]] = {}
    for row in communes:
        regions = people.setdefault(row["territory"], {})
        regions[row["region"]] = regions.get(row["region"], ZERO) + population[row["commune"]]
    return {
        code: min(regions, key=lambda region: (-regions[region], region))
        for code, regions in people.items()
    }


def zone_totals(
    chosen: Mapping[str, TerritoryResult],
    zone: str,
    members: Mapping[str, Sequence[str]],
) -> ZoneTotals:
    """Return what the zone weighs among the chosen territories (annexe, VI)."""
    inside = {code: result for code, result in chosen.items() if result.zone == zone}
    people = total(result.population for result in inside.values())
    everybody = total(result.population for result in chosen.values())
    return ZoneTotals(
        population=people,
        share=100 * people / everybody if everybody != 0 else None,
        communes=sum(len(members[code]) for code in inside),
        territories=len(inside),
    )


def regional_table(
    results: Mapping[str, TerritoryResult], communes: Sequence[Row], zones: Sequence[str]
) -> dict[tuple[str, str], ZoneTotals]:
    """Return for each region and class the territories attributed to it (annexe, IV, 4.3; VI).

    A territory counts whole, with its communes of other regions.
    """
    members = communes_of_territories(communes)
    table = {}
    for region in sorted({row["region"] for row in communes}):
        own = {code: result for code, result in results.items() if result.region == region}
        for zone in zones:
            table[region, zone] = zone_totals(own, zone, members)
    return table


def national_table(
    results: Mapping[str, TerritoryResult], communes: Sequence[Row], zones: Sequence[str]
) -> dict[str, ZoneTotals]:
    """Return for each class the territories of the whole of France (annexe, VI)."""
    members = communes_of_territories(communes)
    return {zone: zone_totals(results, zone, members) for zone in zones}
