"""The unit of travel times: minutes, hours or seconds."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from ...errors import Fault, Note
from ..common.issues import raise_faults
from .layout import OpenedFile, Roles

PER_MINUTE = {"minutes": Fraction(1), "seconds": Fraction(60), "hours": Fraction(1, 60)}
KM_PER_HOUR = {"minutes": 60.0, "seconds": 3600.0, "hours": 1.0}

# Median speed of roads between communes, km/h; a median outside belongs to another unit.
_SLOWEST, _FASTEST = 25.0, 110.0
# Median times, from those of a matrix cut at ten minutes to those of the whole country.
_MEDIANS = {"hours": (0.0, 2.4), "minutes": (7.0, 600.0), "seconds": (720.0, float("inf"))}
_NAMES = {
    "seconds": r"sec|(^|_)s( |$)",
    "minutes": r"min|(^|_)mn( |$)",
    "hours": r"heures?(?!_?(?:creuse|pleine|pointe|de_pointe))|hours?(?!_)|(^|_)h( |$)",
}


@dataclass(frozen=True)
class Unit:
    """The unit in which the times of a file seem to be.

    Attributes
    ----------
    name : str
        minutes, hours or seconds; empty if unclear.
    basis : str
        What indicates it, for display.
    contradiction : tuple of str
        The unit that the name of the column states and the one that its values suggest, if they
        differ; other files cannot settle it.
    """

    name: str = ""
    basis: str = ""
    contradiction: tuple[str, ...] = ()


def detect_unit(file: OpenedFile, roles: Roles) -> Unit:
    """Detect the unit of a file from the name of its column, its speeds, or the size of its times.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles

    Returns
    -------
    Unit
    """
    times = as_floats(file.sample[roles.times[0]])
    named = [unit for unit, pattern in _NAMES.items() if re.search(pattern, roles.time_names)]
    stated = named[0] if len(named) == 1 else ""
    measured = Unit()
    if roles.distance is not None:
        distances = as_floats(file.sample[roles.distance])
        measured = _by_speed(times, distances, 1000 if in_metres(file, roles) else 1)
    measured = measured if measured.name else unit_by_size(times)
    if stated and measured.name not in ("", stated):
        return Unit("", measured.basis, (stated, measured.name))
    named_so = Unit(stated, f"as its column '{file.names[roles.times[0]]}' says")
    return named_so if stated else measured


def in_metres(file: OpenedFile, roles: Roles) -> bool:
    """Return whether the distances of a file are in metres, by the name or size of the column.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles
        With a distance.

    Returns
    -------
    bool
    """
    assert roles.distance is not None
    if re.search(r"metre|meter|_m$|^m$", file.names[roles.distance].lower()):
        return True
    given = as_floats(file.sample[roles.distance])
    # The country is some 1 300 km across.
    return _median(given.filter(given > 0)) > 1500


def _by_speed(times: pl.Series, distances: pl.Series, per_km: int) -> Unit:
    """Detect the unit by the median speed."""
    speed = _median((distances / times).filter((times > 0) & (distances > 0))) / per_km
    for unit, factor in KM_PER_HOUR.items():
        if _SLOWEST <= speed * factor <= _FASTEST:
            return Unit(unit, f"a median speed of {speed * factor:.0f} km/h")
    return Unit()


def unit_by_size(times: pl.Series) -> Unit:
    """Detect the unit by the median of the times.

    Parameters
    ----------
    times : pl.Series of float
        Null if there is none.

    Returns
    -------
    Unit
    """
    given = times.filter(times > 0)
    if given.is_empty():
        return Unit("", "no time above 0")
    median = _median(given)
    units = (unit for unit, (low, high) in _MEDIANS.items() if low < median <= high)
    return Unit(next(units, ""), f"a median of {median:.4g}")


def agree_unit(
    files: Sequence[OpenedFile], units: Sequence[Unit], declared: str
) -> tuple[str, list[Note]]:
    """Settle the unit of a matrix in several files.

    Parameters
    ----------
    files : sequence of OpenedFile
    units : sequence of Unit
        The apparent unit of each file.
    declared : str
        minutes, hours, seconds, or auto.

    Returns
    -------
    unit : str
    notes : list of Note
        A warning if the data contradict the declared unit.

    Raises
    ------
    InputDataError
        No file has a clear unit, or names, values or files contradict each other.
    """
    clear = {unit.name: (file, unit) for file, unit in zip(files, units, strict=True) if unit.name}
    if declared != "auto":
        others = {name: unit.basis for name, (_, unit) in clear.items() if name != declared}
        details = {"declared": declared, "apparent": (*others,), "basis": (*others.values(),)}
        code = "distancier.unit_contradicts_values"
        return declared, [Note(code, len(others), warning=True, details=details)] if others else []
    faults = []
    for file, unit in zip(files, units, strict=True):
        if unit.contradiction:
            code, (stated, suggested) = "distancier.contradictory_unit", unit.contradiction
            faults.append(file.fault(code, stated=stated, suggested=suggested, basis=unit.basis))
    if len(clear) > 1:
        found = tuple(f"{file.path.name} ({name})" for name, (file, _) in clear.items())
        code, details = "distancier.several_units", {"files": found}
        faults.append(Fault(code, "distancier", details=details))
    elif not clear and not faults:
        faults.append(files[0].fault("distancier.unclear_unit", basis=units[0].basis))
    raise_faults(faults)
    return next(iter(clear)), []


def as_floats(values: Sequence[str] | pl.Series) -> pl.Series:
    """Return times or distances as numbers; null for what is none."""
    text = pl.Series(values, dtype=pl.String).str.strip_chars()
    text = text.str.replace(",", ".", literal=True)
    return text.cast(pl.Float64, strict=False).fill_nan(None)


def _median(values: pl.Series) -> float:
    """Return the median, rounded once; 0 if there is no value."""
    return float(statistics.median(values)) if len(values) else 0.0
