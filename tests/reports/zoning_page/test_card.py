"""A card states reasons, aids by day, suppliers and exact margins as the commands do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from support.tables import frames, small_world

from apl_engine import InputDataError, explain, run
from apl_engine.aids.rules.load import load_aid_rules
from apl_engine.aids.zone_aids import aids_of_zone
from apl_engine.method.result import Publication, Result
from apl_engine.method.zoning import RANKED
from apl_engine.reports.zoning_page.aids import aids_content
from apl_engine.reports.zoning_page.card import card_content, reason_numbers
from apl_engine.reports.zoning_page.supplies import MOST, margins_content, supplies_content
from apl_engine.results.lookup import region_names
from apl_engine.scenarios.margins import distances
from apl_engine.scenarios.what_if import WhatIf


@pytest.fixture(scope="module")
def zones() -> Result:
    return run(frames(small_world()))


def test_aids_are_those_of_the_command_on_the_days_around_each_change(zones: Result) -> None:
    rules = load_aid_rules()
    content = aids_content(zones)
    assert content is not None
    starts = [date.fromisoformat(period["since"]) for period in content["periods"]]
    assert starts == sorted(set(starts))
    assert starts[0] == rules.first_day
    days = {start + timedelta(step) for start in starts for step in (-1, 0, 1)}
    for day in sorted(days | {date(2026, 11, 29)}):
        if day < starts[0]:
            continue
        period = [one for one in content["periods"] if one["since"] <= day.isoformat()][-1]
        for zone, opened in zip(zones.methodology.zoning.classes, period["zones"], strict=True):
            aids = aids_of_zone(zone.id, day, rules)
            assert [(one["measure"], one["opens"], one["title"]) for one in opened["measures"]] == [
                (one.measure, one.opens, one.title) for one in aids.measures
            ]
            assert [(one["kind"], one["maximum"], one["years"]) for one in opened["contracts"]] == [
                (one.kind, float(one.maximum), one.years) for one in aids.contracts
            ]


def test_days_of_effect_are_those_of_the_rules(zones: Result) -> None:
    content = aids_content(zones)
    assert content is not None
    by_region = dict(zip(region_names(zones), content["effect"], strict=True))
    # Of Auvergne-Rhône-Alpes a day is known.
    assert by_region["84"] == "2024-11-01"
    assert by_region["94"] is None


def test_each_territory_has_its_reason(zones: Result) -> None:
    reasons = ["ranked", "no inhabitants", "imposed: Mayotte: no data",
               "adapted by region 84: a bridge is closed"]  # fmt: skip
    few = zones.territories.height
    odd = zones.territories.with_columns(
        zone_reason=pl.Series([reasons[k % len(reasons)] for k in range(few)])
    )
    changed = replace(zones, territories=odd)
    card, numbers = card_content(changed), reason_numbers(changed)
    kinds = [card["reasons"][number]["kind"] for number in numbers]
    assert kinds == ["ranked", "nobody", "imposed", "adapted"][:few]
    for number, reason in zip(numbers, odd["zone_reason"], strict=True):
        said = card["reasons"][number]
        assert (said["text"] == "") == (reason == RANKED)
        if said["kind"] == "adapted":
            assert "a bridge is closed" in said["text"]


def test_figures_of_the_method_are_those_of_its_file(zones: Result) -> None:
    card = card_content(zones)
    assert (card["per"], card["minutes"]) == (100_000, 20)
    assert card["hidden"] is card["step"] is None
    # Two regions are not France.
    assert card["national"] is False


def test_suppliers_are_the_largest_of_an_explanation(zones: Result) -> None:
    content = supplies_content(zones, zones.network)
    codes = zones.communes["commune"].to_list()
    for kind, places in (("commune", codes), ("territory", zones.territories["territory"])):
        table = content["communes" if kind == "commune" else "territories"]
        numbers = table["commune"]
        start = 0
        for count, place in zip(table["count"], places, strict=True):
            rows = slice(start, start + count)
            start += count
            spelled = explain(zones, place, kind=kind, readings=False).sum
            assert spelled is not None
            expected = spelled.suppliers.filter(pl.col("contribution") > 0).head(MOST)
            found = dict(zip((codes[k] for k in numbers[rows]), table["share"][rows], strict=True))
            assert found == pytest.approx(
                {code: float(share) for code, share in expected["commune", "share"].rows()},
                abs=0.501,
            )
            if kind == "commune":
                trips = dict(expected["commune", "minutes_to"].rows())
                assert [trips[code] for code in found] == table["minutes"][rows]
        assert start == len(numbers)


def test_margins_are_those_of_the_command(zones: Result) -> None:
    content = margins_content(zones, zones.network)
    ids = [zone.id for zone in zones.methodology.zoning.classes]
    what_if = WhatIf(zones, zones.network)
    for number, row in enumerate(zones.territories.iter_rows(named=True)):
        others = {}
        if row["rank"] is not None:
            others = {one.zone: one for one in distances(zones, row["territory"], what_if)}
        for way, step in (("up", 1), ("down", -1)):
            other = ids.index(row["zone"]) + step if row["zone"] else -1
            one = others.get(ids[other]) if 0 <= other < len(ids) else None
            apl, etp = content[way]["apl"][number], content[way]["etp"][number]
            assert apl == (one and one.apl)
            assert etp == (None if one is None or one.etp is None else float(one.etp))


def test_a_publication_has_neither(zones: Result) -> None:
    steps = {"commune_apl": 5.0, "territory_apl": 1.0, "territory_etp": 1.0, "total_etp": 10.0}
    publication = Publication(
        min_practitioners=5, protection=20.0, attacker="public", steps=steps,
        hidden={"communes_apl": 0}, shown={}, groups=0, unprotected=(), earlier=0, totals={},
    )  # fmt: skip
    published = replace(zones, publication=publication)
    for make in (supplies_content, margins_content):
        with pytest.raises(InputDataError):
            make(published, zones.network)
    card = card_content(published)
    assert (card["hidden"], card["step"], card["commune_step"]) == (5, 1, 5)
