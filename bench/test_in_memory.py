"""The whole job from tables in memory, and its two steps alone, compared with the peers.

``.venv/bin/pytest bench`` prints one table per group, with ratios to the fastest. The tools must
agree before any of them is timed. Compilation of kernels is not included, see `processes.py`.
"""

from __future__ import annotations

from typing import Any

import duckdb_query
import polars as pl
import polars_query
import pysal_access
import pytest
import scipy_csr
from check_peers import problem, pysal_frames

import apl_engine
from apl_engine.method import accessibility

pytestmark = pytest.mark.usefixtures("agreed")

JOB = "tables in memory to zones, France"
STEPS = "two steps on indexed pairs, France"


@pytest.mark.benchmark(group=JOB)
def test_apl_engine_with_every_check(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    result = benchmark(apl_engine.run, frames)
    assert result.communes.height == frames["communes"].height


@pytest.mark.benchmark(group=JOB)
def test_apl_engine_from_checked_tables(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    methodology = apl_engine.load_methodology("mk-2024")
    tables = apl_engine.read_inputs(frames, methodology)
    result = benchmark(apl_engine.run, tables, methodology)
    assert result.communes.height == frames["communes"].height


@pytest.mark.benchmark(group=JOB)
def test_polars_bare_query(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    assert benchmark(polars_query.zones_of, frames).height > 0


@pytest.mark.benchmark(group=JOB)
def test_duckdb_bare_query(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    assert benchmark(duckdb_query.zones_of, frames).height > 0


@pytest.mark.benchmark(group=STEPS)
def test_apl_engine_two_gathers(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    rules = apl_engine.load_methodology("mk-2024")
    tables = apl_engine.read_inputs(frames, rules)
    supply = apl_engine.method.compute_supply(tables.practitioners, tables.communes, rules)
    demand = apl_engine.method.compute_demand(
        tables.population, tables.consumption, tables.communes, rules
    )
    network = apl_engine.build_network(tables.travel_times, tables.communes, rules)
    access = benchmark(accessibility.compute_accessibility, supply, demand, network, rules)
    assert access.reachable_etp > 0


@pytest.mark.benchmark(group=STEPS)
def test_scipy_prepared_matrix(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    inputs = problem(frames)
    matrix = scipy_csr.prepare(*inputs[1:4], len(inputs.supply))
    apl = benchmark(scipy_csr.prepared_accessibility, matrix, inputs.supply, inputs.demand)
    assert apl.sum() > 0


@pytest.mark.benchmark(group=STEPS)
def test_pysal_access(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    tables = pysal_frames(frames, problem(frames))
    assert benchmark(pysal_access.weighted_accessibility, *tables).sum() > 0


NETWORK = "indexed pairs to rows both ways, France"


@pytest.mark.benchmark(group=NETWORK)
def test_apl_engine_network(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    rules = apl_engine.load_methodology("mk-2024")
    tables = apl_engine.read_inputs(frames, rules)
    network = benchmark(apl_engine.build_network, tables.travel_times, tables.communes, rules)
    assert network.pairs > frames["travel_times"].height


@pytest.mark.benchmark(group=NETWORK)
def test_scipy_coo_to_csr_both_ways(benchmark: Any, frames: dict[str, pl.DataFrame]) -> None:
    from scipy.sparse import coo_array

    inputs = problem(frames)
    size = len(inputs.supply)

    def both_ways() -> Any:
        pairs = coo_array(
            (inputs.weights, (inputs.origin_idx, inputs.destination_idx)), shape=(size, size)
        )
        return pairs.tocsr(), pairs.T.tocsr()

    assert benchmark(both_ways)[0].nnz == len(inputs.weights)
