"""Coordinates of communes: any table of codes and coordinates."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ..inputs.imported import Imported
from ..inputs.tables import stamp_of
from .common.cells import read_cells
from .common.headers import Field, Layout
from .common.issues import Issues, raise_faults
from .common.match import Named, find, only

# The most certain first: code_commune may be the number of a commune in its departement.
_CODES = (
    (
        Field(
            "commune", (r"^code_(?:commune_)?insee", r"^codgeo$", r"^depcom$", r"^commune$"), "code"
        ),
    ),
    (
        Field("departement", (r"^(?:code_)?(?:departement|dep)$", r"^coddep$")),
        Field("number_in_departement", (r"^codcom$", r"^com$", r"^code_(?:de_la_)?commune$")),
    ),
    (Field("commune", (r"^code_(?:insee|com)", r"^(?:code|insee)$"), "code"),),
)
_POINTS = (
    (Field("lat", (r"^lat",), "number"), Field("lon", (r"^lon", r"^lng"), "number")),
    # Both in one cell, as in '46.15,4.92'.
    (Field("point", (r"geo_?point", r"^coordonnees")),),
)
_PEOPLE = Field("population", (r"^population$", r"^p(?:op|mun)"), "people", required=False)
_TITLE = "points of communes"
COORDINATES = tuple(
    Layout(_TITLE, (*code, *point, _PEOPLE)) for point in _POINTS for code in _CODES
)


def read_coordinates(path: Path, *, columns: Named = None) -> Imported:
    """Read the coordinates of communes.

    Parameters
    ----------
    path : Path
        A table with a commune code, ``lat`` and ``lon`` (degrees, WGS 84), and optionally
        ``population``.
    columns : mapping of str to str, optional
        Columns that are not recognised, by field.

    Returns
    -------
    Imported
        Of kind ``places``, with the table ``places``; communes without coordinates are left out.
        Rows that repeat the point of their commune, as a table of postal codes has them, are
        counted and dropped.

    Raises
    ------
    InputDataError
        The file has no such columns, or values that are not numbers.
    """
    issues = Issues(path.name)
    matched = only(find(path, COORDINATES, columns), issues)
    frame = read_cells(matched, issues)
    if "point" in matched.names:
        frame = _with_parted_points(frame, matched.names["point"], issues)
    names = [name for name in ("commune", "lat", "lon", "population") if name in frame.columns]
    placed = frame.drop_nulls(["lat", "lon"])
    once = placed.unique(names, keep="first", maintain_order=True)
    issues.note_count("points.repeated_rows", placed.height - once.height, warning=False)
    issues.fault_duplicates(once, ["commune"], matched.names)
    raise_faults(issues.faults)
    table = once.select(names).sort("commune")
    stamps, tables = (stamp_of(path),), {"places": table}
    return Imported("places", tables, matched.description, None, tuple(issues.notes), stamps)


def _with_parted_points(frame: pl.DataFrame, column: str, issues: Issues) -> pl.DataFrame:
    """Part the latitude and longitude of points in one cell."""
    parts = pl.col("point").str.extract_groups(r"^[^\d.+-]*([+-]?[\d.]+)[,; ]+([+-]?[\d.]+)\D*$")
    degrees = {name: parts.struct.field(str(k)) for k, name in enumerate(("lat", "lon"), 1)}
    frame = frame.with_columns(
        degree.cast(pl.Float64, strict=False).alias(name) for name, degree in degrees.items()
    )
    unread = frame.filter(pl.col("point").is_not_null() & pl.col("lat").is_null())
    issues.fault_rows("points.not_a_point", column, unread, "point")
    return frame
