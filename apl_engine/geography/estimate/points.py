"""The points of communes: validated, sorted by code, and the pairs close to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...errors import Fault, InputDataError, Note, first
from ...schemas import COMMUNE_CODE, Kind, to_frame, typed_columns
from .bounds import outside

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Mean radius of the Earth, IUGG.
EARTH_RADIUS_KM = 6371.0088
# Up to this share of misplaced points, as in the open file of town halls, is reported in a note;
# above, the columns are wrong.
_FEW_MISPLACED = 0.001
# In that file 1 commune in 90 has the point of another: merged communes share a town hall.
_ENOUGH_POINTS, _MOST_SHARED = 10, 0.5
_LIMITS = {"lat": 90.0, "lon": 180.0}
_SHOWN, _SHOWN_MISPLACED = 5, 12


@dataclass(frozen=True)
class CommunePoints:
    """Communes and their points, sorted by code.

    Attributes
    ----------
    codes : list of str
        INSEE codes.
    lat, lon : ndarray of float64, shape (n,)
        Degrees, WGS 84.
    population : ndarray of float64, shape (n,), or None
        Whole inhabitants, if given.
    notes : tuple of Note
        Communes dropped, and populations imputed.
    """

    codes: list[str]
    lat: Floats
    lon: Floats
    population: Floats | None
    notes: tuple[Note, ...] = ()

    @property
    def xyz(self) -> Floats:
        """The points on the unit sphere, shape (n, 3)."""
        lat, lon = np.radians(self.lat), np.radians(self.lon)
        return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def read_points(communes: object) -> CommunePoints:
    """Validate a table of communes and return their points.

    Parameters
    ----------
    communes : object
        A frame of any library that speaks the Arrow C interface, with commune, lat, lon (degrees,
        WGS 84) and, if known, population (inhabitants).

    Returns
    -------
    CommunePoints
        Sorted by code. Communes without a point are dropped, and rows that repeat that of their
        commune, with a note.

    Raises
    ------
    InputDataError
        A column is missing or of another type, a code is invalid or repeated, or a value cannot be
        right.
    """
    frame = to_frame(communes, "communes")
    numbers = [*_LIMITS, *(["population"] if "population" in frame.columns else [])]
    kinds: dict[str, Kind] = {"commune": "text"}
    # Numbers may be read from text.
    kinds |= {name: "text" if frame.schema.get(name) == pl.String else "number" for name in numbers}
    typed = typed_columns(frame, "communes", kinds, nullable=kinds).select(
        "commune", pl.col(numbers).cast(pl.Float64, strict=False)
    )
    if faults := [*_code_faults(typed), *_number_faults(frame, typed)]:
        raise InputDataError(faults)
    once = typed.unique(keep="first", maintain_order=True)
    repeats = [Note("points.repeated_rows", typed.height - once.height)]
    repeats, typed = [note for note in repeats if note.count], once
    misplaced = outside(typed)
    notes = [*repeats, *_note("points.misplaced", typed.filter(misplaced), _SHOWN_MISPLACED)]
    typed = typed.with_columns(pl.when(~misplaced).then(pl.col("lat", "lon")).name.keep())
    notes += _note("points.shared", typed.filter(_shared(typed)))
    notes += _note("points.no_point", typed.filter(pl.any_horizontal(pl.col(*_LIMITS).is_null())))
    typed = typed.drop_nulls(["lat", "lon"]).sort("commune")
    population = None
    if "population" in numbers and not typed["population"].is_null().all():
        notes += _note("points.no_population", typed.filter(pl.col("population").is_null()))
        # Whole numbers have an exact sum, the same in every order.
        population = np.rint(_floats(typed["population"].fill_null(0)))
    lat, lon = _floats(typed["lat"]), _floats(typed["lon"])
    return CommunePoints(typed["commune"].to_list(), lat, lon, population, tuple(notes))


def _floats(column: pl.Series) -> Floats:
    return column.to_numpy().astype(np.float64)


def _code_faults(typed: pl.DataFrame) -> list[Fault]:
    codes = typed["commune"]
    invalid = ~codes.str.contains(COMMUNE_CODE).fill_null(False)
    # Rows that are the same to the last value are one.
    distinct = typed.unique()["commune"].drop_nulls()
    repeated = codes.is_in(distinct.filter(distinct.is_duplicated()).implode()).fill_null(False)
    return [
        *_fault("points.invalid_code", codes, invalid, "commune"),
        *_fault("points.repeated_commune", codes, repeated, "commune"),
    ]


def _number_faults(communes: pl.DataFrame, typed: pl.DataFrame) -> list[Fault]:
    faults: list[Fault] = []
    for name in typed.columns[1:]:
        values, given = typed[name], communes[name]
        unread = given.is_not_null() & values.is_null()
        faults += _fault("points.not_a_number", given, unread, name)
        if name in _LIMITS:
            code, possible = "points.invalid_degrees", values.abs() <= _LIMITS[name]
        else:
            code, possible = "points.invalid_population", values.is_finite() & (values >= 0)
        faults += _fault(code, given, ~possible, name)
    if faults:
        return faults
    lat, lon = typed["lat"].drop_nulls(), typed["lon"].drop_nulls()
    if len(lat) and len(lon) and lat.abs().max() < lon.abs().min() and lon.min() > 41:  # type: ignore[operator]
        return [Fault("points.swapped", "communes", column="lat")]
    return _position_faults(typed)


def _position_faults(typed: pl.DataFrame) -> list[Fault]:
    """Return the fault of points that cannot be those of their communes."""
    shared, wrong = _shared(typed), outside(typed)
    if typed.height >= _ENOUGH_POINTS and shared.sum() > _MOST_SHARED * typed.height:
        return _fault("points.shared", typed["commune"], shared, "lat")
    if wrong.sum() <= _FEW_MISPLACED * typed.height:
        return []
    return _fault("points.misplaced", typed["commune"], wrong, "lat")


def _shared(typed: pl.DataFrame) -> pl.Series:
    """Return which communes have the point of another."""
    present = typed["lat"].is_not_null() & typed["lon"].is_not_null()
    communes = pl.col("commune").n_unique().over("lat", "lon")
    return present & typed.select(communes > 1).to_series()


def _fault(code: str, values: pl.Series, wrong: pl.Series, column: str) -> list[Fault]:
    rows = wrong.fill_null(False).arg_true()
    if not len(rows):
        return []
    places, shown = tuple(row + 1 for row in rows[:3]), first(values.gather(rows[:3]))
    return [Fault(code, "communes", column=column, count=len(rows), rows=places, values=shown)]


def _note(code: str, communes: pl.DataFrame, shown: int = _SHOWN) -> list[Note]:
    codes = communes["commune"].sort()
    return [Note(code, len(codes), first(codes, shown), warning=True)] if len(codes) else []


def near_pairs(points: CommunePoints, km: float) -> tuple[Ints, Ints]:
    """Return every pair at most `km` apart in a straight line, each once.

    Parameters
    ----------
    points : CommunePoints
    km : float

    Returns
    -------
    start, end : ndarray of int64
        Row numbers, the lower one first; sorted by both.
    """
    from scipy.spatial import cKDTree

    if len(points.codes) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    angle = min(km / EARTH_RADIUS_KM, np.pi)
    # Slightly more, so that no pair at the bound depends on the last bit of the chord.
    chord = 2 * np.sin(angle / 2) * (1 + 1e-9)
    pairs = cKDTree(points.xyz).query_pairs(chord, output_type="ndarray").astype(np.int64)
    # One number a pair sorts several times as fast as two columns.
    size = len(points.codes)
    start, end = np.divmod(np.sort(pairs[:, 0] * size + pairs[:, 1]), size)
    return start, end


def kilometres(xyz: Floats, start: Ints, end: Ints) -> Floats:
    """Return great-circle distances between rows of `xyz`, km.

    Parameters
    ----------
    xyz : ndarray of float64, shape (n, 3)
        Points on the unit sphere.
    start, end : ndarray of int64, shape (n_pairs,)

    Returns
    -------
    ndarray of float64, shape (n_pairs,)
    """
    apart = xyz[start] - xyz[end]
    chord = np.sqrt(apart[:, 0] ** 2 + apart[:, 1] ** 2 + apart[:, 2] ** 2)
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chord / 2, 1.0))
