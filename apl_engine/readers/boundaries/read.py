"""Outlines from files of communes or territories."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import Fault, InputDataError, Note, check_arguments, first
from ...geography.boundaries.boundaries import Boundaries, Level
from ...geography.boundaries.frames import FRAMES, frame_of
from ...inputs.named_columns import NamedColumns
from ...inputs.names import plain
from ...schemas import COMMUNE_CODE
from ..common.match import Named
from .geodata import TABLE, read_geodata, without_cities

# The most certain first: IGN, INSEE, DREES, and the names of this package.
_COLUMNS: dict[Level, tuple[str, ...]] = {
    "commune": (
        r"commune", r"insee_com", r"insee_arm", r"code_insee", r"codgeo", r"depcom",
        r"code_(?:insee_)?(?:de_la_)?com(?:mune)?", r"com(?:mune)?_code", r"(?:ref_)?insee",
        r"code", r"com",
    ),
    "territory": (
        r"territory", r"(?:code_)?territoire", r"(?:code_)?bvcv(?:_code)?(?:\d{4})?", r"bv_?cv.*",
        r"agr", r"code_(?:du_)?(?:bassin|pseudo).*", r"(?:code_)?(?:bv|tvs)\d*",
    ),
}  # fmt: skip
_POLYGON, _MULTIPOLYGON = 3, 6
_EXAMPLES = 3
# A shape that is not valid is mended if that leaves its area as it is.
_SAME_AREA = 1e-3
_DEGREES, _FARTHEST = 360.0, 1e9


@check_arguments(path=(str, Path))
def read_boundaries(path: str | Path, *, columns: Named = None) -> Boundaries:
    """Read the outlines of communes or territories.

    They are made one topology: edges that neighbours do not share are mended, all are simplified
    together (300 m, overseas 100 m) and put on a grid of 20 m.

    Parameters
    ----------
    path : str or Path
        A GeoJSON, GeoParquet or GeoPackage file, in any projection that it states; or
        ``FILE.gpkg/LAYER``. A column holds codes of communes (``commune``, ``insee_com``,
        ``code_insee``, ``codgeo``, ``depcom``, ``code``) or of territories (``territory``,
        ``bvcv``).
    columns : mapping of str to str, optional
        The column of the codes, if it is not recognised, as ``commune`` or ``territory``.

    Returns
    -------
    Boundaries
        With notes of what was mended or left out.

    Raises
    ------
    InputDataError
        All that is wrong: the file cannot be read, or states no projection; no column holds codes,
        or they are numbers or occur twice; shapes are missing, not valid, or no polygons.

    Examples
    --------
    >>> read_boundaries("communes.gpkg")  # doctest: +SKIP
    """
    path = Path(path)
    names = NamedColumns.of(columns)
    tables = read_geodata(path)
    parts = [_Part(path, table, names) for table in tables]
    names.finish(columns, path.name)
    faults = [fault for part in parts for fault in part.faults]
    codes = np.concatenate([part.codes for part in parts])
    chosen = without_cities(codes) if len(parts) > 1 else np.ones(len(codes), np.bool_)
    codes = codes[chosen]
    if twice := [code for code, times in Counter(codes.tolist()).items() if times > 1]:
        faults.append(_rows("duplicate_code", len(twice), twice, column=parts[0].column))
    if faults:
        raise InputDataError(faults)
    shapes = np.concatenate([part.shapes for part in parts])[chosen]
    notes = [note for part in parts for note in part.notes]
    return _outlines(path, parts[0], codes, shapes, notes)


def _rows(kind: str, count: int, codes: list[str], **more: Any) -> Fault:
    return Fault(
        f"boundaries.{kind}", TABLE, count=count, values=tuple(codes[:_EXAMPLES]), **more
    )  # fmt: skip


class _Part:
    """A table of shapes: its codes, and its shapes as far as they can be used."""

    def __init__(self, path: Path, table: Any, names: NamedColumns) -> None:
        self.faults: list[Fault] = []
        self.notes: list[Note] = []
        self.level: Level = "commune"
        self.column: str | None = None
        self.codes = np.empty(0, object)
        self.shapes = np.empty(0, object)
        self.crs = table.crs
        fields = [str(name) for name in table.columns if name != table.geometry.name]
        if not self._choose(path, table, fields, names):
            details = {"file": path.name, "columns": tuple(map(plain, fields[:8]))}
            self.faults.append(Fault("boundaries.no_code_column", TABLE, details=details))
        if table.crs is None:
            details = {"file": path.name}
            self.faults.append(Fault("boundaries.no_crs", TABLE, details=details))
        self._check_shapes(path, table)

    def _choose(self, path: Path, table: Any, fields: list[str], names: NamedColumns) -> bool:
        """Find the column of the codes, and read it."""
        given = names.in_table(TABLE, list(_COLUMNS), fields)
        by_name = {plain(name): name for name in reversed(fields)}
        numbers = None
        for level, patterns in _COLUMNS.items():
            own = given.get(level) or given.get(f"{TABLE}.{level}")
            for column in [own] if own else _matching(by_name, patterns):
                values = table[column]
                if values.dtype.kind in "iuf":
                    numbers = numbers or column
                    continue
                texts = [value.strip() if isinstance(value, str) else "" for value in values]
                # « commune » holds names in some files, beside « code ».
                if own or level == "territory" or any(re.match(COMMUNE_CODE, t) for t in texts):
                    self.level, self.column = level, column
                    self._take(path, table, np.array(texts, object))
                    return True
            if own:
                break
        if numbers is not None:
            self.faults.append(Fault("boundaries.codes_as_numbers", TABLE, column=numbers))
        return numbers is not None

    def _take(self, path: Path, table: Any, codes: npt.NDArray[Any]) -> None:
        there = codes != ""
        if missing := int((~there).sum()):
            details = {"file": path.name}
            self.notes.append(Note("boundaries.without_code", missing, details=details))
        self.codes = codes[there]
        self.shapes = np.asarray(table.geometry.array, object)[there]

    def _check_shapes(self, path: Path, table: Any) -> None:
        """Report shapes that are missing, no polygons, or not valid; mend what can be."""
        import shapely

        codes, shapes = self.codes, self.shapes
        if self.column is None:
            shapes = np.asarray(table.geometry.array, object)
            codes = np.full(len(shapes), "", object)
        if not len(shapes):
            self.faults.append(Fault("boundaries.no_shapes", TABLE, details={"file": path.name}))
            return
        shapes = shapely.force_2d(shapes)
        empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        other = ~empty & ~np.isin(shapely.get_type_id(shapes), (_POLYGON, _MULTIPOLYGON))
        finite = (np.abs(shapely.bounds(shapes)) < _FARTHEST).all(axis=1)
        shapes[~finite & ~empty] = None
        area = shapely.area(shapes)
        flat = ~empty & ~other
        wrong = flat & ~(finite & shapely.is_valid(shapes))
        mended = shapes.copy()
        tried = np.flatnonzero(wrong & finite)
        mended[tried] = shapely.make_valid(shapes[tried], method="structure")
        after = shapely.area(mended)
        same = np.abs(after - area) <= _SAME_AREA * np.maximum(area, after)
        only = np.isin(shapely.get_type_id(mended), (_POLYGON, _MULTIPOLYGON)) & (after > 0)
        broken = wrong & ~(same & only & finite)
        for kind, rows in (
            ("no_shape", empty),
            ("not_a_polygon", other),
            ("invalid_shape", broken),
        ):
            if rows.any():
                known = [code for code in codes[rows].tolist() if code]
                self.faults.append(_rows(kind, int(rows.sum()), known))
        if (repaired := wrong & ~broken).any():
            shown = first(codes[repaired].tolist())
            self.notes.append(Note("boundaries.shapes_mended", int(repaired.sum()), shown))
        if self.column is not None:
            self.shapes = mended
        self._check_degrees(shapes[flat & finite])

    def _check_degrees(self, shapes: npt.NDArray[Any]) -> None:
        """Report coordinates in metres where the file states degrees."""
        import shapely

        if self.crs is not None and self.crs.is_geographic and len(shapes):
            most = float(np.abs(shapely.total_bounds(shapes)).max())
            if most > _DEGREES:
                details = {"crs": str(self.crs.to_string())[:40], "value": f"{most:.0f}"}
                self.faults.append(Fault("boundaries.not_degrees", TABLE, details=details))


def _matching(by_name: dict[str, str], patterns: tuple[str, ...]) -> list[str]:
    return [
        name
        for pattern in patterns
        for spelled, name in by_name.items()
        if re.fullmatch(pattern, spelled)
    ]


def _outlines(
    path: Path, part: _Part, codes: npt.NDArray[Any], shapes: npt.NDArray[Any], notes: list[Note]
) -> Boundaries:
    """Return outlines in the planes of France."""
    import geopandas
    import shapely

    from .coverage import Coverage, to_boundaries

    try:
        series = geopandas.GeoSeries(shapes, crs=part.crs)
        points = series.representative_point().to_crs(4326)
        frame = frame_of(points.x.to_numpy(), points.y.to_numpy())
        for number, plane in enumerate(FRAMES):
            there = np.flatnonzero(frame == number)
            if len(there):
                shapes[there] = series.iloc[there].to_crs(plane.epsg).to_numpy()
    except Exception as error:  # pyproj has exceptions of many kinds
        details = {"file": path.name, "reason": type(error).__name__}
        raise InputDataError(Fault("boundaries.crs_unusable", TABLE, details=details)) from error
    inside = (frame >= 0) & np.isfinite(shapely.bounds(shapes)).all(axis=1)
    if not inside.any():
        details = {"file": path.name}
        raise InputDataError(Fault("boundaries.elsewhere", TABLE, details=details))
    if not inside.all():
        shown = first(codes[~inside].tolist())
        notes.append(Note("boundaries.outside", int((~inside).sum()), shown))
    order = np.argsort(codes[inside], kind="stable")
    units, frame, shapes = (each[inside][order] for each in (codes, frame, shapes))
    coverage = Coverage(tuple(units.tolist()), frame, shapes)
    try:
        made = to_boundaries(coverage, part.level, path.name)
    except (shapely.errors.ShapelyError, ValueError) as error:
        details = {"file": path.name, "reason": type(error).__name__}
        raise InputDataError(Fault("boundaries.no_coverage", TABLE, details=details)) from error
    drawn = np.bincount(np.concatenate([made.left, made.right]) + 1, minlength=len(units) + 1)[1:]
    if lost := [unit for unit, arcs in zip(made.units, drawn, strict=True) if not arcs]:
        notes.append(Note("boundaries.too_small", len(lost), first(lost)))
    return replace(made, notes=tuple(notes))
