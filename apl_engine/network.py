"""Travel times to a network of compressed sparse rows: annexe, IV, 4.1.3."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

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


def build_network(
    travel_times: pl.DataFrame, communes: pl.DataFrame, methodology: Methodology
) -> TravelNetwork:
    """Class travel times by the steps of the methodology, and index them both ways.

    Parameters
    ----------
    travel_times : as checked by `read_inputs`, in any order.
    communes : as checked by `read_inputs`, sorted by code.
    methodology : see its section ``travel``.

    Returns
    -------
    TravelNetwork
    """
    rules = methodology.travel
    pairs = _Pairs.of(travel_times, rules)
    own = _own_pairs(pairs, communes.height, rules)
    by_destination = _gathered([pairs, own], communes.height, len(rules.steps))
    by_origin = _transposed(
        by_destination,
        _pointers([(p.origin, p.classes) for p in (pairs, own)], communes.height, len(rules.steps)),
    )
    denominator = common_denominator(rules.steps)
    network = TravelNetwork(
        communes=communes["commune"].cast(pl.String),
        by_origin=by_origin,
        # Once more, so that these rows are in rising order too.
        by_destination=_transposed(by_origin, by_destination.pointers),
        weights=np.array([float(step.weight * denominator) for step in rules.steps]),
        denominator=denominator,
    )
    return replace(network, notes=_remarks(network, pairs, len(own.origin), rules))


@dataclass(frozen=True)
class _Pairs:
    """Pairs of places, their minutes and the step these fall in: arrays of shape (n_pairs,)."""

    origin: Index
    destination: Index
    minutes: Float
    classes: Classes
    notes: tuple[Note, ...] = ()

    @classmethod
    def of(cls, travel_times: pl.DataFrame, rules: Travel) -> _Pairs:
        """Make pairs of travel times, after the rules on the two ways and on staying at home."""
        notes: list[Note] = []
        if (rules.two_way_pairs, rules.one_way_pairs) != ("as_given", "as_given"):
            travel_times, notes = _both_ways(travel_times, rules)
        origin, destination = places(travel_times["origin"]), places(travel_times["destination"])
        minutes = numbers(travel_times["minutes"])
        if rules.same_commune == "always":
            own = origin == destination
            minutes = np.where(own, float(rules.same_commune_minutes), minutes)
            notes += _told("own_times", "times from a commune to itself are replaced", own.sum())
        return cls(origin, destination, minutes, _classes(minutes, rules), tuple(notes))


def _own_pairs(given: _Pairs, size: int, rules: Travel) -> _Pairs:
    """Give a time to itself to each commune that has none."""
    absent = np.ones(size, dtype=bool)
    absent[given.origin[given.origin == given.destination]] = False
    place = np.flatnonzero(absent).astype(np.uint32)
    minutes = np.full(len(place), float(rules.same_commune_minutes))
    return _Pairs(place, place, minutes, _classes(minutes, rules))


def _classes(minutes: Float, rules: Travel) -> Classes:
    """Return the step that each time falls in, the number of steps where it is beyond."""
    # An edge is the first minute beyond a step: the bound, or just above where it is included.
    edges = np.array(
        [
            math.nextafter(float(step.to), math.inf) if step.included else float(step.to)
            for step in rules.steps
        ]
    )
    classes = np.empty(len(minutes), dtype=np.uint8)
    kernels.step_classes(minutes, edges, len(minutes), len(edges), classes)
    return classes


def _both_ways(travel_times: pl.DataFrame, rules: Travel) -> tuple[pl.DataFrame, list[Note]]:
    """Apply the rules on pairs that are given both ways, or one way only."""
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
    both = both.with_columns(combined=pl.coalesce(combined, there, home))
    changed = both.filter(there.is_not_null() & (pl.col("combined") != there)).height
    added = both.height - travel_times.height
    notes = [
        *_told("two_way_pairs", f"times take the {rules.two_way_pairs} of both ways", changed),
        *_told("one_way_pairs", "pairs given one way only take the same time back", added),
    ]
    return both.select("origin", "destination", minutes="combined"), notes


def _told(code: str, text: str, count: int) -> list[Note]:
    return [Note(code, f"travel_times: {count} {text}", int(count))] if count else []


def _gathered(parts: Sequence[_Pairs], size: int, beyond: int) -> Rows:
    """Gather pairs into rows by destination, leaving out those beyond the last step."""
    pointers = _pointers([(p.destination, p.classes) for p in parts], size, beyond)
    columns = np.empty(pointers[-1], dtype=np.uint32)
    classes = np.empty(pointers[-1], dtype=np.uint8)
    cursors = pointers[:-1].copy()
    for p in parts:
        kernels.fill_rows(
            p.destination, p.origin, p.classes, beyond, len(p.classes), cursors, columns, classes
        )
    return Rows(pointers, columns, classes)


def _transposed(rows: Rows, pointers: Pointers) -> Rows:
    """Turn rows into columns, whose `pointers` are known; these come out in rising order."""
    columns, classes = np.empty_like(rows.columns), np.empty_like(rows.classes)
    size = len(rows.pointers) - 1
    kernels.transpose_rows(
        rows.pointers, rows.columns, rows.classes, size, pointers[:-1].copy(), columns, classes
    )
    return Rows(pointers, columns, classes)


def _pointers(parts: Sequence[tuple[Index, Classes]], size: int, beyond: int) -> Pointers:
    """Return where each row will begin, shape (size + 1,)."""
    counts = np.zeros(size + 1, dtype=np.int64)
    for rows, classes in parts:
        kernels.count_pairs(rows, classes, beyond, len(rows), counts)
    return np.cumsum(counts)


def _remarks(network: TravelNetwork, given: _Pairs, added: int, rules: Travel) -> tuple[Note, ...]:
    """Say what was imputed, left out, or looks like another unit."""
    notes = list(given.notes)
    reach = float(rules.steps[-1].to)
    if added:
        text = f"communes without a time to themselves take {float(rules.same_commune_minutes):g}"
        notes.append(Note("same_commune", f"travel_times: {added} {text} minutes", added))
    beyond = len(given.minutes) + added - network.pairs
    if beyond:
        text = f"pairs beyond {reach:g} minutes are out of reach"
        notes.append(Note("beyond_reach", f"travel_times: {beyond} {text}", beyond))
    alone = int(np.count_nonzero(np.diff(network.by_origin.pointers) <= 1))
    if unit := _other_unit(given, alone, len(network.communes)):
        text = (
            f"travel_times: {alone} of {len(network.communes)} communes reach no other within "
            f"{reach:g} minutes; are these {unit}, not minutes?"
        )
        notes.append(Note("unit_of_minutes", text, alone, warning=True))
    return tuple(notes)


def _other_unit(given: _Pairs, alone: int, size: int) -> str:
    """Return the unit that times seem to be in, empty for minutes.

    Seconds leave most communes without a neighbour; hours put every pair into the first step.
    """
    if 2 * alone > size:
        return "seconds" if (given.origin != given.destination).any() else ""
    if given.classes.any():
        return ""
    return "hours" if float(np.median(given.minutes)) < 1 else ""
