"""Zones as geodata: GeoJSON, GeoParquet and GeoPackage, for QGIS and the like."""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from ..errors import Fault, InputDataError, OutputError, check_arguments, first
from ..geography.boundaries import FRAMES, Boundaries
from ..method.result import Zoning
from ..results.atomic_file import refuse_reserved, refuse_taken, whole_files
from ..results.libraries import require_libraries
from ..results.samples import is_fictitious
from ..results.tables import with_labels, zone_labels

if TYPE_CHECKING:
    import pyarrow as pa

Level: TypeAlias = Literal["communes", "territories"]
Format: TypeAlias = Literal["geojson", "geoparquet", "gpkg"]

ENDINGS: Mapping[Format, tuple[str, ...]] = {
    "geojson": (".geojson", ".json"),
    "geoparquet": (".parquet", ".geoparquet"),
    "gpkg": (".gpkg",),
}
WGS_84 = "EPSG:4326"
_KEYS: Mapping[Level, str] = {"communes": "commune", "territories": "territory"}
_GEOMETRY = "geometry"
# A tenth of a metre, far less than a step of the outlines.
_DECIMALS = 6
# Stands beside the source of the outlines.
_FICTITIOUS = "; sample data: the practitioners are fictitious"
# A GeoPackage states when it was written; this lets the same zones give the same bytes.
_DAY = "2000-01-01T00:00:00.000Z"


@check_arguments(zones=("Zoning",), boundaries=(Boundaries,))
def write_geodata(
    zones: Zoning,
    boundaries: Boundaries,
    files: Mapping[Format, str | Path],
    *,
    level: Level = "communes",
    crs: str = WGS_84,
    replace: bool = False,
) -> dict[str, int]:
    """Write communes or territories with their outlines, zones and figures.

    The attributes are the columns of the table of the result, and ``zone_label``. The same zones
    and outlines give the same bytes with the same versions of the libraries.

    Parameters
    ----------
    zones : Zoning
        A result; what is written is what its tables hold. To give it away, publish it first.
    boundaries : Boundaries
        As from `boundaries_of`.
    files : mapping of str to str or Path
        The files to write, by format: ``geojson``, ``geoparquet``, ``gpkg``.
    level : "communes" or "territories"
        What a shape is.
    crs : str
        The projection of GeoParquet and GeoPackage, such as ``EPSG:2154``. GeoJSON is in WGS 84.
    replace : bool
        Whether existing files are replaced.

    Returns
    -------
    dict of str to int
        ``rows``, and ``without_outline``: those that have none.

    Raises
    ------
    InputDataError
        The outlines are of territories but communes are wanted, or the projection is unknown or
        does not reach to all of them.
    OutputError
        A file has another ending, is taken, or cannot be written to; no part of it is left.
    AplError
        A library of the extra ``maps`` is not installed.
    """
    refuse_geodata(files, level=level, replace=replace)
    require_libraries("pyogrio", "pyarrow", "shapely", extra="maps")
    table = _attributes(zones, level)
    drawn = _shapes(zones, boundaries, table, level)
    source = boundaries.source + (_FICTITIOUS if is_fictitious(zones) else "")
    known = (level, source, boundaries.approximate)
    folders: dict[Path, dict[Path, Callable[[IO[bytes]], object]]] = {}
    for kind, path in files.items():
        of = WGS_84 if kind == "geojson" else crs
        geodata = _Geodata(table, drawn.projected(of), of, *known)
        writer = functools.partial(_WRITERS[kind], geodata)
        folders.setdefault(Path(path).parent, {})[Path(path)] = writer
    endings = tuple(ending for kind in files for ending in ENDINGS[kind])
    for writers in folders.values():
        whole_files(writers, endings, replace=replace)
    missing = sum(shape is None for shape in drawn.shapes)
    return {"rows": table.height, "without_outline": missing}


def refuse_geodata(
    files: Mapping[Format, str | Path], *, level: str = "communes", replace: bool = False
) -> None:
    """Refuse formats and files that cannot be written as asked; before any long computation.

    Raises
    ------
    InputDataError
        There is no such format or level.
    OutputError
        A file has another ending, is named as a table of inputs, or is taken; or two are one.
    """
    for argument, chosen, choices in (
        ("level", (level,), tuple(_KEYS)), ("files", tuple(files), tuple(ENDINGS)),
    ):  # fmt: skip
        if unknown := first(set(chosen) - set(choices)):
            details = {"choices": choices}
            fault = Fault("argument.unknown_choice", argument, values=unknown, details=details)
            raise InputDataError(fault)
    for kind, path in files.items():
        refuse_taken(Path(path), replace, ENDINGS[kind])
        # Only a Parquet file could be taken for a table of inputs.
        refuse_reserved(Path(path) if kind == "geoparquet" else Path(path).parent / kind)
    paths = [Path(path).resolve() for path in files.values()]
    if len(set(paths)) < len(paths):
        raise OutputError(Fault("output.same_file", str(paths[0])))


def _attributes(zones: Zoning, level: Level) -> pl.DataFrame:
    """Return the table of a result, codes as text, with the labels of zones."""
    table = zones.communes if level == "communes" else zones.territories
    texts = [name for name, kind in table.schema.items() if kind in (pl.Categorical, pl.Enum)]
    table = table.with_columns(pl.col(name).cast(pl.String) for name in texts)
    return with_labels(table, zone_labels(zones.methodology, "zone"))


@dataclass(frozen=True)
class Shapes:
    """The shapes of the rows of a table, in several planes.

    Attributes
    ----------
    frame : int8 (rows,)
        The plane of each.
    shapes : array of shapely.MultiPolygon or None (rows,)
        In the planes, metres; None without an outline.
    """

    frame: npt.NDArray[np.int8]
    shapes: npt.NDArray[Any]

    def projected(self, crs: str) -> npt.NDArray[Any]:
        """Return the shapes in one projection."""
        import shapely
        from pyproj import Transformer
        from pyproj.exceptions import ProjError

        placed = self.shapes.copy()
        for number, plane in enumerate(FRAMES):
            rows = np.flatnonzero(self.frame == number)
            if not len(rows):
                continue
            try:
                to_crs = Transformer.from_crs(plane.epsg, crs, always_xy=True)
                placed[rows] = shapely.transform(
                    self.shapes[rows], to_crs.transform, interleaved=False
                )
            except ProjError as error:
                details = {"crs": crs[:60]}
                raise InputDataError(
                    Fault("geodata.unknown_crs", "crs", details=details)
                ) from error
        outlined = placed[~shapely.is_missing(placed)]
        if not np.isfinite(shapely.bounds(outlined)).all():
            raise InputDataError(Fault("geodata.outside_crs", "crs", details={"crs": crs[:60]}))
        if crs == WGS_84:
            placed = shapely.transform(placed, lambda points: points.round(_DECIMALS))
        return placed


def _shapes(zones: Zoning, boundaries: Boundaries, table: pl.DataFrame, level: Level) -> Shapes:
    """Return the shapes of the rows of a table."""
    import shapely

    key = _KEYS[level]
    number = {code: k for k, code in enumerate(table[key].to_list())}
    if boundaries.level == "territory" or level == "communes":
        of_unit = [number.get(code, -1) for code in boundaries.units]
        if boundaries.level != key:
            raise InputDataError(Fault("geodata.only_territories", "boundaries"))
    else:
        territory = dict(zones.communes.select("commune", "territory").iter_rows())
        of_unit = [number.get(territory.get(code, ""), -1) for code in boundaries.units]
    group = np.array(of_unit, np.int64)
    frame = np.zeros(table.height + 1, np.int8)
    frame[group] = boundaries.frame
    shapes = np.full(table.height, None, object)
    for row, polygons in enumerate(boundaries.rings(group)):
        if polygons:
            parts = [shapely.Polygon(outer, holes) for outer, *holes in polygons]
            shapes[row] = shapely.MultiPolygon(parts)
    return Shapes(frame[:-1], shapes)


def _write_geojson(geodata: _Geodata, file: IO[bytes]) -> None:
    """Write a collection of features in WGS 84 (RFC 7946), a feature a line."""
    import shapely

    about = {"source": geodata.source, "approximate": geodata.approximate}
    head = json.dumps({"type": "FeatureCollection", **about}, ensure_ascii=False)
    file.write(f'{head[:-1]}, "features": [\n'.encode())
    rows = geodata.table.iter_rows(named=True)
    for k, (row, shape) in enumerate(zip(rows, geodata.shapes, strict=True)):
        attributes = json.dumps(row, ensure_ascii=False, allow_nan=False)
        drawn = "null" if shape is None else shapely.to_geojson(shape)
        comma = ",\n" if k else ""
        feature = f'{comma}{{"type": "Feature", "properties": {attributes}, "geometry": {drawn}}}'
        file.write(feature.encode())
    file.write(b"\n]}\n")


def _write_geoparquet(geodata: _Geodata, file: IO[bytes]) -> None:
    """Write a GeoParquet file (version 1.1), shapes as WKB."""
    import pyarrow.parquet as pq
    import shapely
    from pyproj import CRS

    bounds = shapely.total_bounds(geodata.shapes)
    column = {
        "encoding": "WKB",
        "geometry_types": ["MultiPolygon"],
        "crs": CRS.from_user_input(geodata.crs).to_json_dict(),
        "orientation": "counterclockwise",
        "bbox": bounds.tolist(),
    }
    geo = {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}
    known = {"geo": json.dumps(geo), "source": geodata.source}
    pq.write_table(geodata.arrow().replace_schema_metadata(known), file, compression="zstd")


def _write_gpkg(geodata: _Geodata, file: IO[bytes]) -> None:
    """Write a GeoPackage with one layer; its driver writes under a name only."""
    import pyogrio

    day = "OGR_CURRENT_DATE"
    before = pyogrio.get_gdal_config_option(day)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "zones.gpkg"
        try:
            pyogrio.set_gdal_config_options({day: _DAY})
            pyogrio.write_arrow(
                geodata.arrow(), path, layer=geodata.level, driver="GPKG",
                geometry_name=_GEOMETRY, geometry_type="MultiPolygon", crs=geodata.crs,
                layer_options={"DESCRIPTION": geodata.source},
            )  # fmt: skip
        except Exception as error:  # GDAL's errors are of many kinds
            raise OSError(0, f"GDAL: {type(error).__name__}") from error
        finally:
            pyogrio.set_gdal_config_options({day: before})
        with path.open("rb") as written:
            shutil.copyfileobj(written, file)


@dataclass(frozen=True)
class _Geodata:
    """What a file holds: attributes, shapes in a projection, and where the outlines are from."""

    table: pl.DataFrame
    shapes: npt.NDArray[Any]
    crs: str
    level: Level
    source: str
    approximate: bool

    def arrow(self) -> pa.Table:
        """Return attributes and shapes (WKB) as an Arrow table."""
        import pyarrow as pa
        import shapely

        shapes = pa.array(shapely.to_wkb(self.shapes), pa.binary())
        table = self.table.to_arrow(compat_level=pl.CompatLevel.oldest())
        return table.append_column(_GEOMETRY, shapes)


_WRITERS: Mapping[Format, Callable[[_Geodata, IO[bytes]], None]] = {
    "geojson": _write_geojson,
    "geoparquet": _write_geoparquet,
    "gpkg": _write_gpkg,
}
