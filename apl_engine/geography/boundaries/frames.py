"""The planes of the outlines: one projection for the metropole and one for each sea."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Frame:
    """A plane, in metres, and the part of the earth that it is for.

    Attributes
    ----------
    name : str
        Name of the area, in French.
    epsg : int
        Number of the projection.
    box : tuple of float
        Longitudes and latitudes that it covers: west, south, east, north (degrees).
    """

    name: str
    epsg: int
    box: tuple[float, float, float, float]


FRAMES = (
    Frame("France métropolitaine", 2154, (-9.9, 41.0, 10.4, 51.6)),
    Frame("Antilles", 5490, (-63.7, 14.1, -60.5, 18.4)),
    Frame("Guyane", 2972, (-54.9, 1.8, -51.3, 6.2)),
    Frame("La Réunion", 2975, (54.9, -21.8, 56.2, -20.4)),
    Frame("Mayotte", 4471, (44.6, -13.4, 45.7, -12.3)),
)
METROPOLE = 0

# Ellipsoid GRS 80.
_A, _F = 6_378_137.0, 1 / 298.257222101
_E2 = _F * (2 - _F)
_ZONE = {5490: (20, True), 2972: (22, True), 2975: (40, False), 4471: (38, False)}


def frame_of(lon: Floats, lat: Floats) -> Numbers:
    """Return the number of the frame of each point, int8; -1 outside all of them."""
    frame = np.full(np.shape(lon), -1, np.int8)
    for number, one in enumerate(FRAMES):
        west, south, east, north = one.box
        frame[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)] = number
    return frame


def project(lon: Floats, lat: Floats, frame: Numbers) -> Floats:
    """Return points in the planes of their frames.

    Parameters
    ----------
    lon, lat : float64 (n,)
        Degrees, WGS 84.
    frame : int8 (n,)
        Numbers of the frames.

    Returns
    -------
    float64 (n, 2)
        x and y, metres; NaN if the frame is -1.
    """
    plane = np.full((len(lon), 2), np.nan)
    for number, one in enumerate(FRAMES):
        rows = np.flatnonzero(frame == number)
        if len(rows):
            forward = _lambert if number == METROPOLE else _mercator
            plane[rows] = forward(np.radians(lon[rows]), np.radians(lat[rows]), one.epsg)
    return plane


def _lambert(lon: Floats, lat: Floats, epsg: int) -> Floats:
    """Lambert-93: a conformal cone through the parallels 44 and 49 degrees."""
    del epsg
    low, high, middle = np.radians([44.0, 49.0, 46.5])
    power = np.log(_across(low) / _across(high)) / np.log(_cone(low) / _cone(high))
    scale = _A * _across(low) / (power * _cone(low) ** power)
    radius, angle = scale * _cone(lat) ** power, power * (lon - np.radians(3.0))
    x = 700_000 + radius * np.sin(angle)
    y = 6_600_000 + scale * _cone(middle) ** power - radius * np.cos(angle)
    return np.stack([x, y], axis=1)


def _across(lat: Floats) -> Floats:
    """Return the radius of a parallel, in equatorial radii."""
    radius: Floats = np.cos(lat) / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    return radius


def _cone(lat: Floats) -> Floats:
    e = np.sqrt(_E2)
    latitude: Floats = np.exp(-(np.arctanh(np.sin(lat)) - e * np.arctanh(e * np.sin(lat))))
    return latitude


def _mercator(lon: Floats, lat: Floats, epsg: int) -> Floats:
    """Universal transverse Mercator, by the series of Krüger to the third order."""
    zone, north = _ZONE[epsg]
    n = _F / (2 - _F)
    radius = _A / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    series = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16,
        13 * n**2 / 48 - 3 * n**3 / 5,
        61 * n**3 / 240,
    )
    e, off = np.sqrt(_E2), lon - np.radians(zone * 6 - 183)
    tangent = np.sinh(np.arctanh(np.sin(lat)) - e * np.arctanh(e * np.sin(lat)))
    up, aside = (
        np.arctan2(tangent, np.cos(off)),
        np.arcsinh(np.sin(off) / np.hypot(tangent, np.cos(off))),
    )
    x, y = aside.copy(), up.copy()
    for k, factor in enumerate(series, 1):
        x += factor * np.cos(2 * k * up) * np.sinh(2 * k * aside)
        y += factor * np.sin(2 * k * up) * np.cosh(2 * k * aside)
    false_north = 0 if north else 10_000_000
    return np.stack([500_000 + 0.9996 * radius * x, false_north + 0.9996 * radius * y], axis=1)
