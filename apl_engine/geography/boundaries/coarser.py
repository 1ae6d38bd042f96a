"""Lines of fewer points."""

from __future__ import annotations

import itertools
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def simplify(line: Floats, tolerance: float) -> Floats:
    """Return a line without the points that it hardly bends at, by Douglas and Peucker.

    Parameters
    ----------
    line : float64 (n, 2)
        Points; the first and the last stay.
    tolerance : float
        How far a point that is left out may lie from the new line.

    Returns
    -------
    float64 (m, 2)
        Four points at least if it is closed, so that it still bounds something.
    """
    count = len(line)
    chosen = np.zeros(count, np.bool_)
    chosen[[0, count - 1]] = True
    if count > 3 and (line[0] == line[-1]).all():
        far = int(np.hypot(*(line - line[0]).T).argmax())
        chosen[[far, int(_apart(line, line[0], line[far]).argmax())]] = True
    ends = np.flatnonzero(chosen).tolist()
    parts = list(itertools.pairwise(ends))
    while parts:
        begin, end = parts.pop()
        if end - begin < 2:
            continue
        apart = _apart(line[begin + 1 : end], line[begin], line[end])
        worst = int(apart.argmax())
        if apart[worst] > tolerance:
            middle = begin + 1 + worst
            chosen[middle] = True
            parts += [(begin, middle), (middle, end)]
    return line[chosen]


def _apart(points: Floats, begin: Floats, end: Floats) -> Floats:
    """Return the distances of points from the line between two others."""
    along, away = end - begin, points - begin
    square = along @ along
    share = np.clip(away @ along / square, 0.0, 1.0) if square else np.zeros(len(points))
    apart: Floats = np.hypot(*(away - share[:, None] * along).T)
    return apart
