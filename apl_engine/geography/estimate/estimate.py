"""Travel times estimated from the coordinates of communes, if there is no travel-time matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...errors import Note, check_arguments, first
from ...methodology.model import Methodology
from ...methodology.values import plain_fields
from .land import around_waters, cut_off, same_land, waters
from .model import (
    Parameters,
    commune_logs,
    farthest_km,
    fitted_model,
    fitted_parameters,
    minutes_of,
    pair_factors,
)
from .points import CommunePoints, Floats, Ints, kilometres, near_pairs, read_points

# Two decimals of a minute: finer than the estimate is, coarse enough to be the same everywhere.
DECIMALS = 2


@dataclass(frozen=True)
class Estimate:
    """Estimated travel times, and how far to trust them.

    Attributes
    ----------
    travel_times : pl.DataFrame
        origin, destination (String), minutes (Float64); sorted, both directions of each pair.
    notes : tuple of Note
        The quality of the estimate, and what was dropped.
    parameters : Parameters
        Those of the model.
    quality : mapping
        How the estimate compares with road times that it was not fitted to; empty for parameters
        that are not the fitted ones.
    """

    travel_times: pl.DataFrame
    notes: tuple[Note, ...]
    parameters: Parameters
    quality: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return how the times were estimated as plain values, for JSON."""
        pairs = self.travel_times.height
        return {"pairs": pairs, **plain_fields(self, "parameters", "quality", "notes")}


@check_arguments(methodology=Methodology, parameters=(Parameters, None), reach_minutes=(Real, None))
def estimate_travel_times(
    communes: object,
    methodology: Methodology,
    *,
    parameters: Parameters | None = None,
    reach_minutes: float | None = None,
) -> Estimate:
    """Estimate road times between communes from their points alone.

    Parameters
    ----------
    communes : object
        A frame of any library that speaks the Arrow C interface, with commune, lat, lon (degrees,
        WGS 84) and, if known, population (inhabitants). All of France, or communes to at least
        10 km around those that matter: the density around a commune counts only communes of the
        table.
    methodology : Methodology
        Its largest travel time limits the pairs; see [travel.steps].
    parameters : Parameters, optional
        Of the model; by default the fitted ones, see docs/travel-times.md.
    reach_minutes : float, optional
        Largest time, minutes, in place of the methodology's.

    Returns
    -------
    Estimate
        Pairs of different communes within reach on the same land. A time is the same in both
        directions, above 0, and never falls with distance.

    Raises
    ------
    InputDataError
        The table of communes is not valid.
    """
    reach = float(methodology.travel.steps[-1].to) if reach_minutes is None else reach_minutes
    points = read_points(communes)
    has_population = points.population is not None
    used = parameters or fitted_parameters(has_population)
    start, end, minutes, crossing = _pairs(points, used, reach)
    codes = np.array(points.codes, dtype=object)
    around = zip(codes[start[crossing]], codes[end[crossing]], strict=True)
    detours = [f"{a}-{b}" for a, b in around]
    islands = [code for code in points.codes if code in cut_off()]
    alone = np.delete(codes, np.unique([start, end]))
    quality = {} if parameters else fitted_model(has_population)["quality"]
    notes = (
        _headline(quality),
        *([Note("estimate.without_population")] if quality and not has_population else []),
        *points.notes,
        *_note("estimate.cut_off_communes", islands),
        *_note("estimate.detours_around_water", detours),
        *_note("estimate.no_commune_in_reach", alone),
    )
    return Estimate(_frame(points, start, end, minutes), notes, used, quality)


def _pairs(
    points: CommunePoints, parameters: Parameters, reach: float
) -> tuple[Ints, Ints, Floats, NDArray[np.bool_]]:
    """Return each pair within reach once, its minutes, and whether it goes around a water."""
    logs = commune_logs(points, parameters)
    quickest = float(np.exp(logs.min())) if len(logs) else 1.0
    start, end = near_pairs(points, farthest_km(reach, quickest, parameters))
    on_land = same_land(points.codes, start, end)
    start, end = start[on_land], end[on_land]
    distance = kilometres(points.xyz, start, end)
    distance, crossing = around_waters(points, start, end, distance, waters())
    minutes = minutes_of(distance, pair_factors(logs, start, end), parameters).round(DECIMALS)
    # Two communes with one point are still a trip apart.
    minutes = np.maximum(minutes, 10.0**-DECIMALS)
    near = minutes <= reach
    return start[near], end[near], minutes[near], crossing[near]


def _frame(points: CommunePoints, start: Ints, end: Ints, minutes: Floats) -> pl.DataFrame:
    codes = pl.Series("commune", points.codes, dtype=pl.String)
    origin, destination = np.concatenate([start, end]), np.concatenate([end, start])
    order = np.lexsort((destination, origin))
    return pl.DataFrame(
        {
            "origin": codes.gather(origin[order]),
            "destination": codes.gather(destination[order]),
            "minutes": np.concatenate([minutes, minutes])[order],
        }
    )


def _headline(quality: Mapping[str, Any]) -> Note:
    """Warn that the times are estimated, with the figures of their quality."""
    if not quality:
        return Note("estimate.own_parameters", warning=True)
    names = ("area", "right_class_near", "right_or_next_near", "bias_of_weights",
             "mean_error_minutes")  # fmt: skip
    details = {name: quality[name] for name in names}
    return Note("estimate.straight_lines", warning=True, details=details)


def _note(code: str, examples: Any) -> list[Note]:
    return [Note(code, len(examples), first(examples))] if len(examples) else []
