"""Countries drawn at random, with all choices of the methodology, for annexe V."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from apl_engine.method import Zoning
from apl_engine.methodology.values import Misprint, RegionalShare
from apl_engine.regional import Move, Proposal
from apl_engine.regional.region import Country, Region

from .countries import HELD, ZONES, Row, moves, rules, territory, zones_of

CHOICES = {
    "addition_order": ["skipping", "strict", "free"],
    "margin_counting": ["gross", "net"],
    "regional_population": ["attributed", "resident"],
    "base_share": ["computed", "published"],
    "consultation": [True, False],
    "justification": [True, False],
}
NAMES = [
    "Saint-Étienne", "St-Etienne", "Châteaubriant", "L'Œuf", "Les Œufs-sur-Ry", "Ay", "Aÿ",
    "La Roche-sur-Yon", "Sainte-Marie-aux-Mines", "Place", "Bourg + 2", "ﬁn", "東京",
]  # fmt: skip


UNKNOWN = ["", " ", "nowhere", "T", "T_1", "t10", "0T1", "st etienne", "Place", "œuf", "T" * 250]


def world(draw: random.Random) -> Zoning:
    """Draw a country: ties, territories without APL or zone, fractions of inhabitants."""
    size = draw.choice([1, 2, 4, 6, 9, 14, 40])
    people = draw.choice(
        [
            lambda: float(draw.randrange(0, 30)),
            lambda: draw.randrange(0, 200) / 8,
            lambda: draw.uniform(0, 5_000),
            lambda: draw.choice([0.0, 1e-9, 10.0, 250_000.5]),
        ]
    )
    level = draw.choice(
        [lambda: draw.choice([None, 40.0, 41.5, 41.5]), lambda: draw.uniform(0, 120)]
    )
    zones: Sequence[str | None] = draw.choice([ZONES[:2], [*ZONES, None], ["sous_dotee"]])
    rows: list[Row] = []
    for place in range(size):
        population = people()
        home, other = draw.sample(["52", "53", "11"], 2)
        away = draw.choice([0, 0, population / 4])
        name = draw.choice(["T", "T", "Ta", "É"])
        rows.append(
            territory(f"{name}{place}", draw.choice(zones), population, level(), home, away, other)
        )
    filler = draw.choice([0.0, 40.0, 400.0, 401.0, 40 * sum(row["population"] for row in rows)])
    rows += [territory(f"Z{one}", "intermediaire", filler, 90.0, one) for one in ("52", "53")]
    chosen = {name: draw.choice(values) for name, values in CHOICES.items()}
    misprint = Misprint({}, "one class too low") if draw.random() < 0.3 else None
    chosen["published_shares"] = tuple(
        RegionalShare(code, code, {ZONES[0]: draw.choice([0, 5, 41, 77])}, misprint)
        for code in ("11", "52", "53")
    )
    made = zones_of(rows, rules(**chosen))
    codes = made.territories["territory"]
    names = dict(
        zip(codes, [draw.choice([*NAMES, f"Place {code}"]) for code in codes], strict=True)
    )
    renamed = pl.col("territory").replace_strict(names, return_dtype=pl.String)
    territories, communes = (
        table.with_columns(territory_name=renamed) for table in (made.territories, made.communes)
    )
    return replace(made, territories=territories, communes=communes)


def likely(draw: random.Random, region: Region) -> tuple[list[str], list[str]]:
    """Draw moves that the rules allow, or nearly so: a run of the order, one more or less."""
    added: list[str] = []
    left = region.limit * draw.choice([0, 1, 1, 1, 2])
    for one in region.additions():
        if draw.random() < 0.93 and (one.population <= left or draw.random() < 0.05):
            added.append(one.code)
            left -= one.population
    inside = [one.code for one in region.removals()]
    removed = draw.sample(inside, draw.randrange(0, min(4, len(inside)) + 1))
    return added, removed


def regions_of(country: Country) -> dict[str, Region]:
    """Return the regions that territories are attributed to, by code."""
    codes = sorted({one.region for one in country.territories.values()})
    return {code: country.region(code) for code in codes}


def proposal(
    draw: random.Random, country: Country, regions: Mapping[str, Region] | None = None
) -> Proposal:
    """Draw a proposal, some of it wrong."""
    regions = regions or regions_of(country)
    code = draw.choice(list(regions))
    added, removed = likely(draw, regions[code])
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
