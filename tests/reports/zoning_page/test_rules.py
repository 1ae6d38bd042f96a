"""The page judges proposals exactly as the command does."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.drawn_regions import CHOICES, as_page_has_it, proposal, regions_of, world
from support.page_models import driver, model_of

from apl_engine import read_result
from apl_engine.method import Zoning
from apl_engine.regional import Finding, Proposal
from apl_engine.regional.region import Country, Region, read_country
from apl_engine.regional.rules import RULES, SHOWN, judge

# More proposals, another draw, and a result of the computation: for campaigns.
PROPOSALS = int(os.environ.get("APL_ENGINE_PROPOSALS", "200"))
SEED = int(os.environ.get("APL_ENGINE_FUZZ_SEED", "0"))
RESULT = os.environ.get("APL_ENGINE_RESULT")


def of_command(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "verdict": finding.verdict,
        "article": finding.article,
        "statements": [
            {"code": one.code, "named": list(one.details.get("territories", ())),
             "number": one.details.get("number"), "similar": list(one.details.get("similar", ())),
             "missing": list(one.details.get("missing", ()))}
            for one in finding.statements
        ],
        "figures": {name: str(value) for name, value in finding.figures.items()},
    }  # fmt: skip


def of_page(finding: dict[str, Any], country: Country, order: Sequence[str]) -> dict[str, Any]:
    """Return a finding of the page, its territories written as the command writes them."""
    labels = {zone.id: zone.label for zone in country.zones.methodology.zoning.classes}

    def written(rule: str, code: str) -> str:
        one = country.territories[code]
        name = f"{one.code} {one.name}"
        if rule == "attribution":
            return f"{name} ({one.region})"
        if rule == "allowed_move":
            return f"{name} ({labels.get(one.zone or '', '-')})"
        return name if one.apl is None else f"{name} ({one.apl:.2f})"

    statements = []
    for one in finding["statements"]:
        named = one.get("named") or [
            written(finding["rule"], order[number]) for number in one.get("territories", [])
        ]
        if one["fault"] and len(named) > SHOWN:
            named = [*named[:SHOWN], "..."]
        statements.append(
            {"code": one["code"], "named": named, "number": one.get("number"),
             "similar": one.get("similar", []), "missing": one.get("missing", [])}
        )  # fmt: skip
    return {**finding, "statements": statements}


def cases(
    worlds: Sequence[Zoning], number: int, draw: random.Random
) -> Iterator[tuple[Zoning, Country, Mapping[str, Region], list[Proposal]]]:
    share = -(-number // len(worlds))
    for zones in worlds:
        country = read_country(zones)
        regions = regions_of(country)
        yield zones, country, regions, [proposal(draw, country, regions) for _ in range(share)]


def differences(
    worlds: Sequence[Zoning], number: int, draw: random.Random
) -> tuple[list[Any], Counter[str]]:
    """Return the findings in which page and command differ, and how often each verdict came."""
    drawn = list(cases(worlds, number, draw))
    with driver("judge_cases.mjs") as ask:
        answers = [
            ask({"model": model_of(zones), "proposals": [*map(as_page_has_it, proposals)]})
            for zones, *_, proposals in drawn
        ]
    unlike, verdicts = [], Counter[str]()
    for (zones, country, regions, proposals), judged in zip(drawn, answers, strict=True):
        order = zones.territories["territory"].to_list()
        for wanted, found in zip(proposals, judged, strict=True):
            findings = judge(wanted, regions[wanted.region], country.territories)
            page = [of_page(one, country, order) for one in found]
            command = [of_command(one) for one in findings]
            if page != command:
                unlike.append((wanted, page, command))
            verdicts.update(f"{one.rule}: {one.verdict}" for one in findings)
            refused = any(one.verdict == "broken" for one in findings)
            verdicts["refused" if refused else "accepted"] += 1
    return unlike, verdicts


def test_page_and_command_agree_on_small_countries() -> None:
    draw = random.Random(SEED)
    worlds = [world(draw) for _ in range(max(12, PROPOSALS // 40))]
    unlike, verdicts = differences(worlds, PROPOSALS, draw)
    assert unlike == []
    # The draw reaches every verdict of every rule.
    possible = {"ok", "broken", "not applicable"}
    reached = {rule: {v for v in possible if f"{rule}: {v}" in verdicts} for rule in RULES}
    assert reached == {
        rule: possible - ({"not applicable"} if rule == "final_share" else set()) for rule in RULES
    }
    assert verdicts["accepted"]
    assert verdicts["refused"]


@pytest.mark.skipif(not RESULT, reason="APL_ENGINE_RESULT names no result")
def test_page_and_command_agree_on_a_result() -> None:
    draw = random.Random(SEED)
    stored = read_result(Path(str(RESULT)))
    worlds = []
    for number in range(12):
        chosen = {name: draw.choice(values) for name, values in CHOICES.items()} if number else {}
        regional = replace(stored.methodology.regional, **chosen)
        worlds.append(replace(stored, methodology=replace(stored.methodology, regional=regional)))
    unlike, _ = differences(worlds, PROPOSALS, draw)
    assert unlike == []
