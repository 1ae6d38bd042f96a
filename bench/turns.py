"""Tasks timed in turn, A B C A B C ..., and the ratios between them.

The speed of a machine varies, but alike for tasks that take turns. In its turn each task is
repeated until a tenth of a second has passed, and its best time counts, so that other load affects
a task of five milliseconds no more than one of a second.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

TURN, MOST_REPEATS = 0.1, 20
Tasks = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True)
class Row:
    """One row of the table: a task, what it is compared with, and the outcome.

    `ratio` is a median, `low` and `high` are quartiles. `unit` is "" for ratios, "s" for seconds,
    "+s" for additional seconds, "B" for bytes. `world` is the letter of a world, see `worlds.py`.
    `detail` holds further plain values for pages and plots.
    """

    task: str
    against: str
    goal: float | None
    ratio: float
    low: float
    high: float
    unit: str = ""
    world: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def spread(self) -> float:
        """Return the distance between the quartiles as a share of the median."""
        return (self.high - self.low) / abs(self.ratio) if self.ratio else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, for JSON."""
        return {**asdict(self), "spread": self.spread}


def in_turn(tasks: Tasks, rounds: int, *, warm: bool = True) -> dict[str, list[float]]:
    """Return the seconds of each task in each round, without a first round as warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds + warm):
        for name, task in tasks.items():
            seconds[name].append(_best(task))
    return {name: rounds_of[warm:] for name, rounds_of in seconds.items()}


def _best(task: Callable[[], Any]) -> float:
    """Return the least seconds that a task takes in one turn."""
    best, first_start = float("inf"), time.perf_counter()
    gc.collect()
    for _ in range(MOST_REPEATS):
        start = time.perf_counter()
        task()
        now = time.perf_counter()
        best = min(best, now - start)
        if now - first_start > TURN:
            break
    return best


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile of one or more values."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def compare(
    task: str,
    against: str,
    goal: float | None,
    ours: Sequence[float],
    theirs: Sequence[float],
    world: str = "",
    **detail: Any,
) -> Row:
    """Summarise two tasks that took turns: median and quartiles of the ratios by round."""
    low, middle, high = quartiles([a / b for a, b in zip(ours, theirs, strict=True)])
    medians = {"ours_s": statistics.median(ours), "theirs_s": statistics.median(theirs)}
    return Row(task, against, goal, middle, low, high, "", world, {**medians, **detail})


def of_values(
    task: str, against: str, goal: float | None, values: Sequence[float], unit: str, world: str = ""
) -> Row:
    """Summarise values that are no ratios: median and quartiles."""
    low, middle, high = quartiles(values)
    return Row(task, against, goal, middle, low, high, unit, world)
