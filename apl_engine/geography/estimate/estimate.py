"""Travel times where there is no distancier: estimated from where the communes are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from ...methodology.model import Methodology
from ...notes import Note, first
from .land import around_waters, cut_off, same_land, waters
from .model import (
    Parameters,
    commune_logs,
    farthest_km,
    fitted,
    fitted_parameters,
    minutes_of,
    pair_factors,
    variant,
)
from .points import Floats, Ints, Places, kilometres, near_pairs, read_places

# Two decimals of a minute: finer than the estimate is, coarse enough to be the same everywhere.
DECIMALS = 2


@dataclass(frozen=True)
class Estimate:
    """Estimated travel times, and how far to trust them.

    Attributes
    ----------
    travel_times : origin, destination (String), minutes (Float64); sorted, both ways of each pair.
    notes : that they are estimated, and what was left out.
    parameters : the numbers of the model.
    quality : how the estimate does against road times it was not fitted to; empty for parameters
        that are not the fitted ones.
    """

    travel_times: pl.DataFrame
    notes: tuple[Note, ...]
    parameters: Parameters
    quality: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return how the times came about as plain values, for JSON."""
        return {
            "pairs": self.travel_times.height,
            "parameters": dict(vars(self.parameters)),
            "quality": dict(self.quality),
            "notes": [note.as_dict() for note in self.notes],
        }


def estimate_travel_times(
    places: pl.DataFrame,
    methodology: Methodology,
    *,
    parameters: Parameters | None = None,
    reach_minutes: float | None = None,
) -> Estimate:
    """Estimate road times between communes from their points alone.

    Parameters
    ----------
    places : commune, lat, lon (degrees, WGS 84) and, if known, population (inhabitants). All of
        France, or communes to at least 10 km around those that matter: the density around a
        commune counts only communes that are there.
    methodology : its largest travel time bounds the pairs; see [travel.steps].
    parameters : of the model; the fitted ones if None, see docs/travel-times.md.
    reach_minutes : largest time given, minutes, in place of the methodology's.

    Returns
    -------
    Estimate
        Pairs of different communes within reach on one piece of land. A time is the same both
        ways, above 0, and never falls with distance.

    Raises
    ------
    InputDataError
        The table of places breaks its contract.
    AplError
        SciPy is not installed.
    """
    reach = float(methodology.travel.steps[-1].to) if reach_minutes is None else reach_minutes
    read = read_places(places)
    known = read.population is not None
    used = parameters or fitted_parameters(known)
    start, end, minutes, crossing = _pairs(read, used, reach)
    quality = fitted()[variant(known)]["quality"] if parameters is None else {}
    notes = (
        _headline(quality, known),
        *read.notes,
        *_islands(read),
        *_detours(read, start[crossing], end[crossing]),
        *_alone(read, start, end),
    )
    return Estimate(_frame(read, start, end, minutes), notes, used, quality)


def _pairs(
    places: Places, parameters: Parameters, reach: float
) -> tuple[Ints, Ints, Floats, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Return each pair within reach once, its minutes, and whether it goes around a water."""
    logs = commune_logs(places, parameters)
    quickest = float(np.exp(logs.min())) if len(logs) else 1.0
    start, end = near_pairs(places, farthest_km(reach, quickest, parameters))
    on_land = same_land(places.codes, start, end)
    start, end = start[on_land], end[on_land]
    distance = kilometres(places.xyz, start, end)
    distance, crossing = around_waters(places, start, end, distance, waters())
    minutes = minutes_of(distance, pair_factors(logs, start, end), parameters).round(DECIMALS)
    # Two halls at one place are still two communes.
    minutes = np.maximum(minutes, 10.0**-DECIMALS)
    kept = minutes <= reach
    return start[kept], end[kept], minutes[kept], crossing[kept]


def _frame(places: Places, start: Ints, end: Ints, minutes: Floats) -> pl.DataFrame:
    codes = pl.Series("commune", places.codes, dtype=pl.String)
    origin, destination = np.concatenate([start, end]), np.concatenate([end, start])
    both = np.concatenate([minutes, minutes])
    order = np.lexsort((destination, origin))
    return pl.DataFrame(
        {
            "origin": codes.gather(origin[order]),
            "destination": codes.gather(destination[order]),
            "minutes": both[order],
        }
    )


def _headline(quality: Mapping[str, Any], known: bool) -> Note:
    text = "Travel times are estimated from straight lines, not by road"
    if not quality:
        return Note(
            "travel_times_estimated",
            warning=True,
            details={"text": f"{text}, with parameters of your own"},
        )
    text += (
        f". Against OSRM, on communes of {quality['area']} it was not fitted to, "
        f"{quality['right_class_near']:.0%} of the pairs within reach fall in the right step, "
        f"{quality['right_or_next_near']:.0%} in it or the next; the summed weights are off by "
        f"{quality['bias_of_weights']:+.1%}; the mean error is "
        f"{quality['mean_error_minutes']:.1f} minutes. In plains trips come out too long, in "
        "mountains too short"
    )
    if not known:
        text += ". With a column `population` it would do better"
    return Note("travel_times_estimated", warning=True, details={"text": text})


def _islands(places: Places) -> list[Note]:
    islands = cut_off()
    there = [code for code in places.codes if code in islands]
    if not there:
        return []
    text = "communes without a road to the rest of the country have times among themselves only"
    return [
        Note("cut_off_communes", len(there), first(there), details={"text": f"{len(there)} {text}"})
    ]


def _detours(places: Places, start: Ints, end: Ints) -> list[Note]:
    if not len(start):
        return []
    text = "pairs go around a water that the straight line crosses, by its nearest bridge or head"
    pairs = (f"{places.codes[a]}-{places.codes[b]}" for a, b in zip(start, end, strict=True))
    return [
        Note(
            "detours_around_water",
            len(start),
            first(pairs),
            details={"text": f"{len(start)} {text}"},
        )
    ]


def _alone(places: Places, start: Ints, end: Ints) -> list[Note]:
    reached = np.zeros(len(places.codes), dtype=bool)
    reached[start] = reached[end] = True
    alone = [places.codes[row] for row in np.flatnonzero(~reached)]
    if not alone:
        return []
    text = "communes have no other commune within reach"
    return [
        Note(
            "no_commune_in_reach",
            len(alone),
            first(alone),
            details={"text": f"{len(alone)} {text}"},
        )
    ]
