"""Coordinates of communes: any table of codes and coordinates."""

from __future__ import annotations

from pathlib import Path

from ..inputs.imported import Imported
from ..inputs.tables import stamp_of
from .common.cells import read_cells
from .common.headers import Field, Layout
from .common.issues import Issues, raise_faults
from .common.match import Named, find, only

_CODE = (r"^commune$", r"^codgeo$", r"^depcom$", r"^code_(?:insee|com)", r"^(?:code|insee)$")
COORDINATES = Layout(
    "points of communes",
    (
        Field("commune", _CODE, "code"),
        Field("lat", (r"^lat",), "number"),
        Field("lon", (r"^lon", r"^lng"), "number"),
        Field("population", (r"^population$", r"^p(?:op|mun)"), "people", required=False),
    ),
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
        Of kind ``places``, with the table ``places``; communes without coordinates are left out,
        and counted.

    Raises
    ------
    InputDataError
        The file has no such columns, or values that are not numbers.
    """
    issues = Issues(path.name)
    matched = only(find(path, (COORDINATES,), columns), issues)
    frame = read_cells(matched, issues)
    issues.fault_duplicates(frame, ["commune"], matched.names)
    raise_faults(issues.faults)
    names = [name for name in ("commune", "lat", "lon", "population") if name in frame.columns]
    table = frame.select(names).drop_nulls(["lat", "lon"]).sort("commune")
    stamps, tables = (stamp_of(path),), {"places": table}
    return Imported("places", tables, matched.description, None, tuple(issues.notes), stamps)
