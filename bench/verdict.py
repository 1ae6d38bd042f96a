"""Figures compared with stored ones: which tasks have become slower.

A figure is the processor time of a task over that of the calibration, round by round. A task is
slower if even the lower quartile of its rounds is more than 15 % above the stored median: noise
lengthens some rounds, a slower program all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from turns import quartiles

TOLERANCE = 0.15
Stored = Mapping[str, float]


@dataclass(frozen=True)
class Figure:
    """Median and quartiles of the ratios of a task to the calibration."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, tasks: Sequence[float], calibrations: Sequence[float]) -> Figure:
        """Summarise rounds; the calibration ran before the first and after each."""
        around = itertools.pairwise(calibrations)
        ratios = [task / ((a + b) / 2) for task, (a, b) in zip(tasks, around, strict=True)]
        low, median, high = quartiles(ratios)
        return cls(median, low, high)


def is_slower(figure: Figure, stored: float) -> bool:
    return figure.low > (1 + TOLERANCE) * stored


def lowest(sessions: Sequence[Mapping[str, Figure]]) -> dict[str, Figure]:
    """Return the lowest measurement of each task, since other load only ever adds time."""
    names = dict.fromkeys(name for session in sessions for name in session)
    return {
        name: min((s[name] for s in sessions if name in s), key=lambda figure: figure.low)
        for name in names
    }


def slower_tasks(measured: Mapping[str, Figure], stored: Stored) -> list[str]:
    """Return the tasks that are slower than stored."""
    return [name for name, figure in measured.items()
            if name in stored and is_slower(figure, stored[name])]  # fmt: skip


def missing_tasks(measured: Mapping[str, Figure], stored: Stored) -> list[str]:
    """Return the tasks that are stored but were not measured."""
    return [name for name in stored if name not in measured]


def failures(measured: Mapping[str, Figure], stored: Stored) -> list[str]:
    """Describe the tasks that are slower or missing."""
    slower = [
        f"slower: {name} takes {measured[name].median:.3g} calibrations (quartiles "
        f"{measured[name].low:.3g} to {measured[name].high:.3g}), "
        f"{100 * (measured[name].median / stored[name] - 1):+.0f} % compared with the stored "
        f"{stored[name]:.3g}"
        for name in slower_tasks(measured, stored)
    ]
    missing = missing_tasks(measured, stored)
    return slower + [f"missing: {name} is stored but was not measured" for name in missing]
