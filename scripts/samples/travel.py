"""Road times between communes within 20 minutes, estimated from the map of the communes.

A trip goes from hall to hall through neighbouring communes: each leg is a straight line between
the halls of two communes that touch, or that both touch a third one. The time follows from the
length of the shortest route in kilometres: minutes = START + PER_KILOMETRE x length. No trip
crosses the sea, and a trip around a bay follows its shore.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from .islands import BRIDGES, WIDE_WATERS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Fitted to real road times (data_samples/README.md): minutes at the start, and per kilometre.
START, PER_KILOMETRE = 3.8, 1.41
LIMIT = 20.0

# A commune of unknown shape is assumed to touch those with the nearest halls.
NEAREST = 6
# Halls at the same point still need a link, and a sparse matrix drops zeros.
SHORTEST_STEP_METRES = 50.0
# Number of origins per block, which holds a full row of lengths for each.
BLOCK = 500


@dataclass(frozen=True)
class Trips:
    """Ordered pairs of row numbers, sorted, and the minutes between them."""

    origin: Ints
    destination: Ints
    minutes: Floats


@dataclass(frozen=True)
class Map:
    """Communes: code, land, hall (km and degrees) and shape."""

    codes: list[str]
    lands: list[str]
    xyz: Floats
    latlon: Floats
    shapes: list[shapely.Geometry | None]


def estimate_trips(communes: Map) -> Trips:
    """Estimate every pair within 20 minutes; both directions take equally long."""
    roads = build_roads(communes)
    reach = 1000 * (LIMIT + 0.05 - START) / PER_KILOMETRE
    size = len(communes.codes)
    parts = [
        _trips_from(roads, np.arange(first, min(first + BLOCK, size)), reach)
        for first in range(0, size, BLOCK)
    ]
    return Trips(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _trips_from(roads: sparse.csr_array, rows: Ints, reach: float) -> tuple[Ints, Ints, Floats]:
    """Return the trips from a block of communes, sorted, without own pairs."""
    length = dijkstra(roads, directed=False, indices=rows, limit=reach)
    start, destination = np.nonzero(np.isfinite(length))
    origin = rows[start]
    minutes = (START + PER_KILOMETRE * length[start, destination] / 1000).round(1)
    valid = (origin != destination) & (minutes <= LIMIT)
    return origin[valid], destination[valid], minutes[valid]


def build_roads(communes: Map) -> sparse.csr_array:
    """Link halls by legs, each once, from the lower to the higher row.

    Lengths are whole metres, so that sums are the same in both directions.
    """
    size = len(communes.codes)
    touching = np.concatenate(
        [_touching(communes.shapes), _nearest(communes), _bridges(communes.codes)]
    )
    links = sparse.csr_array((np.ones(len(touching)), tuple(touching.T)), (size, size))
    links = links + links.T
    legs = sparse.triu(links @ links + links, k=1).tocoo()
    pairs = np.stack(legs.coords, axis=1).astype(np.int64)
    pairs = pairs[_same_land(pairs, communes.lands) & ~_over_water(pairs, communes.latlon)]
    km = np.linalg.norm(communes.xyz[pairs[:, 0]] - communes.xyz[pairs[:, 1]], axis=1)
    metres = np.maximum((1000 * km).round(), SHORTEST_STEP_METRES)
    return sparse.csr_array((metres, tuple(pairs.T)), (size, size))


def _touching(shapes: list[shapely.Geometry | None]) -> Ints:
    """Return the pairs of communes whose shapes touch."""
    known = np.array([row for row, shape in enumerate(shapes) if shape is not None])
    outlines = np.array([shapes[row] for row in known], dtype=object)
    pairs = shapely.STRtree(outlines).query(outlines, predicate="intersects").T
    return known[pairs[pairs[:, 0] < pairs[:, 1]]]


def _nearest(communes: Map) -> Ints:
    """Return the pairs of each commune of unknown shape with the nearest halls."""
    unknown = np.array([row for row, shape in enumerate(communes.shapes) if shape is None])
    nearest = cKDTree(communes.xyz).query(communes.xyz[unknown], NEAREST + 1)[1]
    pairs = np.stack([np.repeat(unknown, NEAREST + 1), nearest.ravel()], axis=1)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def _bridges(codes: list[str]) -> Ints:
    """Return the pairs linked by a bridge to an island."""
    return np.array(
        [[codes.index(island), codes.index(coast)] for island, coast in BRIDGES.values()]
    )


def _same_land(pairs: Ints, lands: list[str]) -> NDArray[np.bool_]:
    land = np.array(lands)
    return land[pairs[:, 0]] == land[pairs[:, 1]]


def _over_water(pairs: Ints, latlon: Floats) -> NDArray[np.bool_]:
    """Return whether the straight leg crosses one of the wide waters."""
    waters = shapely.MultiLineString([list(line) for line in WIDE_WATERS.values()])
    shapely.prepare(waters)
    return shapely.intersects(waters, shapely.linestrings(latlon[pairs]))
