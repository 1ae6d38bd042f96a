"""Travel times to a network of compressed sparse rows: annexe, IV, 4.1.3."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from . import kernels
from .arrays import numbers, places
from .kernels.types import Classes, Float, Index, Pointers
from .methodology import Methodology, Travel, common_denominator
from .notes import Note


@dataclass(frozen=True)
class Rows:
    """Pairs within reach, by row.

    Attributes
    ----------
    pointers : int64 (n_communes + 1,), where each row begins.
    columns : uint32 (n_pairs,), the other commune of each pair, rising within a row.
    classes : uint8 (n_pairs,), the step that its minutes fall in.
    """

    pointers: Pointers
    columns: Index
    classes: Classes


@dataclass(frozen=True)
class TravelNetwork:
    """Which communes reach which, and in which step of travel time.

    Attributes
    ----------
    communes : codes, sorted; a row of the network is a commune in this order.
    by_origin : a row holds where the people of a commune can go.
    by_destination : a row holds from where people come to a commune.
    weights : float64 (n_steps,), weight of each step, times `denominator`: whole numbers.
    denominator : what the weights are to be divided by.
    notes : what the travel times call for saying.
    """

    communes: pl.Series
    by_origin: Rows
    by_destination: Rows
    weights: Float
    denominator: int
    notes: tuple[Note, ...] = ()

    @property
    def pairs(self) -> int:
        """Return the number of ordered pairs within reach, each commune with itself included."""
        return len(self.by_origin.columns)


def build_network(travel_times: pl.DataFrame, methodology: Methodology) -> TravelNetwork:
    """Class travel times by the steps of the methodology, and index them both ways.

    Parameters
    ----------
    travel_times : as checked by `read_inputs`, in any order; the categories of ``origin`` are
        the communes there are.
    methodology : see its section ``travel``.

    Returns
    -------
    TravelNetwork
    """
    rules = methodology.travel
    origin, destination, minutes = _pairs(travel_times, rules)
    size = len(travel_times.schema["origin"].categories)  # type: ignore[attr-defined]
    origin, destination, minutes, added = _with_diagonal(origin, destination, minutes, size, rules)
    classes = np.empty(len(minutes), dtype=np.uint8)
    kernels.step_classes(minutes, _edges(rules), len(minutes), len(rules.steps), classes)
    by_destination = _gathered(destination, origin, classes, size, len(rules.steps))
    by_origin = _transposed(by_destination)
    denominator = common_denominator(rules.steps)
    network = TravelNetwork(
        communes=pl.Series("commune", travel_times.schema["origin"].categories),  # type: ignore[attr-defined]
        by_origin=by_origin,
        by_destination=_transposed(by_origin),
        weights=np.array([float(step.weight * denominator) for step in rules.steps]),
        denominator=denominator,
    )
    notes = _remarks(network, minutes[: len(minutes) - added], added, rules)
    return TravelNetwork(**{**vars(network), "notes": notes})


def _pairs(travel_times: pl.DataFrame, rules: Travel) -> tuple[Index, Index, Float]:
    """Return origin, destination and minutes after the rules on the two ways of a pair."""
    if (rules.two_way_pairs, rules.one_way_pairs) != ("as_given", "as_given"):
        travel_times = _both_ways(travel_times, rules)
    return (
        places(travel_times["origin"]),
        places(travel_times["destination"]),
        numbers(travel_times["minutes"]),
    )


def _both_ways(travel_times: pl.DataFrame, rules: Travel) -> pl.DataFrame:
    back = travel_times.select(origin="destination", destination="origin", back=pl.col("minutes"))
    how = "full" if rules.one_way_pairs == "both_ways" else "left"
    both = travel_times.join(back, on=["origin", "destination"], how=how, coalesce=True)  # type: ignore[arg-type]
    there, home = pl.col("minutes"), pl.col("back")
    combined = {
        "as_given": there,
        "min": pl.min_horizontal(there, home),
        "max": pl.max_horizontal(there, home),
        "mean": (there + home) / 2,
    }[rules.two_way_pairs]
    return both.select("origin", "destination", minutes=pl.coalesce(combined, there, home))


def _with_diagonal(
    origin: Index, destination: Index, minutes: Float, size: int, rules: Travel
) -> tuple[Index, Index, Float, int]:
    """Give each commune a time to itself: the given one, or that of the methodology."""
    own = origin == destination
    at_home = float(rules.same_commune_minutes)
    if rules.same_commune == "always":
        minutes = np.where(own, at_home, minutes)
    absent = np.ones(size, dtype=bool)
    absent[origin[own]] = False
    added = np.flatnonzero(absent).astype(np.uint32)
    return (
        np.concatenate((origin, added)),
        np.concatenate((destination, added)),
        np.concatenate((minutes, np.full(len(added), at_home))),
        len(added),
    )


def _edges(rules: Travel) -> Float:
    """Return the first minute beyond each step: the bound, or just above where it is included."""
    return np.array(
        [
            math.nextafter(float(step.to), math.inf) if step.included else float(step.to)
            for step in rules.steps
        ]
    )


def _gathered(rows: Index, columns: Index, classes: Classes, size: int, beyond: int) -> Rows:
    """Gather pairs into rows, leaving out those beyond the last step."""
    pointers = np.empty(size + 1, dtype=np.int64)
    kernels.count_pairs(rows, classes, beyond, len(rows), size, pointers)
    out_columns = np.empty(pointers[-1], dtype=np.uint32)
    out_classes = np.empty(pointers[-1], dtype=np.uint8)
    cursors = pointers[:-1].copy()
    kernels.fill_rows(rows, columns, classes, beyond, len(rows), cursors, out_columns, out_classes)
    return Rows(pointers, out_columns, out_classes)


def _transposed(rows: Rows) -> Rows:
    size = len(rows.pointers) - 1
    pointers = np.concatenate(([0], np.cumsum(np.bincount(rows.columns, minlength=size))))
    columns, classes = np.empty_like(rows.columns), np.empty_like(rows.classes)
    kernels.transpose_rows(
        rows.pointers, rows.columns, rows.classes, size, pointers[:-1].copy(), columns, classes
    )
    return Rows(pointers, columns, classes)


def _remarks(network: TravelNetwork, minutes: Float, added: int, rules: Travel) -> tuple[Note, ...]:
    """Say what was imputed, left out, or looks like another unit."""
    notes = []
    if added:
        text = f"communes without a time to themselves take {float(rules.same_commune_minutes):g}"
        notes.append(Note("same_commune", f"travel_times: {added} {text} minutes", added))
    beyond = len(minutes) + added - network.pairs
    if beyond:
        text = f"pairs beyond {float(rules.steps[-1].to):g} minutes are out of reach"
        notes.append(Note("beyond_reach", f"travel_times: {beyond} {text}", beyond))
    alone = int(np.count_nonzero(np.diff(network.by_origin.pointers) <= 1))
    others = minutes[minutes > 0]
    if len(others) and alone > len(network.communes) / 2:
        text = (
            f"travel_times: {alone} of {len(network.communes)} communes reach no other within "
            f"{float(rules.steps[-1].to):g} minutes, and the median time is "
            f"{float(np.median(others)):g}: are these seconds, or not minutes?"
        )
        notes.append(Note("unit_of_minutes", text, alone, warning=True))
    return tuple(notes)
