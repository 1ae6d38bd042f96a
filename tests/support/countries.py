"""Small countries of territories that are zoned already, for regional adaptations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import strategies as st

from apl_engine import Methodology, load_methodology
from apl_engine.method import Zoning, regional_shares
from apl_engine.regional import Check, Move, Proposal

ZONES = ("tres_sous_dotee", "sous_dotee", "intermediaire", "non_prioritaire")
RULES = load_methodology("mk-2024")
HELD = date(2024, 5, 14)
CONSULTED = {"concertation": HELD, "commission_paritaire_regionale": HELD}
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


def zones_of(
    rows: list[Row], methodology: Methodology = RULES, *, real_codes: bool = False
) -> Zoning:
    """Return a national result that holds these territories, and no other.

    To be read again from a folder, its communes need codes that communes can have.
    """
    communes, territories = [], []
    for row in rows:
        code, away = row["territory"], row["elsewhere"]
        digits = "".join(c if c.isdigit() else str(ord(c) % 10) for c in code.strip("_"))
        stem = digits.zfill(4) if real_codes else code
        parts = [(f"{stem}1", row["region"], row["population"] - away)]
        if away:
            parts.append((f"{stem}2", row["other"], away))
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
    table = pl.DataFrame(territories, schema_overrides=of_zone, infer_schema_length=None)
    of_communes = pl.DataFrame(communes, schema_overrides=of_zone, infer_schema_length=None)
    return Zoning(
        communes=of_communes,
        territories=table,
        regions=regional_shares(of_communes, table, methodology),
        cuts=(),
        counts={"communes": {"communes": of_communes.height}},
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


def moves(*codes: str, why: str = "because") -> tuple[Move, ...]:
    return tuple(Move(code, why) for code in codes)


def proposal(add: tuple[str, ...] = (), remove: tuple[str, ...] = (), **other: Any) -> Proposal:
    given = {"region": "52", **CONSULTED, **other}
    return Proposal(additions=moves(*add), removals=moves(*remove), **given)


def broken(check: Check) -> set[str]:
    return {finding.rule for finding in check.broken}


@st.composite
def countries(draw: st.DrawFn) -> list[Row]:
    """Draw a country whose region 52 may move a few inhabitants."""
    size = draw(st.integers(1, 8))
    half = st.integers(0, 24).map(lambda twice: twice / 2)
    levels = st.one_of(st.none(), st.sampled_from([40.0, 41.5, 42.0, 50.0]))
    rows = [
        territory(
            f"T{place}",
            zone=draw(st.sampled_from([*ZONES[:3], None])),
            population=draw(half),
            apl=draw(levels),
            region=draw(st.sampled_from(["52", "52", "52", "53"])),
        )
        for place in range(size)
    ]
    filler = draw(st.sampled_from([0, 40, 200, 400, 401]))
    return [*rows, territory("Z", "intermediaire", filler, 90.0)]


def country_of(size: float, population: float = 400, **changes: Any) -> Zoning:
    """Region 52 has `population`, of which `size` live in the candidate, and as many below."""
    return zones_of(
        [
            territory("ADD", "sous_dotee", size, 50.0),
            territory("OUT", "tres_sous_dotee", size, 40.0),
            territory("REST", "intermediaire", population - 2 * size, 90.0),
            territory("AWAY", "sous_dotee", 7, 45.0, region="53", elsewhere=3, other="52"),
        ],
        rules(**changes),
    )
