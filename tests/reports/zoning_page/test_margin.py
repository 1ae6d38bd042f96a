"""What a card says of the margin is what the rules say of a proposal of that territory alone."""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.countries import country_of, rules, territory, zones_of
from support.drawn_regions import world
from support.page_models import driver, model_of

from apl_engine.methodology.values import RegionalShare
from apl_engine.regional import Move, Proposal, check_proposal, regional_summary


def margins(*models: dict[str, Any]) -> list[list[dict[str, Any]]]:
    with driver("margins.mjs") as ask:
        return [ask(one) for one in models]


def published(model: dict[str, Any]) -> dict[str, Any]:
    """Return a model as a publication has it: a rounded APL, and no data for a workbench."""
    levels = [None if one is None else float(round(one)) for one in model["territories"]["apl"]]
    return {**model, "workbench": None, "territories": {**model["territories"], "apl": levels}}


def test_a_territory_may_move_if_its_proposal_is_accepted() -> None:
    draw = random.Random(5)
    worlds = [world(draw) for _ in range(12)]
    for zones, found in zip(worlds, margins(*map(model_of, worlds)), strict=True):
        codes = zones.territories["territory"]
        for code, region, one in zip(codes, zones.territories["region"], found, strict=True):
            summary = regional_summary(zones, region)
            adds = dict(summary.additions.select("territory", "within").iter_rows())
            removes = dict(summary.removals.select("territory", "population").iter_rows())
            order = zones.methodology.regional.addition_order
            if code in adds and order != "free":
                assert (one["status"] == "addable") == adds[code]
            elif code in adds or code in removes:
                moved = (Move(code, "x"),)
                alone = Proposal(region, *((moved, ()) if code in adds else ((), moved)))
                check = check_proposal(zones, alone)
                broken = {finding.rule for finding in check.broken}
                allowed = not broken & {"margin_up", "margin_down", "final_share"}
                own = summary.region
                # A share that is out of the margin already may be so after any move.
                if abs(own.inside - own.base) <= own.limit:
                    assert (one["status"] in ("addable", "removable")) == allowed
            else:
                assert (one["status"], one["direction"], one["to"]) == ("fixed", None, -1)


def status(model: dict[str, Any]) -> dict[str, str]:
    (found,) = margins(model)
    codes = model["territories"]["code"]
    return {code: one["status"] for code, one in zip(codes, found, strict=True)}


def test_the_order_of_the_law_decides_which_come_first() -> None:
    rows = [
        territory("A", "sous_dotee", 4, 40.0),
        territory("B", "sous_dotee", 8, 41.0),
        territory("C", "sous_dotee", 6, 42.2),
        territory("D", "sous_dotee", 5, 42.4),
        territory("E", "sous_dotee", 11, 43.0),
        territory("F", "sous_dotee", 1, None),
        territory("G", "tres_sous_dotee", 10, 10.0),
        territory("H", "tres_sous_dotee", 11, 11.0),
        territory("I", "intermediaire", 344, 90.0),
    ]
    model = model_of(zones_of(rows))
    wanted = {"A": "addable", "B": "later", "C": "addable", "D": "later", "E": "too_large",
              "F": "unranked", "G": "removable", "H": "too_large", "I": "fixed"}  # fmt: skip
    assert status(model) == wanted
    # By rounded figures D may come before C, and take up the room.
    assert status(published(model)) == {**wanted, "C": "later"}
    (found,) = margins(published(model))
    assert found[2]["before"] == [0, 1, 3]
    assert (found[2]["rank"], found[2]["candidates"], found[2]["exact"]) == (4, 6, False)
    assert (found[2]["limit"], found[2]["margin"], found[2]["share"]) == (10, 2.5, 1.5)
    assert "2,5 %" in found[2]["article"]
    strict = model_of(zones_of(rows, rules(addition_order="strict")))
    assert status(strict) == {**wanted, "C": "later"}
    free = model_of(zones_of(rows, rules(addition_order="free")))
    assert status(free) == {**wanted, "B": "addable", "D": "addable", "F": "addable"}


@pytest.mark.parametrize("share", [None, RegionalShare("52", "PDL", {"tres_sous_dotee": 0})])
def test_a_region_without_a_published_share_is_unknown(share: RegionalShare | None) -> None:
    table = (share,) if share else ()
    zones = country_of(10, base_share="published", published_shares=table)
    known = status(model_of(zones))
    assert (known["OUT"] == "unknown") == (share is None)
