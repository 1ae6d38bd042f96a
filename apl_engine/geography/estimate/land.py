"""Obstacles to straight lines: islands without a road, and waters with few crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .bounds import land_data
from .points import EARTH_RADIUS_KM, CommunePoints, Floats, Ints

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
    """A line that roads cross at few points only.

    Attributes
    ----------
    name : str
    line : ndarray of float64, shape (n, 2)
        Latitude and longitude of its corners, degrees.
    crossings : ndarray of float64, shape (m, 2)
        Points at which roads cross it or go around it.
    """

    name: str
    line: Floats
    crossings: Floats


@cache
def cut_off() -> dict[str, str]:
    """Return the name of the land that no road leaves, by code of its communes."""
    groups = land_data()["cut_off"]
    return {code: name for name, codes in groups.items() for code in codes}


@cache
def waters() -> tuple[Water, ...]:
    """Return the wide waters of France that are taken into account."""
    return tuple(
        Water(name, np.array(water["line"]), np.array(list(water["crossings"].values())))
        for name, water in land_data()["waters"].items()
    )


def lands_of(codes: Sequence[str]) -> list[str]:
    """Return the name of the land of each commune; no road trip leaves it."""
    islands = cut_off()
    return [
        islands.get(code) or _LANDS.get(code[:2]) or _LANDS.get(code[:3]) or MAINLAND
        for code in codes
    ]


def same_land(codes: Sequence[str], start: Ints, end: Ints) -> NDArray[np.bool_]:
    """Return whether both ends of each pair are on the same land.

    Parameters
    ----------
    codes : sequence of str
        Commune codes.
    start, end : ndarray of int64, shape (n_pairs,)
        Row numbers.

    Returns
    -------
    ndarray of bool, shape (n_pairs,)
    """
    lands = np.unique(lands_of(codes), return_inverse=True)[1]
    result: NDArray[np.bool_] = lands[start] == lands[end]
    return result


def islands_by_road(pairs: pl.DataFrame) -> list[str]:
    """Return the communes that no road leaves and that have times to or from another land.

    Parameters
    ----------
    pairs : pl.DataFrame
        origin, destination; commune codes as text or Enum.

    Returns
    -------
    list of str
        Sorted.
    """
    lands = cut_off()
    names = ["origin", "destination"]
    codes = pairs.lazy().select(pl.col(names).cast(pl.String))
    codes = codes.filter(pl.any_horizontal(pl.col(names).is_in(list(lands))))
    land = {name: pl.col(name).replace_strict(lands, default=MAINLAND) for name in names}
    apart = codes.filter(land["origin"] != land["destination"]).collect()
    return sorted({code for row in apart.iter_rows() for code in row if code in lands})


def around_waters(
    points: CommunePoints, start: Ints, end: Ints, distance: Floats, known: tuple[Water, ...]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Lengthen the straight lines that cross a water, by way of its nearest crossing.

    Parameters
    ----------
    points : CommunePoints
    start, end : ndarray of int64, shape (n_pairs,)
        Row numbers.
    distance : ndarray of float64, shape (n_pairs,)
        Straight distance, km.
    known : tuple of Water

    Returns
    -------
    km : ndarray of float64, shape (n_pairs,)
        Distance by way of the crossing that makes it shortest; of several waters the longest
        detour counts.
    crossing : ndarray of bool, shape (n_pairs,)
        Whether the straight line crosses a water.
    """
    longer, crossed = distance.copy(), np.zeros(len(start), dtype=bool)
    places = np.stack([points.lat, points.lon], axis=1)
    for water in known:
        rows = np.flatnonzero(_may_cross(places, start, end, water.line))
        rows = rows[_crosses(places[start[rows]], places[end[rows]], water.line)]
        legs = [_km(places[side[rows]][:, None], water.crossings[None]) for side in (start, end)]
        longer[rows] = np.maximum(longer[rows], (legs[0] + legs[1]).min(axis=1))
        crossed[rows] = True
    return longer, crossed


def _may_cross(places: Floats, start: Ints, end: Ints, line: Floats) -> NDArray[np.bool_]:
    """Return whether the boxes around the pair and around the line meet."""
    low, high = line.min(axis=0), line.max(axis=0)
    # The sides of the box on which a commune lies, a bit each: computed once, not for each pair.
    sides = np.packbits(np.concatenate([places < low, places > high], axis=1), axis=1)[:, 0]
    result: NDArray[np.bool_] = (sides[start] & sides[end]) == 0
    return result


def _crosses(start: Floats, end: Floats, line: Floats) -> NDArray[np.bool_]:
    """Return whether each segment crosses the line; degrees are as good as metres for that."""
    crosses = np.zeros(len(start), dtype=bool)
    for first, last in pairwise(line):
        sides = _side(first, last, start) * _side(first, last, end)
        others = _side(start, end, first) * _side(start, end, last)
        crosses |= (sides <= 0) & (others <= 0)
    return crosses


def _side(first: Floats, last: Floats, point: Floats) -> Floats:
    """Return the side of a line on which a point lies, as a sign."""
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
