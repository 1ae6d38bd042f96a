"""Supply, demand and network to APL: by hand, against peers, on any number of threads."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_array
from support.faults import fault_of
from support.tables import SAMPLES, commune, frames, methodology, practitioner, small_world

from apl_engine import ComputationError, InputDataError, build_network, kernels, read_inputs
from apl_engine.inputs import Inputs
from apl_engine.kernels import threads as parallel
from apl_engine.method import accessibility as module
from apl_engine.method import compute_accessibility, compute_demand, compute_supply
from apl_engine.methodology.values import Step

RULES = methodology()


def steps(inputs: Inputs) -> tuple[Any, Any, Any]:
    return (
        compute_supply(inputs.practitioners, inputs.communes, RULES),
        compute_demand(inputs.population, inputs.consumption, inputs.communes, RULES),
        build_network(inputs.travel_times, inputs.communes, RULES),
    )


def test_two_communes_by_hand() -> None:
    """Two ETP in one commune, 100 people there and 200 twelve minutes away."""
    world = small_world()
    world["communes"] = [commune("01001", "84", "T1"), commune("01002", "84", "T1")]
    world["practitioners"] = [practitioner(name, "01001") for name in ("p", "q")]
    world["consumption"] = [{"age_band": "00+", "fees": 1.0}]
    world["population"] = [
        {"commune": "01001", "age_band": "00+", "population": 100.0},
        {"commune": "01002", "age_band": "00+", "population": 200.0},
    ]
    world["travel_times"] = [
        {"origin": "01002", "destination": "01001", "minutes": 12.0},
        {"origin": "01001", "destination": "01002", "minutes": 12.0},
    ]
    found = compute_accessibility(*steps(read_inputs(frames(world), RULES)), RULES)
    reached = 100 + 2 / 3 * 200
    assert found.communes["demand_reached"].to_list() == pytest.approx([reached, 200 + 2 / 3 * 100])
    ratio = 2 / reached
    assert found.communes["apl"].to_list() == pytest.approx([1e5 * ratio, 1e5 * 2 / 3 * ratio])
    assert found.reachable_etp == 2.0
    assert found.unreachable.is_empty()


def test_supply_that_nobody_reaches_counts_nowhere_and_is_listed() -> None:
    world = small_world()
    for row in world["population"]:
        row["population"] *= row["commune"] not in ("2A004", "75101")
    world["travel_times"] = [r for r in world["travel_times"] if r["destination"] != "75101"]
    found = compute_accessibility(*steps(read_inputs(frames(world), RULES)), RULES)
    assert found.unreachable["commune"].to_list() == ["75101"]
    assert found.unreachable["etp"].to_list() == [1.0]
    assert found.communes.filter(pl.col("commune").cast(pl.String) == "75101")["apl"].item() > 0


def test_a_leak_would_be_noticed() -> None:
    with pytest.raises(ComputationError) as caught:
        module._check_balance(2.0, 1.0)
    (fault,) = caught.value.faults
    assert fault.code == "accessibility.unbalanced"
    assert fault.details == {"distributed": 2.0, "reachable": 1.0}


@pytest.fixture(scope="module")
def region() -> Inputs:
    return read_inputs(SAMPLES / "pays-de-la-loire", RULES)


def test_each_pass_is_gathered_once(region: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[Any] = []
    add_pairs, add_pairs_at = kernels.add_pairs, kernels.add_pairs_at

    def counting(*arguments: Any) -> None:
        passes.append(arguments[0])
        add_pairs(*arguments)

    def counting_rows(*arguments: Any) -> None:
        # The fine words of the few rows that need them.
        assert len(arguments[4]) < len(network.communes) // 4
        add_pairs_at(*arguments)

    monkeypatch.setattr(kernels, "add_pairs", counting)
    monkeypatch.setattr(kernels, "add_pairs_at", counting_rows)
    supply, demand, network = steps(region)
    compute_accessibility(supply, demand, network, RULES, threads=1)
    assert len(passes) == 2
    assert passes[0] is not passes[1]


@pytest.mark.parametrize("threads", [1, 2, 3, 16, None])
def test_threads_change_no_bit(
    region: Inputs, threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = steps(region)
    alone = compute_accessibility(*parts, RULES, threads=1)
    monkeypatch.setattr(parallel, "PAIRS_PER_THREAD", 100)
    shared = compute_accessibility(*parts, RULES, threads=threads)
    assert shared.communes.equals(alone.communes)


def test_a_network_of_longer_reach_changes_no_bit(region: Inputs) -> None:
    supply, demand, farther = steps(region)
    near = methodology(
        travel_steps=(Step(Fraction(7), True, Fraction(1)), Step(Fraction(9), True, Fraction(1, 7)))
    )
    network = build_network(region.travel_times, region.communes, near)
    assert farther.pairs > network.pairs
    found = [compute_accessibility(supply, demand, n, near) for n in (network, farther)]
    assert found[0].communes.equals(found[1].communes)


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2"])
def test_threads_that_are_none(region: Inputs, threads: Any) -> None:
    with pytest.raises(ValueError, match="threads: must be a whole number of 1 or more"):
        compute_accessibility(*steps(region), RULES, threads=threads)


def peer_inputs(inputs: Inputs) -> tuple[Any, Any, pl.DataFrame]:
    """Return supply, demand, and all pairs with their weights, computed in Polars alone."""
    supply, demand, _ = steps(inputs)
    own = inputs.communes.select(origin="commune", destination="commune", minutes=pl.lit(0.0))
    pairs = pl.concat([inputs.travel_times, own]).with_columns(
        weight=pl.when(pl.col("minutes") < 10)
        .then(1.0)
        .when(pl.col("minutes") < 15)
        .then(2 / 3)
        .when(pl.col("minutes") <= 20)
        .then(1 / 3)
        .otherwise(0.0)
    )
    return supply.communes["etp"].to_numpy(), demand.communes, pairs


def by_scipy(inputs: Inputs) -> Any:
    etp, demand, pairs = peer_inputs(inputs)
    people = demand["standardised_population"].to_numpy()
    origin, destination = (
        pairs[name].to_physical().to_numpy() for name in ("origin", "destination")
    )
    size = len(people)
    weights = csr_array((pairs["weight"].to_numpy(), (origin, destination)), shape=(size, size))
    reached = weights.T @ people
    ratio = np.divide(etp, reached, out=np.zeros(size), where=reached > 0)
    return 1e5 * (weights @ ratio)


def by_pysal(inputs: Inputs) -> Any:
    """The two steps as two of PySAL's weighted catchments, over pairs weighted beforehand."""
    fca = pytest.importorskip("access.fca", reason="the peers are not installed")
    etp, demand, pairs = peer_inputs(inputs)
    names = inputs.communes["commune"].cast(pl.String).to_list()
    frame = (
        pairs.filter(pl.col("weight") > 0)
        .select(pl.col("origin", "destination").cast(pl.String), cost=1 - pl.col("weight"))
        .to_pandas()
    )
    import pandas as pd

    people = pd.DataFrame({"people": demand["standardised_population"].to_numpy()}, index=names)
    supply = pd.DataFrame({"etp": etp}, index=names)
    people.index.name = supply.index.name = "geoid"
    found = fca.two_stage_fca(
        demand_df=people,
        supply_df=supply,
        cost_df=frame,
        max_cost=1,
        demand_index="geoid",
        demand_name="people",
        supply_index="geoid",
        supply_name="etp",
        cost_origin="origin",
        cost_dest="destination",
        cost_name="cost",
        weight_fn=lambda cost: 1 - cost,
    )
    return 1e5 * found.reindex(names).fillna(0.0).to_numpy()


def check_peers(inputs: Inputs) -> None:
    ours = compute_accessibility(*steps(inputs), RULES).communes["apl"].to_numpy()
    np.testing.assert_allclose(ours, by_scipy(inputs), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours, by_pysal(inputs), rtol=1e-11, atol=1e-12)


@pytest.mark.heavy
def test_peers_agree_on_a_region(region: Inputs) -> None:
    check_peers(region)


@pytest.mark.heavy
@pytest.mark.slow
def test_peers_agree_on_france() -> None:
    check_peers(read_inputs(SAMPLES / "france", RULES))


@pytest.mark.parametrize("which", ["supply", "demand"])
def test_supply_or_demand_of_other_communes_is_refused(region: Inputs, which: str) -> None:
    """A kernel would read beyond the end of a shorter one, and give others their neighbours'."""
    supply, demand, network = steps(region)
    for change in (pl.DataFrame.reverse, lambda table: table.head(10)):
        parts = {"supply": supply, "demand": demand}
        parts[which] = replace(parts[which], communes=change(parts[which].communes))
        with pytest.raises(InputDataError) as caught:
            compute_accessibility(parts["supply"], parts["demand"], network, RULES)
        assert [fault.code for fault in caught.value.faults] == ["network.other_communes"]


@pytest.mark.parametrize("etp", [-1.0, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("people", [0.0, 1.0])
def test_supply_that_is_no_quantity_is_refused_wherever_it_is(etp: float, people: float) -> None:
    """Without inhabitants within reach, no ratio of it is added up."""
    inputs = read_inputs(frames(small_world()), RULES)
    supply, demand, network = steps(inputs)
    demand = replace(
        demand, communes=demand.communes.with_columns(standardised_population=pl.lit(people))
    )
    last = pl.int_range(pl.len()) == pl.len() - 1
    supply = replace(
        supply,
        communes=supply.communes.with_columns(etp=pl.when(last).then(etp).otherwise(pl.col("etp"))),
    )
    fault = fault_of(lambda: compute_accessibility(supply, demand, network, RULES))
    kind = "total_out_of_range" if (etp, people) == (np.inf, 1.0) else "not_a_quantity"
    assert (fault.code, fault.table) == (f"argument.{kind}", "supply")
