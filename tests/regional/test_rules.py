"""The rules of annexe V: verdicts beside the reference, and at the limits."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import regional as reference
from support.countries import (
    CONSULTED,
    HELD,
    Row,
    broken,
    countries,
    country_of,
    exactly,
    moves,
    proposal,
    rules,
    territory,
    zones_of,
)

from apl_engine.methodology.values import Misprint, RegionalShare
from apl_engine.regional import (
    Check,
    Finding,
    Move,
    Proposal,
    check_proposal,
    propose,
    regional_summary,
)

ORDERS = {"strict": "strict", "skipping": "skip_what_does_not_fit", "free": "free"}
NAMES = {"unknown": "attribution", "move": "allowed_move"}


def finding(check: Check, rule: str) -> Finding:
    return next(one for one in check.findings if one.rule == rule)


def verdicts(check: Check) -> dict[str, str]:
    return {one.rule: one.verdict for one in check.findings}


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


@pytest.mark.slow
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
                 **(CONSULTED if consulted else {})),
    )  # fmt: skip
    assert broken(check) == {NAMES.get(rule, rule) for rule in wanted}
    assert check.accepted == (not wanted)
    after = reference.shares(reference.adapted(exactly(rows), add, remove))["52"]
    assert dict(check.after.select("zone", "share").iter_rows()) == pytest.approx(
        {zone: float(share) for zone, share in after.items()}
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
    margin = finding(over, rule)
    assert margin.figures == {
        "population": 11, "limit": 10, "share_percent": Fraction(11, 4), "left": -1,
    }  # fmt: skip
    (fault,) = margin.faults
    assert fault.code == f"proposal.{rule}"
    assert fault.details == {
        "population": 11.0, "limit": 10.0, "share_percent": 2.75, "left": -1.0, "excess": 1.0,
        "margin": 2.5, "counting": "gross",
    }  # fmt: skip
    assert "« au maximum 2,5 % de sa population régionale »" in margin.article


def test_the_smallest_float_above_the_limit_is_refused() -> None:
    zones = country_of(10)
    above = pl.when(pl.col("territory") == "ADD").then(math.nextafter(10, 11))
    territories = zones.territories.with_columns(population=above.otherwise("population"))
    check = check_proposal(replace(zones, territories=territories), proposal(("ADD",)))
    assert "margin_up" in broken(check)
    # The excess is shown although it has no 3 decimals.
    assert 0 < finding(check, "margin_up").faults[0].details["excess"] < 1e-14  # type: ignore[operator]


def test_which_population_the_margin_is_taken_of() -> None:
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
    summary = regional_summary(zones, "52")
    assert (summary.room_up, summary.room_down) == (up, down)
    check = check_proposal(zones, proposal(("ADD",)))
    assert check.accepted == accepted
    assert broken(check) == (set() if accepted else {"final_share"})


def test_a_share_that_is_a_misprint_is_warned_of() -> None:
    shares = {"tres_sous_dotee": Fraction(5)}
    row = RegionalShare("52", "Pays de la Loire", shares, Misprint({}, "one class too low"))
    zones = country_of(10, base_share="published", published_shares=(row,))
    (note,) = regional_summary(zones, "52").region.notes
    assert (note.code, note.details["reason"]) == ("regional.misprinted_share", "one class too low")
    assert regional_summary(zones, "52").as_dict()["notes"] == [note.as_dict()]
    assert note in finding(check_proposal(zones, proposal(("ADD",))), "final_share").statements
    assert note in propose(zones, "52").notes
    for other in (published("5"), country_of(10, published_shares=(row,))):
        assert not regional_summary(other, "52").region.notes


def test_removals_make_room_for_additions_only_in_a_net_count() -> None:
    zones = [
        territory("A1", "sous_dotee", 12, 50.0), territory("B1", "tres_sous_dotee", 2, 40.0),
        territory("Z", "intermediaire", 386, 90.0),
    ]  # fmt: skip
    both = proposal(("A1",), ("B1",))
    assert broken(check_proposal(zones_of(zones), both)) == {"margin_up"}
    assert check_proposal(zones_of(zones, rules(margin_counting="net")), both).accepted


def test_a_broken_order_names_the_territories_passed_over() -> None:
    rows = [
        territory("A1", apl=50.0, population=2), territory("A2", apl=51.0, population=9),
        territory("A3", apl=52.0, population=2), territory("A4", apl=None, population=1),
        territory("Z", "intermediaire", 386, 90.0),
    ]  # fmt: skip
    strict = zones_of(rows, rules(addition_order="strict"))
    check = check_proposal(strict, proposal(("A1", "A3")))
    (fault,) = check.faults
    assert fault.code == "proposal.order"
    assert fault.details == {"territories": ("A2 Place A2 (51.00)",), "number": 1}
    skipping = zones_of(rows)
    check = check_proposal(skipping, proposal(("A1", "A3")))
    assert check.accepted
    (note,) = finding(check, "order").statements
    assert note.code == "proposal.order_respected_skipping"
    assert note.details == {"territories": ("A2 Place A2 (51.00)",), "number": 1}
    (note,) = finding(check_proposal(skipping, proposal(("A1",))), "order").statements
    assert note.code == "proposal.order_respected"
    assert broken(check_proposal(skipping, proposal(("A3",)))) == {"order"}
    check = check_proposal(skipping, proposal(("A1", "A3", "A4")))
    assert check.faults[0].details["territories"] == ("A4 Place A4",)
    free = zones_of(rows, rules(addition_order="free"))
    check = check_proposal(free, proposal(("A4",)))
    assert check.accepted
    assert verdicts(check)["order"] == "not applicable"


def test_every_broken_rule_is_reported_with_its_territories() -> None:
    check = check_proposal(
        country_of(10),
        Proposal("52", moves("AD", "AWAY", "REST", why=""), moves("ADD"), concertation=HELD),
    )
    assert broken(check) >= {"attribution", "allowed_move", "consultation", "justification"}
    faults = [(fault.code, dict(fault.details)) for fault in check.faults]
    assert [one for one in faults if "excess" not in one[1]] == [
        ("proposal.misspelt_territory",
         {"territories": ("AD",), "number": 1, "similar": ("ADD Place ADD",)}),
        ("proposal.attribution",
         {"territories": ("AWAY Place AWAY (53)",), "number": 1, "region": "52"}),
        ("proposal.allowed_move",
         {"territories": ("REST Place REST (Intermédiaire)",), "number": 1, "zone": "Sous dotée"}),
        ("proposal.allowed_move",
         {"territories": ("ADD Place ADD (Sous dotée)",), "number": 1, "zone": "Très sous dotée"}),
        ("proposal.consultation", {"missing": ("commission_paritaire_regionale",)}),
        ("proposal.justification", {"territories": ("AD", "AWAY", "REST"), "number": 3}),
    ]  # fmt: skip
    assert len(finding(check, "attribution").as_dict()["statements"]) == 2
    only = check_proposal(country_of(10), proposal(("nowhere",)))
    assert verdicts(only)["allowed_move"] == "not applicable"
    assert "margin_up" not in broken(only)


def test_a_proposal_without_moves_is_accepted() -> None:
    check = check_proposal(country_of(10), Proposal("52"))
    assert check.accepted
    assert set(verdicts(check).values()) == {"not applicable", "ok"}
    assert check.before.equals(check.after)


def test_a_methodology_may_require_no_consultation_and_no_justification() -> None:
    zones = country_of(10, consultation=False, justification=False)
    check = check_proposal(zones, Proposal("52", moves("ADD", why="")))
    assert check.accepted
    assert verdicts(check)["consultation"] == verdicts(check)["justification"] == "not applicable"


def test_a_margin_of_zero() -> None:
    zones = country_of(10, margin=Fraction(0))
    assert broken(check_proposal(zones, proposal(("ADD",)))) == {"margin_up", "final_share"}
    assert propose(zones, "52").territories == ()


def test_a_region_without_inhabitants() -> None:
    zones = zones_of([territory("A1", population=0), territory("A2", region="53")])
    check = check_proposal(zones, proposal(("A1",)))
    assert check.accepted
    assert check.after["share"].to_list() == [0.0] * 4


def test_each_rule_cites_its_article() -> None:
    check = check_proposal(country_of(10), proposal(("ADD",)))
    for one in check.findings:
        assert one.article.startswith("annexe, ")
        assert "«" in one.article


def test_many_unknown_territories_are_counted_and_the_first_named() -> None:
    zones = zones_of([territory("A1")])
    unknown = tuple(Move(f"X{k}", "y") for k in range(3000))
    check = check_proposal(zones, Proposal("52", additions=unknown))
    fault = finding(check, "attribution").faults[0]
    assert fault.details["number"] == 3000
    assert fault.details["territories"] == (*(f"X{k}" for k in range(10)), "...")
