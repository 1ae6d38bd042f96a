"""The same bits on any executor, from the library and in the files of commands."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.command import apl
from support.tables import SAMPLES, methodology

from apl_engine import AplError, InputDataError, Result, run, write_result
from apl_engine.executors import Here
from apl_engine.explanation import other_readings
from apl_engine.networks import load_network, save_network
from apl_engine.reports.zoning_page.supplies import margins_content
from apl_engine.results.read import StoredResult, read_result
from apl_engine.runs.reproduce import LocatedInputs, locate_inputs
from apl_engine.runs.run import load_run
from apl_engine.runs.sweep import sweep
from apl_engine.scenarios import (
    WhatIf,
    batch,
    margins,
    scenario_accessibility,
    scenario_classes,
    zone_margins,
    zone_scenarios,
)

REGION = SAMPLES / "pays-de-la-loire"
RULES = methodology()
# Scenarios, of which the last two are part of the range before.
COUNT = 50


class Given:
    """A result, its folder, a network of it on disk, and scenarios."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.in_memory = run(REGION)
        save_network(self.in_memory.network.laid_out(), folder / "my.aplnet")
        self.result = run(REGION, network=folder / "my.aplnet")
        write_result(self.result, folder / "zones")
        self.stored: StoredResult = read_result(folder / "zones")
        self.located: LocatedInputs = locate_inputs(self.stored)
        etp = self.result.communes["etp"].to_numpy()
        self.supply = np.random.default_rng(3).poisson(etp[:, None], (len(etp), COUNT)) * 1.0
        self.people = self.result.communes["standardised_population"].to_numpy()
        names = [f"s{k}" for k in range(COUNT)]
        self.table = pl.DataFrame(self.supply, names).insert_column(
            0, self.result.communes["commune"]
        )
        self.table.write_parquet(folder / "scenarios.parquet")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    return Given(tmp_path_factory.mktemp("given"))


@pytest.fixture(autouse=True)
def _several_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_PAIRS", 16 * 27_000)
    monkeypatch.setattr(margins, "_AT_ONCE", 2)


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def digest(value: Any) -> str:
    """Return the SHA-256 of arrays, frames and plain values, to the last bit."""
    found = hashlib.sha256()

    def add(one: Any) -> None:
        if isinstance(one, np.ndarray):
            found.update(f"{one.dtype} {one.shape}".encode() + one.tobytes())
        elif isinstance(one, pl.DataFrame):
            # Text lies in memory in more than one way; numbers are written with all digits.
            found.update(f"{one.schema} {one.to_dict(as_series=False)}".encode())
        elif isinstance(one, list | tuple):
            found.update(f"{len(one)}".encode())
            for part in one:
                add(part)
        else:
            found.update(repr(one).encode())

    add(value)
    return found.hexdigest()


def of_result(result: Result) -> list[Any]:
    tables = result.communes, result.territories, result.regions, result.bands, result.ambiguous
    return [*tables, result.cuts, result.notes, result.counts, result.acts, result.reachable_etp,
            result.inputs, result.imports, result.prepared, result.located]  # fmt: skip


def accessibility(given: Given, executor: Any) -> Any:
    found = scenario_accessibility(
        given.in_memory.network, given.supply, given.people, RULES, executor=executor
    )
    return found.apl, found.unreachable_etp


def many_demands(given: Given, executor: Any) -> Any:
    network = load_network(given.folder / "my.aplnet")
    people = given.people[:, None] * np.linspace(0, 2, COUNT)
    found = scenario_accessibility(network, given.supply, people, RULES, executor=executor)
    return found.apl, found.unreachable_etp


def classes(given: Given, executor: Any) -> Any:
    supply = given.supply.copy()
    # All APLs are 0, so that this one is computed in full.
    supply[:, 7] = 0.0
    found = scenario_classes(given.result, supply, executor=executor)
    return found.classes, found.computed_in_full


def zones(given: Given, executor: Any) -> Any:
    found = zone_scenarios(given.in_memory, given.table, executor=executor)
    return [getattr(found, name) for name in (
        "communes_apl", "territories_apl", "territories_zone", "etp", "unreachable_etp",
        "territories", "population", "cuts", "notes",
    )]  # fmt: skip


def methodologies(given: Given, executor: Any) -> Any:
    rules = ["mk-2024", "mk-2018", replace(methodology(etp_age_limit=Fraction(60)), id="other")]
    results = sweep(REGION, rules, executor=executor)
    # Those of the client, not copies.
    assert results["mk-2024"].network is results["other"].network
    return [(name, of_result(result)) for name, result in results.items()]


def few_ranked(given: Given) -> Result:
    """Return the result with few territories to compute margins of."""
    few = pl.when(pl.col("rank") < 8).then("rank")
    return replace(given.result, territories=given.result.territories.with_columns(rank=few))


def all_margins(given: Given, executor: Any) -> Any:
    what_if = WhatIf(given.stored, given.in_memory.network)
    return zone_margins(few_ranked(given), what_if, executor=executor)


def margins_of_a_page(given: Given, executor: Any) -> Any:
    return margins_content(few_ranked(given), given.in_memory.network, executor)


def readings(given: Given, executor: Any) -> Any:
    territory = given.stored.territories["territory"][0]
    return other_readings(given.stored, territory, given.located, executor=executor)


JOBS = [
    accessibility, many_demands, classes, zones, methodologies, all_margins, margins_of_a_page,
    readings,
]  # fmt: skip


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.__name__)
def test_an_executor_changes_no_bit(
    job: Callable[[Given, Executor | None], Any],
    given: Given,
    threads: ThreadPoolExecutor,
    pool: ProcessPoolExecutor,
) -> None:
    here = digest(job(given, None))
    assert digest(job(given, threads)) == here
    assert digest(job(given, pool)) == here


def test_the_first_fault_in_the_order_of_units_is_raised(
    given: Given, threads: ThreadPoolExecutor, pool: ProcessPoolExecutor
) -> None:
    """Whichever unit is done first: those that come later may fail sooner."""
    tables = load_run(REGION, "mk-2024").tables
    nobody = replace(tables, practitioners=tables.practitioners.with_columns(acts=pl.lit(0.0)))
    rules = ["mk-2024", replace(RULES, id="other")]
    found = []
    for executor in (None, threads, pool):
        with pytest.raises(AplError) as error:
            sweep(nobody, rules, executor=executor)
        found.append((type(error.value), error.value.faults))
    assert found[0] == found[1] == found[2]


def test_a_network_that_changes_on_disk_is_refused(
    given: Given, pool: ProcessPoolExecutor, tmp_path: Path
) -> None:
    path = tmp_path / "my.aplnet"
    shutil.copy(given.folder / "my.aplnet", path)
    what_if = WhatIf(given.stored, load_network(path))
    path.unlink()
    save_network(run(REGION, methodology(travel_steps=RULES.travel.steps[:2])).network, path)
    with pytest.raises(InputDataError) as error:
        zone_margins(few_ranked(given), what_if, executor=pool)
    assert [fault.code for fault in error.value.faults] == ["network.changed"]


def test_only_the_process_that_asks_hears_of_steps() -> None:
    steps: list[str] = []
    here = Here(steps.append)
    here("one")
    there = pickle.loads(pickle.dumps(here))
    there("two")
    assert (steps, bool(here), bool(there)) == (["one"], True, False)


def files_of(given: Given, cluster: list[str], folder: Path) -> dict[str, Any]:
    """Run every command that divides its work, and return what it wrote and printed."""
    folder.mkdir()
    rules, zones, table = ["-m", "mk-2024", "-m", "mk-2018"], given.folder / "zones", given.table
    table.write_csv(folder / "scenarios.csv")
    commands = [
        ("scenarios", REGION, folder / "scenarios.csv", "-o", folder / "scenarios"),
        ("sweep", REGION, *rules, "-o", folder / "sweep"),
        ("margins", zones, "--region", "53", "-o", folder / "margins.csv"),
        ("explain", zones, given.stored.communes["commune"][0]),
        ("page", zones, "--internal", "--date", "2024-01-01", "-o", folder / "page.html"),
    ]
    printed = []
    for command in commands:
        done = apl(*command, *cluster, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        printed.append(done.stdout.replace(str(folder), ""))
    found: dict[str, Any] = {"printed": printed}
    for path in sorted(folder.rglob("*.*")):
        name = str(path.relative_to(folder))
        if path.name == "record.json":
            record = json.loads(path.read_text())
            # Seconds, and the digest of a record with them.
            found[name] = {k: v for k, v in record.items() if k not in ("timings", "sha256")}
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Start a cluster that is open to this machine, and return its address."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False}, silence_logs=50,
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


@pytest.mark.slow
def test_a_cluster_changes_no_bit(given: Given, scheduler: str, tmp_path: Path) -> None:
    for job in JOBS:
        assert digest(job(given, scheduler)) == digest(job(given, None)), job.__name__
    there = files_of(given, ["--cluster", scheduler], tmp_path / "there")
    assert there == files_of(given, [], tmp_path / "here")
    assert len(there) > 20
