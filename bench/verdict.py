"""Tonight's figures beside stored ones: which are worse, and in what words.

A figure is the processor time of a work over that of the calibration, round by round. It is worse
where even the lower quartile of its rounds is more than 15 % above the stored median: noise
lengthens some rounds, a slower program all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from turns import quartiles

TOLERANCE = 0.15
StoredResult = Mapping[str, float]


@dataclass(frozen=True)
class Figure:
    """A work's ratios to the calibration, summed up."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, works: Sequence[float], calibrations: Sequence[float]) -> Figure:
        """Sum up rounds; the calibration has one more, before the first and after each."""
        around = itertools.pairwise(calibrations)
        ratios = [work / ((a + b) / 2) for work, (a, b) in zip(works, around, strict=True)]
        low, median, high = quartiles(ratios)
        return cls(median, low, high)


def is_worse(found: Figure, stored: float) -> bool:
    return found.low > (1 + TOLERANCE) * stored


def quietest(sittings: Sequence[Mapping[str, Figure]]) -> dict[str, Figure]:
    """Return of each figure the measurement to believe: what runs beside only ever adds time."""
    names = dict.fromkeys(name for sitting in sittings for name in sitting)
    return {
        name: min((s[name] for s in sittings if name in s), key=lambda figure: figure.low)
        for name in names
    }


def suspects(found: Mapping[str, Figure], stored: StoredResult) -> list[str]:
    """Return the figures that look worse, to be measured again."""
    return [name for name, figure in found.items()
            if name in stored and is_worse(figure, stored[name])]  # fmt: skip


def failures(found: Mapping[str, Figure], stored: StoredResult) -> list[str]:
    """Say what is worse, or no longer measured."""
    said = [
        f"worse: {name} takes {found[name].median:.3g} calibrations (quartiles "
        f"{found[name].low:.3g} to {found[name].high:.3g}), "
        f"{100 * (found[name].median / stored[name] - 1):+.0f} % on the stored {stored[name]:.3g}"
        for name in suspects(found, stored)
    ]
    return said + [f"missing: {name} is stored but was not measured" for name in stored
                   if name not in found]  # fmt: skip
