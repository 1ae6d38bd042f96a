"""The engine against the exact reference, and against itself, on random small worlds."""

from __future__ import annotations

import math
import os
import random
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from reference import MethodError, Outcome, Parameters, compute
from support.tables import World, frames, from_reference
from support.worlds import parameters, worlds

from apl_engine import InputDataError, Result, run

CLOSE: dict[str, Any] = {"rel_tol": 1e-9, "abs_tol": 1e-12}
relaxed = settings(
    deadline=None,
    max_examples=settings.default.max_examples // 4,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def reference_of(world: World, chosen: Parameters) -> Outcome | None:
    try:
        return compute(
            world["practitioners"],
            world["population"],
            world["consumption"],
            world["travel_times"],
            world["communes"],
            chosen,
        )
    except MethodError:
        return None


def check_world(world: World, chosen: Parameters) -> None:
    """Run both; they agree on every figure, or both refuse."""
    expected = reference_of(world, chosen)
    rules = from_reference(chosen)
    if expected is None:
        with pytest.raises(InputDataError):
            run(frames(world), rules)
        return
    result = run(frames(world), rules)
    check_communes(result, expected)
    check_territories(result, expected, chosen)
    assert math.isclose(result.median_acts, expected.median, **CLOSE)
    assert math.isclose(result.ceiling_acts, expected.ceiling, **CLOSE)
    counts = result.counts["practitioners"]
    assert counts["practitioners"] == expected.practitioners.total
    assert counts["excluded_age"] == expected.practitioners.excluded_age
    assert counts["excluded_low_activity"] == expected.practitioners.excluded_low_activity
    assert counts["newly_installed"] == expected.practitioners.newly_installed_counted
    assert counts["counted"] == expected.practitioners.kept


def check_communes(result: Result, expected: Outcome) -> None:
    for row in result.communes.iter_rows(named=True):
        code = row["commune"]
        for name in ("etp", "population", "standardised_population", "demand_reached", "apl"):
            exact = getattr(expected, name)[code]
            assert math.isclose(row[name], exact, **CLOSE), (code, name, row[name], exact)
    notes = [n for n in result.notes if n.code == "accessibility.unreachable_supply"]
    assert sum(note.count for note in notes) == len(expected.unreachable)


def check_territories(result: Result, expected: Outcome, chosen: Parameters) -> None:
    knife_edge = on_a_knife_edge(expected, chosen)
    assert result.territories.height == len(expected.territories)
    for row in result.territories.iter_rows(named=True):
        exact = expected.territories[row["territory"]]
        assert (row["apl"] is None) == (exact.apl is None)
        assert row["apl"] is None or math.isclose(row["apl"], exact.apl, **CLOSE)
        assert row["rank"] == exact.rank
        assert row["region"] == exact.region
        if not knife_edge:
            assert row["zone"] == exact.zone, (row, exact)
            assert exact.rank is None or math.isclose(
                row["cumulative_share"], exact.cumulative_share, rel_tol=1e-9, abs_tol=1e-9
            )
    if knife_edge:
        return
    for row in result.regions.iter_rows(named=True):
        part = (
            expected.national[row["zone"]]
            if row["region"] == "FR"
            else expected.regions[row["region"], row["zone"]]
        )
        assert math.isclose(row["population"], part.population, **CLOSE)
        assert (row["communes"], row["territories"]) == (part.communes, part.territories)
        assert (row["share"] is None) == (part.share is None)
        assert row["share"] is None or math.isclose(row["share"], part.share, **CLOSE)


def on_a_knife_edge(expected: Outcome, chosen: Parameters) -> bool:
    """Tell whether a share that is not whole falls on a cut, where rounding decides.

    Numbers of inhabitants are whole or binary fractions here and compared without rounding;
    standardised ones are not.
    """
    if chosen.zoning_cut_population == "population":
        return False
    shares = [Fraction(s) for _, s in chosen.zoning_classes if s is not None]
    through = sorted(
        t.cumulative_share for t in expected.territories.values() if t.cumulative_share is not None
    )
    points = [*through, *((a + b) / 2 for a, b in pairwise(through))]
    points += [(Fraction(0) + through[0]) / 2] if through else []
    return any(abs(p - cut) < Fraction(1, 10**6) for p in points for cut in accumulate(shares))


@seed(20240320)
@relaxed
@given(worlds(), parameters())
def test_agrees_with_the_reference(world: World, chosen: Parameters) -> None:
    check_world(world, chosen)


@pytest.mark.heavy
@pytest.mark.slow
@seed(2024)
@settings(
    relaxed,
    max_examples=int(os.environ.get("APL_ENGINE_WORLDS", 8 * settings.default.max_examples // 5)),
)
@given(worlds(), parameters())
def test_agrees_with_the_reference_on_many_worlds(world: World, chosen: Parameters) -> None:
    check_world(world, chosen)


@pytest.mark.heavy
@relaxed
@given(worlds(), parameters(), st.integers(0, 2**32 - 1))
def test_order_of_rows_changes_no_bit(world: World, chosen: Parameters, number: int) -> None:
    assume(reference_of(world, chosen) is not None)
    rules = from_reference(chosen)
    mixer = random.Random(number)
    mixed = {name: mixer.sample(rows, len(rows)) for name, rows in world.items()}
    one, two = run(frames(world), rules), run(frames(mixed), rules)
    for name in ("communes", "territories", "regions", "bands"):
        assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    assert one.cuts == two.cuts
    assert one.median_acts == two.median_acts


def computed(world: World, **changes: Any) -> pl.DataFrame:
    return run(frames({**world, **changes}), from_reference(Parameters())).communes


def apl_of(communes: pl.DataFrame) -> dict[str, float]:
    return dict(communes.select("commune", "apl").iter_rows())


@pytest.mark.heavy
@relaxed
@given(worlds())
def test_activity_is_relative(world: World) -> None:
    """Twice the acts of everybody is the same activity beside the median: not a bit moves."""
    assume(reference_of(world, Parameters()) is not None)
    busier = [{**row, "acts": 2 * row["acts"]} for row in world["practitioners"]]
    assert_frame_equal(computed(world), computed(world, practitioners=busier), check_exact=True)


@pytest.mark.heavy
@relaxed
@given(worlds(), st.data())
def test_a_commune_cut_in_two_in_place_changes_no_apl(world: World, data: st.DataObject) -> None:
    """Half of the people get a code of their own, no minute away from the other half."""
    world = {**world, "travel_times": [r for r in world["travel_times"] if not_own(r)]}
    # A table of pairs that are all beyond reach is refused.
    assume(any(row["minutes"] <= 20 for row in world["travel_times"]))
    assume(reference_of(world, Parameters()) is not None)
    old = data.draw(st.sampled_from([row["commune"] for row in world["communes"]]))
    new = "99999"
    halves = [
        {**row, "commune": code, "population": row["population"] / (2 if old_one else 1)}
        for row in world["population"]
        for old_one in [row["commune"] == old]
        for code in ((old, new) if old_one else (row["commune"],))
    ]
    times = [
        {**row, "origin": one, "destination": two}
        for row in world["travel_times"]
        for one in ((old, new) if row["origin"] == old else (row["origin"],))
        for two in ((old, new) if row["destination"] == old else (row["destination"],))
    ]
    times += [{"origin": a, "destination": b, "minutes": 0.0} for a, b in ((old, new), (new, old))]
    twin = next({**row, "commune": new} for row in world["communes"] if row["commune"] == old)
    cut = computed(
        world, population=halves, travel_times=times, communes=[*world["communes"], twin]
    )
    before, after = apl_of(computed(world)), apl_of(cut)
    assert after.pop(new) == pytest.approx(after[old], rel=1e-12)
    assert after == pytest.approx(before, rel=1e-12)


def not_own(row: dict[str, Any]) -> bool:
    return bool(row["origin"] != row["destination"])


@pytest.mark.heavy
@relaxed
@given(worlds())
def test_a_commune_out_of_reach_changes_no_other(world: World) -> None:
    assume(reference_of(world, Parameters()) is not None)
    far = {"commune": "99999", "name": "far", "region": "11", "territory": "far"}
    lonely = computed(
        world,
        communes=[*world["communes"], {**far, "territory_name": "far"}],
        population=[
            *world["population"],
            *({"commune": "99999", "age_band": b, "population": 0.0} for b in ("00-04", "05-09")),
        ],
    )
    before = apl_of(computed(world))
    assert {code: apl for code, apl in apl_of(lonely).items() if code != "99999"} == before


@pytest.mark.heavy
@relaxed
@given(worlds())
def test_all_supply_is_distributed(world: World) -> None:
    expected = reference_of(world, Parameters())
    assume(expected is not None)
    assert expected is not None
    result = run(frames(world), from_reference(Parameters()))
    people = result.communes["standardised_population"]
    distributed = float((people * result.communes["apl"]).sum()) / 100_000
    lost = sum(expected.unreachable.values())
    supply = float(sum(expected.etp.values()) - lost)
    assert distributed == pytest.approx(supply, rel=1e-9, abs=1e-12)
    assert result.reachable_etp == pytest.approx(supply, rel=1e-9, abs=1e-12)
