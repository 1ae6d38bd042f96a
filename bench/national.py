"""The APL of all places on one prepared network in memory: we and the peers' best ways.

Everybody starts from what it likes best: indices in place of codes, weights worked out, the pairs
sorted, and each place with itself among them where that saves a step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl
import scipy_csr
from building import network_of, rules
from synthetic import World

import apl_engine
from apl_engine.method.demand import Demand
from apl_engine.method.supply import Supply

Vector = np.ndarray
Work = Callable[[], Vector]
RTOL = 1e-12
OURS = "apl_engine"


def ours(world: World, threads: int | None = None) -> Work:
    """Return our two passes: the public function, tables of supply and demand, its checks."""
    network = network_of(world)
    supply, demand = steps(world)

    def work() -> Vector:
        found = apl_engine.method.compute_accessibility(
            supply, demand, network, rules(), threads=threads
        )
        return found.communes["apl"].to_numpy()

    return work


def steps(world: World) -> tuple[Supply, Demand]:
    """Return supply and demand as the steps before make them."""
    codes, people = world.codes.alias("commune"), world.people
    supply = pl.DataFrame({"commune": codes, "etp": world.etp})
    columns = {"commune": codes, "population": people, "standardised_population": people}
    return Supply(supply, 1, 1, {}), Demand(pl.DataFrame(columns), pl.DataFrame())


def works(world: World, *, pysal: bool = True) -> dict[str, Work]:
    """Return everybody's work by name; PySAL's takes seconds."""
    import duckdb_prepared
    import pandas_prepared
    import polars_prepared
    import pysal_access

    here = np.arange(world.size, dtype=np.uint32)
    origin = np.concatenate([world.origin, here])
    destination = np.concatenate([world.destination, here])
    weights = np.concatenate([world.weights, np.ones(world.size)])
    given = (origin, destination, weights, world.etp, world.people)
    matrix = scipy_csr.prepare(
        world.origin.astype(np.int32), world.destination.astype(np.int32), world.weights, world.size
    )
    found: dict[str, Work] = {
        OURS: ours(world),
        "SciPy, two products of CSR": partial(
            scipy_csr.prepared_accessibility, matrix, world.etp, world.people
        ),
        "SciPy, CSR both ways kept": scipy_csr.both_ways(matrix, world.etp, world.people),
        "Polars, streaming": polars_prepared.prepare(*given),
        "Polars, streaming, codes as text": polars_prepared.prepare_codes(
            world.codes[origin],
            world.codes[destination],
            weights,
            world.codes,
            world.etp,
            world.people,
        ),
        "DuckDB": duckdb_prepared.prepare(*given),
        "pandas": pandas_prepared.prepare(*given),
    }
    if pysal:
        frame = pl.DataFrame({"origin": origin, "destination": destination, "weight": weights})
        vectors = pl.DataFrame({"supply": world.etp, "demand": world.people}).to_pandas()
        pairs = frame.to_pandas()

        def work() -> Vector:
            apl = pysal_access.of_weights(pairs, vectors[["supply"]], vectors[["demand"]])
            return apl.reindex(range(world.size)).to_numpy()

        found["PySAL access"] = work
    return found


def check(found: dict[str, Work]) -> None:
    """Stop unless all come to the same figures, to 1e-12 of each."""
    expected = found[OURS]()
    for name, work in found.items():
        np.testing.assert_allclose(work(), expected, rtol=RTOL, atol=1e-12, err_msg=name)
