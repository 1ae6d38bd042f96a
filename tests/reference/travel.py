"""The distances between the communes and their weights (annexe, IV, 4.1.3).

A pair (i, j) is the trip of a person who lives in i to a practice in j.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from .exact import ZERO, Number, Row, check_communes, check_unique, exact, exact_from_zero
from .parameters import Parameters

Pair = tuple[str, str]


def one_value_of_two_ways(there: Fraction, back: Fraction, rule: str) -> Fraction:
    """Return the minutes there, given both ways, under the rule for two-way pairs."""
    if rule == "min":
        return min(there, back)
    if rule == "max":
        return max(there, back)
    if rule == "mean":
        return (there + back) / 2
    return there


def minutes_between(
    travel_times: Sequence[Row], communes: Sequence[Row], parameters: Parameters
) -> dict[Pair, Fraction]:
    """Return the minutes of every pair that is in reach at all (annexe, IV, 4.1.3)."""
    codes = [row["commune"] for row in communes]
    check_communes(travel_times, "origin", codes)
    check_communes(travel_times, "destination", codes)
    check_unique(travel_times, "origin", "destination")
    given = {
        (row["origin"], row["destination"]): exact_from_zero(row["minutes"]) for row in travel_times
    }
    minutes = dict(given)
    for (i, j), there in given.items():
        if i != j and (j, i) in given:
            rule = parameters.travel_two_way_pairs
            minutes[i, j] = one_value_of_two_ways(there, given[j, i], rule)
        elif i != j and parameters.travel_one_way_pairs == "both_ways":
            minutes[j, i] = there
    for code in codes:
        if parameters.travel_same_commune == "always" or (code, code) not in given:
            minutes[code, code] = exact_from_zero(parameters.travel_same_commune_minutes)
    return minutes


def weight_of_minutes(minutes: Number, parameters: Parameters) -> Fraction:
    """Return the weight of a trip: that of the first step that it is within, else 0."""
    trip = exact(minutes)
    for step in parameters.travel_steps:
        if trip < exact(step.to) or (step.included and trip == exact(step.to)):
            return exact(step.weight)
    return ZERO


def weights(minutes: Mapping[Pair, Fraction], parameters: Parameters) -> dict[Pair, Fraction]:
    """Return the weight of every pair; a pair that is not there has weight 0."""
    return {pair: weight_of_minutes(trip, parameters) for pair, trip in minutes.items()}
