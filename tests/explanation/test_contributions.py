"""An APL as the sum of its contributions, and population by age."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from support.results import territory_of
from support.tables import SAMPLES

from apl_engine import explain
from apl_engine.explanation import Explanation
from apl_engine.results import StoredResult

REGION = SAMPLES / "pays-de-la-loire"


def test_shares_add_up_exactly(zones: StoredResult, laval: Explanation) -> None:
    territory = territory_of(zones, "sous_dotee")
    for explained in (laval, explain(zones, territory, kind="territory", readings=False)):
        assert explained.sum
        suppliers = explained.sum.suppliers
        stored = explained.as_dict()["apl"]
        assert suppliers["contribution"].sum() == explained.sum.apl
        assert abs(Fraction(explained.sum.apl) - Fraction(stored)) <= Fraction(1, 2_000_000)
        assert suppliers["share"].sum() == Decimal(100)
        assert suppliers["contribution"].is_sorted(descending=True)
    assert explained.communes["contribution"].sum() == explained.sum.apl


def test_each_figure_follows_from_the_others(zones: StoredResult) -> None:
    """By the formula of the method, on what the tables and the result hold."""
    explained = explain(zones, "53130", readings=False)
    assert explained.sum
    rows = {row["commune"]: row for row in explained.sum.suppliers.to_dicts()}
    times = pl.read_parquet(REGION / "travel_times.parquet").filter(origin="53130")
    communes = {row["commune"]: row for row in zones.communes.to_dicts()}
    people = communes["53130"]["standardised_population"]
    checked = 0
    for row in times.filter(pl.col("minutes") <= 20).to_dicts():
        code, minutes = row["destination"], row["minutes"]
        weight = 1 if minutes < 10 else 2 / 3 if minutes < 15 else 1 / 3
        supplier, place = rows[code], communes[code]
        checked += 1
        assert supplier["minutes_from"] <= minutes <= supplier["minutes_to"]
        assert supplier["weight"] == pytest.approx(weight)
        assert supplier["etp"] == place["etp"]
        ratio = 100_000 * place["etp"] / place["demand_reached"]
        assert supplier["ratio"] == pytest.approx(ratio)
        assert float(supplier["contribution"]) == pytest.approx(weight * ratio, abs=1e-6)
        assert supplier["demand_sent"] == pytest.approx(weight * people)
        assert supplier["share_of_demand"] == pytest.approx(
            100 * weight * people / place["demand_reached"]
        )
        assert supplier["etp_received"] == pytest.approx(
            supplier["share_of_demand"] / 100 * place["etp"]
        )
    assert checked >= len(rows) - 1
    received = explained.sum.suppliers["etp_received"].sum()
    assert received == pytest.approx(people * communes["53130"]["apl"] / 100_000)


def test_people_by_age_make_the_standardised_population(laval: Explanation) -> None:
    ages = laval.ages
    assert ages is not None
    row = laval.communes.row(0, named=True)
    assert ages["population"].sum() == pytest.approx(row["population"])
    assert ages["standardised_population"].sum() == pytest.approx(row["standardised_population"])
