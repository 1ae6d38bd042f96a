"""Names of places on a map: the largest first, none over another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

# Left, bottom, right, top; inches of the canvas.
Rectangle: TypeAlias = tuple[float, float, float, float]
_POINTS = 72.0
# Where a name may stand about its point, the best first: the side of the point that it lies on,
# across and up.
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
_AROUND = 0.022
_DOT = 0.03


@dataclass(frozen=True)
class Place:
    """A place that may be named.

    Attributes
    ----------
    name : str
        Its name.
    x, y : float
        Its point, inches of the canvas.
    size : float
        Size of the letters, points.
    dot : bool
        Whether its point is marked, and the name stands beside it; otherwise it is centred.
    """

    name: str
    x: float
    y: float
    size: float
    dot: bool = True


@dataclass(frozen=True)
class Label:
    """A name in its place.

    Attributes
    ----------
    place : Place
        What is named.
    left, bottom : float
        Where its letters begin, inches of the canvas.
    box : tuple of float
        What it covers.
    """

    place: Place
    left: float
    bottom: float
    box: Rectangle


@cache
def text_size(text: str, size: float, *, bold: bool = False) -> tuple[float, float, float]:
    """Return the width and the height of a text, and how far it hangs below its line, inches."""
    font = FontProperties(size=size, weight="bold" if bold else "normal")
    measured = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    width, height, descent = (part / _POINTS for part in measured)
    return width, height, descent


def place_labels(
    places: Iterable[Place], inside: Rectangle, taken: Sequence[Rectangle], most: int
) -> list[Label]:
    """Name as many places as there is room for.

    Parameters
    ----------
    places : iterable of Place
        The most important first.
    inside : tuple of float
        What names must lie in.
    taken : sequence of tuple of float
        What they must not cover.
    most : int
        The largest number of names.

    Returns
    -------
    list of Label
    """
    labels: list[Label] = []
    boxes = list(taken)
    for place in places:
        if len(labels) == most:
            break
        for label in _positions(place):
            if _within(label.box, inside) and not any(overlap(label.box, box) for box in boxes):
                labels.append(label)
                boxes.append(label.box)
                break
    return labels


def _positions(place: Place) -> Iterable[Label]:
    wide, high, below = text_size(place.name, place.size)
    if not place.dot:
        left, bottom = place.x - wide / 2, place.y - high / 2
        yield _label(place, left, bottom, (left, bottom, left + wide, bottom + high), below)
        return
    gap = _DOT + _AROUND
    for across, up in _SIDES:
        left = place.x + (gap if across > 0 else -gap - wide if across < 0 else -wide / 2)
        bottom = place.y + (gap if up > 0 else -gap - high if up < 0 else -high / 2)
        box = (
            min(left, place.x - _DOT), min(bottom, place.y - _DOT),
            max(left + wide, place.x + _DOT), max(bottom + high, place.y + _DOT),
        )  # fmt: skip
        yield _label(place, left, bottom, box, below)


def _label(place: Place, left: float, bottom: float, box: Rectangle, below: float) -> Label:
    wider = (box[0] - _AROUND, box[1] - _AROUND, box[2] + _AROUND, box[3] + _AROUND)
    return Label(place, left, bottom + below, wider)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    """Return whether two rectangles overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _within(one: Rectangle, other: Rectangle) -> bool:
    return one[0] >= other[0] and one[1] >= other[1] and one[2] <= other[2] and one[3] <= other[3]
