"""Where communes are: any table of codes and coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..inputs.tables import stamp_of
from .common.cells import read_matched
from .common.collect import Found, once
from .common.headers import Field, Layout
from .common.imported import Imported
from .common.match import find, only, refuse

PLACES = Layout(
    "points of communes",
    (
        Field(
            "commune",
            (r"^commune$", r"^codgeo$", r"^depcom$", r"^code_(?:insee|com)", r"^(?:code|insee)$"),
            "code",
        ),
        Field("lat", (r"^lat",), "number"),
        Field("lon", (r"^lon", r"^lng"), "number"),
        Field("population", (r"^population$", r"^p(?:op|mun)",), "people", required=False),
    ),
)  # fmt: skip


def read_places_file(path: Path, *, columns: Mapping[str, str] | None = None) -> Imported:
    """Read where communes are.

    Parameters
    ----------
    path : a table with a code of commune, ``lat`` and ``lon`` (degrees, WGS 84), and
        ``population`` if it has one.
    columns : columns that no pattern finds, ours to theirs.

    Returns
    -------
    Imported
        Of kind ``places``, with the table ``places``; communes without a point left out, counted.

    Raises
    ------
    InputDataError
        No such columns, or values that are no coordinates.
    """
    kept = Found(path.name)
    found = only(find(path, (PLACES,), columns), kept)
    frame = read_matched(found, kept)
    once(frame, ["commune"], kept, "Keep one point for each.", found.names)
    refuse(kept.faults)
    names = [name for name in ("commune", "lat", "lon", "population") if name in frame.columns]
    table = frame.select(names).drop_nulls(["lat", "lon"]).sort("commune")
    return Imported(
        "places", {"places": table}, found.described, None, tuple(kept.notes), (stamp_of(path),)
    )
