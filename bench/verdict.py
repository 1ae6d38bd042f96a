"""Figures compared with stored ones: which tasks have become slower.

A figure is the processor time of a task over that of a yardstick, round by round: the calibration,
or a peer that does the same. A task is slower if even the lower quartile of its rounds is beyond
the tolerance above the stored median, by either yardstick: noise lengthens some rounds, a slower
program all of them. Figures that were stored on another processor allow for more: see `ELSEWHERE`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from turns import quartiles

CALIBRATION, PEER = "calibration", "peer"
YARDSTICKS = (CALIBRATION, PEER)
TOLERANCE = 0.15
# Other processors have other vectors and caches. Measured on one machine, with kernels compiled
# for x86-64-v2 in place of AVX2, and beside a process that fills the cache and the memory bus,
# relative to the kernels alone: gathers, rows and files take up to 1.3 times as long, what-ifs 1.6,
# scenarios up to 1.8. For plain x86-64, scenarios take 2.4 times as long: such a processor needs
# figures of its own. Work that is done twice shows in its count, on any processor.
ELSEWHERE = 1.0
# By name of the task, then by yardstick.
Stored = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Figure:
    """Median and quartiles of the ratios of a task to a yardstick."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, tasks: Sequence[float], yardsticks: Sequence[float]) -> Figure:
        """Summarise rounds; the yardstick ran before the first and after each."""
        around = itertools.pairwise(yardsticks)
        ratios = [task / ((a + b) / 2) for task, (a, b) in zip(tasks, around, strict=True)]
        low, median, high = quartiles(ratios)
        return cls(median, low, high)


@dataclass(frozen=True)
class Figures:
    """The figure of a task by each yardstick."""

    calibration: Figure
    peer: Figure

    @classmethod
    def of(cls, tasks: Sequence[float], yardsticks: Mapping[str, Sequence[float]]) -> Figures:
        """Summarise rounds by each yardstick."""
        return cls(**{name: Figure.of(tasks, around) for name, around in yardsticks.items()})

    @classmethod
    def read(cls, values: Mapping[str, Mapping[str, float]]) -> Figures:
        """Return figures from plain values."""
        return cls(**{name: Figure(**values[name]) for name in YARDSTICKS})

    def items(self) -> Iterator[tuple[str, Figure]]:
        """Yield the name of each yardstick, and the figure."""
        yield from ((name, getattr(self, name)) for name in YARDSTICKS)

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Return plain values."""
        return asdict(self)


def is_slower(figure: Figure, stored: float, tolerance: float = TOLERANCE) -> bool:
    return figure.low > (1 + tolerance) * stored


def lowest(sessions: Sequence[Mapping[str, Figures]]) -> dict[str, Figures]:
    """Return the lowest measurement of each task, since other load only ever adds time."""
    names = dict.fromkeys(name for session in sessions for name in session)
    return {name: _lowest([s[name] for s in sessions if name in s]) for name in names}


def _lowest(measured: Sequence[Figures]) -> Figures:
    by_yardstick = {
        name: min((getattr(figures, name) for figures in measured), key=lambda figure: figure.low)
        for name in YARDSTICKS
    }
    return Figures(**by_yardstick)


def highest(stored: Mapping[str, Stored]) -> dict[str, dict[str, float]]:
    """Return the highest figure of each task stored on any processor."""
    names = dict.fromkeys(name for of_processor in stored.values() for name in of_processor)
    return {
        name: {
            yardstick: max(of_task[name][yardstick]
                           for of_task in stored.values() if name in of_task)
            for yardstick in YARDSTICKS
        }
        for name in names
    }  # fmt: skip


def _beyond(
    measured: Mapping[str, Figures], stored: Stored, tolerance: float
) -> Iterator[tuple[str, str, Figure]]:
    for name, figures in measured.items():
        for yardstick, figure in figures.items():
            if name in stored and is_slower(figure, stored[name][yardstick], tolerance):
                yield name, yardstick, figure


def slower_tasks(
    measured: Mapping[str, Figures], stored: Stored, tolerance: float = TOLERANCE
) -> list[str]:
    """Return the tasks that are slower than stored, by any yardstick."""
    return list(dict.fromkeys(name for name, _, _ in _beyond(measured, stored, tolerance)))


def missing_tasks(measured: Mapping[str, Figures], stored: Stored) -> list[str]:
    """Return the tasks that are stored but were not measured."""
    return [name for name in stored if name not in measured]


def failures(
    measured: Mapping[str, Figures], stored: Stored, tolerance: float = TOLERANCE
) -> list[str]:
    """Describe the tasks that are slower or missing."""
    slower = [
        f"slower: {name} takes {figure.median:.3g} times the {yardstick} (quartiles "
        f"{figure.low:.3g} to {figure.high:.3g}), "
        f"{100 * (figure.median / stored[name][yardstick] - 1):+.0f} % compared with the stored "
        f"{stored[name][yardstick]:.3g}"
        for name, yardstick, figure in _beyond(measured, stored, tolerance)
    ]
    missing = missing_tasks(measured, stored)
    return slower + [f"missing: {name} is stored but was not measured" for name in missing]
