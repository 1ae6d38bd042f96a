"""The page of a comparison."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from support.compared import country, with_other_supply
from support.full_runs import run_with_network
from support.tables import SAMPLES, frames

from apl_engine import compare, run
from apl_engine.cli.compare_output import page
from apl_engine.reports.comparison import comparison_record
from apl_engine.reports.page import Table


def test_the_parts_shown_add_up() -> None:
    (one, network), (two, other) = (
        run_with_network(frames(world)) for world in (country(), with_other_supply(country()))
    )
    found = compare(one, two, networks=(network, other), population="first")
    shown = page(found, comparison_record(found))
    assert "Inhabitants (of A)" in shown.text()
    tables = [block for block in shown.blocks if isinstance(block, Table)]
    (changes,) = [table for table in tables if table.details]
    assert len(changes.details) == found.changes.height
    for detail in changes.details:
        margins, rest = detail.split("end of ")[1].split(", ", 1)
        change, parts = rest.split(": ")
        before, after = (Decimal(word) for word in margins.split()[1::2])
        assert sum(Decimal(part.split()[-1]) for part in parts.split(", ")) == Decimal(change)
        assert Decimal(change) == after - before


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("adapted", "adapted by the agency of region 84"),
        ("imposed", "the zone is imposed in one of the results"),
    ],
)
def test_causes_other_than_the_apl_are_shown(word: str, reason: str) -> None:
    result, network = run_with_network(frames(country()))
    rows = result.territories
    other = pl.when(pl.col("zone") == "sous_dotee").then(pl.lit("intermediaire"))
    moved = rows.with_columns(
        zone=other.otherwise("zone"), zone_reason=pl.lit(f"{word}: for a reason")
    )
    found = compare(result, replace(result, territories=moved), networks=(network, network))
    shown = page(found, comparison_record(found))
    assert shown.text().count(reason) == 2
    assert shown.markdown().count(reason) == 2


def test_communes_of_one_result_only_are_shown() -> None:
    folder = SAMPLES / "pays-de-la-loire"
    tables = {path.stem: pl.read_parquet(path) for path in folder.glob("*.parquet")}
    other = {
        name: frame.with_columns(
            pl.col([c for c in ("commune", "origin", "destination") if c in frame.columns])
            .cast(pl.String)
            .replace({"53001": "53999"})
        )
        for name, frame in tables.items()
    }
    found = compare(run(tables), run(other))
    words = " ".join(page(found, comparison_record(found)).text().split())
    assert "Communes of one result only" in words
    assert "communes inhabitants in A 1 " in words
    assert "53001" in words


def test_equal_results_have_no_change() -> None:
    result, network = run_with_network(frames(country()))
    found = compare(result, result, networks=(network, network))
    shown = page(found, comparison_record(found)).text()
    assert "No zone changes" in shown
    assert "change zone" not in shown
