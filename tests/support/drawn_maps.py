"""A small country on a grid, and what a picture of it shows at a point."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from matplotlib.image import imread

from apl_engine.geography.boundaries import Boundaries
from apl_engine.method import Zoning
from apl_engine.reports.maps.canvas import PIXELS_PER_INCH
from apl_engine.reports.maps.draw import Picture

from .annexes import national
from .coverages import squares

# Of the country of `annexes.rows`: region 52 has 01001, 44021, 04401 and 03572, which region 53
# classifies; 04402, of a territory of 52, lies in region 53, and so does 03571.
GRID = ("01001", "44021", "04401", "03571"), ("01001", "03572", "04402", "03571")
SIZE = (8.0, 6.0)


def country() -> tuple[Zoning, Boundaries]:
    """Return a national result and the outlines of its communes: squares of 40 km."""
    return national(), on_grid(GRID)


def on_grid(rows: tuple[tuple[str, ...], ...], side: float = 40_000.0) -> Boundaries:
    """Return the outlines of communes on a grid, the first row in the south."""
    codes = sorted({code for row in rows for code in row})
    owner = np.array([[codes.index(code) for code in row] for row in rows])
    return replace(squares(owner), units=tuple(codes), step=side)


def colours_at(picture: Picture, points: list[tuple[float, float]]) -> list[str]:
    """Return the colours of a PNG at points of the plane of the map itself, metres."""
    inches = picture.layout.windows[0].on_canvas(np.array(points))
    pixels = (imread(io.BytesIO(picture.content))[:, :, :3] * 255).round().astype(int)
    columns, rows = np.round(inches * PIXELS_PER_INCH).astype(int).T
    return ["#{:02x}{:02x}{:02x}".format(*one) for one in pixels[len(pixels) - rows, columns]]
