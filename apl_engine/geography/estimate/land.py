"""Where straight lines lie: islands without a road, and waters crossed at few points only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .points import EARTH_RADIUS_KM, Floats, Ints, Places

LAND_FILE = Path(__file__).with_name("land.json")
MAINLAND = "mainland"
# By the first characters of a commune code; each overseas departement is land of its own.
_LANDS = {
    "2A": "Corse",
    "2B": "Corse",
    "971": "Guadeloupe",
    "972": "Martinique",
    "973": "Guyane",
    "974": "La Réunion",
    "976": "Grande-Terre de Mayotte",
}


@dataclass(frozen=True)
class Water:
    """A line that no road crosses but at its crossings.

    Attributes
    ----------
    name : what it is.
    line : (n, 2), latitude and longitude of its corners, degrees.
    crossings : (m, 2), where one gets over or around it.
    """

    name: str
    line: Floats
    crossings: Floats


@cache
def cut_off() -> dict[str, str]:
    """Return commune code -> name of the land that no road leaves."""
    groups = json.loads(LAND_FILE.read_text(encoding="utf-8"))["cut_off"]
    return {code: name for name, codes in groups.items() for code in codes}


@cache
def waters() -> tuple[Water, ...]:
    """Return the wide waters of France that are known here."""
    known = json.loads(LAND_FILE.read_text(encoding="utf-8"))["waters"]
    return tuple(
        Water(name, np.array(water["line"]), np.array(list(water["crossings"].values())))
        for name, water in known.items()
    )


def lands_of(codes: list[str]) -> list[str]:
    """Name the piece of land of each commune; no road trip leaves it."""
    islands = cut_off()
    return [
        islands.get(code) or _LANDS.get(code[:2]) or _LANDS.get(code[:3]) or MAINLAND
        for code in codes
    ]


def same_land(codes: list[str], start: Ints, end: Ints) -> NDArray[np.bool_]:
    """Return whether both ends of each pair are on one piece of land."""
    lands = np.unique(lands_of(codes), return_inverse=True)[1]
    result: NDArray[np.bool_] = lands[start] == lands[end]
    return result


def around_waters(
    places: Places, start: Ints, end: Ints, distance: Floats, known: tuple[Water, ...]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Lengthen the straight lines that cross a water, by way of its nearest crossing.

    Parameters
    ----------
    places, start, end, distance : pairs of rows of the places, and km between them.
    known : the waters.

    Returns
    -------
    (km, crossing)
        The way from the one end to a crossing to the other, at the crossing that makes it
        shortest, and whether the straight line crossed a water at all. Of several waters the
        longest detour counts.
    """
    longer, crossed = distance.copy(), np.zeros(len(start), dtype=bool)
    points = np.stack([places.lat, places.lon], axis=1)
    for water in known:
        rows = np.flatnonzero(_may_cross(points, start, end, water.line))
        rows = rows[_crosses(points[start[rows]], points[end[rows]], water.line)]
        legs = [_km(points[side[rows]][:, None], water.crossings[None]) for side in (start, end)]
        longer[rows] = np.maximum(longer[rows], (legs[0] + legs[1]).min(axis=1))
        crossed[rows] = True
    return longer, crossed


def _may_cross(points: Floats, start: Ints, end: Ints, line: Floats) -> NDArray[np.bool_]:
    """Return whether the boxes around the pair and around the line meet."""
    low, high = line.min(axis=0), line.max(axis=0)
    # On which sides of the box each commune lies, a bit a side: looked up once, not once a pair.
    outside = np.concatenate([points < low, points > high], axis=1)
    sides = np.packbits(outside, axis=1)[:, 0]
    result: NDArray[np.bool_] = (sides[start] & sides[end]) == 0
    return result


def _crosses(start: Floats, end: Floats, line: Floats) -> NDArray[np.bool_]:
    """Return whether each segment crosses the line; degrees are as good as metres for that."""
    found = np.zeros(len(start), dtype=bool)
    for first, last in pairwise(line):
        sides = _side(first, last, start) * _side(first, last, end)
        others = _side(start, end, first) * _side(start, end, last)
        found |= (sides <= 0) & (others <= 0)
    return found


def _side(first: Floats, last: Floats, point: Floats) -> Floats:
    """Return on which side of a line a point is, as a sign."""
    along, to = last - first, point - first
    result: Floats = np.sign(along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0])
    return result


def _km(first: Floats, last: Floats) -> Floats:
    """Return great-circle distances between latitudes and longitudes, km."""
    a, b = np.radians(first), np.radians(last)
    half = (
        np.sin((a[..., 0] - b[..., 0]) / 2) ** 2
        + np.cos(a[..., 0]) * np.cos(b[..., 0]) * np.sin((a[..., 1] - b[..., 1]) / 2) ** 2
    )
    result: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))
    return result
