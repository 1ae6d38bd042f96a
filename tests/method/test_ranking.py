"""Territories whose APLs are equal but for rounding are equal."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exact_worlds import ExactWorld, demand_of, network_of_pairs, supply_of
from support.tables import methodology

from apl_engine.method import compute_accessibility
from apl_engine.method.exact_sums import APL_BOUND
from apl_engine.method.ranking import _SAME, Contest
from apl_engine.method.zoning import group_means

RULES = methodology(zoning_ties="together")


def contest(territories: int) -> Contest:
    # In the reverse order of codes, which decides between equals.
    order = np.arange(territories)[::-1].copy()
    return Contest(np.ones(territories), order, np.full(territories, -1), RULES.zoning)


def means_of_copies(rng: Any, size: int, copies: int) -> Any:
    """Return the APLs of territories that are the same network, its communes in other orders."""
    bands = rng.integers(-1, 2 * 20, (size, size))
    np.fill_diagonal(bands, 0)
    etp, people = 10.0 ** rng.uniform(-3, 3, size), 10.0 ** rng.uniform(0, 6, size)
    orders = [rng.permutation(size) for _ in range(copies)]
    whole = np.full((copies * size, copies * size), -1)
    for k, order in enumerate(orders):
        block = slice(k * size, (k + 1) * size)
        whole[block, block] = bands[order][:, order]
    orders_of_all = np.concatenate(orders)
    world = ExactWorld(RULES, whole, etp[orders_of_all], people[orders_of_all])
    network = network_of_pairs(world)
    supply, demand = supply_of(network, world.etp), demand_of(network, world.people)
    apl = compute_accessibility(supply, demand, network, RULES).communes["apl"].to_numpy()
    # The same communes have the same bits; the means differ by the order of additions.
    for k, order in enumerate(orders):
        assert apl[k * size : (k + 1) * size][np.argsort(order)].tolist() == (
            apl[:size][np.argsort(orders[0])].tolist()
        )
    return group_means(np.repeat(np.arange(copies), size), copies, world.people, apl)


def test_copies_of_a_territory_tie() -> None:
    rng, apart = np.random.default_rng(0), 0
    for size in (1, 2, 7, 30, 60):
        means = means_of_copies(rng, size, 6)
        apart += len(set(means.tolist())) > 1
        ranking = contest(6).rank(means)
        assert ranking.order.tolist() == [5, 4, 3, 2, 1, 0]
        assert len(set(ranking.classes.tolist())) == 1
    assert apart


def test_the_limit_covers_what_two_means_may_differ_by() -> None:
    """Two territories of many communes, each APL off by its bound, in opposite directions."""
    size = 2000
    weights = np.random.default_rng(0).random(size)
    apl = np.array([1 - APL_BOUND, 1 + APL_BOUND])
    means = group_means(np.repeat([0, 1], size), 2, np.tile(weights, 2), np.repeat(apl, size))
    assert contest(2).rank(means).order.tolist() == [1, 0]
    assert 2 * (APL_BOUND + (2 * size + 2) * 2.0**-53) <= _SAME
    # Far below the last digit of any published APL.
    assert _SAME < 1e-11


@pytest.mark.parametrize(("apart", "tie"), [(0.5, True), (0.99, True), (1.01, False), (2, False)])
def test_apls_tie_up_to_the_limit(apart: float, tie: bool) -> None:
    apl = np.array([3.0, 3.0 * (1 + apart * _SAME)])
    assert contest(2).rank(apl).order.tolist() == ([1, 0] if tie else [0, 1])


def test_territories_without_an_apl_or_with_an_imposed_zone_have_no_rank() -> None:
    imposed = np.array([-1, -1, 2, -1])
    four = Contest(np.ones(4), np.arange(4), imposed, RULES.zoning)
    ranking = four.rank(np.array([2.0, np.nan, 0.5, 1.0]))
    assert ranking.order.tolist() == [3, 0]
    assert four.zones(ranking)[1:3].tolist() == [-1, 2]


# Some equal, some but for rounding, and any others.
APLS = st.lists(
    st.sampled_from([0.0, 1.0, 1.0 + 2.0**-52, 2.0]) | st.floats(0, 9, allow_subnormal=False),
    max_size=12,
)


@given(APLS, st.data())
def test_ranks_are_by_apl_then_code_whatever_order_is_near(values: list[float], data: Any) -> None:
    apl, size = np.array(values), len(values)
    near = data.draw(st.permutations(range(size)), "near")
    others = contest(size).rank(np.argsort(near).astype(np.float64))
    rising = sorted(range(size), key=lambda row: apl[row])
    block = np.zeros(size, dtype=int)
    for one, other in pairwise(rising):
        block[other] = block[one] + (apl[other] - apl[one] > _SAME * apl[other])
    expected = sorted(range(size), key=lambda row: (block[row], -row))
    for ranking in (contest(size).rank(apl), contest(size).rank(apl, others)):
        assert ranking.order.tolist() == expected
        assert all(np.diff(ranking.classes) >= 0)
