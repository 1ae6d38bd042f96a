"""The reference pinned on cases small enough to be worked by hand."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from reference import (
    DuplicateRowError,
    EmptyReferencePopulationError,
    FeesWithoutPopulationError,
    InconsistentPractitionerError,
    NegativeValueError,
    NoFeesError,
    NoPopulationError,
    NoPopulationToCutError,
    NotANumberError,
    Outcome,
    Parameters,
    ReferenceValues,
    Row,
    Step,
    UnknownAgeBandError,
    UnknownCommuneError,
    WrongParameterError,
    ZeroMedianError,
    ZoneTotals,
    band_weights,
    compute,
    count_practitioners,
    cut_ranked,
    cuts,
    etp_by_commune,
    exact,
    gather_practitioners,
    minutes_between,
    quantile,
    reference_values,
    region_of_attribution,
    split_between_practices,
    standardised_population,
    territory_apl,
    tie_blocks,
    weight_of_minutes,
    zone_territories,
)

F = Fraction
TSD, SD, INT, NP = "tres_sous_dotee", "sous_dotee", "intermediaire", "non_prioritaire"


def practice(
    who: str,
    where: str,
    acts: Any,
    fees: Any = 50_000,
    age: int = 40,
    new: bool = False,
) -> Row:
    """Make one row of the practitioners."""
    return {
        "practitioner_id": who,
        "commune": where,
        "age": age,
        "acts": acts,
        "fees": fees,
        "newly_installed": new,
    }


def commune(code: str, territory: str = "T", region: str = "R1") -> Row:
    """Make one row of the communes."""
    return {
        "commune": code,
        "name": code.upper(),
        "region": region,
        "territory": territory,
        "territory_name": territory,
    }


def people(where: str, number: Any, band: str = "00-04") -> Row:
    """Make one row of the population."""
    return {"commune": where, "age_band": band, "population": number}


def fees_of(band: str, fees: Any) -> Row:
    """Make one row of the consumption."""
    return {"age_band": band, "fees": fees}


def trip(origin: str, destination: str, minutes: Any) -> Row:
    """Make one row of the travel times."""
    return {"origin": origin, "destination": destination, "minutes": minutes}


ONE_BAND = [fees_of("00-04", 1000)]


# --- numbers ---


def test_numbers_are_taken_exactly() -> None:
    """A float is the binary number that it is; a text or a Decimal the number written."""
    assert exact("0.1") == F(1, 10)
    assert exact(Decimal("9999.99")) == F(999_999, 100)
    assert exact(0.1) != F(1, 10)
    assert exact(0.5) == F(1, 2)


@pytest.mark.parametrize("value", [None, "many", float("nan"), float("inf"), "1/0"])
def test_what_is_no_number_stops(value: Any) -> None:
    """Neither a missing nor an infinite value goes through."""
    with pytest.raises(NotANumberError):
        exact(value)


# --- quantiles ---


@pytest.mark.parametrize(
    ("definition", "level", "expected"),
    [
        # 10 20 30 40, n = 4
        ("linear", "1/2", "25"),  # position 1 + 3/2 = 2.5
        ("linear", "9/10", "37"),  # position 1 + 2.7 = 3.7
        ("linear", "1/4", "17.5"),  # position 1.75
        ("inverted_cdf", "1/2", "20"),  # n q = 2: the 2nd
        ("inverted_cdf", "9/10", "40"),  # n q = 3.6: the 4th
        ("inverted_cdf", "1/4", "10"),  # n q = 1: the 1st
        ("averaged_inverted_cdf", "1/2", "25"),  # n q = 2: between the 2nd and the 3rd
        ("averaged_inverted_cdf", "9/10", "40"),  # n q = 3.6: the 4th
        ("averaged_inverted_cdf", "1/4", "15"),  # n q = 1: between the 1st and the 2nd
        ("weibull", "1/2", "25"),  # position 5/2
        ("weibull", "9/10", "40"),  # position 4.5: beyond the last
        ("weibull", "1/4", "12.5"),  # position 1.25
        ("weibull", "1/10", "10"),  # position 0.5: before the first
    ],
)
def test_quantile_of_four_values(definition: str, level: str, expected: str) -> None:
    """The four definitions tell four values apart."""
    values = [F(30), F(10), F(40), F(20)]
    assert quantile(values, level, definition) == F(expected)


@pytest.mark.parametrize(
    "definition", ["linear", "inverted_cdf", "averaged_inverted_cdf", "weibull"]
)
def test_quantile_at_the_ends_and_of_one_value(definition: str) -> None:
    """Levels 0 and 1 are the smallest and the largest; one value is all its quantiles."""
    values = [F(3), F(1), F(2)]
    assert quantile(values, 0, definition) == 1
    assert quantile(values, 1, definition) == 3
    assert quantile([F(7)], "9/10", definition) == 7


def test_quantile_of_nothing_or_beyond_the_ends_stops() -> None:
    """There is no quantile of nothing, and none beyond 0 and 1."""
    with pytest.raises(EmptyReferencePopulationError):
        quantile([], "1/2")
    with pytest.raises(WrongParameterError):
        quantile([F(1)], "11/10")
    with pytest.raises(WrongParameterError):
        quantile([F(1)], "1/2", "median_unbiased")


# --- ETP ---


def etp_of(rows: list[Row], parameters: Parameters) -> dict[str, Fraction]:
    """Return the ETP by commune; each commune that has a practice is known."""
    known = [commune(code) for code in sorted({row["commune"] for row in rows})]
    return etp_by_commune(rows, known, parameters)


def test_etp_is_activity_over_median_up_to_the_ninth_decile() -> None:
    """Acts 1000 to 5000: median 3000, 9th decile at position 4.6, which is 4600."""
    rows = [practice(f"p{n}", f"c{n}", 1000 * n) for n in range(1, 6)]
    values = reference_values(gather_practitioners(rows), Parameters())
    assert values == ReferenceValues(median=F(3000), ceiling=F(4600))
    assert etp_of(rows, Parameters()) == {
        "c1": F(1, 3),
        "c2": F(2, 3),
        "c3": 1,
        "c4": F(4, 3),
        "c5": F(4600, 3000),
    }


def test_etp_exactly_at_the_ninth_decile() -> None:
    """Acts 100 to 1000, values that exist: median 500, 9th decile 900; 900 and 1000 give 9/5."""
    rows = [practice(f"p{n:02}", f"c{n:02}", 100 * n) for n in range(1, 11)]
    etp = etp_of(rows, Parameters(etp_quantile_definition="inverted_cdf"))
    assert etp["c08"] == F(8, 5)
    assert etp["c09"] == F(9, 5)
    assert etp["c10"] == F(9, 5)


# "m" has the median, 1000 acts, in every case below: the one under test cannot move it, since it
# has 1000 acts too. So it has 1 ETP when it counts and 0 when it does not.
MEDIAN_ONE = practice("m", "x", 1000)


@pytest.mark.parametrize(
    ("exclusion", "age", "expected"),
    [("above", 65, 1), ("above", 66, 0), ("from", 64, 1), ("from", 65, 0)],
)
def test_age_limit(exclusion: str, age: int, expected: int) -> None:
    """More than 65 years is out; or 65 and more."""
    rows = [MEDIAN_ONE, practice("p", "c", 1000, age=age)]
    assert etp_of(rows, Parameters(etp_age_exclusion=exclusion))["c"] == expected


@pytest.mark.parametrize(
    ("fees", "expected"), [("9999.99", 0), ("10000", 1), (10_000, 1), (9999.99, 0)]
)
def test_low_activity_by_fees(fees: Any, expected: int) -> None:
    """Fees of less than 10 000 EUR are out, 10 000 EUR are in."""
    assert etp_of([MEDIAN_ONE, practice("p", "c", 1000, fees)], Parameters())["c"] == expected


@pytest.mark.parametrize(("second", "expected"), [("4999.99", 0), ("5000", F(1, 2))])
def test_low_activity_is_of_all_practices_together(second: str, expected: Fraction) -> None:
    """Two practices of 5000 EUR are in, 9999.99 EUR in all are out; half the ETP is in c."""
    rows = [MEDIAN_ONE, practice("p", "c", 500, 5000), practice("p", "d", 500, second)]
    assert etp_of(rows, Parameters())["c"] == expected


@pytest.mark.parametrize(("acts", "expected"), [(543, 0), (544, F(544, 772))])
def test_low_activity_by_acts(acts: int, expected: Fraction) -> None:
    """Fewer than 544 acts are out; with 544 in, the median of 544 and 1000 is 772."""
    rows = [MEDIAN_ONE, practice("p", "c", acts, fees=0)]
    assert etp_of(rows, Parameters(etp_low_activity_measure="acts"))["c"] == expected


@pytest.mark.parametrize(
    ("rule", "fees", "age", "expected"),
    [
        ("counted", 0, 40, 1),
        ("counted", 50_000, 40, 1),
        ("counted", 50_000, 66, 0),
        ("excluded", 9999, 40, 0),
        ("excluded", 10_000, 40, 1),
    ],
)
def test_newly_installed(rule: str, fees: int, age: int, expected: int) -> None:
    """One ETP whatever the acts (here 7), unless too old, or too little active where it says."""
    rows = [MEDIAN_ONE, practice("p", "c", 7, fees, age, new=True)]
    parameters = Parameters(etp_newly_installed_low_activity=rule)
    assert etp_of(rows, parameters)["c"] == expected
    half = replace(parameters, etp_newly_installed_etp="1/2")
    assert etp_of(rows, half)["c"] == F(expected, 2)


MIXED = [
    practice("active", "c", 1000),
    practice("new", "c", 3000, new=True),
    practice("low", "c", 200, fees=5000),
    practice("old", "c", 9000, age=70),
    practice("new_and_low", "c", 50, fees=0, new=True),
]


@pytest.mark.parametrize("rule", ["counted", "excluded"])
@pytest.mark.parametrize(
    ("field", "median"),
    [
        ("kept_without_new", 1000),  # 1000
        ("kept", 2000),  # 1000 3000
        ("age_kept", 600),  # 50 200 1000 3000
        ("all", 1000),  # 50 200 1000 3000 9000
    ],
)
def test_reference_population(field: str, median: int, rule: str) -> None:
    """The median moves with those whom it is taken over, not with the rule for the new."""
    parameters = Parameters(etp_reference_population=field, etp_newly_installed_low_activity=rule)
    assert reference_values(gather_practitioners(MIXED), parameters).median == median


def test_counts_of_practitioners() -> None:
    """Old before low: one who is both is counted as too old. The new who count are kept."""
    rows = [*MIXED, practice("old_and_low", "c", 1, fees=0, age=70)]
    counts = count_practitioners(gather_practitioners(rows), Parameters())
    assert counts.total == 6
    assert counts.excluded_age == 2
    assert counts.excluded_low_activity == 1
    assert counts.newly_installed_counted == 2
    assert counts.kept == 3
    excluded = Parameters(etp_newly_installed_low_activity="excluded")
    counts = count_practitioners(gather_practitioners(rows), excluded)
    assert counts.excluded_low_activity == 2
    assert counts.newly_installed_counted == 1
    assert counts.kept == 2


@pytest.mark.parametrize(
    ("split", "acts", "expected"),
    [
        ("acts", (300, 100), (F(3, 2), F(1, 2))),
        ("acts", (0, 0), (1, 1)),
        ("equal", (300, 100), (1, 1)),
        ("main_practice", (300, 100), (2, 0)),
        ("main_practice", (100, 300), (0, 2)),
        ("main_practice", (100, 100), (2, 0)),
    ],
)
def test_split_between_practices(
    split: str, acts: tuple[int, int], expected: tuple[Fraction, Fraction]
) -> None:
    """Two ETP shared between a practice in a and one in b, whatever the order of the rows."""
    rows = [practice("p", "a", acts[0]), practice("p", "b", acts[1])]
    parameters = Parameters(etp_practice_split=split)
    for order in (rows, rows[::-1]):
        (practitioner,) = gather_practitioners(order)
        parts = split_between_practices(practitioner, F(2), parameters)
        assert parts == {"a": expected[0], "b": expected[1]}


def test_supply_errors() -> None:
    """Nobody to take the median over, a median of 0, and tables that contradict themselves."""
    with pytest.raises(EmptyReferencePopulationError):
        etp_of([practice("p", "c", 1000, new=True)], Parameters())
    with pytest.raises(ZeroMedianError):
        etp_of([practice("p", "c", 0)], Parameters())
    with pytest.raises(DuplicateRowError):
        etp_of([practice("p", "c", 1), practice("p", "c", 2)], Parameters())
    with pytest.raises(InconsistentPractitionerError):
        etp_of([practice("p", "c", 1), practice("p", "d", 1, age=41)], Parameters())
    with pytest.raises(InconsistentPractitionerError):
        etp_of([practice("p", "c", 1), practice("p", "d", 1, new=True)], Parameters())
    with pytest.raises(NegativeValueError):
        etp_of([practice("p", "c", -1)], Parameters())
    with pytest.raises(UnknownCommuneError):
        etp_by_commune([practice("p", "c", 1)], [commune("d")], Parameters())


# --- standardised population ---

# 00-04: 100 in a, 300 in b: 400, who consume 4 000: 10 a head
# 65-69: 100 in a, 0 in b: 100, who consume 11 000: 110 a head
# all: 500, who consume 15 000: 30 a head; so the weights are 1/3 and 11/3
PEOPLE = [people("a", 100), people("b", 300), people("a", 100, "65-69"), people("b", 0, "65-69")]
FEES = [fees_of("00-04", 4000), fees_of("65-69", 11_000)]
A_AND_B = [commune("a"), commune("b")]


def test_standardised_population() -> None:
    """Commune a: 100/3 + 1100/3 = 400; b: 300/3 = 100; the sum is the population, 500."""
    assert band_weights(PEOPLE, FEES, Parameters()) == {"00-04": F(1, 3), "65-69": F(11, 3)}
    result = standardised_population(PEOPLE, FEES, A_AND_B, Parameters())
    assert result == {"a": 400, "b": 100}


def test_standardised_population_in_euros() -> None:
    """Commune a: 100 x 10 + 100 x 110 = 12 000; b: 300 x 10 = 3 000; the sum is the fees."""
    parameters = Parameters(demand_normalised=False)
    result = standardised_population(PEOPLE, FEES, A_AND_B, parameters)
    assert result == {"a": 12_000, "b": 3000}


def test_age_band_of_nobody() -> None:
    """A band with nobody in it weighs nothing, and its fees, if any, are an error."""
    assert band_weights(PEOPLE, [*FEES, fees_of("95+", 0)], Parameters())["95+"] == 0
    with pytest.raises(FeesWithoutPopulationError):
        band_weights(PEOPLE, [*FEES, fees_of("95+", 1)], Parameters())


def test_commune_without_a_row_has_no_inhabitants() -> None:
    """Every commune has a population, 0 where the table has none."""
    three = [*A_AND_B, commune("c")]
    assert standardised_population(PEOPLE, FEES, three, Parameters())["c"] == 0


def test_demand_errors() -> None:
    """No fees, nobody, and tables that do not fit together."""
    with pytest.raises(NoFeesError):
        band_weights([people("a", 1)], [fees_of("00-04", 0)], Parameters())
    with pytest.raises(NoPopulationError):
        band_weights([people("a", 0)], ONE_BAND, Parameters())
    with pytest.raises(UnknownAgeBandError):
        band_weights([people("a", 1, "65-69")], ONE_BAND, Parameters())
    with pytest.raises(DuplicateRowError):
        band_weights([people("a", 1)], [*ONE_BAND, *ONE_BAND], Parameters())
    with pytest.raises(DuplicateRowError):
        standardised_population([people("a", 1)] * 2, ONE_BAND, A_AND_B, Parameters())
    with pytest.raises(UnknownCommuneError):
        standardised_population([people("z", 1)], ONE_BAND, A_AND_B, Parameters())


# --- distances ---


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "1"),
        ("9.999", "1"),
        (10, "2/3"),
        ("14.999", "2/3"),
        (15, "1/3"),
        (20, "1/3"),
        ("20.001", "0"),
    ],
)
def test_steps(minutes: Any, expected: str) -> None:
    """Exactly 10 minutes is of the second step, 15 of the third, 20 still of the third."""
    assert weight_of_minutes(minutes, Parameters()) == F(expected)


def test_steps_with_the_bound_the_other_way() -> None:
    """15 included in the second step, 20 left out of the third."""
    steps = (Step(10, False, 1), Step(15, True, "2/3"), Step(20, False, "1/3"))
    parameters = Parameters(travel_steps=steps)
    assert weight_of_minutes(15, parameters) == F(2, 3)
    assert weight_of_minutes("15.001", parameters) == F(1, 3)
    assert weight_of_minutes(20, parameters) == 0


@pytest.mark.parametrize(
    ("rule", "there", "back"),
    [("as_given", 5, 12), ("min", 5, 5), ("max", 12, 12), ("mean", F(17, 2), F(17, 2))],
)
def test_two_way_pairs(rule: str, there: Fraction, back: Fraction) -> None:
    """Of 5 minutes there and 12 back; the rule for one-way pairs has no say."""
    rows = [trip("a", "b", 5), trip("b", "a", 12)]
    for one_way in ("as_given", "both_ways"):
        parameters = Parameters(travel_two_way_pairs=rule, travel_one_way_pairs=one_way)
        minutes = minutes_between(rows, A_AND_B, parameters)
        assert minutes == {("a", "b"): there, ("b", "a"): back, ("a", "a"): 0, ("b", "b"): 0}


def test_one_way_pairs() -> None:
    """The return is out of reach, or takes as long."""
    rows = [trip("a", "b", 5)]
    assert ("b", "a") not in minutes_between(rows, A_AND_B, Parameters())
    both_ways = Parameters(travel_one_way_pairs="both_ways")
    assert minutes_between(rows, A_AND_B, both_ways)["b", "a"] == 5


def test_same_commune() -> None:
    """The minutes within a commune: those given, else 0; or always those of the parameter."""
    rows = [trip("a", "a", 12)]
    minutes = minutes_between(rows, A_AND_B, Parameters())
    assert minutes == {("a", "a"): 12, ("b", "b"): 0}
    always = Parameters(travel_same_commune="always", travel_same_commune_minutes=3)
    assert minutes_between(rows, A_AND_B, always) == {("a", "a"): 3, ("b", "b"): 3}


def test_travel_errors() -> None:
    """Unknown communes, a pair twice, minutes below 0."""
    for row in (trip("a", "z", 1), trip("z", "a", 1)):
        with pytest.raises(UnknownCommuneError):
            minutes_between([row], A_AND_B, Parameters())
    with pytest.raises(DuplicateRowError):
        minutes_between([trip("a", "b", 1), trip("a", "b", 1)], A_AND_B, Parameters())
    with pytest.raises(NegativeValueError):
        minutes_between([trip("a", "b", -999_999)], A_AND_B, Parameters())


# --- the indicator ---


def shared(trips: list[Row]) -> Outcome:
    """Run on 300 people in a, 600 in b, and one practitioner (1 ETP) in a."""
    return compute(
        practitioners=[practice("p", "a", 1000)],
        population=[people("a", 300), people("b", 600)],
        consumption=ONE_BAND,
        travel_times=trips,
        communes=[commune("a", "TA"), commune("b", "TB")],
    )


def test_two_communes_share_one_practitioner() -> None:
    """12 minutes weigh 2/3: 300 + 2/3 x 600 = 700 share 1 ETP; 1/700 for a, 2/3 of it for b."""
    outcome = shared([trip("a", "b", 12), trip("b", "a", 12)])
    assert outcome.etp == {"a": 1, "b": 0}
    assert outcome.demand_reached == {"a": 700, "b": 800}  # b: 600 + 2/3 x 300
    assert outcome.apl == {"a": F(1000, 7), "b": F(2000, 21)}
    assert supply_given_out(outcome) == F(3, 7) + F(4, 7) == 1


def test_residents_travel_to_the_practice() -> None:
    """A trip from b to a lets b reach the practice in a; one from a to b does not."""
    assert shared([trip("b", "a", 12)]).apl == {"a": F(1000, 7), "b": F(2000, 21)}
    assert shared([trip("a", "b", 12)]).apl == {"a": F(1000, 3), "b": 0}


def supply_given_out(outcome: Outcome) -> Fraction:
    """Return sum P_i A_i / 100 000."""
    standardised = outcome.standardised_population
    return sum((standardised[i] * outcome.apl[i] for i in outcome.apl), F(0)) / 100_000


def test_all_supply_in_reach_is_given_out() -> None:
    """Four practitioners, three places; only the one in z, which nobody reaches, is lost.

    Acts 1000 2000 3000 4000: median 2500, 9th decile at position 3.7, which is 3700.
    """
    outcome = compute(
        practitioners=[
            practice("p1", "a", 1000),
            practice("p2", "a", 1200),
            practice("p2", "b", 800),
            practice("p3", "b", 3000),
            practice("p4", "z", 4000),
        ],
        population=PEOPLE,
        consumption=FEES,
        travel_times=[
            trip("a", "b", "9.5"),
            trip("b", "a", 10),
            trip("z", "a", 15),
            trip("z", "b", 20),
        ],
        communes=[*A_AND_B, commune("z", "TZ")],
    )
    assert outcome.median == 2500
    assert outcome.ceiling == 3700
    assert outcome.etp == {"a": F(2200, 2500), "b": F(3800, 2500), "z": F(3700, 2500)}
    assert outcome.unreachable == {"z": F(37, 25)}
    assert supply_given_out(outcome) == F(22, 25) + F(38, 25)
    # P_a = 400, P_b = 100; a: 400 + 2/3 x 100; b: 100 + 400
    assert outcome.demand_reached == {"a": F(1400, 3), "b": 500, "z": 0}
    # nobody lives in z, but whoever would has a third of both ratios
    ratios = F(22, 25) / F(1400, 3) + F(38, 25) / 500
    assert outcome.apl["z"] == 100_000 * ratios / 3
    # its territory has no weight, so no indicator, no rank and no zone
    lost = outcome.territories["TZ"]
    assert (lost.apl, lost.rank, lost.cumulative_share, lost.zone) == (None, None, None, None)
    assert lost.reason == "no inhabitants"
    assert outcome.territories["T"].rank == 1
    assert outcome.territories["T"].cumulative_share == 100
    # the mean of T: all that is given out over the 500 standardised inhabitants
    assert outcome.territories["T"].apl == 100_000 * F(60, 25) / 500


# --- territories ---


def test_territory_is_a_weighted_mean() -> None:
    """(1 x 10 + 3 x 50) / 4 = 40; no weight, no mean."""
    members = {"T": ["a", "b"], "U": ["c"]}
    apl = {"a": F(10), "b": F(50), "c": F(5)}
    weight = {"a": F(1), "b": F(3), "c": F(0)}
    assert territory_apl(members, apl, weight) == {"T": 40, "U": None}


def test_weight_and_cut_population_are_chosen() -> None:
    """T holds a (10 people, 30 standardised, APL 8) and b (30, 10, APL 4); U holds c (60, 10).

    T by standardised people: (30 x 8 + 10 x 4) / 40 = 7; by people: (10 x 8 + 30 x 4) / 40 = 5.
    T is first, c has 9: 40 of 100 people, or 40 of 50 standardised people.
    """
    rows = [commune("a", "T"), commune("b", "T"), commune("c", "U")]
    apl = {"a": F(8), "b": F(4), "c": F(9)}
    number = {"a": F(10), "b": F(30), "c": F(60)}
    standardised = {"a": F(30), "b": F(10), "c": F(10)}
    first = zone_territories(rows, apl, number, standardised, Parameters())["T"]
    assert (first.apl, first.cumulative_share, first.zone) == (F(7), F(40), INT)
    other = Parameters(
        zoning_aggregation_weight="population", zoning_cut_population="standardised_population"
    )
    first = zone_territories(rows, apl, number, standardised, other)["T"]
    assert (first.apl, first.cumulative_share, first.zone) == (F(5), F(80), NP)
    assert (first.population, first.standardised_population) == (F(40), F(40))


def test_region_of_attribution() -> None:
    """The most people, even spread over two communes; in a tie the smallest code."""
    rows = [
        commune("a", "T", "R1"),
        commune("b", "T", "R2"),
        commune("c", "T", "R2"),
        commune("d", "U", "R2"),
        commune("e", "U", "R1"),
        commune("f", "V", "R3"),
    ]
    number = {"a": F(50), "b": F(30), "c": F(21), "d": F(7), "e": F(7), "f": F(0)}
    assert region_of_attribution(rows, number) == {"T": "R2", "U": "R1", "V": "R3"}


# --- cuts ---


def zoned(
    sizes: Mapping[str, int], parameters: Parameters, apl: Mapping[str, int] | None = None
) -> dict[str, tuple[int, Fraction, str]]:
    """Cut territories of those sizes; without an indicator they come in the order given."""
    levels = apl or {code: rank for rank, code in enumerate(sizes)}
    return cut_ranked(
        {code: F(levels[code]) for code in sizes},
        {code: F(size) for code, size in sizes.items()},
        {},
        parameters,
    )


def zones(result: Mapping[str, tuple[int, Fraction, str]]) -> list[str]:
    """Return the zones in the order of the ranks."""
    return [zone for _, _, zone in sorted(result.values())]


RULES = ("at_or_below", "crossing", "nearest")


def test_cuts_are_cumulative() -> None:
    """15, 30 and 70 %."""
    assert cuts(Parameters()) == [15, 30, 70]


@pytest.mark.parametrize("rule", RULES)
def test_exactly_on_the_cuts(rule: str) -> None:
    """Shares of 15, 30, 70 and 100 % are on the cuts: every rule agrees."""
    result = zoned({"A": 15, "B": 15, "C": 40, "D": 30}, Parameters(zoning_straddling=rule))
    assert result == {
        "A": (1, F(15), TSD),
        "B": (2, F(30), SD),
        "C": (3, F(70), INT),
        "D": (4, F(100), NP),
    }


@pytest.mark.parametrize(
    ("rule", "sizes", "expected"),
    [
        # A ends at 10, B goes from 10 to 18 over the cut at 15, C ends at 30, D at 70
        ("at_or_below", (10, 8, 12, 40, 30), (TSD, SD, SD, INT, NP)),
        ("crossing", (10, 8, 12, 40, 30), (TSD, TSD, SD, INT, NP)),
        ("nearest", (10, 8, 12, 40, 30), (TSD, TSD, SD, INT, NP)),  # 3 beyond, 5 short
        # B goes from 14 to 30: 15 beyond, 1 short
        ("at_or_below", (14, 16, 40, 30), (TSD, SD, INT, NP)),
        ("crossing", (14, 16, 40, 30), (TSD, TSD, INT, NP)),
        ("nearest", (14, 16, 40, 30), (TSD, SD, INT, NP)),
        # B goes from 10 to 20: 5 beyond, 5 short, which is not strictly nearer
        ("nearest", (10, 10, 50, 30), (TSD, SD, INT, NP)),
        # A goes from 0 to 50 over two cuts: 35 beyond, 15 short of the one; 20 and 30 of the next
        ("at_or_below", (50, 50), (INT, NP)),
        ("crossing", (50, 50), (TSD, INT)),
        ("nearest", (50, 50), (SD, NP)),  # and B from 50 to 100: 30 beyond the last, 20 short
        # a territory alone: 100 % is beyond every cut; 30 beyond 70, 70 short
        ("at_or_below", (100,), (NP,)),
        ("crossing", (100,), (TSD,)),
        ("nearest", (100,), (INT,)),
    ],
)
def test_straddling(rule: str, sizes: tuple[int, ...], expected: tuple[str, ...]) -> None:
    """Who crosses a cut goes above it, below it, or where the share is nearest to the cut."""
    by_code = {f"T{n}": size for n, size in enumerate(sizes)}
    assert zones(zoned(by_code, Parameters(zoning_straddling=rule))) == list(expected)


@pytest.mark.parametrize(
    ("ties", "rule", "expected"),
    [
        ("code", "at_or_below", (TSD, TSD, SD, INT)),
        ("together", "at_or_below", (TSD, SD, SD, INT)),
        ("code", "crossing", (TSD, TSD, SD, SD)),  # D, from 25 to 70, crosses 30
        ("together", "crossing", (TSD, TSD, TSD, SD)),
        ("together", "nearest", (TSD, SD, SD, INT)),  # 10 beyond, 5 short
    ],
)
def test_ties(ties: str, rule: str, expected: tuple[str, ...]) -> None:
    """A ends at 10; B and C are equal and end at 15 and 25; D ends at 70, E at 100.

    One by one, B is on the cut; as one block from 10 to 25, they cross it.
    """
    sizes = {"C": 10, "E": 30, "B": 5, "D": 45, "A": 10}
    apl = {"A": 1, "B": 2, "C": 2, "D": 3, "E": 4}
    parameters = Parameters(zoning_ties=ties, zoning_straddling=rule)
    result = zoned(sizes, parameters, apl)
    assert [result[code][0] for code in "ABCDE"] == [1, 2, 3, 4, 5]
    assert [result[code][1] for code in "ABCDE"] == [10, 15, 25, 70, 100]
    assert zones(result) == [*expected, NP]


def test_blocks_of_ties() -> None:
    """Equals form one block where they are cut together, else each is its own."""
    apl = {"A": F(1), "B": F(2), "C": F(2)}
    assert tie_blocks("ABC", apl, Parameters()) == [["A"], ["B"], ["C"]]
    together = Parameters(zoning_ties="together")
    assert tie_blocks("ABC", apl, together) == [["A"], ["B", "C"]]


def test_no_population_to_cut() -> None:
    """A share of nothing is an error; nothing to rank is not."""
    with pytest.raises(NoPopulationToCutError):
        zoned({"A": 0}, Parameters())
    assert zoned({}, Parameters()) == {}


@pytest.mark.parametrize(
    ("rule", "shares", "expected"),
    [
        # 9, 27, 63 and 90 of 90: on the cuts but the first, at 15
        ("outside_cuts", (10, 30, 70, 100), (TSD, SD, INT, NP)),
        # 9, 27, 63 and 90 of 100; M uses up 10: the cuts are at 5, 20 and 60 of the others
        ("inside_cuts", (19, 37, 73, 100), (SD, INT, NP, NP)),
    ],
)
def test_imposed(rule: str, shares: tuple[int, ...], expected: tuple[str, ...]) -> None:
    """A region of 10 people out of 100 has its class imposed; the others have 9, 18, 36, 27."""
    sizes = {"A": F(9), "B": F(18), "C": F(36), "D": F(27), "M": F(10), "N": F(0)}
    regions = {"M": "RM", "N": "RM"}
    rows = [commune(code, code, regions.get(code, "R1")) for code in sizes]
    apl = {"A": F(1), "B": F(2), "C": F(3), "D": F(4), "M": F(3), "N": F(3)}
    parameters = Parameters(zoning_imposed=(("RM", TSD, "by law"),), zoning_imposed_population=rule)
    result = zone_territories(rows, apl, sizes, sizes, parameters)
    assert [result[code].rank for code in "ABCD"] == [1, 2, 3, 4]
    assert [result[code].cumulative_share for code in "ABCD"] == list(shares)
    assert [result[code].zone for code in "ABCD"] == list(expected)
    assert {result[code].reason for code in "ABCD"} == {None}
    imposed = result["M"]
    assert (imposed.apl, imposed.rank, imposed.cumulative_share) == (F(3), None, None)
    assert (imposed.zone, imposed.reason) == (TSD, "by law")
    # also where it has no inhabitants, hence no indicator
    assert (result["N"].apl, result["N"].zone, result["N"].reason) == (None, TSD, "by law")


def test_imposed_beyond_its_share() -> None:
    """40 of 100 imposed in the second class: the cuts are at 15, -10 and 30.

    The three others have 15, 15 and 30: the first is on its cut; nobody is left for the second;
    the next ends at 30, on the third cut.
    """
    sizes = {"A": F(15), "B": F(15), "C": F(30), "M": F(40)}
    rows = [commune(code, code, "RM" if code == "M" else "R1") for code in sizes]
    apl = {"A": F(1), "B": F(2), "C": F(3), "M": F(4)}
    parameters = Parameters(
        zoning_imposed=(("RM", SD, "by law"),), zoning_imposed_population="inside_cuts"
    )
    result = zone_territories(rows, apl, sizes, sizes, parameters)
    assert [result[code].zone for code in "ABCM"] == [TSD, INT, NP, SD]


# --- the tables by region ---


def test_territory_across_regions_counts_whole() -> None:
    """T has 4 people in R1 and 6 in R2, U 90 in R1, V nobody in R3; T has the lower indicator.

    T ends at 10 %: in the first class, and all of R2. U ends at 100 %: in the last class.
    """
    outcome = compute(
        practitioners=[practice("p", "u", 1000)],
        population=[people("t1", 4), people("t2", 6), people("u", 90)],
        consumption=ONE_BAND,
        travel_times=[],
        communes=[
            commune("t1", "T", "R1"),
            commune("t2", "T", "R2"),
            commune("u", "U", "R1"),
            commune("v", "V", "R3"),
        ],
    )
    nothing = ZoneTotals(F(0), F(0), 0, 0)
    no_share = ZoneTotals(F(0), None, 0, 0)
    whole_t, whole_u = ZoneTotals(F(10), F(100), 2, 1), ZoneTotals(F(90), F(100), 1, 1)
    assert outcome.territories["T"].region == "R2"
    assert outcome.regions == {
        ("R1", TSD): nothing,
        ("R1", SD): nothing,
        ("R1", INT): nothing,
        ("R1", NP): whole_u,
        ("R2", TSD): whole_t,
        ("R2", SD): nothing,
        ("R2", INT): nothing,
        ("R2", NP): nothing,
        ("R3", TSD): no_share,
        ("R3", SD): no_share,
        ("R3", INT): no_share,
        ("R3", NP): no_share,
    }
    assert outcome.national == {
        TSD: replace(whole_t, share=F(10)),
        SD: nothing,
        INT: nothing,
        NP: replace(whole_u, share=F(90)),
    }


def test_duplicate_commune() -> None:
    """A commune is in one territory, once."""
    with pytest.raises(DuplicateRowError):
        compute([practice("p", "a", 1)], [people("a", 1)], ONE_BAND, [], [commune("a")] * 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"etp_quantile_definition": "hazen"},
        {"zoning_ties": "random"},
        {"zoning_classes": (("a", 15), ("b", 15))},
        {"zoning_classes": (("a", None), ("b", None))},
        {"zoning_classes": (("a", 15), ("a", None))},
        {"zoning_classes": ()},
        {"zoning_imposed": (("R1", "surdotee", ""),)},
        {"zoning_imposed": (("R1", TSD, ""), ("R1", SD, ""))},
    ],
)
def test_wrong_parameters(wrong: dict[str, Any]) -> None:
    """What is none of the choices stops at once."""
    with pytest.raises(WrongParameterError):
        Parameters(**wrong)
