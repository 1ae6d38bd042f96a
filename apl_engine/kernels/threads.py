"""Work divided among threads, in runs of rows with about the same number of pairs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import Pointers

# With fewer pairs per thread, another thread costs more than it saves.
PAIRS_PER_THREAD = 500_000


def share_out(
    work: Callable[[int, int], None], pointers: Pointers, threads: int | None, passes: int = 1
) -> None:
    """Call `work` on runs of rows, each in a thread of its own, and wait for all.

    Parameters
    ----------
    work : callable
        Takes the first row and the one after the last; must be a kernel or spend its time in
        kernels, which let other threads run.
    pointers : int64 (n_rows + 1,)
        Start of the pairs of each row.
    threads : int or None
        Most threads to use; None for the number of cores.
    passes : int
        Number of times that `work` visits the pairs of a row.
    """
    size, pairs = len(pointers) - 1, int(pointers[-1])
    workers = _workers(passes * pairs, threads)
    shares = [pairs * k // workers for k in range(1, workers)]
    _run(work, [0, *(int(pointers.searchsorted(share)) for share in shares), size])


def share_range(work: Callable[[int, int], None], pairs: int, threads: int | None) -> None:
    """Call `work` on runs of pairs, each in a thread of its own, and wait for all.

    Parameters
    ----------
    work : callable
        Takes the first pair and the one after the last; see `share_out`.
    pairs : int
        Number of pairs.
    threads : int or None
        Most threads to use; None for the number of cores.
    """
    workers = _workers(pairs, threads)
    _run(work, [pairs * k // workers for k in range(workers + 1)])


def _workers(pairs: int, threads: int | None) -> int:
    return min(threads or os.cpu_count() or 1, 1 + pairs // PAIRS_PER_THREAD)


def _run(work: Callable[[int, int], None], bounds: list[int]) -> None:
    """Call `work` between bounds, each part in a thread of its own."""
    run_all([partial(work, start, stop) for start, stop in pairwise(bounds)])


def run_all(tasks: Sequence[Callable[[], None]]) -> None:
    """Run all tasks at the same time, the first in this thread, and wait for all.

    Parameters
    ----------
    tasks : sequence of callable
        One or more; none may wait for another call of this function with several tasks.

    Raises
    ------
    Exception
        The first exception of a task, once all are done.
    """
    if len(tasks) == 1:
        tasks[0]()
        return
    others = [_pool().submit(task) for task in tasks[1:]]
    try:
        tasks[0]()
    finally:
        wait(others)
    for other in others:
        other.result()


@cache
def _pool() -> ThreadPoolExecutor:
    """Return the threads of this process: starting one anew takes as long as some kernels."""
    return ThreadPoolExecutor(os.cpu_count() or 1, "apl_engine")


# A forked process has none of the threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)
