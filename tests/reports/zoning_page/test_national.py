"""The page moves the cuts as the command would."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from support.node import node
from support.tables import methodology

from apl_engine import Methodology
from apl_engine.columns import numbers
from apl_engine.disclosure_control.figures import rounded
from apl_engine.method.zoning import contest_of, with_zones
from apl_engine.reports.zoning_page.national import ranked

SCRIPT = Path(__file__).with_name("cuts_cases.mjs")
DRAWS = int(os.environ.get("APL_ENGINE_CUTS", "60"))
Cases = list[dict[str, Any]]


def in_page(cases: Cases) -> Cases:
    """Return what the module of the page makes of cases of an order and of shares."""
    done = subprocess.run(
        [node(), SCRIPT], input=json.dumps(cases), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answers: Cases = json.loads(done.stdout)
    return answers


@cache
def variant(straddling: str, cuts: str, ties: str, imposed_population: str) -> Methodology:
    return methodology(
        zoning_straddling=straddling,
        zoning_cuts=cuts,
        zoning_ties=ties,
        zoning_imposed_population=imposed_population,
    )


def country(rng: np.random.Generator) -> tuple[pl.DataFrame, Methodology]:
    """Return territories in their zones, and the rules that put them there."""
    size = int(rng.integers(2, 30))
    rules = variant(
        str(rng.choice(["at_or_below", "crossing", "nearest"])),
        str(rng.choice(["cumulated", "successive"])),
        str(rng.choice(["code", "together"])),
        str(rng.choice(["inside_cuts", "outside_cuts"])),
    )
    people = rng.integers(0, 40, size) + (rng.random(size).round(3) if rng.random() < 0.3 else 0)
    people[0] = 10.0
    apl = rng.choice([rng.integers(0, 9, size) * 1.0, rng.random(size) * 20])
    territories = pl.DataFrame(
        {
            "territory": [f"T{i:02}" for i in range(size)],
            "region": ["52", *rng.choice(["52", "53", "06"], size - 1).tolist()],
            "population": people * 1.0,
            "standardised_population": people * 1.0,
            "apl": apl,
        }
    )
    contest = contest_of(territories, rules)
    return with_zones(territories, contest, contest.rank(apl)), rules


def moved(rng: np.random.Generator, rules: Methodology) -> list[Fraction]:
    """Return cuts, cumulated: some where the law has them, some elsewhere."""
    shares = [zone.share or Fraction(0) for zone in rules.zoning.classes[:-1]]
    law = [sum(shares[: k + 1], Fraction(0)) for k in range(len(shares))]
    while True:
        parts = [Fraction(int(step), 10) for step in rng.integers(1, 1000, len(law))]
        own = [one if rng.random() < 0.4 else other for one, other in zip(law, parts, strict=True)]
        if all(one < other for one, other in pairwise(own)):
            return own


def zoned(territories: pl.DataFrame, rules: Methodology, cuts: list[Fraction]) -> list[int]:
    """Return the class of each territory by the command's own ranking, with other shares."""
    shares = [cut - below for below, cut in pairwise([Fraction(0), *cuts])]
    zones = rules.zoning.classes
    classes = (
        *(replace(zone, share=share) for zone, share in zip(zones, shares, strict=False)),
        zones[-1],
    )
    varied = replace(rules, zoning=replace(rules.zoning, classes=classes))
    contest = contest_of(territories, varied)
    zones_of: list[int] = contest.zones(contest.rank(numbers(territories["apl"]))).tolist()
    return zones_of


def draws(seed: int, count: int) -> list[tuple[pl.DataFrame, Methodology, list[Fraction]]]:
    drawn = []
    for k in range(count):
        rng = np.random.default_rng((seed, k))
        territories, rules = country(rng)
        drawn.append((territories, rules, moved(rng, rules)))
    return drawn


def test_cuts_moved_in_the_page_give_the_zones_of_the_command() -> None:
    drawn = draws(1, DRAWS)
    cases = [
        {
            "order": ranked(territories, rules, published=False),
            "shares": [cut.as_integer_ratio() for cut in cuts],
        }
        for territories, rules, cuts in drawn
    ]
    changed = 0
    for case, answer, (territories, rules, cuts) in zip(cases, in_page(cases), drawn, strict=True):
        zones = zoned(territories, rules, cuts)
        own = [zones[row] for row in case["order"]["territories"]]
        assert answer["low"] == answer["high"] == own
        before = territories["zone"].to_list()
        ids = [zone.id for zone in rules.zoning.classes]
        changed += any(ids[zones[row]] != before[row] for row in case["order"]["territories"])
    assert changed > DRAWS / 2


def _law(rules: Methodology) -> list[Fraction]:
    shares = [zone.share or Fraction(0) for zone in rules.zoning.classes[:-1]]
    return [sum(shares[: k + 1], Fraction(0)) for k in range(len(shares))]


def test_published_figures_leave_the_true_zone_open_but_never_deny_it() -> None:
    """By rounded APLs, some hidden: the zone by the exact ones is among those left open."""
    cases, expected = [], []
    for k, (territories, rules, cuts) in enumerate(draws(2, DRAWS)):
        rng = np.random.default_rng((3, k))
        apl = rounded(numbers(territories["apl"]), float(rng.choice([1.0, 4.0])))
        apl[rng.random(len(apl)) < 0.2] = np.nan
        published = territories.with_columns(apl=pl.Series(apl, nan_to_null=True))
        for shares in (cuts, _law(rules)):
            order = ranked(published, rules, published=True)
            cases.append({"order": order, "shares": [cut.as_integer_ratio() for cut in shares]})
            zones = zoned(territories, rules, shares)
            expected.append([zones[row] for row in order["territories"]])
    open_zones = 0
    for k, (answer, own) in enumerate(zip(in_page(cases), expected, strict=True)):
        assert all(np.less_equal(answer["low"], own))
        assert all(np.greater_equal(answer["high"], own))
        if k % 2:
            assert answer["low"] == answer["high"] == own
        open_zones += answer["low"] != answer["high"]
    assert DRAWS / 4 < open_zones < DRAWS
