"""What varies: how practitioners leave and arrive, and how activity varies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from support.faults import codes_of, faults_of
from support.tables import frames, methodology, practitioner, small_world

from apl_engine.inputs import read_inputs
from apl_engine.method.supply import compute_practices, compute_supply
from apl_engine.scenarios.draws import RandomSupply, SupplyModels
from apl_engine.scenarios.draws.models import normal_numbers, poisson_thresholds

RULES = methodology()


def supply_of(world: Any, models: SupplyModels, seed: int = 0) -> RandomSupply:
    tables = read_inputs(frames(world), RULES)
    practices = compute_practices(tables.practitioners, tables.communes, RULES)
    return RandomSupply.of(practices, tables.communes.height, RULES, models, 100, seed)


def drawn(supply: RandomSupply, draws: int = 1600) -> Any:
    """Return the ETP of places in some draws."""
    etp, found = np.empty((len(supply.communes), 16)), []
    for first in range(0, draws, 16):
        supply.reader().fill(first, etp)
        found.append(etp.copy())
    return np.concatenate(found, axis=1)


def test_practices_add_up_to_the_supply_of_communes() -> None:
    tables = read_inputs(frames(small_world()), RULES)
    practices = compute_practices(tables.practitioners, tables.communes, RULES)
    sums = np.bincount(practices.communes, practices.etp, tables.communes.height)
    supply = compute_supply(tables.practitioners, tables.communes, RULES)
    assert sums.tolist() == pytest.approx(supply.communes["etp"].to_list(), rel=1e-14)


@pytest.mark.parametrize("order", [[5, 4, 3, 2, 1, 0], [3, 0, 5, 2, 4, 1]])
def test_draws_do_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    world, models = small_world(), SupplyModels(0.5, 0.3, 0.2)
    other = {**world, "practitioners": [world["practitioners"][k] for k in order]}
    assert (drawn(supply_of(world, models), 32) == drawn(supply_of(other, models), 32)).all()


def test_whole_practitioners_leave_by_age() -> None:
    world = small_world()
    people = [practitioner(f"q{k}", "01001", acts=4000, age=30 + k % 40) for k in range(400)]
    # With practices in two communes.
    people += [{**person, "commune": "01002"} for person in people[:200]]
    world["practitioners"] = people
    supply = supply_of(world, SupplyModels({0: 0.1, 50: 0.5, 60: 1.0}))
    draws = drawn(supply) / supply.totals[:, None]
    shares, ages = draws.mean(axis=1), np.array([30 + k % 40 for k in range(400)])
    # All others are excluded.
    ages = ages[ages <= RULES.etp.age_limit]
    staying = np.where(ages >= 60, 0.0, np.where(ages >= 50, 0.5, 0.9)).mean()
    assert shares == pytest.approx(staying, abs=0.01)
    # Whole practitioners: the ETP of a commune is a multiple of what they have there.
    correlated = np.corrcoef(draws)[0, 1]
    assert correlated > 0.5


def test_arrivals_have_a_poisson_distribution() -> None:
    supply = supply_of(small_world(), SupplyModels(arrivals=0.7))
    arrived = (drawn(supply) - supply.totals[:, None]) / supply.etp_of_new
    assert np.abs(arrived - np.rint(arrived)).max() < 1e-9
    means = 0.7 * supply.totals
    assert arrived.mean(axis=1) == pytest.approx(means, abs=4 * np.sqrt(means.max() / 1600))
    assert arrived.var(axis=1) == pytest.approx(means, rel=0.2)


def test_variation_shrinks_with_the_number_of_practices() -> None:
    world = small_world()
    world["practitioners"] = [
        practitioner(f"q{k}", "01001" if k < 25 else "75101", acts=4000) for k in range(26)
    ]
    supply = supply_of(world, SupplyModels(variation=0.3))
    many, one = drawn(supply).std(axis=1) / supply.totals
    assert (many, one) == (pytest.approx(0.06, rel=0.1), pytest.approx(0.3, rel=0.1))


def test_seeds_give_other_draws() -> None:
    world, models = small_world(), SupplyModels(0.5, 0.3, 0.2)
    first, same, other = (drawn(supply_of(world, models, seed), 32) for seed in (1, 1, 2**64 - 1))
    assert (first == same).all()
    assert (first != other).any()


@given(st.lists(st.floats(0, 300), max_size=4))
def test_poisson_probabilities(means: list[float]) -> None:
    starts, thresholds = poisson_thresholds(np.array(means))
    for k, mean in enumerate(means):
        own = thresholds[starts[k] : starts[k + 1]].astype(float)
        expected = stats.poisson.cdf(np.arange(len(own)), mean) * 2.0**32
        assert np.abs(own - expected).max(initial=0.0) <= 1.0
        assert not mean or stats.poisson.sf(len(own), mean) * 2.0**32 < 1.0


def test_normal_numbers() -> None:
    numbers = normal_numbers()
    assert (numbers == -numbers[::-1]).all()
    assert (np.diff(numbers) > 0).all()
    assert numbers.std() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({}, ["draws.nothing_varies"]),
        ({"departures": {60: 0.0}}, ["draws.nothing_varies"]),
        ({"departures": 1.1, "arrivals": -1, "variation": float("nan")},
         ["argument.out_of_range"] * 3),
        ({"departures": {0: 0.1, 60: 2.0}}, ["argument.out_of_range"]),
        ({"departures": {"old": 0.1}}, ["argument.not_a_whole_number"]),
        ({"departures": "often"}, ["argument.wrong_type"]),
        ({"departures": {0: "often"}}, ["argument.wrong_type"]),
    ],
)  # fmt: skip
def test_wrong_models(options: dict[str, Any], codes: list[str]) -> None:
    assert codes_of(lambda: SupplyModels(**options)) == codes
    assert all(fault.table for fault in faults_of(lambda: SupplyModels(**options)))
