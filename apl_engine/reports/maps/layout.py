"""Where a map has its windows and its legend on the canvas, in inches."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np

from ...geography.boundaries.frames import METROPOLE
from .labels import Rectangle
from .outlines import Box, Flags, Floats, Ints, Outlines

_GAP = 0.1
# Land around what a map is about, as a share of the longer side of its window.
_AROUND = 0.035
# A part of France as wide as this is shown as a whole, with insets, metres.
_WHOLE = 700_000.0
# On the map of a region a city is enlarged where so many areas lie in so small a part of it.
_FEWEST, _SMALL = 12, 0.45
# How far the map of a region shrinks until legend and insets lie beside the land, in steps.
_SHRINK = tuple(1 - 0.03 * step for step in range(22))
# The land of a region is known at a grid of so many points a side, its border as finely as that.
_GRID, _FINE = 50, 300
# Where the land may stand in the room that is left, across and up, nearest to the middle first.
_PUSHES = sorted(
    product((0.5, 0.35, 0.65, 0.2, 0.8, 0.0, 1.0), repeat=2),
    key=lambda push: abs(push[0] - 0.5) + abs(push[1] - 0.5),
)
# Size of the inset of a city on the map of a region, as a share of its sides; how many times it
# enlarges at least.
_INSET_OF_REGION, _ENLARGED = 0.27, 2.0
# Height of the title and of the scale of an inset, inches.
_STRIP = 0.18


@dataclass(frozen=True)
class Window:
    """A part of a plane, and where it is shown.

    Attributes
    ----------
    name : str
        Its title; empty for the map itself.
    frame : int
        The plane.
    box : tuple of float
        What it shows: left, bottom, right, top (metres).
    place : tuple of float
        Where on the canvas, inches.
    """

    name: str
    frame: int
    box: Box
    place: Rectangle

    @property
    def scale(self) -> float:
        """Return the inches of a metre."""
        return (self.place[2] - self.place[0]) / (self.box[2] - self.box[0])

    def on_canvas(self, points: Floats) -> Floats:
        """Return points of the plane, metres, on the canvas, inches."""
        moved: Floats = (points - np.array(self.box[:2])) * self.scale + np.array(self.place[:2])
        return moved

    def place_of(self, box: Box) -> Rectangle:
        """Return where a box of the plane, metres, is on the canvas, inches."""
        (left, bottom), (right, top) = self.on_canvas(np.array(box).reshape(2, 2)).tolist()
        return left, bottom, right, top


@dataclass(frozen=True)
class Layout:
    """Windows and legend of a map.

    Attributes
    ----------
    windows : tuple of Window
        The map itself, then its insets.
    legend : tuple of float
        Where the legend stands.
    """

    windows: tuple[Window, ...]
    legend: Rectangle


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("windows.toml").read_text("utf-8"))


def main_box(outlines: Outlines, focus: Flags | None) -> Box:
    """Return the box of what the largest window shows, metres."""
    every = np.ones(len(outlines.boundaries.units), np.bool_) if focus is None else focus
    return outlines.box_of(every & (outlines.boundaries.frame == _main_frame(outlines, every)))


def lay_out(
    outlines: Outlines, focus: Flags | None, areas: Ints, area: Rectangle,
    legend: tuple[float, float],
) -> Layout:  # fmt: skip
    """Place the windows of a map, and its legend where there is room.

    Parameters
    ----------
    outlines : Outlines
        What is drawn.
    focus : bool (units,) or None
        What the map of a region is about; None for the whole country.
    areas : int (units,)
        The finest areas.
    area : tuple of float
        The part of the canvas for both.
    legend : tuple of float
        Width and height of the legend.
    """
    every = np.ones(len(outlines.boundaries.units), np.bool_) if focus is None else focus
    frame = _main_frame(outlines, every)
    here = every & (outlines.boundaries.frame == frame)
    left, bottom, right, top = outlines.box_of(here)
    if focus is None and frame == METROPOLE and max(right - left, top - bottom) > _WHOLE:
        return _country(outlines, here, area, legend)
    return _region(outlines, here, frame, areas, area, legend)


def _main_frame(outlines: Outlines, units: Flags) -> int:
    """Return the plane of most of the units; that of the metropole if any is there."""
    count = np.bincount(outlines.boundaries.frame[units])
    return METROPOLE if count[METROPOLE] else int(count.argmax())


def fit(box: Box, width: float, height: float) -> Box:
    """Return a box widened to the proportions of a place, its middle kept."""
    left, bottom, right, top = box
    side = max((right - left) / width, (top - bottom) / height)
    across, up = (left + right) / 2, (bottom + top) / 2
    return (
        across - side * width / 2, up - side * height / 2,
        across + side * width / 2, up + side * height / 2,
    )  # fmt: skip


def _padded(box: Box) -> Box:
    left, bottom, right, top = box
    pad = _AROUND * max(right - left, top - bottom)
    return left - pad, bottom - pad, right + pad, top + pad


def _window(name: str, frame: int, box: Box, place: Rectangle) -> Window:
    return Window(name, frame, fit(box, place[2] - place[0], place[3] - place[1]), place)


def _country(
    outlines: Outlines, metropole: Flags, area: Rectangle, legend: tuple[float, float]
) -> Layout:
    """Place the metropole in the middle, overseas on its left, legend and cities on its right."""
    left, bottom, right, top = area
    overseas, cities = _overseas(outlines), _document()["cities"]
    wide, high = right - left, top - bottom
    if wide < 1.12 * high:
        return _upright(outlines, metropole, area, legend)
    box = _padded(outlines.box_of(metropole))
    needed = high * (box[2] - box[0]) / (box[3] - box[1])
    column = max(legend[0], 0.23 * wide)
    strip = min(0.16 * wide, max(0.1 * wide, wide - needed - column)) if overseas else 0.0
    main = (left + strip, bottom, right - column - _GAP, top)
    windows = [_window("", METROPOLE, box, main)]
    windows += _stack(overseas, (left + _GAP, bottom + _GAP, left + strip, top - _GAP), down=True)
    under = top - _GAP - legend[1]
    first, *others = cities
    side = right - _GAP - column
    room = under - bottom - 3 * _GAP
    rows = -(-len(others) // 2)
    small = min((column - _GAP) / 2, (room - rows * _GAP) / (rows + 1.25))
    tall = room - rows * (small + _GAP)
    windows.append(_city(first, (side, under - _GAP - tall, right - _GAP, under - _GAP)))
    small_wide = (column - _GAP) / 2
    for k, city in enumerate(others):
        row, across = divmod(k, 2)
        x = side + across * (small_wide + _GAP)
        y = under - 2 * _GAP - tall - row * (small + _GAP)
        windows.append(_city(city, (x, y - small, x + small_wide, y)))
    return Layout(tuple(windows), (right - _GAP - column, under, right - _GAP, top - _GAP))


def _upright(
    outlines: Outlines, metropole: Flags, area: Rectangle, legend: tuple[float, float]
) -> Layout:
    """Place the metropole above, legend and cities below it, overseas at the bottom."""
    left, bottom, right, top = area
    box = _padded(outlines.box_of(metropole))
    needed = (right - left) * (box[3] - box[1]) / (box[2] - box[0])
    row = min(0.15 * (top - bottom), (right - left) / 5.5)
    middle = max(legend[1], row)
    under = max(top - needed, bottom + row + middle + 4 * _GAP)
    windows = [_window("", METROPOLE, box, (left, under, right, top))]
    bands = (bottom + row + 2 * _GAP, under - _GAP)
    windows += _stack(
        _overseas(outlines), (left + _GAP, bottom + _GAP, right - _GAP, bands[0] - _GAP), down=False
    )
    free = (left + legend[0] + 2 * _GAP, bands[0], right - _GAP, bands[1])
    count = max(1, min(len(_document()["cities"]), int((free[2] - free[0]) / (1.1 * row)) * 2))
    cities = _document()["cities"][:count]
    across = -(-len(cities) // 2)
    each = (free[2] - free[0] + _GAP) / across, (free[3] - free[1] + _GAP) / 2
    for k, city in enumerate(cities):
        x, y = free[0] + k % across * each[0], free[3] - k // across * each[1]
        windows.append(_city(city, (x, y - each[1] + _GAP, x + each[0] - _GAP, y)))
    panel = (left + _GAP, bands[1] - legend[1], left + _GAP + legend[0], bands[1])
    return Layout(tuple(windows), panel)


def _overseas(outlines: Outlines) -> list[tuple[str, int, Box]]:
    """Return name, plane and box of each overseas departement that is there."""
    found = []
    codes = np.array(outlines.boundaries.units)
    for one in _document()["overseas"]:
        there = np.char.startswith(codes, one["codes"]) & (outlines.boundaries.frame != METROPOLE)
        if there.any():
            frame = int(outlines.boundaries.frame[there][0])
            found.append((one["name"], frame, _padded(outlines.box_of(there))))
    return found


def _stack(
    insets: Sequence[tuple[str, int, Box]], place: Rectangle, *, down: bool
) -> Iterator[Window]:
    """Place insets one below the other, or side by side."""
    left, bottom, right, top = place
    count = max(len(insets), 1)
    for k, (name, frame, box) in enumerate(insets):
        if down:
            each = (top - bottom + _GAP) / count
            y = top - k * each
            where = (left, y - each + _GAP, right, y)
        else:
            each = (right - left + _GAP) / count
            x = left + k * each
            where = (x, bottom, x + each - _GAP, top)
        yield _below_title(_window(name, frame, box, _inner(where)), where)


def _inner(place: Rectangle) -> Rectangle:
    """Return the part of an inset below its title and above its scale."""
    left, bottom, right, top = place
    return left, bottom + _STRIP, right, top - _STRIP


def _below_title(window: Window, place: Rectangle) -> Window:
    """Return a window grown to the whole place of its inset, at the same scale."""
    left, _, right, _ = window.box
    strip = _STRIP / window.scale
    box = (left, window.box[1] - strip, right, window.box[3] + strip)
    return Window(window.name, window.frame, box, place)


def _city(city: dict[str, Any], place: Rectangle) -> Window:
    (x, y), half = city["centre"], city["half"]
    return _window(city["name"], METROPOLE, (x - half, y - half, x + half, y + half), place)


def _region(
    outlines: Outlines, focus: Flags, frame: int, areas: Ints, area: Rectangle,
    legend: tuple[float, float],
) -> Layout:  # fmt: skip
    """Let the map fill the area, with legend and insets in corners where the region is not."""
    left, bottom, right, top = area
    wide, high = right - left, top - bottom
    box = _padded(outlines.box_of(focus))
    land = _land(outlines, focus, frame, box)
    side = _INSET_OF_REGION * min(wide, high * 1.2)
    cities = _cities_of(outlines, focus, frame, areas, box)
    panels = [legend, *((side, side) for _ in cities)]
    corners = [
        tuple(_corner(corner, panel, area) for corner, panel in zip(chosen, panels, strict=True))
        for chosen in permutations(range(4), len(panels))
    ]
    best = next(_free(box, area, land, corners), None)
    if best is None:
        # Beside the map, whatever its size.
        beside = (left, bottom, right - legend[0] - 2 * _GAP, top)
        return Layout((_window("", frame, box, beside),), _corner(1, legend, area))
    shown, places = best
    window = Window("", frame, shown, area)
    most = side / (2 * _ENLARGED * window.scale)
    insets = [
        _city({**city, "half": min(city["half"], most)}, place)
        for city, place in zip(cities, places[1:], strict=False)
    ]
    return Layout((window, *insets), places[0])


def _free(
    box: Box, area: Rectangle, land: Floats, corners: Sequence[tuple[Rectangle, ...]]
) -> Iterator[tuple[Box, tuple[Rectangle, ...]]]:
    """Yield what the whole area may show, and panels that lie beside the land, the best first.

    The map is as large as can be, then as near to the middle.
    """
    left, bottom, right, top = area
    wide, high = right - left - 2 * _GAP, top - bottom - 2 * _GAP
    across, up = box[2] - box[0], box[3] - box[1]
    for shrink in _SHRINK:
        scale = shrink * min(wide / across, high / up)
        room = wide - scale * across, high - scale * up
        for x, y in _PUSHES:
            west, south = x * room[0] + _GAP, y * room[1] + _GAP
            shown = (
                box[0] - west / scale, box[1] - south / scale,
                box[0] + (right - left - west) / scale, box[1] + (top - bottom - south) / scale,
            )  # fmt: skip
            points = Window("", 0, shown, area).on_canvas(land)
            for places in corners:
                if not any(_covers(place, points) for place in places):
                    yield shown, places


def _corner(corner: int, size: tuple[float, float], area: Rectangle) -> Rectangle:
    """Return the place of a panel: 0 upper left, 1 upper right, 2 lower left, 3 lower right."""
    left, bottom, right, top = area
    x = right - _GAP - size[0] if corner % 2 else left + _GAP
    y = bottom + _GAP if corner // 2 else top - _GAP - size[1]
    return x, y, x + size[0], y + size[1]


def _covers(place: Rectangle, points: Floats) -> bool:
    left, bottom, right, top = place
    x, y = points.T
    near = (x > left - _GAP) & (x < right + _GAP) & (y > bottom - _GAP) & (y < top + _GAP)
    return bool(near.any())


def _land(outlines: Outlines, focus: Flags, frame: int, box: Box) -> Floats:
    """Return points all over the land of a region, and along its border, metres."""
    left, bottom, right, top = box
    group = np.where(focus, 0, -1)
    tolerance = max(right - left, top - bottom) / _FINE
    (shape,) = outlines.piece(frame, box, group + 1, tolerance).areas(group, 1)
    if shape is None:
        return np.empty((0, 2))
    across, up = (np.linspace(*ends, _GRID) for ends in ((left, right), (bottom, top)))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    vertices: Floats = np.asarray(shape.vertices, np.float64)
    return np.concatenate([vertices, grid[shape.contains_points(grid)]])


def _cities_of(
    outlines: Outlines, focus: Flags, frame: int, areas: Ints, box: Box
) -> list[dict[str, Any]]:
    """Return the great cities of a region whose areas are too small on its map."""
    if frame != METROPOLE:
        return []
    centres = outlines.moments[:, 1:] / outlines.moments[:, :1]
    wide = max(box[2] - box[0], box[3] - box[1])
    found = []
    for city in _document()["cities"]:
        half = float(city["half"])
        near = focus & (np.abs(centres - np.array(city["centre"])).max(axis=1) < half)
        if len(np.unique(areas[near])) >= _FEWEST and 2 * half < _SMALL * wide:
            found.append(city)
    return found[:2]
