"""A region as a grid of pixels, each of the commune with the nearest point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_fill_holes, distance_transform_edt
from scipy.spatial import cKDTree

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

# Length of a degree of latitude.
_KM_PER_DEGREE = 111.195
# Beyond so many times the spacing of communes lies the sea or another country.
_REACH = 1.5
_NEIGHBOURS = 4
# The spacing is capped at this quantile, so that the land of a remote island does not grow.
_MOST = 0.97
_PAD = 0.04
_GAP = 0.035


@dataclass(frozen=True)
class Grid:
    """Pixels, the first row in the south.

    Attributes
    ----------
    commune : int64 (rows, columns)
        The number of the nearest point; -1 if there is no land.
    left, right, bottom, top : float
        Edges, km.
    """

    commune: Indices
    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """Return the width, km."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return the height, km."""
        return self.top - self.bottom


def project(lat: Floats, lon: Floats, middle: float) -> Floats:
    """Return points on a plane, km, float64 (n, 2), true to scale at the latitude `middle`."""
    across = np.cos(np.radians(middle)) * _KM_PER_DEGREE
    return np.stack([lon * across, lat * _KM_PER_DEGREE], axis=1)


def make_grid(points: Floats, inside: Mask, longer_side: int) -> Grid:
    """Return a grid that covers some of the points.

    Parameters
    ----------
    points : float64 (n, 2)
        Points, km.
    inside : bool (n,)
        The points to cover; at least one.
    longer_side : int
        Pixels of the longer side.

    Returns
    -------
    Grid
    """
    reach = _reach(points, inside)
    low = (points[inside] - reach[inside, None]).min(axis=0)
    high = (points[inside] + reach[inside, None]).max(axis=0)
    pad = _PAD * (high - low).max()
    low, high = low - pad, high + pad
    step = (high - low).max() / longer_side
    columns, rows = np.maximum(1, np.ceil((high - low) / step)).astype(int)
    across = low[0] + (np.arange(columns) + 0.5) * step
    up = low[1] + (np.arange(rows) + 0.5) * step
    pixels = np.stack(np.meshgrid(across, up), axis=-1)
    near, far = points - reach[:, None], points + reach[:, None]
    near_enough = ((far >= low) & (near <= high)).all(axis=1)
    numbers = np.flatnonzero(near_enough)
    apart, nearest = cKDTree(points[numbers]).query(pixels.reshape(-1, 2), workers=-1)
    commune = numbers[nearest]
    land = _without_gaps((apart <= reach[commune]).reshape(rows, columns), longer_side)
    edges = (low[0], low[0] + columns * step, low[1], low[1] + rows * step)
    return Grid(np.where(land, commune.reshape(rows, columns), -1), *map(float, edges))


def _reach(points: Floats, inside: Mask) -> Floats:
    """Return the reach of the land of each commune, km."""
    count = min(_NEIGHBOURS + 1, len(points))
    if count == 1:
        return np.ones(1)
    apart, _ = cKDTree(points).query(points, k=count)
    spacing = apart[:, 1:].mean(axis=1)
    most = np.quantile(spacing[inside], _MOST)
    reach: Floats = _REACH * np.minimum(spacing, most)
    return np.maximum(reach, 0.1)


def _without_gaps(land: Mask, longer_side: int) -> Mask:
    """Return land without holes or narrow bays."""
    across = _GAP * longer_side
    # Without a margin, land that touches the edge would be closed there.
    room = int(across) + 2
    wide = distance_transform_edt(~np.pad(land, room)) <= across
    closed = (distance_transform_edt(wide) > across)[room:-room, room:-room]
    filled: Mask = binary_fill_holes(land | closed)
    return filled


def borders(groups: Indices) -> Mask:
    """Return the pixels beside one of another group; -1 is a group as well."""
    edge = np.zeros(groups.shape, np.bool_)
    edge[:, 1:] |= groups[:, 1:] != groups[:, :-1]
    edge[1:, :] |= groups[1:, :] != groups[:-1, :]
    return edge


def thicker(mask: Mask) -> Mask:
    """Return the pixels of a mask and those beside them."""
    wide = mask.copy()
    wide[1:, :] |= mask[:-1, :]
    wide[:-1, :] |= mask[1:, :]
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    return wide


def stripes(grid: Grid, every: int, wide: int, *, slanted: bool) -> Mask:
    """Return slanted or horizontal stripes of pixels."""
    rows, columns = grid.commune.shape
    up, across = np.mgrid[0:rows, 0:columns]
    along = up + across if slanted else up
    shown: Mask = along % every < wide
    return shown
