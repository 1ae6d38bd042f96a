"""A thousand supply scenarios on one network: the engine, and SciPy by blocks of columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import scipy_csr
from building import network_of, rules
from national import RTOL, scipy_matrix
from synthetic import World
from turns import in_turn, quartiles

from apl_engine import scenarios

# Numbers of columns tried in SciPy's product; the fastest is timed.
BLOCKS = (4, 8, 16, 32, 64, 128, 256)


def draw_supplies(world: World, scenarios: int) -> np.ndarray:
    """Return supplies drawn around that of the world, (n_communes, n_scenarios)."""
    return np.random.default_rng(1).poisson(world.etp[:, None], (world.size, scenarios)) * 1.0


def engine(
    world: World, supplies: np.ndarray, threads: int | None = None
) -> Callable[[], np.ndarray]:
    network, people, compute = network_of(world), world.people, scenarios.scenario_accessibility
    return lambda: compute(network, supplies, people, rules(), threads=threads).apl


def scipy_blocks(world: World, supplies: np.ndarray, block: int) -> Callable[[], np.ndarray]:
    return partial(scipy_csr.scenarios, scipy_matrix(world), supplies, world.people, block)


def best_block(world: World, supplies: np.ndarray, rounds: int = 3) -> tuple[int, dict[int, float]]:
    """Return SciPy's fastest block size, and the milliseconds per scenario of each size tried."""
    most = supplies.shape[1]
    blocks = [block for block in BLOCKS if block <= most]
    few = np.ascontiguousarray(supplies[:, : min(most, max(blocks))])
    tasks = {str(block): scipy_blocks(world, few, block) for block in blocks}
    milliseconds = {
        int(name): 1000 * quartiles(seconds)[1] / few.shape[1]
        for name, seconds in in_turn(tasks, rounds).items()
    }
    return min(milliseconds, key=lambda block: milliseconds[block]), milliseconds


def check(world: World, supplies: np.ndarray) -> None:
    """Fail unless both tools agree on the first scenarios."""
    few = np.ascontiguousarray(supplies[:, :20])
    expected = engine(world, few)()
    for block in (8, 16):
        theirs = scipy_blocks(world, few, block)()
        np.testing.assert_allclose(theirs, expected, rtol=RTOL, atol=1e-12, err_msg=f"{block}")
