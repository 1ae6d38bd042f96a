"""The work of a run, counted instead of timed: calls of kernels, and the bytes they are passed.

Counts are the same on any machine and under any load, so they can be compared exactly. They are
taken around the calls of kernels, with one thread: each call then covers all rows of its arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np

from apl_engine.kernels._jit import Kernel

Counts = dict[str, dict[str, int]]


@dataclass
class Work:
    """The calls of kernels: the name of each, and the bytes of its arrays."""

    calls: list[tuple[str, int]] = field(default_factory=list)

    def counts(self) -> Counts:
        """Return the number of calls and the bytes of all their arrays, by name of kernel."""
        counts: Counts = {}
        for name, size in self.calls:
            of_kernel = counts.setdefault(name, {"calls": 0, "bytes": 0})
            of_kernel["calls"] += 1
            of_kernel["bytes"] += size
        return dict(sorted(counts.items()))


@contextmanager
def counting() -> Iterator[Work]:
    """Count the work of what runs inside; work is divided as on a machine with one core."""
    work, call = Work(), Kernel.__call__

    def counted(kernel: Kernel, *values: Any) -> None:
        size = sum(v.nbytes for v in values if isinstance(v, np.ndarray))
        work.calls.append((kernel.__name__, size))
        call(kernel, *values)

    with (
        mock.patch.object(Kernel, "__call__", counted),
        mock.patch("os.cpu_count", return_value=1),
    ):
        yield work


def count(task: Callable[[], Any]) -> Work:
    """Count the work of one task.

    Raises
    ------
    SystemExit
        No kernel was called: their calls no longer pass through `Kernel`.
    """
    with counting() as work:
        task()
    if not work.calls:
        raise SystemExit("no call of a kernel was seen: work cannot be counted")
    return work


def failures(stored: dict[str, Counts], measured: dict[str, Counts]) -> list[str]:
    """Describe the tasks whose work differs from the stored one, in either direction."""
    return [
        f"changed work: {task}: {'; '.join(changes)}"
        for task, counts in measured.items()
        if (changes := _changes(stored.get(task, {}), counts))
    ]


def _changes(before: Counts, now: Counts) -> list[str]:
    none = {"calls": 0, "bytes": 0}
    return [
        f"{name} {b['calls']} -> {a['calls']} calls, {b['bytes']} -> {a['bytes']} bytes"
        for name in sorted(before.keys() | now.keys())
        if (b := before.get(name, none)) != (a := now.get(name, none))
    ]
