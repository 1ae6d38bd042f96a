"""Dask clusters by address: processes of this machine, or a scheduler elsewhere."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ..errors import AplError, ExecutorError, Fault, missing_library

_LOCAL = re.compile(r"local:(\d{1,4})")
_SCHEDULER = re.compile(r"(?:tcp|tls|ucx|ws|wss)://\S+")
# Seconds that one attempt to connect takes at most.
_ATTEMPT = 20
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
        # Dask reports a bad address by a ValueError.
        except (OSError, TimeoutError, ValueError) as error:
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
    local = _LOCAL.fullmatch(address)
    if not (local and int(local[1])) and not _SCHEDULER.fullmatch(address):
        raise ExecutorError(Fault("executor.bad_address", address or "an empty text"))
    if find_spec("distributed") is None:
        details = missing_library("distributed", "cluster")
        raise AplError(Fault("dependency.missing", "executor", details=details))
    with ExitStack() as stack:
        stack.enter_context(_silenced())
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
    environment = dict.fromkeys(_ONE_THREAD, 1)
    options: dict[str, Any] = {"host": "127.0.0.1", "protocol": "tls://", "security": True}
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ": environment}),
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None,
            memory_limit=0, silence_logs=logging.CRITICAL, **options,
        ) as cluster,
    ):  # fmt: skip
        yield cluster


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep Dask's own messages from the terminal: what matters is raised."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
