"""The sample data: what it promises, and what comes out of it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from support.tables import SAMPLES

from apl_engine import Result, load_methodology, read_inputs, run
from apl_engine.method import compute_supply
from apl_engine.results import make_record

NAMES = ["pays-de-la-loire", pytest.param("france", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=NAMES)
def result(request: pytest.FixtureRequest) -> Result:
    return run(SAMPLES / request.param)


def test_all_reachable_supply_is_distributed(result: Result) -> None:
    totals = make_record(result)["totals"]
    assert totals["distributed_etp"] == pytest.approx(totals["reachable_etp"], rel=1e-9)
    assert totals["standardised_population"] == pytest.approx(totals["population"], rel=1e-12)


def test_classes_hold_their_share_to_within_one_territory(result: Result) -> None:
    largest = result.territories["population"].max()
    total = result.territories["population"].sum()
    for cut in result.cuts:
        assert cut.reached <= cut.share
        assert isinstance(largest, float)
        assert cut.share - cut.reached < 100 * largest / total
        assert cut.next_share is None or cut.next_share > cut.share


def test_zones_rise_with_rank(result: Result) -> None:
    order = {c.id: k for k, c in enumerate(result.methodology.zoning.classes)}
    ranked = result.territories.filter(pl.col("rank").is_not_null()).sort("rank")
    assert ranked["apl"].is_sorted()
    assert ranked["zone"].replace_strict(order).is_sorted()


@pytest.mark.slow
def test_france_is_of_the_size_of_the_published_figures() -> None:
    result = run(SAMPLES / "france")
    assert result.communes.height == 34_942 + 45
    assert result.regions["region_name"][-1] == "France entière"
    assert result.communes["population"].sum() == 67_415_394
    assert result.communes.filter(pl.col("population") == 0).height == 6
    assert result.median_acts == pytest.approx(3_783, rel=0.01)
    assert result.ceiling_acts == pytest.approx(6_906, rel=0.01)
    outside = result.communes.filter(pl.col("region") != "06")
    people = outside["standardised_population"]
    mean = (outside["apl"] * people).sum() / people.sum()
    assert mean == pytest.approx(111, abs=2)
    assert 2_700 < result.territories.height < 3_000
    assert 1_000_000 < result.counts["rows"]["travel_times"] < 1_500_000
    spread = result.communes.group_by("territory").agg(pl.col("region").n_unique())
    assert spread.filter(pl.col("region") > 1).height > 50


@pytest.mark.heavy
@pytest.mark.slow
def test_quantile_definitions_differ_by_less_than_an_act() -> None:
    """As the reason given in the methodology says."""
    rules = load_methodology("mk-2024")
    tables = read_inputs(SAMPLES / "france", rules)
    medians, ceilings = set(), set()
    for name in ("linear", "inverted_cdf", "averaged_inverted_cdf", "weibull"):
        chosen = replace(rules, etp=replace(rules.etp, quantile_definition=name))
        found = compute_supply(tables.practitioners, tables.communes, chosen)
        medians.add(found.median_acts)
        ceilings.add(found.ceiling_acts)
    assert max(medians) - min(medians) < 1
    assert max(ceilings) - min(ceilings) < 1
