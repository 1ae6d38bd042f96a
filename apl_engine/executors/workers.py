"""Units of work, carried out one by one or on an executor; their results in the order given.

What a unit returns depends on the shared object and on the unit alone, so that it may be carried
out anywhere, and again if a worker is lost.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from .. import unfinished
from ..errors import AplError, ExecutorError, Fault, OnStep, check_types
from ..steps import announce
from .shared import write_shared
from .unit import carry_out, edition

#: What carries out units of work: this process, an executor, or a cluster by its address.
Given: TypeAlias = Executor | str | None
Shared = TypeVar("Shared")
Unit = TypeVar("Unit")
Result = TypeVar("Result")

# Seconds between two looks at a cluster, and until one without workers, or out of reach, is given
# up: machines of a queue may take minutes to start.
_LOOK = 1.0
PATIENCE = 300.0
# Of an executor that does not say how many workers it has.
_UNKNOWN = 8


class Cluster(Protocol):
    """A cluster that was opened by its address."""

    @property
    def executor(self) -> Executor:
        """The executor of the present connection."""

    def count(self) -> int:
        """Return the number of its workers."""

    def reconnect(self) -> bool:
        """Connect again; return whether the cluster answers."""


class Workers:
    """What carries out units of work; see `open_workers`."""

    def __init__(
        self, executor: Executor | None, cluster: Cluster | None, on_step: OnStep | None
    ) -> None:
        self._executor, self._cluster, self._on_step = executor, cluster, on_step
        self._folder: Path | None = None

    @property
    def are_here(self) -> bool:
        """Whether units are carried out one by one in this process."""
        return self._executor is None

    def threads(self, asked: int | None) -> int | None:
        """Return the number of threads that a unit may use, None for one per core.

        Parameters
        ----------
        asked : int or None
            What the caller asked for.
        """
        return asked if self.are_here else 1

    def map(
        self,
        function: Callable[[Shared, Unit], Result],
        shared: Shared,
        units: Iterable[Unit],
        *,
        label: str,
    ) -> Iterator[Result]:
        """Carry out units of work, and yield their results in the order of the units.

        Only a few units more than there are workers are under way, so that memory is bounded.

        Parameters
        ----------
        function : callable
            Of a module of this package; takes `shared` and a unit.
        shared : object
            What all units use; other processes map its arrays.
        units : iterable
            Numbers, ranges or names; they are small.
        label : str
            What is done, for progress.

        Yields
        ------
        object
            What `function` returns.

        Raises
        ------
        ExecutorError
            The workers cannot be used.
        """
        todo = list(units)
        if self._executor is None:
            for k, unit in enumerate(todo):
                self._report(label, k, len(todo))
                yield function(shared, unit)
            return
        with self._call_of(function, shared) as call:
            run: Callable[[Unit], Any] = partial(self._submit, call)
            yield from _InOrder(self, run, todo, label).results()

    @contextmanager
    def _call_of(
        self, function: Callable[[Shared, Unit], Result], shared: Shared
    ) -> Iterator[Callable[[Unit], Result]]:
        """Provide what carries out a unit, with the file of the shared object if it has one."""
        if isinstance(self._executor, ThreadPoolExecutor):
            yield partial(function, shared)
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="apl_engine-"))
            unfinished.begin(self._folder)
        name = f"{function.__module__}:{function.__qualname__}"
        file = write_shared(shared, self._folder)
        try:
            yield partial(carry_out, edition(), name, str(file))
        finally:
            # Many calls, each with a large object, would fill the disk. Workers may still map it,
            # which keeps Windows from removing it.
            with suppress(OSError):
                file.unlink()

    def _submit(self, call: Callable[[Unit], Result], unit: Unit) -> Future[Result]:
        executor = self._cluster.executor if self._cluster else self._executor
        assert executor is not None
        try:
            future = executor.submit(call, unit)
        except BrokenExecutor as error:
            raise _error("broken") from error
        # Whatever the library that made it raises.
        except Exception as error:
            raise _error("unusable", reason=str(error) or type(error).__name__) from error
        if not isinstance(future, Future):
            raise _error("unusable", reason=f"it returns {type(future).__name__}, no future")
        return future

    def _count(self) -> int:
        """Return the number of workers, as far as it is known."""
        if self._cluster:
            return self._cluster.count()
        client = getattr(self._executor, "_client", None)
        if client is not None:
            return len(client.nthreads())
        return int(getattr(self._executor, "_max_workers", _UNKNOWN))

    def _report(self, label: str, done: int, total: int) -> None:
        announce(label if total == 1 else f"{label}: {done} of {total}", self._on_step)

    def close(self) -> None:
        """Remove the files of shared objects."""
        if self._folder is not None:
            # Workers that still map a file keep it from being removed on Windows.
            shutil.rmtree(self._folder, ignore_errors=True)
            unfinished.end(self._folder)
            self._folder = None


class _Failure(NamedTuple):
    """What a unit raised."""

    error: BaseException


class _InOrder:
    """The units of one call of `Workers.map` on an executor."""

    def __init__(
        self, workers: Workers, run: Callable[[Any], Future[Any]], units: list[Any], label: str
    ) -> None:
        self._workers, self._run, self._units, self._label = workers, run, units, label
        self._pending: dict[Future[Any], int] = {}
        self._done: dict[int, Any] = {}
        self._count, self._counted = 0, 0.0
        self._submitted = self._yielded = 0
        self._alone_since: float | None = None

    def results(self) -> Iterator[Any]:
        total = len(self._units)
        try:
            self._workers._report(self._label, 0, total)
            while self._yielded < total:
                self._fill()
                if self._yielded not in self._done:
                    self._wait()
                while self._yielded in self._done:
                    result = self._done.pop(self._yielded)
                    # As if units were carried out in turn: what a later one raises is not heard.
                    if isinstance(result, _Failure):
                        raise _translated(result.error) from result.error
                    self._yielded += 1
                    yield result
        finally:
            for future in self._pending:
                future.cancel()

    def _fill(self) -> None:
        """Submit units, a few more than there are workers."""
        now = time.monotonic()
        if now - self._counted > _LOOK:
            self._count, self._counted = self._workers._count(), now
            self._check_alive(now)
        most = self._yielded + 2 * max(self._count, 1) + 2
        while self._submitted < min(most, len(self._units)):
            self._begin(self._submitted)
            self._submitted += 1

    def _begin(self, number: int) -> None:
        self._pending[self._run(self._units[number])] = number

    def _check_alive(self, now: float) -> None:
        if self._count:
            self._alone_since = None
            return
        if self._alone_since is None:
            self._alone_since = now
        announce(f"{self._label}: waiting for workers", self._workers._on_step)
        if now - self._alone_since > PATIENCE:
            raise _error("no_workers", seconds=PATIENCE)

    def _wait(self) -> None:
        """Wait until a unit is done, or for a moment."""
        finished = wait(self._pending, _LOOK, FIRST_COMPLETED).done
        for future in finished:
            number = self._pending.pop(future)
            try:
                self._done[number] = future.result()
            except (Exception, CancelledError) as error:
                if _is_lost(error):
                    self._pending[future] = number
                    self._begin_again(error)
                    return
                self._done[number] = _Failure(error)
        if finished:
            done = self._yielded + len(self._done)
            self._workers._report(self._label, done, len(self._units))

    def _begin_again(self, error: BaseException) -> None:
        """Connect to the cluster anew, and submit what was lost with it."""
        cluster = self._workers._cluster
        if cluster is None:
            raise _error("lost") from error
        announce(f"{self._label}: waiting for the scheduler", self._workers._on_step)
        until = time.monotonic() + PATIENCE
        while not cluster.reconnect():
            if time.monotonic() > until:
                raise _error("lost") from error
        lost, self._pending = sorted(self._pending.values()), {}
        for number in lost:
            self._begin(number)


def _is_lost(error: BaseException) -> bool:
    """Return whether a unit was lost with the connection to its worker."""
    return isinstance(error, CancelledError) or type(error).__name__ == "CommClosedError"


def _translated(error: BaseException) -> BaseException:
    """Return the error of a unit for the person who reads it; a defect as it is."""
    if isinstance(error, AplError):
        return error
    if isinstance(error, BrokenExecutor):
        return _error("broken")
    if type(error).__name__ == "KilledWorker":
        return _error("worker_killed")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModuleNotFoundError):
            return _error("module_missing", module=cause.name or "")
        cause = cause.__cause__ or cause.__context__
    return error


def _error(kind: str, **details: object) -> ExecutorError:
    return ExecutorError(Fault(f"executor.{kind}", "executor", details=details))


@contextmanager
def open_workers(executor: Given = None, on_step: OnStep | None = None) -> Iterator[Workers]:
    """Provide what carries out units of work.

    Parameters
    ----------
    executor : concurrent.futures.Executor or str, optional
        None carries out units one by one in this process. An executor (threads, processes, an MPI
        pool, `dask.distributed.Client.get_executor()`) stays the caller's. A text is an address:
        ``local:4`` for four processes of this machine, ``tcp://host:8786`` or ``tls://host:8786``
        for the scheduler of a Dask cluster.
    on_step : callable, optional
        Called with a few words as units are done.

    Yields
    ------
    Workers

    Raises
    ------
    ExecutorError
        The address is none, or nobody answers there; or Dask is not installed.
    InputDataError
        `executor` is of another type.
    """
    check_types(executor=(executor, Executor, str, None))
    with ExitStack() as stack:
        cluster: Cluster | None = None
        if isinstance(executor, str):
            from .cluster import open_cluster

            announce("connecting to the workers", on_step)
            cluster = stack.enter_context(open_cluster(executor))
            executor = cluster.executor
        workers = Workers(executor, cluster, on_step)
        stack.callback(workers.close)
        yield workers
