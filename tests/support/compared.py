"""Small countries that differ in one thing, and the split of a change in exact fractions."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
import polars as pl
from support.tables import World, commune, frames, methodology, practitioner

from apl_engine import Methodology, Result, compare, run
from apl_engine.comparison import Comparison
from apl_engine.comparison.shapley import UNIT
from apl_engine.methodology.values import Step

RULES = methodology()
WIDER = methodology(
    travel_steps=(Step(Fraction(12), True, Fraction(1)), Step(Fraction(30), True, Fraction(1, 3))),
    zoning_aggregation_weight="population",
    apl_per_inhabitants=Fraction(50_000),
)
FACTORS = ("supply", "population", "geography", "method")
SIZE = 16


def country(seed: int = 0) -> World:
    """Sixteen communes on a line, six minutes apart, in eight territories of one region."""
    codes = [f"01{k:03d}" for k in range(1, SIZE + 1)]
    return {
        "practitioners": [
            practitioner(f"p{k}", code, acts=1500 + 700 * ((5 * k + 3 * seed) % 7), fees=50_000)
            for k, code in enumerate(codes)
        ],
        "population": [
            {"commune": code, "age_band": band, "population": 100.0 + 13 * ((7 * k + b) % 5)}
            for k, code in enumerate(codes)
            for b, band in enumerate(("00-04", "05-09", "10+"))
        ],
        "consumption": [
            {"age_band": band, "fees": 1000.0 * (b + 1)}
            for b, band in enumerate(("00-04", "05-09", "10+"))
        ],
        "travel_times": [
            {"origin": one, "destination": two, "minutes": 6.0 * abs(j - k)}
            for j, one in enumerate(codes)
            for k, two in enumerate(codes)
            if j != k
        ],
        "communes": [commune(code, "84", f"T{k // 2}") for k, code in enumerate(codes)],
    }


def with_other_supply(world: World, shift: int = 2) -> World:
    """Exchange what practitioners do; acts and fees of all stay, so that no band consumes more."""
    other = copy.deepcopy(world)
    acts = [row["acts"] for row in world["practitioners"]]
    for k, row in enumerate(other["practitioners"]):
        row["acts"] = acts[(k + shift) % len(acts)]
    return other


def with_other_population(world: World, shift: int = 1) -> World:
    other = copy.deepcopy(world)
    people = [row["population"] for row in world["population"]]
    for k, row in enumerate(other["population"]):
        row["population"] = people[(k + 3 * shift) % len(people)] * (5 if 12 <= k < 21 else 1)
    return other


def with_other_times(world: World, factor: float = 1.4) -> World:
    other = copy.deepcopy(world)
    for row in other["travel_times"]:
        row["minutes"] *= factor if row["origin"] < "01009" else 1.0
    return other


def with_other_mesh(world: World) -> World:
    other = copy.deepcopy(world)
    for k, row in enumerate(other["communes"]):
        row["territory"] = f"T{(k + 1) // 2 % 8}"
        row["territory_name"] = f"Territory {row['territory']}"
    return other


def with_age_at_stake(world: World) -> World:
    """Make a third of the practitioners 60 years old."""
    for row in world["practitioners"][::3]:
        row["age"] = 60
    return world


def compared(
    first: World,
    second: World,
    rules: tuple[Methodology, Methodology],
    **options: Any,
) -> Comparison:
    """Run both, and compare them on their own tables."""
    tables = frames(first), frames(second)
    results = [run(one, by) for one, by in zip(tables, rules, strict=True)]
    return compare(*results, inputs=tables, methods_differ=True, **options)


Value = Callable[[tuple[int, int, int, int]], Fraction]


def by_all_orders(value: Value) -> list[Fraction]:
    """Return the mean over all orders of what the exchange of each factor changes."""
    parts = [Fraction(0)] * len(FACTORS)
    for order in permutations(range(len(FACTORS))):
        state = [0] * len(FACTORS)
        for factor in order:
            before = value(tuple(state))  # type: ignore[arg-type]
            state[factor] = 1
            parts[factor] += value(tuple(state)) - before  # type: ignore[arg-type]
    return [part / factorial(len(FACTORS)) for part in parts]


def value_of(
    worlds: tuple[World, World],
    results: tuple[Result, Result],
    rules: tuple[Methodology, Methodology],
    territories: tuple[str, str],
) -> Value:
    """Return the APL of a territory in any state, in fractions, for communes of the same codes."""
    tables = [one.communes.rows_by_key("commune", named=True, unique=True) for one in results]
    codes = list(tables[0])
    known: dict[tuple[int, int, int, int], Fraction] = {}

    def figure(side: int, code: str, name: str) -> Fraction:
        return Fraction(float(tables[side][code][name]))

    def compute(state: tuple[int, int, int, int]) -> Fraction:
        supply, people, geography, method = state
        by = rules[method]
        minutes = {(code, code): Fraction(0) for code in codes} | {
            (row["origin"], row["destination"]): Fraction(row["minutes"])
            for row in worlds[geography]["travel_times"]
        }
        weight = {
            pair: next(
                (s.weight for s in by.travel.steps if time < s.to or (s.included and time == s.to)),
                Fraction(0),
            )
            for pair, time in minutes.items()
        }
        of = {code: figure(people, code, "standardised_population") for code in codes}
        reached = {j: sum((weight[i, j] * of[i] for i in codes), Fraction(0)) for j in codes}
        ratio = {
            j: figure(supply, j, "etp") / reached[j] if reached[j] else Fraction(0) for j in codes
        }
        apl = {
            i: by.apl.per_inhabitants * sum((weight[i, j] * ratio[j] for j in codes), Fraction(0))
            for i in codes
        }
        own = [c for c in codes if tables[geography][c]["territory"] == territories[geography]]
        total = [figure(people, c, by.zoning.aggregation_weight) for c in own]
        means = zip(total, (apl[c] for c in own), strict=True)
        return sum((w * a for w, a in means), Fraction(0)) / sum(total)

    def value(state: tuple[int, int, int, int]) -> Fraction:
        if state not in known:
            known[state] = compute(state)
        return known[state]

    return value


def units(table: pl.DataFrame, name: str) -> list[int]:
    return [round(value * UNIT) for value in table[name]]


def some(values: pl.Series) -> bool:
    """Return whether some value is neither null nor 0."""
    return bool((values != 0).any())


def check_sums(comparison: Comparison) -> None:
    """Check that parts, margins and cuts add up as whole 10^-9, as they are stored."""
    names = [f"part_{name}" for name in comparison.parts]
    split = comparison.changes.filter(cause="apl")
    for table in (split, comparison.attribution.filter(cause="apl")):
        total = np.sum([units(table, name) for name in names], axis=0).tolist()
        assert total == units(table, "change") or not table.height
    margins = zip(units(split, "margin_a"), units(split, "margin_b"), strict=True)
    assert [b - a for a, b in margins] == units(split, "change")
    for name in ("a", "b"):
        zones = comparison.first if name == "a" else comparison.second
        highest = {cut.zone: cut.highest_apl or 0.0 for cut in zones.cuts}
        for row in split.to_dicts():
            margin = round(row[f"apl_{name}"] * UNIT) - round(highest[row["crossed"]] * UNIT)
            assert abs(margin - round(row[f"margin_{name}"] * UNIT)) <= 1
            order = [zone.id for zone in zones.methodology.zoning.classes]
            inside = order.index(row[f"zone_{name}"]) <= order.index(row["crossed"])
            assert (margin <= 0) if inside else (margin >= 0)
