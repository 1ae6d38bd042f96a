"""Dask clusters by address: processes of this machine, or a scheduler elsewhere."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from .. import unfinished
from ..errors import AplError, ExecutorError, Fault, missing_library

_LOCAL = re.compile(r"local:(\d{1,4})")
_SCHEDULER = re.compile(r"(?:tcp|tls|ucx|ws|wss)://\S+")
# Seconds that one attempt to connect takes at most.
_ATTEMPT = 60
# Units use one thread each, and so do the libraries of a worker.
_ONE_THREAD = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class _DaskCluster:
    """The connection to a scheduler; see `Cluster`."""

    def __init__(self, address: Any, shown: str) -> None:
        self._address, self._shown = address, shown
        self.connect()

    def count(self) -> int:
        try:
            return len(self._client.nthreads())
        except (OSError, TimeoutError, ValueError):
            return 0

    def connect(self) -> None:
        distributed: Any = import_module("distributed")
        if isinstance(self._address, str):
            self._ask()
        try:
            self._client = distributed.Client(self._address, timeout=_ATTEMPT, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise self._refused(error) from error
        self.executor: Executor = self._client.get_executor()

    def _ask(self) -> None:
        """Refuse an address at which no scheduler answers: a client could wait for ever."""
        distributed: Any = import_module("distributed")
        connection = distributed.Security().get_connection_args("client")
        if self._address.startswith("tls://") and not connection.get("ssl_context"):
            raise ExecutorError(Fault("executor.no_certificate", self._shown))

        async def identity() -> dict[str, Any]:
            async with distributed.rpc(self._address, connection_args=connection) as scheduler:
                answer: dict[str, Any] = await scheduler.identity()
                return answer

        async def within_a_while() -> dict[str, Any]:
            return await asyncio.wait_for(identity(), _ATTEMPT)

        try:
            # In a thread of its own, for this one may run a loop, as in a notebook.
            with ThreadPoolExecutor(1) as thread:
                kind = thread.submit(asyncio.run, within_a_while()).result().get("type")
        # What Dask raises depends on the kind of the address, and on who answers there.
        except Exception as error:
            raise self._refused(error) from error
        if kind != "Scheduler":
            raise self._refused(ValueError(f"it is a {kind}, not a scheduler"))

    def _refused(self, error: Exception) -> ExecutorError:
        reason = str(error) or "no answer"
        return ExecutorError(
            Fault("executor.not_connected", self._shown, details={"reason": reason})
        )

    def reconnect(self) -> bool:
        self.close()
        try:
            self.connect()
        except ExecutorError:
            return False
        return True

    def close(self) -> None:
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=_ATTEMPT)


def check_address(address: str) -> None:
    """Refuse a text that is not an address, without asking anybody.

    Raises
    ------
    ExecutorError
        It is none.
    """
    local = _LOCAL.fullmatch(address)
    if not (local and int(local[1])) and not _SCHEDULER.fullmatch(address):
        raise ExecutorError(Fault("executor.bad_address", address or "an empty text"))


@contextmanager
def open_cluster(address: str) -> Iterator[_DaskCluster]:
    """Start the processes of an address, or connect to its scheduler.

    Raises
    ------
    ExecutorError
        The address is none, or nobody answers there.
    AplError
        Dask is not installed.
    """
    check_address(address)
    if find_spec("distributed") is None:
        details = missing_library("distributed", "cluster")
        raise AplError(Fault("dependency.missing", "executor", details=details))
    with ExitStack() as stack:
        stack.enter_context(_silenced())
        local = _LOCAL.fullmatch(address)
        given = stack.enter_context(_local_cluster(int(local[1]))) if local else address
        cluster = _DaskCluster(given, address)
        stack.callback(cluster.close)
        yield cluster


@contextmanager
def _local_cluster(workers: int) -> Iterator[Any]:
    """Provide processes of this machine that only this process can give work to.

    Dask would count mapped files as memory of a worker, and end it: it has no limit.
    """
    dask: Any = import_module("dask")
    distributed: Any = import_module("distributed")
    options: dict[str, Any] = {"host": "127.0.0.1", "protocol": "tls://", "security": True}
    start = partial(
        # Any free port of this machine for its state, none for pages.
        distributed.LocalCluster, n_workers=workers, threads_per_worker=1,
        dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False}, memory_limit=0,
        silence_logs=logging.CRITICAL, **options,
    )  # fmt: skip
    with _own_folder() as folder:
        settings = {
            "distributed.nanny.pre-spawn-environ": dict.fromkeys(_ONE_THREAD, 1),
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            "temporary-directory": str(folder),
        }
        with dask.config.set(settings), closing(_started(start)) as cluster:
            yield cluster


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Provide a folder that is removed whatever ends this process."""
    folder = Path(tempfile.mkdtemp(prefix="apl_engine-"))
    unfinished.begin(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.end(folder)


def _started(start: Callable[[], Any]) -> Any:
    """Start a cluster whose processes do not hear Ctrl-C, which a terminal sends to all of them.

    This process ends them. Threads and processes inherit which signals are blocked.
    """
    started: Future[Any] = Future()

    def work() -> None:
        try:
            started.set_result(start())
        except BaseException as error:
            started.set_exception(error)

    others = multiprocessing.active_children()
    thread = threading.Thread(target=work, name="cluster", daemon=True)
    _track_resources()
    with _interruptions_blocked():
        thread.start()
    try:
        return started.result()
    except BaseException:
        for process in multiprocessing.active_children():
            if process not in others:
                process.kill()
        # Only what has started can be ended.
        started.add_done_callback(_end)
        raise


@contextmanager
def _interruptions_blocked() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _track_resources() -> None:
    """Start Python's process that removes semaphores of processes that were ended, and says so.

    Started later, it would unblock signals. That it had to do its work is no news to anybody.
    """
    if sys.platform != "win32":
        before = os.environ.get("PYTHONWARNINGS")
        os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
        try:
            resource_tracker.ensure_running()
        finally:
            if before is None:
                del os.environ["PYTHONWARNINGS"]
            else:
                os.environ["PYTHONWARNINGS"] = before


def _end(started: Future[Any]) -> None:
    with suppress(BaseException):
        started.result().close()


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep Dask's own messages from the terminal: what matters is raised."""
    # Each of its loggers has a level and a handler of its own.
    import_module("distributed")
    of_dask = re.compile(r"(?:distributed|tornado|asyncio)\b")
    names = [name for name in logging.root.manager.loggerDict if of_dask.match(name)]
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
