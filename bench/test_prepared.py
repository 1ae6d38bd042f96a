"""On a prepared network in memory: one APL, many, a change; and building it, of 2.5 million pairs.

``.venv/bin/pytest bench/test_prepared.py`` prints one table per group, ours and the peers' best
ways in each. Everybody is checked to agree to 1e-12 before anybody is timed.
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
PEOPLE = (
    "apl_engine", "SciPy, two products of CSR", "SciPy, CSR both ways kept", "Polars, streaming",
    "Polars, streaming, codes as text",
    "DuckDB", "pandas", "PySAL access",
)  # fmt: skip


@pytest.fixture(scope="module")
def france() -> synthetic.World:
    return synthetic.make("france")


@pytest.fixture(scope="module")
def national_works() -> dict[str, dict[str, national.Work]]:
    """Return everybody's work in each world, once they agree."""
    found = {
        name: national.works(synthetic.make(name)) for name in ("departement", "region", "france")
    }
    for works in found.values():
        national.check(works)
    return found


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("name", ["departement", "region", "france"])
def test_one_apl(
    benchmark: Any, national_works: dict[str, dict[str, national.Work]], name: str, who: str
) -> None:
    benchmark.group = ONE.format(name)
    assert benchmark(national_works[name][who]).sum() > 0


@pytest.fixture(scope="module")
def supplies(france: synthetic.World) -> Any:
    drawn = thousand.draws(france, SCENARIOS)
    thousand.check(france, drawn)
    return drawn


@pytest.mark.benchmark(group=MANY)
def test_scenarios(benchmark: Any, france: synthetic.World, supplies: Any) -> None:
    assert benchmark.pedantic(thousand.ours(france, supplies), rounds=5).shape[1] == SCENARIOS


@pytest.mark.benchmark(group=MANY)
def test_scenarios_of_scipy(benchmark: Any, france: synthetic.World, supplies: Any) -> None:
    block, _ = thousand.best_block(france, supplies, 2)
    benchmark.extra_info["block"] = block
    work = thousand.scipys(france, supplies, block)
    assert benchmark.pedantic(work, rounds=5).shape[1] == SCENARIOS


@pytest.mark.benchmark(group=MANY + f", {SOME} of them")
def test_scenarios_of_polars(benchmark: Any, france: synthetic.World, supplies: Any) -> None:
    work = thousand.polars(france, supplies, SOME)
    assert benchmark.pedantic(work, rounds=3).shape[1] == SOME


@pytest.fixture(scope="module")
def case(france: synthetic.World) -> change.Case:
    found = change.Case(france)
    found.check()
    return found


@pytest.mark.benchmark(group=CHANGE)
def test_what_if(benchmark: Any, case: change.Case) -> None:
    assert benchmark(case.change).height > 0


@pytest.mark.benchmark(group=CHANGE)
def test_full_run(benchmark: Any, case: change.Case) -> None:
    assert benchmark(case.full).communes.height > 0


@pytest.mark.parametrize("shuffled", [False, True], ids=["sorted", "shuffled"])
def test_rows(benchmark: Any, france: synthetic.World, shuffled: bool) -> None:
    benchmark.group = ROWS.format("shuffled" if shuffled else "sorted")
    pairs = building.mapped(france, shuffled=shuffled)
    building.check(pairs, france.size)
    assert len(benchmark(building.ours(pairs, france.size))) == 2


@pytest.mark.parametrize("way", ["SciPy, coo to csr twice", "SciPy, coo to csr, then csr"])
@pytest.mark.parametrize("shuffled", [False, True], ids=["sorted", "shuffled"])
def test_rows_of_scipy(benchmark: Any, france: synthetic.World, shuffled: bool, way: str) -> None:
    benchmark.group = ROWS.format("shuffled" if shuffled else "sorted")
    pairs = building.mapped(france, shuffled=shuffled)
    assert len(benchmark(building.scipys(pairs, france.size)[way])) == 2
