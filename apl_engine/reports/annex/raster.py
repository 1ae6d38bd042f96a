"""The land of a region as a grid of pixels, each the commune whose point is nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_fill_holes, distance_transform_edt
from scipy.spatial import cKDTree

Floats: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

# Length of a degree of latitude.
_KM_PER_DEGREE = 111.195
# Beyond so many times the spacing of communes it is no land of theirs, but sea or another country.
_REACH = 1.5
_NEIGHBOURS = 4
# An island off the coast is as far from its neighbours as those in mountains: not further than
# this part of communes is, land ends.
_MOST = 0.97
_PAD = 0.04
_GAP = 0.035


@dataclass(frozen=True)
class Grid:
    """Pixels in kilometres, the first row in the south.

    Attributes
    ----------
    commune : int64 (rows, columns), the row of the nearest point; -1 where there is no land.
    left, right, bottom, top : edges, km.
    """

    commune: Places
    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """Return how wide it is, km."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return how high it is, km."""
        return self.top - self.bottom


def flat(lat: Floats, lon: Floats, middle: float) -> Floats:
    """Return points on a plane, km, (n, 2), true at the latitude `middle`, degrees."""
    across = np.cos(np.radians(middle)) * _KM_PER_DEGREE
    return np.stack([lon * across, lat * _KM_PER_DEGREE], axis=1)


def make_grid(points: Floats, inside: Mask, longer_side: int) -> Grid:
    """Lay a grid over some of the points.

    Parameters
    ----------
    points : km, (n, 2).
    inside : (n,), those that must be seen; at least one.
    longer_side : pixels.

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
    seen = ((far >= low) & (near <= high)).all(axis=1)
    places = np.flatnonzero(seen)
    apart, nearest = cKDTree(points[places]).query(pixels.reshape(-1, 2), workers=-1)
    commune = places[nearest]
    land = _without_gaps((apart <= reach[commune]).reshape(rows, columns), longer_side)
    return Grid(
        np.where(land, commune.reshape(rows, columns), -1),
        float(low[0]),
        float(low[0] + columns * step),
        float(low[1]),
        float(low[1] + rows * step),
    )


def _reach(points: Floats, inside: Mask) -> Floats:
    """Return how far the land of each commune goes, km."""
    count = min(_NEIGHBOURS + 1, len(points))
    if count == 1:
        return np.ones(1)
    apart, _ = cKDTree(points).query(points, k=count)
    spacing = apart[:, 1:].mean(axis=1)
    most = np.quantile(spacing[inside], _MOST)
    reach: Floats = _REACH * np.minimum(spacing, most)
    return np.maximum(reach, 0.1)


def _without_gaps(land: Mask, longer_side: int) -> Mask:
    """Return land without holes, nor bays narrower than twice a part of the longer side."""
    across = _GAP * longer_side
    # Room around, or whatever touches the edge would be closed there.
    room = int(across) + 2
    wide = distance_transform_edt(~np.pad(land, room)) <= across
    closed = (distance_transform_edt(wide) > across)[room:-room, room:-room]
    filled: Mask = binary_fill_holes(land | closed)
    return filled


def borders(groups: Places) -> Mask:
    """Return the pixels beside one of another group; -1 is a group like the others."""
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
    """Return stripes of pixels, slanted or level."""
    rows, columns = grid.commune.shape
    up, across = np.mgrid[0:rows, 0:columns]
    along = up + across if slanted else up
    found: Mask = along % every < wide
    return found
