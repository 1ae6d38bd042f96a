"""Travel times to a network of compressed sparse rows: annexe, IV, 4.1.3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isfinite
from typing import Any, cast

import numpy as np
import polars as pl

from ..columns import numbers, places
from ..errors import Fault, InputDataError, MethodologyError
from ..frames import communes_of, table_of
from ..kernels.types import Float
from ..methodology.model import Methodology, Travel, common_denominator
from ..notes import Note
from ..schemas import TRAVEL_TIMES
from .sparse_rows import MOST_EDGES, MOST_PLACES, PlacePairs, Rows, rows_both_ways, time_bands

# The parameters of travel that a network is built by, and so must share with what uses it.
_BUILT_BY = ("two_way_pairs", "one_way_pairs", "same_commune", "same_commune_minutes")


@dataclass(frozen=True)
class TravelNetwork:
    """Which communes reach which, and in how many minutes.

    It knows minutes by bands between `edges`, not by the steps of one methodology: any methodology
    whose steps end on edges can use it, with the weights that `weights` gives.

    Attributes
    ----------
    communes : codes, sorted; a row of the network is a commune in this order.
    by_origin : a row holds where the people of a commune can go.
    by_destination : a row holds from where people come to a commune.
    edges : float64 (n_edges,), rising, minutes; pairs beyond the last one are left out. A pair of
        band 2 e + 1 takes edges[e] minutes, one of band 2 e between edges[e - 1] and edges[e].
    built_by : the rules on pairs that it was built by, of section ``travel``.
    notes : what the travel times call for saying.
    source : where the travel times come from, as plain values: ``vintage`` and ``files``, a list
        of ``file``, ``bytes``, ``sha256``; empty where that is not known.
    """

    communes: pl.Series
    by_origin: Rows
    by_destination: Rows
    edges: Float
    built_by: dict[str, str]
    notes: tuple[Note, ...] = ()
    source: dict[str, Any] = field(default_factory=dict)

    @property
    def pairs(self) -> int:
        """Return the number of ordered pairs within reach, each commune with itself included."""
        return len(self.by_origin.pairs)

    def as_dict(self) -> dict[str, Any]:
        """Return what describes the network as plain values, for JSON."""
        return {
            "communes": len(self.communes),
            "pairs": self.pairs,
            "reach": float(self.edges[-1]),
            "built_by": dict(self.built_by),
            **self.source,
        }

    def check_communes(self, communes: pl.Series) -> None:
        """Refuse communes that are not those of the network, in its order.

        Parameters
        ----------
        communes : codes.

        Raises
        ------
        InputDataError
            They are others.
        """
        if not communes.cast(pl.String).equals(self.communes):
            hint = "Use the network of these communes, in the order of their codes."
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="network",
                        details={"problem": "it is of other communes", "hint": hint},
                    )
                ]
            )

    def weights(self, methodology: Methodology) -> Float:
        """Return the weight of each band, times the common denominator: whole numbers.

        Parameters
        ----------
        methodology : its section ``travel`` gives the steps.

        Returns
        -------
        float64 (2 n_edges,)
            0 beyond the last step.

        Raises
        ------
        MethodologyError
            A step ends on no edge of the network or beyond its reach, or the rules on pairs are
            others than those it was built by.
        """
        rules = methodology.travel
        if other := [key for key in _BUILT_BY if _plain(rules, key) != self.built_by[key]]:
            key = other[0]
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=methodology.id,
                    key=f"travel.{key}",
                    details={
                        "problem": f"the network was built with {self.built_by[key]}, here it is {_plain(rules, key)}",
                        "hint": "Build the network again with this methodology",
                    },
                )
            )
        ends = [float(step.to) for step in rules.steps]
        if absent := [end for end in ends if end not in self.edges]:
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=methodology.id,
                    key="travel.steps",
                    details={
                        "problem": f"the network does not tell times apart at {absent[0]:g} minutes; it reaches "
                        f"{self.edges[-1]:g}",
                        "hint": "Build the network again with this methodology, or with a farther reach",
                    },
                )
            )
        weights = np.zeros(2 * len(self.edges))
        start, denominator = 0, common_denominator(rules.steps)
        for end, step in zip(ends, rules.steps, strict=True):
            # The band of the edge itself is the first beyond the step, unless it is included.
            stop = 2 * int(np.searchsorted(self.edges, end)) + 1 + step.included
            weights[start:stop] = float(step.weight * denominator)
            start = stop
        return weights


def build_network(
    travel_times: pl.DataFrame | None,
    communes: pl.DataFrame,
    methodology: Methodology,
    *,
    reach: float | None = None,
    threads: int | None = None,
) -> TravelNetwork:
    """Sort travel times into bands of minutes, and index them both ways.

    Parameters
    ----------
    travel_times : as checked by `read_inputs`, in any order.
    communes : as checked by `read_inputs`, sorted by code.
    methodology : see its section ``travel``.
    reach : pairs farther than this are left out, minutes; the end of the last step where None.
        A longer one serves methodologies of farther steps too, and changes no figure of this one.
    threads : how many may work; the result is the same for any number.

    Returns
    -------
    TravelNetwork

    Raises
    ------
    InputDataError
        There are more places than a network can hold.
    ValueError
        `reach` is below the last step, or too far to tell all its minutes apart.
    """
    if travel_times is None:
        raise InputDataError(Fault(code="travel_times.not_read", table="travel_times"))
    rules = methodology.travel
    edges = edges_of(rules, reach)
    communes, codes = communes_of(communes)
    if communes.height > MOST_PLACES:
        problem = f"{communes.height} places are more than a network holds, {MOST_PLACES}"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="communes",
                    details={"problem": problem, "hint": "Cut the country into parts."},
                )
            ]
        )
    ends = {"origin": codes, "destination": codes}
    travel_times = table_of(travel_times, TRAVEL_TIMES, TRAVEL_TIMES.names, ends)
    _check_minutes(travel_times["minutes"])
    pairs, notes = _pairs_of(travel_times, rules, edges)
    own = own_pairs([pairs], communes.height, rules, edges)
    network = connect(communes["commune"].cast(pl.String), [pairs, own], rules, edges, threads)
    return replace(network, notes=(*notes, *network.notes))


def _check_minutes(minutes: pl.Series) -> None:
    """Refuse times that no band holds: the kernels would read beyond their arrays."""
    low, high = (cast("float | None", minutes.min()), cast("float | None", minutes.max()))
    if low is None or high is None:
        return
    if low < 0 or not isfinite(high) or minutes.is_nan().any():
        wrong = int((~(minutes.is_finite() & (minutes >= 0))).sum())
        raise InputDataError(
            Fault(
                code="travel_times.not_a_time", table="travel_times", column="minutes", count=wrong
            )
        )


def edges_of(rules: Travel, reach: float | None = None) -> Float:
    """Return where bands of minutes begin and end: whole minutes, and the end of every step.

    Where these are too many, the ends of the steps alone.
    """
    ends = {float(step.to) for step in rules.steps}
    last = max(ends)
    if reach is not None and not last <= reach <= MOST_EDGES:
        raise ValueError(
            f"reach must be between the end of the last step, {last:g} minutes, and {MOST_EDGES}; "
            f"got {reach:g}"
        )
    far = reach or last
    whole = {float(minute) for minute in range(1, int(min(far, MOST_EDGES)) + 1)}
    edges = ends | whole | {far}
    return np.array(sorted(edges if len(edges) <= MOST_EDGES else ends))


def connect(
    communes: pl.Series,
    parts: Sequence[PlacePairs],
    rules: Travel,
    edges: Float,
    threads: int | None = None,
    left_out: int = 0,
) -> TravelNetwork:
    """Make a network of pairs; the last part is that of times to oneself that a rule gave.

    `left_out` pairs beyond reach are not among the parts any more.
    """
    beyond = 2 * len(edges)
    by_origin, by_destination = rows_both_ways(parts, len(communes), beyond, threads)
    built_by = {key: _plain(rules, key) for key in _BUILT_BY}
    network = TravelNetwork(communes, by_origin, by_destination, edges, built_by)
    return replace(network, notes=_remarks(network, parts, rules, left_out))


def _plain(rules: Travel, key: str) -> str:
    value = getattr(rules, key)
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)


def _pairs_of(
    travel_times: pl.DataFrame, rules: Travel, edges: Float
) -> tuple[PlacePairs, list[Note]]:
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
    return PlacePairs(origin, destination, time_bands(minutes, edges)), notes


def own_pairs(
    given: Sequence[PlacePairs], size: int, rules: Travel, edges: Float
) -> PlacePairs:
    """Give a time to itself to each commune that has none."""
    absent = np.ones(size, dtype=bool)
    for part in given:
        absent[part.origin[part.origin == part.destination]] = False
    place = np.flatnonzero(absent).astype(np.uint32)
    minutes = np.full(len(place), float(rules.same_commune_minutes))
    return PlacePairs(place, place, time_bands(minutes, edges))


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
    return (
        [Note(code, int(count), details={"text": f"travel_times: {count} {text}"})] if count else []
    )


def _remarks(
    network: TravelNetwork, parts: Sequence[PlacePairs], rules: Travel, left_out: int
) -> tuple[Note, ...]:
    """Say what was imputed, left out, or looks like another unit."""
    notes = []
    reach, added = float(network.edges[-1]), len(parts[-1].bands)
    if added:
        text = f"communes without a time to themselves take {float(rules.same_commune_minutes):g}"
        notes.append(
            Note("same_commune", added, details={"text": f"travel_times: {added} {text} minutes"})
        )
    beyond = left_out + sum(len(part.bands) for part in parts) - network.pairs
    if beyond:
        text = f"pairs beyond {reach:g} minutes are out of reach"
        notes.append(
            Note("beyond_reach", beyond, details={"text": f"travel_times: {beyond} {text}"})
        )
    alone = int(np.count_nonzero(np.diff(network.by_origin.pointers) <= 1))
    if unit := _other_unit(network, parts[:-1], alone, beyond, float(rules.steps[0].to)):
        text = (
            f"travel_times: {alone} of {len(network.communes)} communes reach no other within "
            f"{reach:g} minutes; are these {unit}, not minutes?"
        )
        notes.append(Note("unit_of_minutes", alone, warning=True, details={"text": text}))
    return tuple(notes)


def _other_unit(
    network: TravelNetwork,
    given: Sequence[PlacePairs],
    alone: int,
    beyond: int,
    first_step: float,
) -> str:
    """Return the unit that times seem to be in, empty for minutes.

    Seconds leave most communes without a neighbour; hours put every pair into the first step.
    """
    if 2 * alone > len(network.communes):
        apart = beyond or any((part.origin != part.destination).any() for part in given)
        return "seconds" if apart else ""
    highest = max((int(part.bands.max()) for part in given if len(part.bands)), default=0)
    if beyond or highest >= 2 * int(np.searchsorted(network.edges, first_step)) + 1:
        return ""
    below_a_minute = 2 * int(np.searchsorted(network.edges, 1.0)) + 1
    short = sum(int(np.count_nonzero(part.bands < below_a_minute)) for part in given)
    return "hours" if 2 * short > sum(len(part.bands) for part in given) else ""
