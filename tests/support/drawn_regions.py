"""Countries drawn at random, with all choices of the methodology, for annexe V."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from apl_engine.method import Zoning
from apl_engine.methodology.values import Misprint, RegionalShare

from .countries import ZONES, Row, rules, territory, zones_of

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
    names = [draw.choice([*NAMES, name]) for name in made.territories["territory_name"]]
    named = made.territories.with_columns(pl.Series("territory_name", names, pl.String))
    return replace(made, territories=named)
