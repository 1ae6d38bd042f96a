"""Scenarios as changes at a few communes have the bits of full computations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.faults import fault_of
from support.tables import SAMPLES, methodology

from apl_engine import TravelNetwork, build_network, read_inputs
from apl_engine.scenarios import ChangedSupply, scenario_accessibility

RULES = methodology()


@pytest.fixture(scope="module", params=["pairs", "runs"])
def network(request: pytest.FixtureRequest) -> TravelNetwork:
    tables = read_inputs(SAMPLES / "pays-de-la-loire", RULES)
    built = build_network(tables.travel_times, tables.communes, RULES)
    return built if request.param == "pairs" else built.laid_out()


def world(network: TravelNetwork, seed: int) -> tuple[Any, Any]:
    """Return supply from 1e-9 to 1e6 ETP in a third of the communes, and people, some 0."""
    rng, size = np.random.default_rng(seed), len(network.communes)
    supply = np.where(rng.random(size) < 0.3, 10 ** rng.uniform(-9, 6, size), 0.0)
    people = np.where(rng.random(size) < 0.9, 10 ** rng.uniform(0, 6.3, size), 0.0)
    return supply, people


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_changes_have_the_bits_of_full_computations(
    network: TravelNetwork, seed: int, threads: int
) -> None:
    supply, people = world(network, seed)
    rng, size, cases = np.random.default_rng(seed), len(supply), 20
    lengths = rng.integers(0, 12, cases)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    communes = np.concatenate([rng.permutation(size)[:length] for length in lengths])
    etp = np.where(rng.random(len(communes)) < 0.3, 0.0, 10 ** rng.uniform(-9, 6, len(communes)))
    base = ChangedSupply(network, supply, people, RULES)
    whole = base.whole(starts, communes, etp, threads=threads)
    scenarios = np.repeat(supply[:, None], cases, axis=1)
    scenarios[communes, np.repeat(np.arange(cases), lengths)] = etp
    full = scenario_accessibility(network, scenarios, people, RULES).apl
    assert whole.tobytes() == full.tobytes()
    changed = base.changed(starts, communes, etp, threads=threads)
    assert changed.starts[-1] == len(changed.rows) == len(changed.apl)
    for case in range(cases):
        part = slice(changed.starts[case], changed.starts[case + 1])
        assert len(set(changed.rows[part].tolist())) == part.stop - part.start
        assert changed.apl[part].tobytes() == full[changed.rows[part], case].tobytes()
    unchanged = scenario_accessibility(network, supply, people, RULES).apl
    assert base.apl.tobytes() == unchanged.tobytes()


@pytest.mark.parametrize(
    ("changes", "kind", "argument"),
    [
        (([0, 1], [0], [-1.0]), "not_a_quantity", "etp"),
        (([0, 1], [0], [np.nan]), "not_a_quantity", "etp"),
        (([0, 1], [0], [1.0, 2.0]), "length", "etp"),
        (([0, 1], [0], ["x"]), "wrong_type", "etp"),
        (([0, 1], [0.5], [1.0]), "wrong_type", "communes"),
        (([0, 1], [-1], [1.0]), "no_such_row", "communes"),
        (([0, 1], [10**6], [1.0]), "no_such_row", "communes"),
        (([0, 2], [3, 3], [1.0, 2.0]), "twice", "communes"),
        (([0, 2], [3], [1.0]), "not_pointers", "starts"),
        (([1, 1], [3], [1.0]), "not_pointers", "starts"),
        (([], [], []), "not_pointers", "starts"),
        (([[0, 1]], [3], [1.0]), "wrong_type", "starts"),
    ],
)
def test_changes_that_make_no_sense(
    network: TravelNetwork, changes: Any, kind: str, argument: str
) -> None:
    size = len(network.communes)
    base = ChangedSupply(network, np.ones(size), np.ones(size), RULES)
    fault = fault_of(lambda: base.changed(*changes))
    assert (fault.code, fault.table) == (f"argument.{kind}", argument)


def test_a_commune_may_change_in_several_scenarios(network: TravelNetwork) -> None:
    size = len(network.communes)
    base = ChangedSupply(network, np.zeros(size), np.ones(size), RULES)
    whole = base.whole([0, 1, 2], [3, 3], [1.0, 2.0])
    assert (whole[:, 1] == 2 * whole[:, 0]).all()
    assert whole[3, 0] > 0
