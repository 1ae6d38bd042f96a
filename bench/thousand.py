"""A thousand supply scenarios on one network: the engine, SciPy by blocks, Polars one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy_csr
from building import network_of, rules
from national import RTOL
from synthetic import World
from turns import in_turn, quartiles

import apl_engine

# Numbers of columns tried in SciPy's product; the fastest is timed.
BLOCKS = (4, 8, 16, 32, 64, 128, 256)


def draw_supplies(world: World, scenarios: int) -> np.ndarray:
    """Return supplies drawn around that of the world, (n_communes, n_scenarios)."""
    return np.random.default_rng(1).poisson(world.etp[:, None], (world.size, scenarios)) * 1.0


def engine(world: World, supplies: np.ndarray) -> Callable[[], np.ndarray]:
    network, people = network_of(world), world.people
    return lambda: (
        apl_engine.scenarios.scenario_accessibility(network, supplies, people, rules()).apl
    )


def scipy_blocks(world: World, supplies: np.ndarray, block: int) -> Callable[[], np.ndarray]:
    matrix = scipy_csr.prepare(
        world.origin.astype(np.int32), world.destination.astype(np.int32), world.weights, world.size
    )
    return partial(scipy_csr.scenarios, matrix, supplies, world.people, block)


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


def polars_one_by_one(world: World, supplies: np.ndarray, times: int) -> Callable[[], Any]:
    """Return the query of the first scenarios, one by one."""
    import polars_prepared

    own = np.arange(world.size, dtype=np.uint32)
    task = polars_prepared.prepare(
        np.concatenate([world.origin, own]),
        np.concatenate([world.destination, own]),
        np.concatenate([world.weights, np.ones(world.size)]),
        world.etp,
        world.people,
    )
    columns = [np.ascontiguousarray(supplies[:, k]) for k in range(times)]
    return lambda: np.column_stack([task(etp) for etp in columns])


def check(world: World, supplies: np.ndarray) -> None:
    """Fail unless all tools agree on the first scenarios."""
    few = np.ascontiguousarray(supplies[:, :20])
    expected = engine(world, few)()
    for block in (8, 16):
        np.testing.assert_allclose(
            scipy_blocks(world, few, block)(),
            expected,
            rtol=RTOL,
            atol=1e-12,
            err_msg=f"SciPy {block}",
        )
    np.testing.assert_allclose(
        polars_one_by_one(world, few, 3)(), expected[:, :3], rtol=RTOL, atol=1e-12, err_msg="Polars"
    )
