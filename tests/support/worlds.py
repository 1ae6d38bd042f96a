"""Random small worlds, and random readings of the law, for Hypothesis."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from reference import Parameters, Step
from support.tables import BANDS, World, commune, practitioner

CODES = ["01001", "01002", "2A004", "2B033", "69381", "75101", "97101", "97602"]
REGIONS = ["11", "52", "06"]

# Values on and beside every bound of the method, all exact in binary but 9.999.
MINUTES = [0.0, 3.0, 9.5, 9.999, 10.0, 12.25, 15.0, 17.5, 20.0, 20.5, 45.0]
AGES = [30, 64, 65, 66, 80]
ACTS = [0, 1, 543, 544, 1000, 3000, 3000, 4000, 7000, 12000]
FEES = [0, 5000, 9999.75, 10_000, 10_000.25, 60_000]
PEOPLE = [0.0, 0.25, 1.0, 10.0, 15.0, 40.0, 100.0, 100.0, 1234.5]

CHOICES: dict[str, list[Any]] = {
    "etp_quantile_definition": ["linear", "inverted_cdf", "averaged_inverted_cdf", "weibull"],
    "etp_reference_population": ["kept_without_new", "kept", "age_kept", "all"],
    "etp_age_exclusion": ["above", "from"],
    "etp_low_activity_measure": ["fees", "acts"],
    "etp_newly_installed_etp": [1, Fraction(1, 2)],
    "etp_newly_installed_low_activity": ["counted", "excluded"],
    "etp_practice_split": ["acts", "equal", "main_practice"],
    "demand_normalised": [True, False],
    "travel_two_way_pairs": ["as_given", "min", "max", "mean"],
    "travel_one_way_pairs": ["as_given", "both_ways"],
    "travel_same_commune": ["where_absent", "always"],
    "travel_same_commune_minutes": [0, 10, 25],
    "zoning_aggregation_weight": ["standardised_population", "population"],
    "zoning_cut_population": ["population", "standardised_population"],
    "zoning_ties": ["code", "together"],
    "zoning_straddling": ["at_or_below", "crossing", "nearest"],
    "zoning_cuts": ["cumulated", "successive"],
    "zoning_imposed": [(), (("06", "tres_sous_dotee", "no data"),), (("52", "sous_dotee", "x"),)],
    "zoning_imposed_population": ["inside_cuts", "outside_cuts"],
    "travel_steps": [
        Parameters().travel_steps,
        (Step(10, True, Fraction(1)), Step(15, True, Fraction(2, 3)), Step(20, False, Fraction(0))),
        (Step(20, True, Fraction(1, 7)),),
    ],
}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a country of a few communes; any value may sit on a bound."""
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=6, unique=True))
    ids = st.sampled_from(["a", "b", "c", "d", "e", "f", "g"])
    practices = draw(
        st.lists(st.tuples(ids, st.sampled_from(codes)), min_size=1, max_size=10, unique=True)
    )
    people = {
        name: (draw(st.sampled_from(AGES)), draw(st.booleans()))
        for name in sorted({name for name, _ in practices})
    }
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from(codes), st.sampled_from(codes)),
            min_size=1,
            max_size=20,
            unique=True,
        )
    )
    times = [draw(st.sampled_from(MINUTES)) for _ in pairs]
    # A table whose times are all beyond reach, or 0, is refused.
    apart = [k for k, (one, two) in enumerate(pairs) if one != two] or [0]
    if min(times) >= 20 or not any(times[k] for k in apart):
        times[apart[0]] = 3.0
    return {
        "practitioners": [
            practitioner(
                name,
                place,
                acts=draw(st.sampled_from(ACTS)),
                fees=draw(st.sampled_from(FEES)),
                age=people[name][0],
                new=people[name][1],
            )
            for name, place in practices
        ],
        "population": [
            {"commune": code, "age_band": band, "population": draw(st.sampled_from(PEOPLE))}
            for code in codes
            for band in BANDS
        ],
        "consumption": [
            {"age_band": band, "fees": float(draw(st.sampled_from([0, 1, 250, 1000])))}
            for band in BANDS
        ],
        "travel_times": [
            {"origin": one, "destination": two, "minutes": minutes}
            for (one, two), minutes in zip(pairs, times, strict=True)
        ],
        "communes": [
            commune(
                code,
                draw(st.sampled_from(REGIONS)),
                draw(st.sampled_from(["T1", "T2", "T3", "T4"])),
            )
            for code in codes
        ],
    }


@st.composite
def parameters(draw: st.DrawFn) -> Parameters:
    """Draw a reading of the law: the default, but for a few parameters."""
    changed = draw(st.lists(st.sampled_from(sorted(CHOICES)), max_size=5, unique=True))
    return Parameters(**{name: draw(st.sampled_from(CHOICES[name])) for name in changed})
