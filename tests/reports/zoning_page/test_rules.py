"""The page judges proposals exactly as the command does."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from support.countries import HELD, moves
from support.drawn_regions import CHOICES, world
from support.page_models import driver, model_of

from apl_engine import read_result
from apl_engine.method import Zoning
from apl_engine.regional import Finding, Move, Proposal
from apl_engine.regional.region import Country, read_country
from apl_engine.regional.rules import RULES, SHOWN, judge

# More proposals, another draw, and a result of the computation: for campaigns.
PROPOSALS = int(os.environ.get("APL_ENGINE_PROPOSALS", "200"))
SEED = int(os.environ.get("APL_ENGINE_FUZZ_SEED", "0"))
RESULT = os.environ.get("APL_ENGINE_RESULT")

UNKNOWN = ["", " ", "nowhere", "T", "T_1", "t10", "0T1", "st etienne", "Place", "œuf", "T" * 250]


def likely(draw: random.Random, country: Country, code: str) -> tuple[list[str], list[str]]:
    """Draw moves that the rules allow, or nearly so: a run of the order, one more or less."""
    region = country.region(code)
    added: list[str] = []
    left = region.limit * draw.choice([0, 1, 1, 1, 2])
    for one in region.additions():
        if draw.random() < 0.93 and (one.population <= left or draw.random() < 0.05):
            added.append(one.code)
            left -= one.population
    inside = [one.code for one in region.removals()]
    removed = draw.sample(inside, draw.randrange(0, min(4, len(inside)) + 1))
    return added, removed


def proposal(draw: random.Random, country: Country) -> Proposal:
    """Draw a proposal, some of it wrong."""
    code = draw.choice(sorted({one.region for one in country.territories.values()}))
    added, removed = likely(draw, country, code)
    others = [*country.territories, *UNKNOWN]
    for _ in range(draw.choice([0, 0, 0, 1, 2, 12])):
        (added if draw.random() < 0.5 else removed).append(draw.choice(others))
    taken = set[str]()
    ways: list[list[Move]] = []
    for codes in (added, removed):
        draw.shuffle(codes)
        once = [one for one in dict.fromkeys(codes) if one not in taken]
        taken.update(once)
        why = draw.choice(["because"] * 4 + ["", " \n", "\x1c\u3000\x85", "\ufeff"])
        ways.append(list(moves(*once, why="because")))
        if ways[-1] and why != "because":
            ways[-1][0] = Move(ways[-1][0].territory, why)
    days: list[date | None] = [draw.choice([HELD, HELD, HELD, None]) for _ in range(2)]
    return Proposal(code, tuple(ways[0]), tuple(ways[1]), *days)


def as_page_has_it(one: Proposal) -> dict[str, Any]:
    def plain(many: Sequence[Move]) -> list[dict[str, str]]:
        return [{"territory": m.territory, "justification": m.justification} for m in many]

    return {
        "region": one.region,
        "additions": plain(one.additions),
        "removals": plain(one.removals),
        "concertation": one.concertation and one.concertation.isoformat(),
        "commission_paritaire_regionale": one.commission_paritaire_regionale
        and one.commission_paritaire_regionale.isoformat(),
    }


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


def cases(worlds: Sequence[Zoning], number: int, draw: random.Random) -> Iterator[
    tuple[Zoning, Country, list[Proposal]]
]:  # fmt: skip
    share = -(-number // len(worlds))
    for zones in worlds:
        country = read_country(zones)
        yield zones, country, [proposal(draw, country) for _ in range(share)]


def differences(
    worlds: Sequence[Zoning], number: int, draw: random.Random
) -> tuple[list[Any], Counter[str]]:
    """Return the findings in which page and command differ, and how often each verdict came."""
    drawn = list(cases(worlds, number, draw))
    with driver("judge_cases.mjs") as ask:
        answers = [
            ask({"model": model_of(zones), "proposals": [*map(as_page_has_it, proposals)]})
            for zones, _, proposals in drawn
        ]
    unlike, verdicts = [], Counter[str]()
    for (zones, country, proposals), judged in zip(drawn, answers, strict=True):
        order = zones.territories["territory"].to_list()
        regions = {one.region: country.region(one.region) for one in proposals}
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


def test_page_and_command_agree_on_a_result() -> None:
    if not RESULT:
        return
    draw = random.Random(SEED)
    stored = read_result(Path(RESULT))
    worlds = []
    for number in range(12):
        chosen = {name: draw.choice(values) for name, values in CHOICES.items()} if number else {}
        regional = replace(stored.methodology.regional, **chosen)
        worlds.append(replace(stored, methodology=replace(stored.methodology, regional=regional)))
    unlike, _verdicts = differences(worlds, PROPOSALS, draw)
    assert unlike == []
