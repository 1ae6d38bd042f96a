"""Hiding by hand: worlds of two or three communes, whose protection is plain to see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from apl_engine.disclosure_control.figures import Figures, Unknowns, rounded, rounding_bounds
from apl_engine.disclosure_control.protect import Protected, protect
from apl_engine.disclosure_control.worlds import Group, World, Worlds

ACT = 1 / 4000


def unknowns(*etp: float) -> Unknowns:
    values = np.array(etp)
    size = len(values)
    return Unknowns(
        values, np.full(size, 0.1), np.full(size, 1.8), np.full(size, ACT), np.full(size, True)
    )


def figures(rows: list[list[float]], width: float, etp: Unknowns, *, fixed: int = 0) -> Figures:
    """Return sums known to half a width; the last `fixed` cannot be hidden."""
    matrix = sparse.csr_array(np.array(rows))
    values = matrix @ etp.values
    cost = np.ones(len(rows))
    cost[len(rows) - fixed :] = np.inf
    return Figures(
        matrix, values, values - width / 2, values + width / 2, cost, np.full(len(rows), True)
    )


def alone(etp: Unknowns) -> list[Group]:
    return [Group(np.array([j]), np.ones(1), float(x)) for j, x in enumerate(etp.values)]


def protected(
    rows: list[list[float]], width: float, etp: Unknowns, *, fixed: int = 0, colleague: bool = False
) -> tuple[Protected, Worlds]:
    worlds = Worlds(figures(rows, width, etp, fixed=fixed), etp, lambda _: True, protection=0.2)
    return protect(worlds, alone(etp), colleague=colleague, threads=1), worlds


def test_a_wide_figure_needs_no_hiding() -> None:
    found, _ = protected([[1.0]], 0.5, unknowns(1.0))
    assert not found.hidden.any()
    assert not found.unprotected


def test_a_narrow_figure_of_one_is_hidden() -> None:
    found, _ = protected([[1.0]], 0.3, unknowns(1.0))
    assert found.hidden.tolist() == [True]
    assert not found.unprotected


def test_a_figure_that_cannot_be_hidden_leaves_a_group_unprotected() -> None:
    found, _ = protected([[1.0]], 0.3, unknowns(1.0), fixed=1)
    assert found.unprotected == [0]
    assert not found.hidden.any()


def test_two_hide_each_other_in_an_exact_sum() -> None:
    found, _ = protected([[1.0, 1.0]], 1e-3, unknowns(1.0, 0.9))
    assert not found.hidden.any()
    assert not found.unprotected


def test_the_difference_of_two_sums_is_hidden() -> None:
    """Sums with and without one of three communes tell it: one of them goes."""
    found, _ = protected([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]], 1e-3, unknowns(1.0, 0.9, 0.8))
    assert found.hidden.sum() == 1
    assert not found.unprotected


def test_a_colleague_needs_a_third() -> None:
    """Who knows one of two ETP knows the other from their sum."""
    rows = [[1.0, 1.0]]
    assert protected(rows, 1e-3, unknowns(1.0, 0.9), colleague=True)[0].hidden.all()
    rows = [[1.0, 1.0, 1.0]]
    found, _ = protected(rows, 1e-3, unknowns(1.0, 0.9, 0.8), colleague=True)
    assert not found.hidden.any()
    for group, proofs in enumerate(found.proofs):
        for one in {0, 1, 2} - {group}:
            assert any(one not in proof.moved for proof in proofs)


def test_a_bound_of_one_is_a_bound_of_the_other() -> None:
    """Both are near the most that anybody can have, so that their sum tells both."""
    found, _ = protected([[1.0, 1.0]], 1e-3, unknowns(1.79, 1.79))
    assert found.hidden.all()
    assert not found.unprotected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(400, 7000), min_size=2, max_size=5), st.sampled_from([0.05, 0.4, 2.0]))
def test_worlds_are_whole_acts_within_bounds(acts: list[int], width: float) -> None:
    etp = unknowns(*(a * ACT for a in acts))
    size = len(acts)
    rows = [[float(abs(i - j) < 2) for j in range(size)] for i in range(size)]
    found, worlds = protected(rows, width, etp)
    for group, proofs in zip(alone(etp), found.proofs, strict=True):
        for high, low in proofs:
            assert group.change_in(high) - group.change_in(low) >= 0.4 * group.value
            for world in (high, low):
                assert worlds.holds(world)
                other = (etp.values[world.columns] + world.change) / ACT
                assert np.allclose(other, np.rint(other), atol=1e-6)
                assert ((other >= 400 - 1e-6) & (other <= 7200 + 1e-6)).all()
    assert not found.unprotected


def test_a_world_beyond_a_figure_or_a_bound_does_not_hold() -> None:
    etp = unknowns(1.0, 1.0)
    worlds = Worlds(figures([[1.0, 1.0]], 0.5, etp), etp, lambda _: True, protection=0.2)
    assert worlds.holds(World(np.array([0]), np.array([0.2])))
    assert not worlds.holds(World(np.array([0]), np.array([0.26])))
    assert not worlds.holds(World(np.array([0, 1]), np.array([0.81, -0.81])))
    other_zones = Worlds(figures([[1.0, 1.0]], 0.5, etp), etp, lambda _: False, protection=0.2)
    assert not other_zones.holds(World(np.array([0]), np.array([0.2])))


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [(7.5, 5.0, 10.0), (2.5, 5.0, 0.0), (0.16, 0.1, 0.2), (0.3, 0.1, 0.3), (-0.0, 5.0, 0.0)],
)
def test_rounding(value: float, step: float, expected: float) -> None:
    published = rounded(np.array([value]), step)
    assert published[0] == expected
    lower, upper = rounding_bounds(published, step)
    assert lower[0] - 1e-12 <= value <= upper[0] + 1e-12
    assert np.isnan(rounded(np.array([np.nan]), step)).all()
