"""A thousand supply scenarios on one network: the engine, and SciPy by blocks of columns.

Supplies are drawn for every commune, with the APL of all communes as result, or the class of all
territories only; or they differ from that of the world in ten communes, with the APL of all
communes as result, or of those that change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
import scipy_csr
from building import prepared, rules
from change import Case
from national import RTOL, scipy_matrix
from synthetic import World
from turns import in_turn, quartiles

from apl_engine import scenarios
from apl_engine.columns import numbered, numbers
from apl_engine.method.zoning import contest_of, group_means

# Numbers of columns tried in SciPy's product; the fastest is timed.
BLOCKS = (8, 16, 32, 64, 128, 256, 512)
CHANGED = 10
# Scenarios that the tools must agree on before anything is timed.
CHECKED = 20


def draw_supplies(world: World, scenarios: int) -> np.ndarray:
    """Return supplies drawn around that of the world, (n_communes, n_scenarios)."""
    return np.random.default_rng(1).poisson(world.etp[:, None], (world.size, scenarios)) * 1.0


class Changes(NamedTuple):
    """Scenarios that change the supply of a few communes, as `ChangedSupply.changed` takes them."""

    starts: np.ndarray
    communes: np.ndarray
    etp: np.ndarray

    def first(self, count: int) -> Changes:
        """Return the first scenarios."""
        stop = self.starts[count]
        return Changes(self.starts[: count + 1], self.communes[:stop], self.etp[:stop])

    def supplies(self, etp: np.ndarray) -> np.ndarray:
        """Return the supply of every commune in every scenario, (n_communes, n_scenarios)."""
        count = len(self.starts) - 1
        whole = np.repeat(etp[:, None], count, axis=1)
        whole[self.communes, np.repeat(np.arange(count), np.diff(self.starts))] = self.etp
        return whole


def draw_changes(world: World, scenarios: int) -> Changes:
    """Draw ten communes and their supply for each scenario."""
    draw = np.random.default_rng(2)
    communes = [draw.choice(world.size, CHANGED, replace=False) for _ in range(scenarios)]
    etp = draw.uniform(0, 3, scenarios * CHANGED)
    return Changes(np.arange(scenarios + 1) * CHANGED, np.concatenate(communes), etp)


def engine(
    world: World, supplies: np.ndarray, threads: int | None = None
) -> Callable[[], np.ndarray]:
    """Return the task of all APLs of all scenarios, (n_communes, n_scenarios)."""
    network, people, compute = prepared(world), world.people, scenarios.scenario_accessibility
    return lambda: compute(network, supplies, people, rules(), threads=threads).apl


def classes(case: Case, supplies: np.ndarray) -> Callable[[], np.ndarray]:
    """Return the task of all classes of territories, (n_territories, n_scenarios)."""
    compute = partial(scenarios.scenario_classes, case.result, network=case.network)
    return lambda: compute(supplies).classes


def base_of(world: World) -> scenarios.ChangedSupply:
    """Return the supply of a world, to be changed."""
    return scenarios.ChangedSupply(prepared(world), world.etp, world.people, rules())


def scipy_blocks(world: World, supplies: np.ndarray, block: int) -> Callable[[], np.ndarray]:
    """Return SciPy's task of all APLs of all scenarios, (n_communes, n_scenarios)."""
    return partial(scipy_csr.scenarios, scipy_matrix(world), supplies, world.people, block)


def scipy_supply_columns(
    world: World, supplies: np.ndarray, block: int
) -> Callable[[], np.ndarray]:
    """Return the same with only the communes that have supply in some scenario as columns."""
    return scipy_csr.scenarios_of_suppliers(scipy_matrix(world), supplies, world.people, block)


Way = Callable[[World, np.ndarray, int], Callable[[], np.ndarray]]


def best_block(
    world: World,
    supplies: np.ndarray,
    way: Way = scipy_blocks,
    blocks: Iterable[int] = BLOCKS,
    rounds: int = 2,
) -> tuple[int, dict[int, float]]:
    """Return SciPy's fastest block size, and the milliseconds per scenario of each size tried."""
    most = supplies.shape[1]
    tried = [block for block in blocks if block <= most]
    few = np.ascontiguousarray(supplies[:, : min(most, max(tried))])
    tasks = {str(block): way(world, few, block) for block in tried}
    milliseconds = {
        int(name): 1000 * quartiles(seconds)[1] / few.shape[1]
        for name, seconds in in_turn(tasks, rounds).items()
    }
    return min(milliseconds, key=lambda block: milliseconds[block]), milliseconds


def check(world: World, supplies: np.ndarray) -> None:
    """Fail unless all tools agree on the first scenarios."""
    few = np.ascontiguousarray(supplies[:, :CHECKED])
    expected = engine(world, few)()
    for way in (scipy_blocks, scipy_supply_columns):
        for block in (8, 16):
            theirs = way(world, few, block)()
            message = f"{way.__name__}, {block}"
            np.testing.assert_allclose(theirs, expected, rtol=RTOL, atol=1e-12, err_msg=message)


def check_changes(world: World, changes: Changes) -> None:
    """Fail unless SciPy agrees on the first scenarios, and both kinds of results agree."""
    base, few = base_of(world), changes.first(CHECKED)
    whole, changed = base.whole(*few), base.changed(*few)
    theirs = scipy_blocks(world, few.supplies(world.etp), 8)()
    np.testing.assert_allclose(theirs, whole, rtol=RTOL, atol=1e-12)
    expected = np.repeat(base.apl[:, None], CHECKED, axis=1)
    expected[changed.rows, np.repeat(np.arange(CHECKED), np.diff(changed.starts))] = changed.apl
    np.testing.assert_array_equal(whole, expected)


def check_classes(case: Case, supplies: np.ndarray) -> None:
    """Fail unless the first scenarios have the classes that the APLs of all communes give."""
    few = np.ascontiguousarray(supplies[:, :CHECKED])
    communes, zoning = case.result.communes, rules().zoning
    people = numbers(communes["standardised_population"])
    apl = scenarios.scenario_accessibility(case.network, few, people, rules()).apl
    contest = contest_of(case.result.territories, rules())
    names, territory = numbered(communes["territory"])
    weight = numbers(communes[zoning.aggregation_weight])
    means = [group_means(territory, len(names), weight, column) for column in apl.T]
    expected = np.stack([contest.zones(contest.rank(mean)) for mean in means], axis=1)
    np.testing.assert_array_equal(classes(case, few)(), expected)
