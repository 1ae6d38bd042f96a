"""Tables of points, and distances between them in plain Python."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from hypothesis import strategies as st

Point = tuple[float, float]

#: points close to each other
points = st.tuples(st.floats(46.0, 46.4), st.floats(2.0, 2.5))


def located(rows: dict[str, tuple[float | None, float | None]], **more: list[Any]) -> pl.DataFrame:
    """Return a table of communes from code -> latitude, longitude."""
    lat, lon = zip(*rows.values(), strict=True)
    return pl.DataFrame({"commune": list(rows), "lat": lat, "lon": lon, **more})


def haversine(a: Point, b: Point) -> float:
    """Return km between two points."""
    (la, oa), (lb, ob) = (tuple(map(math.radians, point)) for point in (a, b))
    h = math.sin((la - lb) / 2) ** 2
    h += math.cos(la) * math.cos(lb) * math.sin((oa - ob) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))
