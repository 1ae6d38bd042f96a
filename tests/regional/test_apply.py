"""Regional adaptation: beside the reference, at the bounds of annexe V, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import regional as reference
from support.countries import RULES, ZONES, Row, exactly, rules, territory, zones_of

from apl_engine import (
    Check,
    InputDataError,
    MethodologyError,
    Move,
    Proposal,
    ProposalRefusedError,
    Zoning,
    adapt,
    check_proposal,
    propose,
    regional_summary,
)
from apl_engine.methodology.values import RegionalShare
from apl_engine.regional.format import apart, inhabitants, points
from apl_engine.regional.knapsack import largest_within
from apl_engine.regional.region import Territory

ORDERS = {"strict": "strict", "skipping": "skip_what_does_not_fit", "free": "free"}
NAMES = {"unknown": "attribution", "move": "allowed_move"}
HELD = date(2024, 5, 14)
REASONED = {"concertation": HELD, "commission_paritaire_regionale": HELD}


def moves(*codes: str, why: str = "because") -> tuple[Move, ...]:
    return tuple(Move(code, why) for code in codes)


def proposal(add: tuple[str, ...] = (), remove: tuple[str, ...] = (), **other: Any) -> Proposal:
    given_ = {"region": "52", **REASONED, **other}
    return Proposal(additions=moves(*add), removals=moves(*remove), **given_)


def verdicts(check: Check) -> dict[str, str]:
    return {found.rule: found.verdict for found in check.findings}


def broken(check: Check) -> set[str]:
    return {found.rule for found in check.broken}


@st.composite
def countries(draw: st.DrawFn) -> list[Row]:
    """Draw a country whose region 52 may move a few inhabitants."""
    size = draw(st.integers(1, 8))
    half = st.integers(0, 24).map(lambda twice: twice / 2)
    levels = st.one_of(st.none(), st.sampled_from([40.0, 41.5, 42.0, 50.0]))
    rows = [
        territory(
            f"T{place}",
            zone=draw(st.sampled_from([*ZONES[:3], None])),
            population=draw(half),
            apl=draw(levels),
            region=draw(st.sampled_from(["52", "52", "52", "53"])),
        )
        for place in range(size)
    ]
    filler = draw(st.sampled_from([0, 40, 200, 400, 401]))
    return [*rows, territory("Z", "intermediaire", filler, 90.0)]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Row], list[str], list[str]]:
    """Draw a country, and what is added and taken out: some of it wrong."""
    rows = draw(countries())
    codes = [row["territory"] for row in rows] + ["nowhere"]
    # Moves that the text allows, most of the time.
    zone = {row["territory"]: row["zone"] for row in rows}
    ways = {code: draw(st.sampled_from(_likely(zone.get(code)))) for code in codes}
    return (
        rows,
        [code for code, way in ways.items() if way == "add"],
        [code for code, way in ways.items() if way == "remove"],
    )


def _likely(zone: str | None) -> list[str]:
    return {
        "sous_dotee": ["", "add", "add", "remove"],
        "tres_sous_dotee": ["", "remove", "remove", "add"],
    }.get(zone or "", ["", "", "", "", "", "", "", "add", "remove"])


@given(cases(), st.sampled_from(sorted(ORDERS)), st.sampled_from(["gross", "net"]),
       st.booleans(), st.booleans())  # fmt: skip
def test_every_verdict_is_that_of_the_reference(
    case: tuple[list[Row], list[str], list[str]],
    order: str,
    counting: str,
    consulted: bool,
    justified: bool,
) -> None:
    rows, add, remove = case
    wanted = reference.check(
        exactly(rows), "52", add, remove, order=ORDERS[order], counting=counting,
        consultation=consulted, justified=justified,
    )  # fmt: skip
    zones = zones_of(rows, rules(addition_order=order, margin_counting=counting))
    why = "because" if justified else " "
    check = check_proposal(
        zones,
        Proposal("52", moves(*add, why=why), moves(*remove, why=why),
                 **(REASONED if consulted else {})),
    )  # fmt: skip
    assert broken(check) == {NAMES.get(rule, rule) for rule in wanted}
    assert check.accepted == (not wanted)
    after = reference.shares(reference.adapted(exactly(rows), add, remove))["52"]
    assert dict(check.after.select("zone", "share").iter_rows()) == pytest.approx(
        {zone: float(share) for zone, share in after.items()}
    )


@given(countries(), st.sampled_from(sorted(ORDERS)))
def test_what_is_proposed_is_the_most_that_the_reference_finds(rows: list[Row], order: str) -> None:
    zones, exact = zones_of(rows, rules(addition_order=order)), exactly(rows)
    lowest = propose(zones, "52", "add", "lowest_apl", justification="x", **REASONED)
    codes = [move.territory for move in lowest.proposal.additions]
    assert codes == reference.propose_lowest_apl(exact, "52", order=ORDERS[order])
    most = propose(zones, "52", justification="x", **REASONED)
    less = propose(zones, "52", "remove", justification="x", **REASONED)
    assert less.population == reference.most_population_removed(exact, "52")
    assert most.population == reference.most_population_added(exact, "52", order=ORDERS[order])
    for made in (lowest, most, less):
        assert made.population <= made.room == reference.margin(exact, "52")
        assert check_proposal(zones, made.proposal).accepted


@given(st.lists(st.fractions(0, 9, max_denominator=7), max_size=7), st.fractions(0, 30))
def test_the_largest_sum_is_never_above_the_room(sizes: list[Fraction], room: Fraction) -> None:
    candidates = [Territory(str(k), "", "52", "", 1.0, size) for k, size in enumerate(sizes)]
    found = sum((one.population for one in largest_within(candidates, room)), Fraction(0))
    best = reference.largest_sum_within(sizes, room)
    whole = all(size.denominator == 1 for size in sizes)
    assert found <= room
    if whole:
        assert found == best
    each = Fraction(len(sizes) + 1, 10)
    assert found >= reference.largest_sum_within(sizes, max(room - each, Fraction(0))) - each


def test_of_sums_as_large_the_one_of_the_lowest_apl_is_taken() -> None:
    sizes = [("a", 6), ("b", 4), ("c", 5), ("d", 5), ("e", 10)]
    candidates = [Territory(code, "", "52", "", 1.0, Fraction(size)) for code, size in sizes]
    assert [one.code for one in largest_within(candidates, Fraction(10))] == ["a", "b"]
    assert [one.code for one in largest_within(candidates, Fraction(19))] == ["b", "c", "e"]
    assert largest_within([], Fraction(10)) == []
    assert largest_within(candidates, Fraction(3)) == []


def country_of(size: float, population: float = 400, **changes: Any) -> Zoning:
    """Region 52 has `population`, of which `size` live in the candidate, and as many below."""
    return zones_of(
        [
            territory("ADD", "sous_dotee", size, 50.0),
            territory("OUT", "tres_sous_dotee", size, 40.0),
            territory("REST", "intermediaire", population - 2 * size, 90.0),
            territory("AWAY", "sous_dotee", 7, 45.0, region="53", elsewhere=3, other="52"),
        ],
        rules(**changes),
    )


@pytest.mark.parametrize("way", ["add", "remove"])
def test_the_limit_itself_is_allowed_and_one_inhabitant_more_is_not(way: str) -> None:
    code = {"add": "ADD", "remove": "OUT"}[way]
    rule = {"add": "margin_up", "remove": "margin_down"}[way]
    exact = check_proposal(country_of(10), proposal(**{way: (code,)}))
    assert exact.accepted
    assert verdicts(exact)[rule] == "ok"
    over = check_proposal(country_of(11), proposal(**{way: (code,)}))
    assert broken(over) == {rule, "final_share"}
    finding = next(found for found in over.findings if found.rule == rule)
    assert finding.figures == {
        "population": 11, "limit": 10, "share_percent": Fraction(11, 4), "left": -1,
    }  # fmt: skip
    assert "11 inhabitants" in finding.sentence
    assert "at most 10 may be (2.5 % of the regional population)" in finding.sentence
    assert "« au maximum 2,5 % de sa population régionale »" in finding.article


def test_the_smallest_float_above_the_limit_is_refused() -> None:
    zones = country_of(10)
    above = pl.when(pl.col("territory") == "ADD").then(math.nextafter(10, 11))
    territories = zones.territories.with_columns(population=above.otherwise("population"))
    check = check_proposal(replace(zones, territories=territories), proposal(("ADD",)))
    assert "margin_up" in broken(check)


def test_whose_population_the_margin_is_taken_of() -> None:
    # Region 52 is attributed 400; 3 more live in its commune of a territory of 53.
    more = Fraction(403, 40)
    zones = country_of(10, regional_population="resident")
    assert regional_summary(zones, "52").region.limit == more
    zones = country_of(10.0625, regional_population="resident")
    assert check_proposal(zones, proposal(("ADD",))).accepted
    assert not check_proposal(country_of(10.0625), proposal(("ADD",))).accepted
    assert not check_proposal(
        country_of(10.125, regional_population="resident"), proposal(("ADD",))
    ).accepted


def published(share: str, **changes: Any) -> Any:
    row = RegionalShare("52", "Pays de la Loire", {"tres_sous_dotee": Fraction(share)})
    return country_of(10, base_share="published", published_shares=(row,), **changes)


@pytest.mark.parametrize(
    ("share", "up", "down", "accepted"),
    [
        ("2.5", 10, 10, True),
        ("2.4", Fraction("9.6"), 10, False),
        ("5", 10, 0, True),
        ("7.6", 10, 0, False),
        ("0", 0, 10, False),
    ],
)
def test_from_which_share_the_margin_is_taken(
    share: str, up: Fraction, down: Fraction, accepted: bool
) -> None:
    """Before, 10 of 400 are in the lower class: 2.5 %; after the addition 5 %."""
    zones = published(share)
    found = regional_summary(zones, "52")
    assert (found.room_up, found.room_down) == (up, down)
    check = check_proposal(zones, proposal(("ADD",)))
    assert check.accepted == accepted
    assert broken(check) == (set() if accepted else {"final_share"})


def test_a_share_that_is_not_published() -> None:
    with pytest.raises(InputDataError, match="52 has no row in the table of article VI"):
        regional_summary(country_of(10, base_share="published", published_shares=()), "52")


def test_one_way_makes_room_for_the_other_only_where_counting_is_net() -> None:
    zones = [
        territory("A1", "sous_dotee", 12, 50.0), territory("B1", "tres_sous_dotee", 2, 40.0),
        territory("Z", "intermediaire", 386, 90.0),
    ]  # fmt: skip
    both = proposal(("A1",), ("B1",))
    assert broken(check_proposal(zones_of(zones), both)) == {"margin_up"}
    assert check_proposal(zones_of(zones, rules(margin_counting="net")), both).accepted


def test_the_order_names_who_was_passed_over() -> None:
    rows = [
        territory("A1", apl=50.0, population=2), territory("A2", apl=51.0, population=9),
        territory("A3", apl=52.0, population=2), territory("A4", apl=None, population=1),
        territory("Z", "intermediaire", 386, 90.0),
    ]  # fmt: skip
    check = check_proposal(zones_of(rows), proposal(("A1", "A3")))
    (finding,) = check.broken
    assert finding.rule == "order"
    assert "passed over: A2 Place A2 (51.00)" in finding.sentence
    skipping = zones_of(rows, rules(addition_order="skipping"))
    assert check_proposal(skipping, proposal(("A1", "A3"))).accepted
    assert broken(check_proposal(skipping, proposal(("A3",)))) == {"order"}
    check = check_proposal(skipping, proposal(("A1", "A3", "A4")))
    assert "A4 Place A4 (no APL)" in check.broken[0].sentence
    free = zones_of(rows, rules(addition_order="free"))
    check = check_proposal(free, proposal(("A4",)))
    assert check.accepted
    assert verdicts(check)["order"] == "not applicable"


def test_a_reference_to_nowhere_is_a_broken_rule_beside_the_others() -> None:
    check = check_proposal(
        country_of(10),
        Proposal("52", moves("AD", "AWAY", "REST", why=""), moves("ADD"), concertation=HELD),
    )
    assert broken(check) >= {"attribution", "allowed_move", "consultation", "justification"}
    told = {found.rule: found.sentence for found in check.broken}
    assert "AD is no territory of the result; nearest: ADD Place ADD" in told["attribution"]
    assert "AWAY Place AWAY is classed by region 53" in told["attribution"]
    assert "REST Place REST is Intermédiaire, not Sous dotée" in told["allowed_move"]
    assert "ADD Place ADD is Sous dotée, not Très sous dotée" in told["allowed_move"]
    assert told["consultation"] == "no date of commission_paritaire_regionale"
    assert told["justification"] == "no justification of AD, AWAY, REST"
    only = check_proposal(country_of(10), proposal(("nowhere",)))
    assert verdicts(only)["allowed_move"] == "not applicable"
    assert "margin_up" not in broken(only)


def test_nothing_that_moves_breaks_nothing() -> None:
    check = check_proposal(country_of(10), Proposal("52"))
    assert check.accepted
    assert set(verdicts(check).values()) == {"not applicable", "ok"}
    assert check.before.equals(check.after)


def test_a_methodology_may_ask_for_no_consultation_and_no_reason() -> None:
    zones = country_of(10, consultation=False, justification=False)
    check = check_proposal(zones, Proposal("52", moves("ADD", why="")))
    assert check.accepted
    assert verdicts(check)["consultation"] == verdicts(check)["justification"] == "not applicable"


def test_a_margin_of_nothing() -> None:
    zones = country_of(10, margin=Fraction(0))
    assert broken(check_proposal(zones, proposal(("ADD",)))) == {"margin_up", "final_share"}
    assert propose(zones, "52").territories == ()


def test_the_situation_of_a_region() -> None:
    found = regional_summary(country_of(10), "Pays de LA loire")
    assert found.region.code == "52"
    assert found.shares["share"].to_list() == [2.5, 2.5, 95.0, 0.0]
    assert found.additions.to_dicts() == [
        {"territory": "ADD", "territory_name": "Place ADD", "apl": 50.0, "population": 10.0,
         "cumulative": 10.0, "within": True}
    ]  # fmt: skip
    assert found.removals["territory"].to_list() == ["OUT"]
    assert found.locked.to_dicts() == [
        {"territory": "AWAY", "territory_name": "Place AWAY", "region": "53",
         "region_name": "Bretagne", "zone": "sous_dotee", "communes": 1, "population": 3.0}
    ]  # fmt: skip
    assert found.shared.height == 0
    shared = regional_summary(country_of(10), "53").shared
    assert shared.select("territory", "region", "population").row(0) == ("AWAY", "52", 3.0)
    document = found.as_dict()
    assert document["margin"]["inhabitants"] == 10
    assert document["region_name"] == "Pays de la Loire"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bretagnes", "'Bretagnes' is none of the result. Nearest: 53 Bretagne"),
        ("54", "Known: 52 Pays de la Loire, 53 Bretagne"),
        ("pays loire", "Nearest: 52 Pays de la Loire"),
        ("?", "Known: 52 Pays de la Loire, 53 Bretagne"),
        ("FR", "'FR' is none of the result"),
    ],
)
def test_a_region_that_is_not_there(text: str, words: str) -> None:
    with pytest.raises(InputDataError) as caught:
        regional_summary(country_of(10), text)
    assert words in str(caught.value)


def test_a_region_without_inhabitants() -> None:
    zones = zones_of([territory("A1", population=0), territory("A2", region="53")])
    check = check_proposal(zones, proposal(("A1",)))
    assert check.accepted
    assert check.after["share"].to_list() == [0.0] * 4


def test_classes_that_the_methodology_does_not_have() -> None:
    with pytest.raises(MethodologyError, match=r"regional.upper_zone\] 'blue' is none of the"):
        regional_summary(country_of(10, upper_zone="blue"), "52")


def test_populations_that_are_no_whole_numbers_are_told() -> None:
    zones = zones_of(
        [territory("A1", "tres_sous_dotee", 3.3), territory("Z", "intermediaire", 396.7)]
    )
    made = propose(zones, "52", "remove")
    assert made.population == Fraction(3.3)
    assert "counted in 1/10 of an inhabitant, rounded up" in str(made.notes[0])
    assert propose(country_of(10), "52", "remove").notes == ()


def test_what_is_adapted() -> None:
    national = country_of(10)
    after = adapt(national, [proposal(("ADD",), ("OUT",))])
    zone = dict(after.territories.select("territory", "zone").iter_rows())
    assert zone == {"ADD": "tres_sous_dotee", "OUT": "sous_dotee", "REST": "intermediaire",
                    "AWAY": "sous_dotee"}  # fmt: skip
    assert dict(after.communes.select("territory", "zone").iter_rows()) == zone
    assert after.communes.columns == national.communes.columns
    reason = dict(after.territories.select("territory", "zone_reason").iter_rows())
    assert reason["ADD"] == "adapted by region 52: because"
    assert reason["REST"] == "ranked"
    assert after.notes[-1].text == "2 territories moved by region 52 (annexe, V)"
    shares = {(row["region"], row["zone"]): (row["before"], row["after"])
              for row in after.adaptation["shares"]}  # fmt: skip
    assert shares["52", "tres_sous_dotee"] == (2.5, 2.5)
    with pytest.raises(InputDataError, match="2 of its territories were adapted already"):
        regional_summary(after, "52")


def test_every_region_at_once() -> None:
    away = Proposal("53", moves("AWAY"), **REASONED)
    after = adapt(country_of(10), [proposal(("ADD",)), away], force=True)
    assert after.territories.filter(zone="tres_sous_dotee").height == 3
    assert [check.accepted for check in after.checks] == [True, False]
    assert {row["region"] for row in after.adaptation["shares"]} == {"52", "53", "FR"}
    assert after.notes[-1].warning
    assert "against margin_up, final_share" in after.notes[-1].text


def test_what_is_refused_is_not_applied() -> None:
    with pytest.raises(ProposalRefusedError) as caught:
        adapt(country_of(11), [proposal(("ADD",))])
    assert str(caught.value).startswith("1 proposal refused; nothing was applied.")
    assert "region 52: 11 inhabitants added, at most 10 may be" in str(caught.value)


def test_contradictions_are_refused_even_by_force() -> None:
    with pytest.raises(InputDataError) as caught:
        adapt(
            country_of(10),
            [proposal(("ADD",)), proposal(("ADD", "nowhere")), Proposal("53", moves("ADD"))],
            force=True,
        )
    told = str(caught.value)
    assert "region 52 has 2 of them" in told
    assert "territory ADD is in 3 of them" in told
    assert "region 52: nowhere is no territory of the result" in told


def test_no_proposal_changes_nothing() -> None:
    national = country_of(10)
    after = adapt(national, [Proposal("52")])
    assert after.territories.equals(national.territories)
    assert after.regions.equals(national.regions)


def test_a_territory_twice_is_refused_from_python() -> None:
    with pytest.raises(InputDataError, match="territory ADD is there 2 times"):
        proposal(("ADD",), ("ADD",))


def test_the_law_has_a_citation_for_each_rule() -> None:
    check = check_proposal(country_of(10), proposal(("ADD",)))
    for finding in check.findings:
        assert finding.article.startswith("annexe, ")
        assert "«" in finding.article
    assert RULES.regional.addition_order == "strict"


def test_many_unknown_territories_are_told_in_a_moment() -> None:
    zones = zones_of([territory("A1")])
    moves = tuple(Move(f"X{k}", "y") for k in range(3000))
    check = check_proposal(zones, Proposal("52", additions=moves))
    sentence = next(found.sentence for found in check.findings if found.rule == "attribution")
    assert sentence.endswith("and 2990 more")


def test_figures_are_written_until_they_differ() -> None:
    limit = Fraction(10_000)
    assert apart(inhabitants, Fraction(10_000), limit) == ("10 000", "10 000")
    assert apart(inhabitants, limit + Fraction(1, 10**6), limit)[0] == "10 000.000001"
    assert apart(points, Fraction("2.50025"), Fraction("2.5")) == ("2.5002 points", "2.5 points")
    assert apart(points, Fraction(5, 2) + Fraction(1, 10**30), Fraction(5, 2))[0].startswith(
        "hardly more than 2.5"
    )


def test_a_proposal_that_cannot_reach_the_published_share_says_so() -> None:
    """Far from the table of VI nothing that may move brings the region near enough."""
    shares = (RegionalShare("52", "x", {"tres_sous_dotee": Fraction(60)}),)
    methodology = rules(base_share="published", published_shares=shares)
    rows = [territory("A1", "tres_sous_dotee", 40, 10.0), territory("A2", "sous_dotee", 1, 20.0),
            territory("A3", "intermediaire", 59, 90.0)]  # fmt: skip
    made = propose(zones_of(rows, methodology), "52")
    assert [note.code for note in made.notes] == ["final_share"]
    assert "not to be accepted as it is" in made.notes[0].text
    assert not check_proposal(zones_of(rows, methodology), made.proposal).accepted
