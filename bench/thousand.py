"""A thousand scenarios of supply on one network: ours, SciPy by blocks, Polars one by one."""

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

# Columns of SciPy's product that are tried; the fastest is the one that is timed.
BLOCKS = (4, 8, 16, 32, 64, 128, 256)


def draws(world: World, scenarios: int) -> np.ndarray:
    """Return supplies drawn around that of the world, (n_places, n_scenarios)."""
    return np.random.default_rng(1).poisson(world.etp[:, None], (world.size, scenarios)) * 1.0


def ours(world: World, supplies: np.ndarray) -> Callable[[], np.ndarray]:
    network, people = network_of(world), world.people
    return lambda: (
        apl_engine.scenarios.scenario_accessibility(network, supplies, people, rules()).apl
    )


def scipys(world: World, supplies: np.ndarray, block: int) -> Callable[[], np.ndarray]:
    matrix = scipy_csr.prepare(
        world.origin.astype(np.int32), world.destination.astype(np.int32), world.weights, world.size
    )
    return partial(scipy_csr.scenarios, matrix, supplies, world.people, block)


def best_block(world: World, supplies: np.ndarray, rounds: int = 3) -> tuple[int, dict[int, float]]:
    """Return the fastest block of SciPy, and the milliseconds a scenario of each that was tried."""
    most = supplies.shape[1]
    blocks = [block for block in BLOCKS if block <= most]
    few = np.ascontiguousarray(supplies[:, : min(most, max(blocks))])
    works = {str(block): scipys(world, few, block) for block in blocks}
    found = {
        int(name): 1000 * quartiles(seconds)[1] / few.shape[1]
        for name, seconds in in_turn(works, rounds).items()
    }
    return min(found, key=lambda block: found[block]), found


def polars(world: World, supplies: np.ndarray, times: int) -> Callable[[], Any]:
    """Return the query done `times` times, once for each scenario."""
    import polars_prepared

    here = np.arange(world.size, dtype=np.uint32)
    work = polars_prepared.prepare(
        np.concatenate([world.origin, here]),
        np.concatenate([world.destination, here]),
        np.concatenate([world.weights, np.ones(world.size)]),
        world.etp,
        world.people,
    )
    columns = [np.ascontiguousarray(supplies[:, k]) for k in range(times)]
    return lambda: np.column_stack([work(etp) for etp in columns])


def check(world: World, supplies: np.ndarray) -> None:
    """Stop unless all agree, on the first scenarios."""
    few = np.ascontiguousarray(supplies[:, :20])
    expected = ours(world, few)()
    for block in (8, 16):
        np.testing.assert_allclose(
            scipys(world, few, block)(), expected, rtol=RTOL, atol=1e-12, err_msg=f"SciPy {block}"
        )
    np.testing.assert_allclose(
        polars(world, few, 3)(), expected[:, :3], rtol=RTOL, atol=1e-12, err_msg="Polars"
    )
