"""A prepared network in memory: one APL, many scenarios, a what-if, and building it.

``.venv/bin/pytest bench/test_prepared.py`` prints one table per group, with the engine and the best
ways of its peers. The tools must agree to 1e-12 before any of them is timed.
"""

from __future__ import annotations

from typing import Any

import building
import change
import national
import pytest
import synthetic
import thousand

ONE = "one APL on a prepared network, {}"
MANY = "128 scenarios of supply, France"
CHANGE = "what-if of one commune, France"
ROWS = "indexed pairs to rows both ways, {}"
SCENARIOS, SOME = 128, 5
TOOLS = (
    "apl_engine", "SciPy, two products of CSR", "SciPy, CSR stored both ways", "Polars, streaming",
    "Polars, streaming, codes as text",
    "DuckDB", "pandas", "PySAL access",
)  # fmt: skip


@pytest.fixture(scope="module")
def france() -> synthetic.World:
    return synthetic.make("france")


@pytest.fixture(scope="module")
def national_works() -> dict[str, dict[str, national.Task]]:
    """Return the task of each tool in each world, once they agree."""
    by_world = {
        name: national.tasks(synthetic.make(name)) for name in ("departement", "region", "france")
    }
    for tasks in by_world.values():
        national.check(tasks)
    return by_world


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", ["departement", "region", "france"])
def test_one_apl(
    benchmark: Any, national_works: dict[str, dict[str, national.Task]], name: str, tool: str
) -> None:
    benchmark.group = ONE.format(name)
    assert benchmark(national_works[name][tool]).sum() > 0


@pytest.fixture(scope="module")
def supplies(france: synthetic.World) -> Any:
    drawn = thousand.draw_supplies(france, SCENARIOS)
    thousand.check(france, drawn)
    return drawn


@pytest.mark.benchmark(group=MANY)
def test_scenarios(benchmark: Any, france: synthetic.World, supplies: Any) -> None:
    assert benchmark.pedantic(thousand.engine(france, supplies), rounds=5).shape[1] == SCENARIOS


@pytest.mark.benchmark(group=MANY)
def test_scenarios_of_scipy(benchmark: Any, france: synthetic.World, supplies: Any) -> None:
    block, _ = thousand.best_block(france, supplies, 2)
    benchmark.extra_info["block"] = block
    task = thousand.scipy_blocks(france, supplies, block)
    assert benchmark.pedantic(task, rounds=5).shape[1] == SCENARIOS


@pytest.mark.benchmark(group=MANY + f", {SOME} of them")
def test_scenarios_of_polars(benchmark: Any, france: synthetic.World, supplies: Any) -> None:
    task = thousand.polars_one_by_one(france, supplies, SOME)
    assert benchmark.pedantic(task, rounds=3).shape[1] == SOME


@pytest.fixture(scope="module")
def case(france: synthetic.World) -> change.Case:
    checked = change.Case(france)
    checked.check()
    return checked


@pytest.mark.benchmark(group=CHANGE)
def test_what_if(benchmark: Any, case: change.Case) -> None:
    assert benchmark(case.change).height > 0


@pytest.mark.benchmark(group=CHANGE)
def test_full_run(benchmark: Any, case: change.Case) -> None:
    assert benchmark(case.full).communes.height > 0


@pytest.mark.parametrize("shuffled", [False, True], ids=["sorted", "shuffled"])
def test_rows(benchmark: Any, france: synthetic.World, shuffled: bool) -> None:
    benchmark.group = ROWS.format("shuffled" if shuffled else "sorted")
    pairs = building.indexed_pairs(france, shuffled=shuffled)
    building.check(pairs, france.size)
    assert len(benchmark(building.build_rows(pairs, france.size))) == 2


@pytest.mark.parametrize("way", ["SciPy, coo to csr twice", "SciPy, coo to csr, then csr"])
@pytest.mark.parametrize("shuffled", [False, True], ids=["sorted", "shuffled"])
def test_rows_of_scipy(benchmark: Any, france: synthetic.World, shuffled: bool, way: str) -> None:
    benchmark.group = ROWS.format("shuffled" if shuffled else "sorted")
    pairs = building.indexed_pairs(france, shuffled=shuffled)
    assert len(benchmark(building.scipy_ways(pairs, france.size)[way])) == 2
