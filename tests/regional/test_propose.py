"""Computed proposals: they use up the margin and no more, in small and in real countries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import regional as reference
from support.countries import (
    CONSULTED,
    Row,
    countries,
    country_of,
    exactly,
    rules,
    territory,
    zones_of,
)
from support.open_data import open_data
from support.tables import SAMPLES

from apl_engine import Methodology, load_methodology, run
from apl_engine.imports import VintageChange, convert_vintage, import_files, read_communes
from apl_engine.method import Zoning
from apl_engine.methodology.values import RegionalShare
from apl_engine.regional import (
    Move,
    Proposal,
    Proposed,
    adapt,
    check_proposal,
    propose,
    regional_summary,
)
from apl_engine.regional.check import check_in
from apl_engine.regional.region import read_country
from apl_engine.regional.rules import judge
from apl_engine.runs import zone_published

RULES = load_methodology("mk-2024")
GIVEN = {
    "justification": "x",
    "concertation": date(2024, 5, 14),
    "commission_paritaire_regionale": date(2024, 6, 11),
}
Direction = Literal["add", "remove"]
Aim = Literal["most_population", "lowest_apl"]

ORDERS = {"strict": "strict", "skipping": "skip_what_does_not_fit", "free": "free"}


@pytest.fixture(scope="module")
def france() -> Zoning:
    """The zones that `apl zone` makes of the APL of 2021."""
    files = ["insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv"]
    communes = read_communes([open_data(name) for name in files], RULES)
    published = import_files("apl", [open_data("drees_apl_mk_2021.csv")], RULES)
    moving = VintageChange.by(2023, table=open_data("insee_passage_2021_2024.csv"))
    return zone_published(convert_vintage(published, moving, RULES), communes, RULES)


@pytest.fixture(scope="module")
def sample() -> Zoning:
    return run(SAMPLES / "france")


def with_rules(zones: Zoning, **changes: str) -> Zoning:
    regional = replace(zones.methodology.regional, **changes)  # type: ignore[arg-type]
    methodology: Methodology = replace(zones.methodology, regional=regional)
    return replace(zones, methodology=methodology)


def regions_of(zones: Zoning) -> list[str]:
    return [code for code in zones.regions["region"].unique().sort() if code != "FR"]


def larger(made: Proposed, direction: Direction) -> list[Proposal]:
    """Return the proposals that hold one territory more."""
    region = made.region
    candidates = region.additions() if direction == "add" else region.removals()
    chosen = {one.code for one in made.territories}
    key = "additions" if direction == "add" else "removals"
    moves = getattr(made.proposal, key)
    return [
        replace(made.proposal, **{key: (*moves, Move(one.code, "x"))})
        for one in candidates
        if one.code not in chosen
    ]


@pytest.mark.heavy
@pytest.mark.slow
@pytest.mark.parametrize(
    ("direction", "aim", "order"),
    [
        ("add", "most_population", "strict"),
        ("add", "most_population", "skipping"),
        ("add", "most_population", "free"),
        ("add", "lowest_apl", "free"),
        ("remove", "most_population", "strict"),
        ("remove", "lowest_apl", "strict"),
    ],
)
@pytest.mark.parametrize("which", ["france", "sample"])
def test_each_proposal_is_accepted_and_each_larger_one_refused(
    which: str, direction: Direction, aim: Aim, order: str, request: pytest.FixtureRequest
) -> None:
    """Other combinations give the same proposals, as the next test shows."""
    zones = with_rules(request.getfixturevalue(which), addition_order=order)
    exact = [
        {**row, "population": Fraction(row["population"])} for row in zones.territories.to_dicts()
    ]
    country, regions = read_country(zones), regions_of(zones)
    assert len(regions) == 18
    for region in regions:
        made = propose(zones, region, direction, aim, **GIVEN)
        assert check_in(country, made.proposal).accepted, region
        assert made.population <= made.room == reference.margin(exact, region)
        for more in larger(made, direction)[:3]:
            findings = judge(more, made.region, country.territories)
            refused = {finding.rule for finding in findings if finding.verdict == "broken"}
            assert refused & {"margin_up", "margin_down", "order"}, region


@pytest.mark.heavy
@pytest.mark.slow
def test_the_order_of_additions_moves_no_removal_and_no_aim_moves_a_strict_order(
    france: Zoning,
) -> None:
    strict, free = (with_rules(france, addition_order=order) for order in ("strict", "free"))
    aims: tuple[Aim, ...] = ("most_population", "lowest_apl")
    for region in regions_of(strict):
        for aim in aims:
            one, other = (propose(zones, region, "remove", aim) for zones in (strict, free))
            assert one.proposal == other.proposal, region
        most, lowest = (propose(strict, region, "add", aim) for aim in aims)
        assert most.proposal == lowest.proposal, region


@pytest.mark.slow
def test_the_orders_that_were_made_would_pass(france: Zoning) -> None:
    """Bretagne went from 8.8 to 11.1 %, Île-de-France from 14.4 to 16.8 %."""
    bretagne = propose(france, "Bretagne", **GIVEN)
    assert Fraction("2.3") < bretagne.region.share(bretagne.population) <= Fraction("2.5")
    assert check_proposal(france, bretagne.proposal).accepted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("region", "strict", "skipping"), [("11", 2.20, 2.49), ("52", 1.92, 2.48), ("27", 1.90, 2.49)]
)
def test_passing_over_uses_up_margins_that_ending_would_not(
    france: Zoning, region: str, strict: float, skipping: float
) -> None:
    """By the APL of 2021, on the mesh with its forced urban units."""
    for order, share in (("strict", strict), ("skipping", skipping)):
        made = propose(with_rules(france, addition_order=order), region, **GIVEN)
        assert round(float(made.region.share(made.population)), 2) == share
    assert france.methodology.regional.addition_order == "skipping"


@pytest.mark.slow
def test_the_country_after_every_region_has_added(france: Zoning) -> None:
    made = [propose(france, region, **GIVEN).proposal for region in regions_of(france)]
    after = adapt(france, made)
    shares = {
        row["zone"]: row["after"] for row in after.adaptation["shares"] if row["region"] == "FR"
    }
    assert round(shares["tres_sous_dotee"], 2) == 17.27
    assert round(shares["sous_dotee"], 2) == 12.70
    assert round(shares["intermediaire"], 2) == 40.0


@pytest.mark.slow
def test_regions_that_share_territories_see_each_other(france: Zoning) -> None:
    here, there = regional_summary(france, "52"), regional_summary(france, "53")
    locked = set(here.locked.filter(region="53")["territory"])
    assert locked
    assert locked == set(there.shared.filter(region="52")["territory"])


@pytest.mark.slow
@given(countries(), st.sampled_from(sorted(ORDERS)))
def test_proposals_are_those_of_the_reference(rows: list[Row], order: str) -> None:
    zones, exact = zones_of(rows, rules(addition_order=order)), exactly(rows)
    lowest = propose(zones, "52", "add", "lowest_apl", justification="x", **CONSULTED)
    codes = [move.territory for move in lowest.proposal.additions]
    assert codes == reference.propose_lowest_apl(exact, "52", order=ORDERS[order])
    most = propose(zones, "52", justification="x", **CONSULTED)
    less = propose(zones, "52", "remove", justification="x", **CONSULTED)
    assert less.population == reference.most_population_removed(exact, "52")
    assert most.population == reference.most_population_added(exact, "52", order=ORDERS[order])
    for made in (lowest, most, less):
        assert made.population <= made.room == reference.margin(exact, "52")
        assert check_proposal(zones, made.proposal).accepted


def test_populations_that_are_not_whole_numbers_are_noted() -> None:
    zones = zones_of(
        [territory("A1", "tres_sous_dotee", 3.3), territory("Z", "intermediaire", 396.7)]
    )
    made = propose(zones, "52", "remove")
    assert made.population == Fraction(3.3)
    (note,) = made.notes
    assert note.code == "proposal.counted_in_tenths"
    assert note.details == {"parts": 10, "tolerance": 0.1}
    assert propose(country_of(10), "52", "remove").notes == ()


def test_a_published_share_out_of_reach_is_a_warning() -> None:
    """Far from the table of VI nothing that may move brings the region near enough."""
    shares = (RegionalShare("52", "x", {"tres_sous_dotee": Fraction(60)}),)
    methodology = rules(base_share="published", published_shares=shares)
    rows = [territory("A1", "tres_sous_dotee", 40, 10.0), territory("A2", "sous_dotee", 1, 20.0),
            territory("A3", "intermediaire", 59, 90.0)]  # fmt: skip
    made = propose(zones_of(rows, methodology), "52")
    (note,) = made.notes
    assert (note.code, note.warning) == ("proposal.share_out_of_reach", True)
    assert not check_proposal(zones_of(rows, methodology), made.proposal).accepted
