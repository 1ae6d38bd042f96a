"""Whether the times of a distancier are minutes, hours or seconds."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...errors import Fault
from ...notes import Note
from .layout import Layout, Roles

PER_MINUTE = {"minutes": Fraction(1), "seconds": Fraction(60), "hours": Fraction(1, 60)}

# Roads between communes are driven at 25 to 110 km/h; a median outside is of another unit.
_SLOWEST, _FASTEST = 25.0, 110.0
KM_PER_HOUR = {"minutes": 60.0, "seconds": 3600.0, "hours": 1.0}
# Medians of times: those of a matrix cut at ten minutes, to those of the whole country.
_MEDIANS = {"hours": (0.0, 2.4), "minutes": (7.0, 600.0), "seconds": (720.0, float("inf"))}
_NAMES = {
    "seconds": r"sec|(^|_)s( |$)",
    "minutes": r"min|(^|_)mn( |$)",
    "hours": r"heures?(?!_?(?:creuse|pleine|pointe|de_pointe))|hours?(?!_)|(^|_)h( |$)",
}


@dataclass(frozen=True)
class Unit:
    """The unit that the times of a file seem to be in, "" where that is not clear, and why.

    Where name and values contradict each other, other files cannot settle it.
    """

    name: str
    why: str
    contradictory: bool = False


def unit_of(layout: Layout, roles: Roles) -> Unit:
    """Tell the unit of a file by the name of its column, speeds, or the size of its times.

    Parameters
    ----------
    layout, roles : the file and its columns.

    Returns
    -------
    Unit
        Without a name where neither tells, or where they contradict each other.
    """
    times = [number_of(value) for value in layout.sample[roles.times[0]]]
    named = [unit for unit, pattern in _NAMES.items() if re.search(pattern, roles.hint)]
    hint = named[0] if len(named) == 1 else ""
    by_data = Unit("", "")
    if roles.distance is not None:
        distances = [number_of(value) for value in layout.sample[roles.distance]]
        by_data = _by_speed(times, distances, in_metres=in_metres(layout, roles))
    by_data = by_data if by_data.name else by_size(times)
    if hint and by_data.name in ("", hint):
        return Unit(hint, f"as its column '{layout.names[roles.times[0]]}' says")
    if hint:
        said = f"its column says {hint}, {by_data.why} says {by_data.name}"
        return Unit("", said, contradictory=True)
    return by_data


def in_metres(layout: Layout, roles: Roles) -> bool:
    """Tell whether distances, which there are, are in metres: by their name or size."""
    assert roles.distance is not None
    if re.search(r"metre|meter|_m$|^m$", layout.names[roles.distance].lower()):
        return True
    given = [d for d in map(number_of, layout.sample[roles.distance]) if d > 0]
    # The country is some 1 300 km across.
    return bool(given) and statistics.median(given) > 1500


def _by_speed(times: Sequence[float], distances: Sequence[float], *, in_metres: bool) -> Unit:
    """Tell the unit by the median speed."""
    driven = [(t, d) for t, d in zip(times, distances, strict=True) if t > 0 and d > 0]
    if not driven:
        return Unit("", "")
    speed = statistics.median(d / t for t, d in driven) / (1000 if in_metres else 1)
    for unit, factor in KM_PER_HOUR.items():
        if _SLOWEST <= speed * factor <= _FASTEST:
            return Unit(unit, f"a median speed of {speed * factor:.0f} km/h")
    return Unit("", "")


def by_size(times: Sequence[float]) -> Unit:
    """Tell the unit by the median of the times."""
    given = [time for time in times if time > 0]
    if not given:
        return Unit("", "no time above 0")
    median = statistics.median(given)
    for unit, (low, high) in _MEDIANS.items():
        if low < median <= high:
            return Unit(unit, f"a median of {median:.4g}")
    return Unit("", f"a median of {median:.4g}")


def agree(
    files: Sequence[Layout], found: Sequence[Unit], declared: str
) -> tuple[str, list[Fault], list[Note]]:
    """Settle the unit of a matrix in several files.

    Parameters
    ----------
    files, found : the files, and what each seems to be in.
    declared : minutes, hours, seconds, or auto.

    Returns
    -------
    str, list of Fault, list of Note
        The unit; a fault where nothing tells it or files contradict each other; a warning where
        the data contradict what is declared.
    """
    clear = {unit.name: file for file, unit in zip(files, found, strict=True) if unit.name}
    if declared != "auto":
        others = [name for name in clear if name != declared]
        text = f"times are read as {declared}, as declared, but look like {', '.join(others)}"
        why = next((unit.why for unit in found if unit.name in others), "")
        note = Note("unit_declared", len(others), warning=True, details={"text": f"{text} ({why})"})
        return declared, [], [note] if others else []
    wrong = next((k for k, unit in enumerate(found) if unit.contradictory), None)
    if len(clear) == 1 and wrong is None:
        return next(iter(clear)), [], []
    hint = "Declare it: unit='minutes', 'hours' or 'seconds'; --unit in the command."
    if len(clear) > 1:
        told = ", ".join(f"{file.path.name} in {name}" for name, file in clear.items())
        problem = f"its files are in several units: {told}"
        return (
            "minutes",
            [
                Fault(
                    code="legacy.fault",
                    table="distancier",
                    details={"problem": problem, "hint": f"Convert one. {hint}"},
                )
            ],
            [],
        )
    place = wrong or 0
    problem = f"the unit of its times is not clear ({found[place].why})"
    return (
        "minutes",
        [
            Fault(
                code="legacy.fault",
                table=files[place].path.name,
                details={"problem": problem, "hint": hint},
            )
        ],
        [],
    )


def number_of(text: str) -> float:
    """Return a time or a distance, NaN where there is none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return float("nan")
