"""Small countries of territories that are zoned already, for regional adaptations."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import polars as pl

from apl_engine import Methodology, Zoning, load_methodology, regional_shares

ZONES = ("tres_sous_dotee", "sous_dotee", "intermediaire", "non_prioritaire")
RULES = load_methodology("mk-2024")
Row = dict[str, Any]


def territory(
    code: str,
    zone: str | None = "sous_dotee",
    population: float = 10,
    apl: float | None = 50.0,
    region: str = "52",
    elsewhere: float = 0,
    other: str = "53",
) -> Row:
    """Return a territory; `elsewhere` of its people live in a commune of region `other`."""
    return {"territory": code, "zone": zone, "population": population, "apl": apl,
            "region": region, "elsewhere": elsewhere, "other": other}  # fmt: skip


def rules(**changes: Any) -> Methodology:
    """Return mk-2024 with some regional parameters changed."""
    return replace(RULES, regional=replace(RULES.regional, **changes))


def zones_of(rows: list[Row], methodology: Methodology = RULES) -> Zoning:
    """Return a national result that holds these territories, and no other."""
    communes, territories = [], []
    for row in rows:
        code, away = row["territory"], row["elsewhere"]
        parts = [(f"{code}1", row["region"], row["population"] - away)]
        if away:
            parts.append((f"{code}2", row["other"], away))
        communes += [
            {"commune": commune, "name": f"Commune {commune}", "region": region,
             "population": float(people), "standardised_population": float(people),
             "apl": row["apl"] or 0.0, "territory": code, "territory_name": f"Place {code}",
             "zone": row["zone"]}
            for commune, region, people in parts
        ]  # fmt: skip
        territories.append(
            {"territory": code, "territory_name": f"Place {code}", "region": row["region"],
             "communes": len(parts), "population": float(row["population"]),
             "standardised_population": float(row["population"]), "apl": row["apl"],
             "rank": None, "cumulative_share": None, "zone": row["zone"],
             "zone_reason": "ranked"}
        )  # fmt: skip
    of_zone = {"zone": pl.String, "apl": pl.Float64, "rank": pl.UInt32,
               "cumulative_share": pl.Float64}  # fmt: skip
    found = pl.DataFrame(territories, schema_overrides=of_zone, infer_schema_length=None)
    places = pl.DataFrame(communes, schema_overrides=of_zone, infer_schema_length=None)
    return Zoning(
        communes=places,
        territories=found,
        regions=regional_shares(places, found, methodology),
        cuts=(),
        counts={"communes": {"communes": places.height}},
        notes=(),
        methodology=methodology,
        timings={},
    )


def exactly(rows: list[Row]) -> list[Row]:
    """Return the territories as the reference has them."""
    return [
        {**row, "population": Fraction(row["population"]),
         "apl": None if row["apl"] is None else Fraction(row["apl"])}
        for row in rows
    ]  # fmt: skip
