"""Where the communes are: points checked, sorted by code, and the pairs near one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...errors import AplError, Fault, InputDataError
from ...notes import Note, first
from ...schemas import COMMUNE_CODE
from .bounds import outside

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Mean radius of the Earth, IUGG.
EARTH_RADIUS_KM = 6371.0088
# Up to this share of points that are elsewhere, as in the open file of town halls, is told; above,
# the columns are wrong.
_FEW_MISPLACED = 0.001
# In that file 1 commune in 90 has the point of another: town halls move together.
_ENOUGH_POINTS, _MOST_SHARED = 10, 0.5
_LIMITS = {"lat": 90.0, "lon": 180.0}


@dataclass(frozen=True)
class Places:
    """Communes and their points, sorted by code.

    Attributes
    ----------
    codes : INSEE codes.
    lat, lon : float64 (n,), degrees, WGS 84.
    population : float64 (n,), inhabitants, whole; None where not given.
    notes : what was left out or imputed.
    """

    codes: list[str]
    lat: Floats
    lon: Floats
    population: Floats | None
    notes: tuple[Note, ...] = ()

    @property
    def xyz(self) -> Floats:
        """Return the points on the unit sphere, (n, 3)."""
        lat, lon = np.radians(self.lat), np.radians(self.lon)
        return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def read_places(frame: pl.DataFrame) -> Places:
    """Check a table of communes and take their points.

    Parameters
    ----------
    frame : commune, lat, lon (degrees, WGS 84) and, if known, population (inhabitants).

    Returns
    -------
    Places
        Sorted by code. Communes without a point are left out, in a note.

    Raises
    ------
    InputDataError
        A column is missing, a code is none or there twice, a value cannot be right.
    """
    missing = [name for name in ("commune", *_LIMITS) if name not in frame.columns]
    if missing:
        raise InputDataError([_no_column(name, frame.columns) for name in missing])
    names = ["commune", *_LIMITS, *(["population"] if "population" in frame.columns else [])]
    typed = frame.select(
        pl.col("commune").cast(pl.String),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in names[1:]),
    )
    faults = [*_faulty_codes(typed), *_faulty_numbers(frame, typed)]
    if faults:
        raise InputDataError(faults)
    notes: list[Note] = []
    typed = _without_misplaced(typed, notes)
    notes += _same_points(typed)
    kept = typed.drop_nulls(["lat", "lon"]).sort("commune")
    if kept.height < typed.height:
        lost = typed.filter(pl.col("lat").is_null() | pl.col("lon").is_null())["commune"].sort()
        text = "communes have no point (lat, lon), and hence no travel time to another commune"
        notes.append(
            Note(
                "no_point",
                len(lost),
                first(lost),
                warning=True,
                details={"text": f"{len(lost)} {text}"},
            )
        )
    population = _population(kept, notes)
    return Places(
        kept["commune"].to_list(),
        kept["lat"].to_numpy().astype(np.float64),
        kept["lon"].to_numpy().astype(np.float64),
        population,
        tuple(notes),
    )


def _no_column(name: str, there: list[str]) -> Fault:
    hint = f"The columns are {', '.join(there)}; lat and lon are degrees, WGS 84."
    return Fault(
        code="legacy.fault",
        table="communes",
        column=name,
        details={"problem": "the column is missing", "hint": hint},
    )


def _faulty_codes(typed: pl.DataFrame) -> list[Fault]:
    codes = typed["commune"]
    wrong = ~codes.str.contains(COMMUNE_CODE).fill_null(False)
    twice = codes.is_duplicated() & codes.is_not_null()
    hint = "Codes are text of five characters: 01001, not 1001."
    return [
        *_fault(codes, wrong, "commune", "not a commune code", hint),
        *_fault(codes, twice, "commune", "the commune is there more than once", "Keep one."),
    ]


def _faulty_numbers(frame: pl.DataFrame, typed: pl.DataFrame) -> list[Fault]:
    faults: list[Fault] = []
    for name in typed.columns[1:]:
        values, given = typed[name], frame[name]
        unread = given.is_not_null() & values.is_null()
        faults += _fault(given, unread, name, "not a number", "")
        if name in _LIMITS:
            wrong = ~(values.abs() <= _LIMITS[name])
            hint = "Degrees, WGS 84: values in metres are of a projection such as Lambert 93."
        else:
            wrong = ~(values.is_finite() & (values >= 0))
            hint = "Inhabitants, 0 or more."
        faults += _fault(given, wrong.fill_null(False), name, "cannot be right", hint)
    lat, lon = typed["lat"].drop_nans().drop_nulls(), typed["lon"].drop_nans().drop_nulls()
    if len(lat) and len(lon) and lat.abs().max() < lon.abs().min() and lon.min() > 41:  # type: ignore[operator]
        hint = "France lies at latitude 41 to 52: name the two the other way round."
        return [
            *faults,
            Fault(
                code="legacy.fault",
                table="communes",
                column="lat",
                details={"problem": "lat and lon look swapped", "hint": hint},
            ),
        ]
    return faults if faults else _faulty_points(typed)


def _faulty_points(typed: pl.DataFrame) -> list[Fault]:
    """Return the fault of points that are not where their communes can be, by their codes."""
    hint = (
        "Is lat in the place of lon, a sign lost, or 0 written for what is not known? Correct "
        "them, or leave them empty: such communes have no time to others."
    )
    shared = _shared(typed)
    if typed.height >= _ENOUGH_POINTS and shared.sum() > _MOST_SHARED * typed.height:
        problem, other = "points that stand for several communes", "Give each commune its own."
        return _fault(typed["commune"], shared, "lat", problem, other)
    problem = "points that are not in the part of France of their code"
    wrong = outside(typed)
    if wrong.sum() <= _FEW_MISPLACED * typed.height:
        return []
    return _fault(typed["commune"], wrong, "lat", problem, hint)


def _shared(typed: pl.DataFrame) -> pl.Series:
    """Tell the communes whose point is another's too."""
    there = typed["lat"].is_not_null() & typed["lon"].is_not_null()
    return there & typed.select("lat", "lon").is_duplicated()


def _same_points(typed: pl.DataFrame) -> list[Note]:
    codes = typed.filter(_shared(typed))["commune"].sort()
    if not len(codes):
        return []
    text = "communes have the point of another"
    return [
        Note(
            "same_points",
            len(codes),
            first(codes),
            warning=True,
            details={"text": f"{len(codes)} {text}"},
        )
    ]


def _without_misplaced(typed: pl.DataFrame, notes: list[Note]) -> pl.DataFrame:
    """Take away the few points that are elsewhere, and say whose they are."""
    wrong = outside(typed)
    if not wrong.any():
        return typed
    codes = typed.filter(wrong)["commune"].sort()
    text = "communes have a point that is not in the part of France of their code: left without"
    notes.append(
        Note(
            "misplaced",
            len(codes),
            first(codes, 12),
            warning=True,
            details={"text": f"{len(codes)} {text}"},
        )
    )
    return typed.with_columns(
        pl.when(~wrong).then(pl.col("lat", "lon")).otherwise(None).name.keep()
    )


def _fault(
    values: pl.Series, wrong: pl.Series, column: str, problem: str, hint: str
) -> list[Fault]:
    rows = wrong.arg_true()
    if not len(rows):
        return []
    return [
        Fault(
            code="legacy.fault",
            table="communes",
            column=column,
            count=len(rows),
            rows=tuple(row + 1 for row in rows[:3]),
            values=first(values.gather(rows[:3])),
            details={"problem": problem, "hint": hint},
        )
    ]


def _population(kept: pl.DataFrame, notes: list[Note]) -> Floats | None:
    """Return whole inhabitants; an exact sum is the same in every order."""
    if "population" not in kept.columns or kept["population"].is_null().all():
        return None
    nulls = kept.filter(pl.col("population").is_null())["commune"]
    if len(nulls):
        text = "communes have no population and are taken for the smallest in estimating times"
        notes.append(
            Note(
                "no_population",
                len(nulls),
                first(nulls),
                warning=True,
                details={"text": f"{len(nulls)} {text}"},
            )
        )
    whole: Floats = np.rint(kept["population"].fill_null(0).to_numpy().astype(np.float64))
    return whole


def near_pairs(places: Places, km: float) -> tuple[Ints, Ints]:
    """Return every pair at most `km` apart in a straight line, each once, first row lower.

    Sorted by first then second row. Uses a k-d tree on the unit sphere.
    """
    tree_of = _scipy_tree()
    if len(places.codes) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    angle = min(km / EARTH_RADIUS_KM, np.pi)
    # A hair more, so that no pair at the bound hangs on the last bit of the chord.
    chord = 2 * np.sin(angle / 2) * (1 + 1e-9)
    pairs = tree_of(places.xyz).query_pairs(chord, output_type="ndarray").astype(np.int64)
    # One number a pair sorts several times as fast as two columns.
    start, end = np.divmod(
        np.sort(pairs[:, 0] * len(places.codes) + pairs[:, 1]), len(places.codes)
    )
    return start, end


def kilometres(xyz: Floats, start: Ints, end: Ints) -> Floats:
    """Return great-circle distances between rows of `xyz`, km."""
    apart = xyz[start] - xyz[end]
    chord = np.sqrt(apart[:, 0] ** 2 + apart[:, 1] ** 2 + apart[:, 2] ** 2)
    result: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chord / 2, 1.0))
    return result


def _scipy_tree() -> Any:
    """Import the k-d tree only where it is needed: SciPy is an extra."""
    try:
        from scipy.spatial import cKDTree
    except ImportError as error:
        raise AplError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": "Travel times between communes need SciPy: pip install 'apl-engine[travel]'"
                },
            )
        ) from error
    return cKDTree
