"""Works timed in turn, A B C A B C ..., and what their ratios come to.

A machine's speed drifts and others use it; works that take turns drift together. In its turn each
work is done again until a tenth of a second has passed, and its best time counts: a work of five
milliseconds is hit by what else runs no more than one of a second.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

TURN, MOST = 0.1, 20
Works = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True)
class Row:
    """One line of the table: a work, what it is held against, and how it came out.

    `ratio` is a median, `low` and `high` the quartiles, all of `unit`: "" for a ratio, else "s" for
    seconds more, "B" for bytes. `detail` holds plain values that a page or a plot may want.
    """

    work: str
    against: str
    goal: float | None
    ratio: float
    low: float
    high: float
    unit: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def spread(self) -> float:
        """Return how far apart the quartiles are, as a share of the median."""
        return (self.high - self.low) / abs(self.ratio) if self.ratio else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {**asdict(self), "spread": self.spread}


def in_turn(works: Works, rounds: int, *, warm: bool = True) -> dict[str, list[float]]:
    """Return the seconds of each work in each round; a first round that warms up is dropped."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + warm):
        for name, work in works.items():
            seconds[name].append(_best(work))
    return {name: found[warm:] for name, found in seconds.items()}


def _best(work: Callable[[], Any]) -> float:
    """Return the least seconds that a work takes in its turn."""
    best, begun = float("inf"), time.perf_counter()
    gc.collect()
    for _ in range(MOST):
        start = time.perf_counter()
        work()
        now = time.perf_counter()
        best = min(best, now - start)
        if now - begun > TURN:
            break
    return best


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile, of one value or more."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def compare(
    work: str,
    against: str,
    goal: float | None,
    ours: Sequence[float],
    theirs: Sequence[float],
    **detail: Any,
) -> Row:
    """Sum up two works that took turns: the ratio of each round, its median and quartiles."""
    low, middle, high = quartiles([a / b for a, b in zip(ours, theirs, strict=True)])
    told = {"ours_s": statistics.median(ours), "theirs_s": statistics.median(theirs), **detail}
    return Row(work, against, goal, middle, low, high, detail=told)
