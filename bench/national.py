"""The APL of all communes on one prepared network in memory: the engine and its peers.

Each tool starts from the form that suits it best: indices instead of codes, weights computed
beforehand, sorted pairs, with the pair of each commune with itself if that saves a step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl
import scipy_csr
from building import network_of, prepared, rules
from synthetic import World

import apl_engine
from apl_engine.method import accessibility
from apl_engine.method.demand import Demand
from apl_engine.method.network import Ways
from apl_engine.method.supply import Supply

Vector = np.ndarray
Task = Callable[[], Vector]
RTOL = 1e-12
ENGINE = "apl_engine"
TWO_PRODUCTS = "SciPy, two products, both ways"
SUPPLY_COLUMNS = "SciPy, supply columns only"


def engine(world: World, threads: int | None = None, *, raw: bool = False) -> Task:
    """Return the two passes through the public function, from tables, with its checks."""
    network = network_of(world) if raw else prepared(world)
    supply, demand = steps(world)

    def task() -> Vector:
        result = apl_engine.method.compute_accessibility(
            supply, demand, network, rules(), threads=threads
        )
        return result.communes["apl"].to_numpy()

    return task


def kernels_alone(ways: Ways, etp: Vector, people: Vector, threads: int | None = None) -> Task:
    """Return the two passes without tables and without checks of them."""
    per = float(rules().apl.per_inhabitants)

    def task() -> Vector:
        reached = accessibility.reached_demand(ways, people, threads)
        ratio = accessibility.supply_ratios(etp, reached)
        return per * accessibility.reached_supply(ways, ratio, threads)

    return task


def steps(world: World) -> tuple[Supply, Demand]:
    """Return supply and demand as the preceding steps return them."""
    codes, people = world.codes.alias("commune"), world.people
    supply = pl.DataFrame({"commune": codes, "etp": world.etp})
    columns = {"commune": codes, "population": people, "standardised_population": people}
    return Supply(supply, 1, 1, {}), Demand(pl.DataFrame(columns), pl.DataFrame())


def scipy_matrix(world: World) -> scipy_csr.Prepared:
    """Return the weights of a world as a sparse matrix."""
    index = (world.origin.astype(np.int32), world.destination.astype(np.int32))
    return scipy_csr.prepare(*index, world.weights, world.size)


def scipy_tasks(world: World) -> dict[str, Task]:
    """Return SciPy's two best ways by name."""
    matrix = scipy_matrix(world)
    return {
        TWO_PRODUCTS: scipy_csr.both_ways(matrix, world.etp, world.people),
        SUPPLY_COLUMNS: scipy_csr.supply_columns(matrix, world.etp, world.people),
    }


def tasks(world: World, *, pysal: bool = True) -> dict[str, Task]:
    """Return the task of each tool by name; that of PySAL takes seconds."""
    import duckdb_prepared
    import pandas_prepared
    import polars_prepared
    import pysal_access

    own = np.arange(world.size, dtype=np.uint32)
    origin = np.concatenate([world.origin, own])
    destination = np.concatenate([world.destination, own])
    weights = np.concatenate([world.weights, np.ones(world.size)])
    prepared = (origin, destination, weights, world.etp, world.people)
    by_name: dict[str, Task] = {
        ENGINE: engine(world),
        **scipy_tasks(world),
        "SciPy, two products, one way": partial(
            scipy_csr.prepared_accessibility, scipy_matrix(world), world.etp, world.people
        ),
        "Polars, streaming": polars_prepared.prepare(*prepared),
        "Polars, streaming, codes as text": polars_prepared.prepare_codes(
            world.codes[origin],
            world.codes[destination],
            weights,
            world.codes,
            world.etp,
            world.people,
        ),
        "DuckDB": duckdb_prepared.prepare(*prepared),
        "pandas": pandas_prepared.prepare(*prepared),
    }
    if pysal:
        frame = pl.DataFrame({"origin": origin, "destination": destination, "weight": weights})
        vectors = pl.DataFrame({"supply": world.etp, "demand": world.people}).to_pandas()
        pairs = frame.to_pandas()

        def task() -> Vector:
            apl = pysal_access.of_weights(pairs, vectors[["supply"]], vectors[["demand"]])
            return apl.reindex(range(world.size)).to_numpy()

        by_name["PySAL access"] = task
    return by_name


def check(by_name: dict[str, Task]) -> None:
    """Fail unless all tasks return the same figures, to a relative 1e-12."""
    expected = by_name[ENGINE]()
    for name, task in by_name.items():
        np.testing.assert_allclose(task(), expected, rtol=RTOL, atol=1e-12, err_msg=name)
