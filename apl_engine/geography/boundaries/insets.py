"""Where a map shows the overseas departements: see insets.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .frames import FRAMES

Box: TypeAlias = tuple[float, float, float, float]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Inset:
    """A departement in a box beside the metropole.

    Attributes
    ----------
    name : str
        Its name.
    codes : str
        How the codes of its communes begin.
    frame : int
        Index of the plane that it comes from.
    shows : tuple of float
        What the box shows of that plane: left, bottom, right, top (metres).
    box : tuple of float
        The box in the plane of the metropole: left, bottom, right, top (metres).
    scale : float
        Length in the box of a metre.
    """

    name: str
    codes: str
    frame: int
    shows: Box
    box: Box
    scale: float

    def place(self, points: Floats) -> Floats:
        """Return points of the plane it comes from in the plane of the metropole, metres."""
        placed: Floats = (points - self.shows[:2]) * self.scale + self.box[:2]
        return placed


def _load() -> tuple[Inset, ...]:
    document = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    number = {frame.epsg: k for k, frame in enumerate(FRAMES)}
    return tuple(
        Inset(
            row["name"], row["codes"], number[row["epsg"]], tuple(row["shows"]),
            _box(row["shows"], row["corner"], row["scale"]), row["scale"],
        )
        for row in document["insets"]
    )  # fmt: skip


def _box(shows: Sequence[float], corner: Sequence[float], scale: float) -> Box:
    wide, high = (shows[2] - shows[0]) * scale, (shows[3] - shows[1]) * scale
    return corner[0], corner[1], corner[0] + wide, corner[1] + high


INSETS = _load()


def nearest_inset(frame: npt.NDArray[np.int8], points: Floats) -> npt.NDArray[np.int64]:
    """Return the number of the nearest inset of the plane of each point; -1 for the metropole."""
    off = np.full((len(points), len(INSETS)), np.inf)
    for number, one in enumerate(INSETS):
        left, bottom, right, top = one.shows
        centre = ((left + right) / 2, (bottom + top) / 2)
        there = frame == one.frame
        off[there, number] = np.hypot(*(points[there] - centre).T)
    nearest = off.argmin(axis=1)
    return np.where(np.isinf(off.min(axis=1)), -1, nearest)
