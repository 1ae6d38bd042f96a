"""Many scenarios at once: each column as if it were alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from support.exact_worlds import (
    ExactWorld,
    exact_apls,
    in_runs,
    network_of_pairs,
    random_world,
    relative_error,
)
from support.faults import fault_of
from support.tables import SAMPLES, methodology

from apl_engine import MethodologyError, TravelNetwork, build_network, read_inputs
from apl_engine.inputs import Inputs
from apl_engine.kernels import threads as kernel_threads
from apl_engine.method import Demand, Supply, compute_accessibility
from apl_engine.method.exact_sums import APL_BOUND
from apl_engine.method.network import connect, edges_of
from apl_engine.method.sparse_rows import CommunePairs
from apl_engine.scenarios import scenario_accessibility

RULES = methodology()


@pytest.fixture(scope="module")
def region() -> Inputs:
    return read_inputs(SAMPLES / "pays-de-la-loire", RULES)


@pytest.fixture(scope="module")
def network(region: Inputs) -> TravelNetwork:
    return build_network(region.travel_times, region.communes, RULES)


def draws(network: TravelNetwork, columns: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    values = rng.random((len(network.communes), columns))
    # Communes without supply, or without inhabitants.
    values[rng.random(values.shape) < 0.2] = 0.0
    return values


def alone(network: TravelNetwork, etp: Any, people: Any) -> tuple[Any, float]:
    """Return what the two steps give for one scenario."""
    codes = network.communes
    supply = Supply(pl.DataFrame({"commune": codes, "etp": etp}), 1.0, 1.0, {})
    demand = Demand(
        pl.DataFrame({"commune": codes, "population": people, "standardised_population": people}),
        pl.DataFrame(),
    )
    found = compute_accessibility(supply, demand, network, RULES)
    return found.communes["apl"].to_numpy(), found.unreachable["etp"].sum()


@pytest.mark.parametrize("columns", [1, 15, 16, 17, 40])
@pytest.mark.parametrize("demands", ["one", "many"])
@pytest.mark.parametrize("threads", [1, 2, None])
def test_each_scenario_has_the_bits_it_has_alone(
    network: TravelNetwork,
    columns: int,
    demands: str,
    threads: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernel_threads, "PAIRS_PER_THREAD", 100)
    supply = draws(network, columns)
    demand = draws(network, columns if demands == "many" else 1, seed=1)
    # The ETP of communes without inhabitants within reach are excluded.
    demand[: len(demand) // 3] = 0.0
    found = scenario_accessibility(network, supply, demand, RULES, threads=threads)
    assert found.apl.shape == supply.shape
    for column in {0, columns // 2, columns - 1}:
        people = demand[:, column if demands == "many" else 0]
        apl, unreachable = alone(network, supply[:, column], people)
        assert found.apl[:, column].tobytes() == apl.tobytes()
        assert found.unreachable_etp[column] == pytest.approx(unreachable, rel=1e-12)
        assert unreachable > 0


def test_vectors_are_one_scenario(network: TravelNetwork) -> None:
    supply, demand = draws(network, 1)[:, 0], draws(network, 1, 1)[:, 0]
    found = scenario_accessibility(network, supply, demand, RULES)
    assert found.apl.shape == (len(supply), 1)
    assert found.apl[:, 0].tobytes() == alone(network, supply, demand)[0].tobytes()


def test_whole_numbers_and_other_layouts_are_taken(network: TravelNetwork) -> None:
    size = len(network.communes)
    supply = np.asfortranarray(np.arange(size * 3).reshape(size, 3) % 7)
    found = scenario_accessibility(network, supply, [1] * size, RULES)
    same = scenario_accessibility(network, supply.astype(float), np.ones(size), RULES)
    assert found.apl.tobytes() == same.apl.tobytes()


@pytest.mark.parametrize(
    ("supply", "demand", "kind", "argument"),
    [
        ((5, 3), (None, 1), "rows_and_columns", "supply"),
        ((None, 0), (None, 1), "rows_and_columns", "supply"),
        ((None, 3), (7, 1), "rows_and_columns", "demand"),
        ((None, 3), (None, 2), "columns", "demand"),
    ],
)
def test_shapes_that_do_not_match(
    network: TravelNetwork, supply: Any, demand: Any, kind: str, argument: str
) -> None:
    size = len(network.communes)
    arrays = [np.ones((size if rows is None else rows, n)) for rows, n in (supply, demand)]
    fault = fault_of(lambda: scenario_accessibility(network, *arrays, RULES))
    assert (fault.code, fault.table) == (f"argument.{kind}", argument)
    if kind == "rows_and_columns":
        shapes = {"supply": arrays[0].shape, "demand": arrays[1].shape}
        assert fault.details == {"rows": size, "shape": shapes[argument]}
    else:
        assert fault.details == {"columns": 3, "given": 2}


@pytest.mark.parametrize("value", [-1e-9, np.nan, np.inf])
@pytest.mark.parametrize("which", ["supply", "demand", "one demand"])
def test_values_that_are_not_quantities(network: TravelNetwork, value: float, which: str) -> None:
    arrays = {"supply": draws(network, 20), "demand": draws(network, 20)}
    if which == "one demand":
        arrays["demand"] = arrays["demand"][:, 0].copy()
        arrays["demand"][3] = value
    else:
        arrays[which][[3, 5], [0, 17]] = value
    fault = fault_of(lambda: scenario_accessibility(network, **arrays, methodology=RULES))
    assert fault.code == "argument.not_a_quantity"
    assert fault.table == which.removeprefix("one ")
    assert fault.details == {"invalid": 1 if which == "one demand" else 2}


def test_three_dimensions_are_too_many(network: TravelNetwork) -> None:
    supply = np.ones((2, 2, 2))
    fault = fault_of(lambda: scenario_accessibility(network, supply, [1.0], RULES))
    assert (fault.code, fault.table) == ("argument.dimensions", "supply")
    assert fault.details == {"dimensions": 3}


def test_a_network_of_other_rules_is_refused(network: TravelNetwork) -> None:
    ones = np.ones(len(network.communes))
    other = methodology(travel_one_way_pairs="both_ways")
    fault = fault_of(lambda: scenario_accessibility(network, ones, ones, other), MethodologyError)
    assert (fault.code, fault.key) == ("network.other_rule", "travel.one_way_pairs")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("threads", [1, 3])
def test_scenarios_of_any_size_have_the_bits_they_have_alone(seed: int, threads: int) -> None:
    """On runs; with supplies from 1e-9 to 1e6 ETP, some blocks exceed 64 bits."""
    world, rng = random_world(seed), np.random.default_rng(seed)
    people = np.where(world.people > 0, np.maximum(world.people, 1000.0), 0.0)
    size, columns = len(people), 37
    supply = 10.0 ** rng.uniform(-9, 6, (size, columns))
    # Blocks of columns with the same communes without supply, and columns of nothing.
    supply[rng.random(size) < 0.3] = 0.0
    supply[:, rng.random(columns) < 0.1] = 0.0
    supply[rng.random(supply.shape) < 0.2] = 0.0
    network = network_of_pairs(world)
    runs = in_runs(network, rng.permutation(size))
    found = scenario_accessibility(runs, supply, people, world.rules, threads=threads)
    for k in range(columns):
        single = scenario_accessibility(network, supply[:, k], people, world.rules)
        assert found.apl[:, k].tobytes() == single.apl[:, 0].tobytes()
        exact = exact_apls(ExactWorld(world.rules, world.bands, supply[:, k], people))[1]
        assert relative_error(found.apl[:, k], exact) <= APL_BOUND


def test_a_wide_column_changes_no_other_of_its_block() -> None:
    """One scenario of a block exceeds 64 bits, another has supply of less than a unit."""
    world = random_world(7)
    size = len(world.etp)
    bands = np.zeros((size, size), dtype=np.int64)
    network = network_of_pairs(ExactWorld(RULES, bands, world.etp, world.people))
    runs = in_runs(network, np.arange(size))
    people = np.ones(size)
    supply = draws(network, 16)
    expected = scenario_accessibility(runs, supply, people, RULES).apl
    supply[:, 3], supply[:, 9] = 1e6, 1e-25
    found = scenario_accessibility(runs, supply, people, RULES).apl
    others = np.delete(np.arange(16), [3, 9])
    assert found[:, others].tobytes() == expected[:, others].tobytes()
    for k in (3, 9):
        single = scenario_accessibility(network, supply[:, k], people, RULES).apl
        assert found[:, k].tobytes() == single[:, 0].tobytes()
        assert (found[:, k] > 0).all()


def test_a_supply_out_of_range_is_refused_on_runs(network: TravelNetwork) -> None:
    runs = network.laid_out()
    supply = draws(network, 20)
    supply[5, 17] = 1e300
    people = np.ones(len(supply))
    fault = fault_of(lambda: scenario_accessibility(runs, supply, people, RULES))
    assert (fault.code, fault.table) == ("argument.total_out_of_range", "supply")


@pytest.mark.parametrize("supplied", [65_536, 65_537, 70_000])
def test_more_communes_with_supply_than_16_bits_number(supplied: int) -> None:
    """A ring: each commune reaches the next at two thirds."""
    size = 70_000
    places = np.arange(size, dtype=np.uint32)
    at_twelve = np.full(size, 2 * 11 + 1, dtype=np.uint8)
    pairs = CommunePairs(places, np.roll(places, -1), at_twelve)
    own = CommunePairs(places, places, np.zeros(size, dtype=np.uint8))
    codes = pl.Series("commune", [f"{k:05}" for k in range(size)])
    network = connect(codes, [pairs, own], RULES.travel, edges_of(RULES.travel))
    network = in_runs(network, places)
    supply = np.random.default_rng(0).random((size, 16)) + 0.1
    supply[supplied:] = 0.0
    people = np.full(size, 1e6)
    found = scenario_accessibility(network, supply, people, RULES).apl
    assert found[:, 5].tobytes() == alone(network, supply[:, 5].copy(), people)[0].tobytes()
