"""Ranking the territories and cutting them into classes (annexe, IV, 4.2)."""

from collections.abc import Generator, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate

from .errors import NoPopulationToCutError
from .exact import ZERO, Row, exact, total
from .parameters import Parameters
from .territories import (
    ByCommune,
    TerritoryResult,
    communes_of_territories,
    region_of_attribution,
    sum_by_territory,
    territory_apl,
)

NO_INHABITANTS = "no inhabitants"


def rank_territories(apl: Mapping[str, Fraction]) -> list[str]:
    """Return the territories by rising indicator, then by code (annexe, IV, 4.2)."""
    return sorted(apl, key=lambda code: (apl[code], code))


def tie_blocks(
    ranked: Sequence[str], apl: Mapping[str, Fraction], parameters: Parameters
) -> list[list[str]]:
    """Return the ranked territories in the blocks that are cut as one (text silent)."""
    blocks: list[list[str]] = []
    for code in ranked:
        together = parameters.zoning_ties == "together"
        if together and blocks and apl[blocks[-1][0]] == apl[code]:
            blocks[-1].append(code)
        else:
            blocks.append([code])
    return blocks


def cuts(
    parameters: Parameters, imposed_share: Mapping[str, Fraction] | None = None
) -> list[Fraction]:
    """Return the cuts in % of the population: 15, 30 and 70 (annexe, IV, 4.2).

    ``imposed_share`` is, by class, the share in % that the imposed territories use up.
    """
    used = imposed_share or {}
    own_shares = [
        exact(share) - used.get(zone, ZERO)
        for zone, share in parameters.zoning_classes
        if share is not None
    ]
    return list(accumulate(own_shares))


def is_within(before: Fraction, through: Fraction, cut: Fraction, rule: str) -> bool:
    """Say whether a territory is in the classes up to the cut (annexe, IV, 4.2, silent).

    ``before`` and ``through`` are the cumulative shares without and with the territory.
    """
    if through <= cut:
        return True
    if rule == "crossing":
        return before < cut
    if rule == "nearest":
        return before < cut and through - cut < cut - before
    return False


def class_of(
    before: Fraction, through: Fraction, cut_shares: Sequence[Fraction], parameters: Parameters
) -> str:
    """Return the first class whose cut the territory is within; the last if none."""
    ids = [zone for zone, _ in parameters.zoning_classes]
    for zone, cut in zip(ids[:-1], cut_shares, strict=True):
        if is_within(before, through, cut, parameters.zoning_straddling):
            return zone
    return ids[-1]


def iter_successive(
    parameters: Parameters, imposed_share: Mapping[str, Fraction]
) -> Generator[str, tuple[Fraction, Fraction]]:
    """Yield the class of each block, whose share is counted from where the class before ended."""
    ids, start, k = [zone for zone, _ in parameters.zoning_classes], ZERO, 0
    before, through = yield ids[0]
    while True:
        while k < len(ids) - 1:
            own = parameters.zoning_classes[k][1]
            assert own is not None
            cut = own - imposed_share.get(ids[k], ZERO)
            if is_within(before - start, through - start, cut, parameters.zoning_straddling):
                break
            k, start = k + 1, before
        before, through = yield ids[k]


def cut_ranked(
    apl: Mapping[str, Fraction],
    cut_population: Mapping[str, Fraction],
    imposed_population: Mapping[str, Fraction],
    parameters: Parameters,
) -> dict[str, tuple[int, Fraction, str]]:
    """Return the rank, the cumulative share in % and the class of the territories to rank.

    ``imposed_population`` is, by class, the population of the imposed territories. What of it
    counts in the cuts, in the class of a territory or before, is in its cumulative share.
    """
    ranked = rank_territories(apl)
    if not ranked:
        return {}
    everybody = total(cut_population[code] for code in ranked)
    imposed_share: dict[str, Fraction] = {}
    if parameters.zoning_imposed_population == "inside_cuts":
        everybody += total(imposed_population.values())
    if everybody == 0:
        raise NoPopulationToCutError("the territories to be cut have no population")
    if parameters.zoning_imposed_population == "inside_cuts":
        imposed_share = {z: 100 * n / everybody for z, n in imposed_population.items()}
    cut_shares = cuts(parameters, imposed_share)
    ids = [zone for zone, _ in parameters.zoning_classes]
    imposed_up_to = dict(zip(ids, accumulate(imposed_share.get(z, ZERO) for z in ids), strict=True))
    share = {code: 100 * cut_population[code] / everybody for code in ranked}
    result: dict[str, tuple[int, Fraction, str]] = {}
    before = ZERO
    successive = iter_successive(parameters, imposed_share)
    next(successive)
    for block in tie_blocks(ranked, apl, parameters):
        through = before + total(share[code] for code in block)
        if parameters.zoning_cuts == "successive":
            zone = successive.send((before, through))
        else:
            zone = class_of(before, through, cut_shares, parameters)
        own = before
        for code in block:
            own += share[code]
            result[code] = (len(result) + 1, own + imposed_up_to[zone], zone)
        before = through
    return result


def zone_territories(
    communes: Sequence[Row],
    apl: ByCommune,
    population: ByCommune,
    standardised_population: ByCommune,
    parameters: Parameters,
) -> dict[str, TerritoryResult]:
    """Return every territory with its indicator, rank, class and region (annexe, IV, 4.2-4.3).

    An imposed class goes before all: it also holds where the territory has no inhabitants.
    """
    by_name = {"population": population, "standardised_population": standardised_population}
    members = communes_of_territories(communes)
    people = sum_by_territory(members, population)
    standardised = sum_by_territory(members, standardised_population)
    cut_population = sum_by_territory(members, by_name[parameters.zoning_cut_population])
    territory = territory_apl(members, apl, by_name[parameters.zoning_aggregation_weight])
    region = region_of_attribution(communes, population)
    imposed = {code: (zone, reason) for code, zone, reason in parameters.zoning_imposed}

    to_rank: dict[str, Fraction] = {}
    imposed_population: dict[str, Fraction] = {}
    for code in members:
        value = territory[code]
        if region[code] in imposed:
            zone, _ = imposed[region[code]]
            used = imposed_population.get(zone, ZERO)
            imposed_population[zone] = used + cut_population[code]
        elif value is not None:
            to_rank[code] = value
    ranked = cut_ranked(to_rank, cut_population, imposed_population, parameters)

    results = {}
    for code in members:
        rank: int | None = None
        cumulative_share: Fraction | None = None
        final_zone: str | None = None
        reason: str | None = None
        if code in ranked:
            rank, cumulative_share, final_zone = ranked[code]
        elif region[code] in imposed:
            final_zone, reason = imposed[region[code]]
        else:
            reason = NO_INHABITANTS
        results[code] = TerritoryResult(
            apl=territory[code],
            population=people[code],
            standardised_population=standardised[code],
            rank=rank,
            cumulative_share=cumulative_share,
            zone=final_zone,
            region=region[code],
            reason=reason,
        )
    return results
