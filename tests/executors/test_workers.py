"""Units of work on threads, processes and clusters."""

from __future__ import annotations

import multiprocessing
import os
import socket
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import units
from support.units import Given

from apl_engine import ExecutorError, InputDataError
from apl_engine.errors import AplError
from apl_engine.executors import cluster, open_workers, shared, unit, workers

SPAWN = multiprocessing.get_context("spawn")
RANGES = [(k, k + 100) for k in range(0, 2000, 100)]
SUMS = [sum(range(*ends)) for ends in RANGES]


@pytest.fixture(scope="module")
def given() -> Given:
    return Given(np.arange(2000))


def codes(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return [fault.code for fault in error.value.faults]


class Lazy(Executor):
    """An executor of no known size, which does a unit when its result is asked for."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.submitted, self.problem = 0, problem

    def submit(self, call: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        self.submitted += 1
        future: Future[Any] = Future()
        if self.problem:
            future.set_exception(self.problem)
        else:
            future.set_result(call(*arguments, **named))
        return future


def test_results_come_in_the_order_of_units(given: Given, pool: ProcessPoolExecutor) -> None:
    with ThreadPoolExecutor(2) as threads:
        for executor in (None, threads, pool, Lazy()):
            steps: list[str] = []
            with open_workers(executor, steps.append) as here:
                done = list(here.map(units.total, given, RANGES, label="sums"))
            assert [total for total, _ in done] == SUMS
            # Other processes map the array; here it is used as it is.
            assert {mapped for _, mapped in done} == {
                executor is pool or isinstance(executor, Lazy)
            }
            assert steps[0] == f"sums: 0 of {len(RANGES)}"


def test_few_units_are_under_way(given: Given) -> None:
    lazy = Lazy()
    with open_workers(lazy) as here:
        results = here.map(units.total, given, [(0, 1)] * 500, label="sums")
        next(results)
        assert lazy.submitted < 30
        assert len(list(results)) == 499


def test_units_use_one_thread_each_on_an_executor(pool: ProcessPoolExecutor) -> None:
    with open_workers(None) as here, open_workers(pool) as there:
        assert (here.threads(None), here.threads(3)) == (None, 3)
        assert (there.threads(None), there.threads(3)) == (1, 1)


def test_files_of_shared_objects_are_removed(given: Given, pool: ProcessPoolExecutor) -> None:
    with open_workers(pool) as here:
        sums = here.map(units.total, given, RANGES, label="sums")
        next(sums)
        folder = here._folder
        assert folder is not None
        assert [path.stat().st_mode & 0o077 for path in (folder,)] == [0]
        assert len(list(folder.iterdir())) == 1
        list(sums)
        assert len(list(folder.iterdir())) == 0
    assert not folder.exists()


@pytest.mark.parametrize("executor", ["none", "pool"])
def test_an_error_of_a_unit_is_raised(
    executor: str, given: Given, pool: ProcessPoolExecutor
) -> None:
    with open_workers(pool if executor == "pool" else None) as here:
        with pytest.raises(InputDataError) as error:
            list(here.map(units.refuse, given, range(5), label="sums"))
        assert codes(error) == ["argument.empty"]
        with pytest.raises(ZeroDivisionError):
            list(here.map(units.fail, given, range(5), label="sums"))


def test_the_first_error_in_the_order_of_units_is_raised(
    given: Given, pool: ProcessPoolExecutor
) -> None:
    for executor in (None, pool):
        with open_workers(executor) as here, pytest.raises(InputDataError) as error:
            list(here.map(units.refuse_in_turn, given, range(8), label="units"))
        assert [fault.table for fault in error.value.faults] == ["unit 2"]


def test_a_pool_that_lost_a_process_is_refused(given: Given) -> None:
    with ProcessPoolExecutor(1, mp_context=SPAWN) as made, open_workers(made) as here:
        for _ in range(2):
            with pytest.raises(ExecutorError) as error:
                list(here.map(units.die, given, range(3), label="sums"))
            assert codes(error) == ["executor.broken"]


def test_an_executor_that_was_shut_down_is_refused(given: Given) -> None:
    made = ThreadPoolExecutor(1)
    made.shutdown()
    with open_workers(made) as here, pytest.raises(ExecutorError) as error:
        list(here.map(units.total, given, RANGES, label="sums"))
    assert codes(error) == ["executor.unusable"]


class Odd(Executor):
    """An executor that breaks what it promises."""

    def __init__(self, problem: Exception | None) -> None:
        self.problem = problem

    def submit(self, call: Any, /, *arguments: Any, **named: Any) -> Any:  # noqa: ARG002
        if self.problem:
            raise self.problem


@pytest.mark.parametrize("problem", [None, ValueError(), OSError("no route")])
def test_an_executor_that_takes_no_work_is_refused(problem: Exception | None, given: Given) -> None:
    with open_workers(Odd(problem)) as here, pytest.raises(ExecutorError) as error:
        list(here.map(units.total, given, RANGES, label="sums"))
    assert codes(error) == ["executor.unusable"]


def test_a_worker_with_other_code_is_refused(
    given: Given, pool: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "edition", lambda: "0.0.1 (another)")
    with open_workers(pool) as here, pytest.raises(ExecutorError) as error:
        list(here.map(units.total, given, RANGES, label="sums"))
    (fault,) = error.value.faults
    assert fault.code == "executor.other_edition"
    assert fault.details == {"asked": "0.0.1 (another)", "here": unit.edition()}


class KilledWorker(Exception):  # noqa: N818
    """Named as Dask's."""


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (KilledWorker(), "executor.worker_killed"),
        (ModuleNotFoundError(name="apl_engine.executors"), "executor.module_missing"),
    ],
)
def test_what_ends_a_unit_is_explained(problem: Exception, code: str, given: Given) -> None:
    with open_workers(Lazy(problem)) as here, pytest.raises(ExecutorError) as error:
        list(here.map(units.total, given, RANGES, label="sums"))
    assert codes(error) == [code]


def test_a_full_disk_and_a_folder_that_is_not_shared_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "_UNTIL_SHOWN", 0.0)
    with pytest.raises(ExecutorError) as error:
        shared.write_shared(1, tmp_path / "absent")
    assert codes(error) == ["executor.not_shared"]
    with pytest.raises(ExecutorError) as error:
        shared.read_shared(str(tmp_path / "absent"))
    assert codes(error) == ["executor.file_unavailable"]


@pytest.mark.parametrize(
    "address", ["", "local", "local:0", "localhost:8786", "tcp://", "http://a"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ExecutorError) as error, open_workers(address):
        pass
    assert codes(error) == ["executor.bad_address"]


def test_dask_is_named_if_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(AplError) as error, open_workers("local:2"):
        pass
    assert codes(error) == ["dependency.missing"]


def test_anything_else_is_refused() -> None:
    with pytest.raises(InputDataError) as error, open_workers(3):  # type: ignore[arg-type]
        pass
    assert codes(error) == ["argument.wrong_type"]


@pytest.mark.slow
def test_a_cluster_of_this_machine(given: Given, tmp_path: Path) -> None:
    with open_workers("local:2") as here:
        done = list(here.map(units.total, given, RANGES, label="sums"))
        assert done == [(total, True) for total in SUMS]
        assert os.getpid() not in here.map(units.process, given, range(4), label="processes")
        # A killed worker is replaced, and its unit is done again.
        mark = Given(given.values, str(tmp_path))
        assert list(here.map(units.die_once, mark, range(6), label="units")) == list(range(6))
        assert (tmp_path / "died").exists()
        with pytest.raises(InputDataError) as error:
            list(here.map(units.refuse, given, range(5), label="sums"))
        assert codes(error) == ["argument.empty"]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("tcp://127.0.0.1:9", "not_connected"),
        ("tcp://127.0.0.1", "not_connected"),
        ("tls://127.0.0.1:9", "no_certificate"),
        # What raises errors of its own: a kind of address whose library is missing.
        ("ucx://127.0.0.1:9", "not_connected"),
    ],
)
def test_a_scheduler_that_cannot_be_asked_is_reported(
    address: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_ATTEMPT", 0.2)
    with pytest.raises(ExecutorError) as error, open_workers(address):
        pass
    assert codes(error) == [f"executor.{code}"]


def test_a_port_that_never_answers_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_ATTEMPT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(ExecutorError) as error, open_workers(address):
            pass
    assert codes(error) == ["executor.not_connected"]
