"""Travel times to a network of compressed sparse rows: annexe, IV, 4.1.3."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from ..columns import MOST_IN_A_VIEW, chunks_of, numbers, row_numbers, text_views
from ..errors import (
    Fault,
    InputDataError,
    MethodologyError,
    Note,
    check_arguments,
    check_threads,
)
from ..kernels.types import Float, Index, Words
from ..methodology.model import Methodology, Travel
from ..methodology.values import steps
from ..schemas import TRAVEL_TIMES, communes_of, duplicate_fault, enum_of, in_order, table_of
from .network_notes import Outcome, PairsInMemory, network_notes
from .runs import LaidOut, lay_out
from .sparse_rows import (
    COMMUNE_BITS,
    MOST_COMMUNES,
    MOST_EDGES,
    CommunePairs,
    Rows,
    rows_both_ways,
    time_bands,
)
from .weighted_rows import PairRows, WeightedRows

if TYPE_CHECKING:
    from ..executors import Workers

# The parameters of travel that a network is built by: a methodology that uses it must share them.
BUILT_BY = ("two_way_pairs", "one_way_pairs", "same_commune", "same_commune_minutes")
# Weights are whole numbers over a common denominator.
MOST_DENOMINATOR = 16_384
# Pairs whose bands are counted at once.
_AT_ONCE = 1_000_000


class Pairs(Protocol):
    """The pairs of a network in both directions; those of a file are read when first used."""

    @property
    def count(self) -> int: ...  # noqa: D102
    @property
    def by_origin(self) -> Rows: ...  # noqa: D102
    @property
    def by_destination(self) -> Rows: ...  # noqa: D102
    def weighted(self, weights: Words, layout: LaidOut | None) -> Ways:
        """Return both directions with weights; `layout` is what serves them, if anything does."""

    @property
    def in_parts(self) -> bool:
        """Whether they are in parts that workers can add up."""

    def divided(self, ways: Ways, workers: Workers, network: TravelNetwork) -> Ways:
        """Return both directions as rows whose parts workers add up, each opening the network."""

    def verify(self) -> None:
        """Refuse pairs that are not as they were written, or that contradict each other."""


class InOnePiece:
    """Pairs in memory, or mapped."""

    def weighted(self: Pairs, weights: Words, layout: LaidOut | None) -> Ways:  # noqa: D102
        if layout:
            return Ways(layout.by_origin, layout.by_destination)
        return Ways(PairRows(self.by_origin, weights), PairRows(self.by_destination, weights))

    in_parts = False

    def divided(self, ways: Ways, _: Workers, __: TravelNetwork) -> Ways:  # noqa: D102
        return ways

    def verify(self: Pairs) -> None:  # noqa: D102
        # Those of a file are checked when they are first used.
        assert self.by_origin


@dataclass(frozen=True)
class RowsBothWays(InOnePiece):
    """The pairs of a network in memory, in both directions."""

    by_origin: Rows
    by_destination: Rows

    @property
    def count(self) -> int:
        """Return the number of pairs."""
        return len(self.by_origin.pairs)


@dataclass(frozen=True)
class Ways:
    """Both directions of a network with their weights, see `TravelNetwork`."""

    by_origin: WeightedRows
    by_destination: WeightedRows


@dataclass(frozen=True)
class BandPairs:
    """What a prepared network keeps of its bands, so that its pairs need not be read.

    Attributes
    ----------
    counts : int64 (2 n_edges,)
        Number of pairs of each band.
    pairs : mapping of int to (uint32 (n,), uint32 (n,))
        Origin and destination of each pair of some bands, by origin.
    """

    counts: Words
    pairs: Mapping[int, tuple[Index, Index]]


@dataclass(frozen=True)
class Stored:
    """Where a network lies on disk, so that other processes map it instead of receiving it.

    Attributes
    ----------
    load : callable
        Takes path and digest, and returns the network.
    path : str
        Absolute.
    digest : str
        What identifies its content.
    """

    load: Callable[[str, str], TravelNetwork]
    path: str
    digest: str


@dataclass(frozen=True)
class TravelNetwork:
    """Which communes reach which, and in how many minutes.

    Minutes are stored as bands between `edges`, not as the steps of one methodology: any
    methodology whose steps end on edges can use the network, with the weights that `weights` gives.

    Attributes
    ----------
    communes : pl.Series
        Codes, sorted; a row of the network is a commune in this order.
    rows : Pairs
        The pairs within reach in both directions.
    edges : float64 (n_edges,)
        Minutes, increasing; pairs beyond the last one are left out. A pair of band 2 e + 1 takes
        edges[e] minutes, a pair of band 2 e between edges[e - 1] and edges[e].
    built_by : dict of str to str
        The rules on pairs that the network was built by, of section ``travel``.
    built_for : int64 (2 n_edges,)
        Weight of each band by the methodology that the network was built with.
    notes : tuple of Note
        What was imputed, replaced or left out, and signs of a wrong unit.
    source : dict of str to object
        Where the travel times come from, as plain values: ``vintage`` and ``files``, a list of
        ``file``, ``bytes``, ``sha256``; empty if that is not known.
    layout : LaidOut or None
        Both directions as runs, for the steps of the methodology that a prepared network was built
        with.
    of_bands : BandPairs or None
        Of the bands that other readings of the steps weigh otherwise; of a prepared network.
    stored : Stored or None
        Of a network that was loaded: pickled, it travels as its path and digest. Others travel
        whole.
    """

    communes: pl.Series
    rows: Pairs
    edges: Float
    built_by: dict[str, str]
    built_for: Words
    notes: tuple[Note, ...] = ()
    source: dict[str, Any] = field(default_factory=dict)
    layout: LaidOut | None = None
    of_bands: BandPairs | None = field(default=None, repr=False, compare=False)
    # A changed copy is stored nowhere.
    stored: Stored | None = field(default=None, init=False, repr=False, compare=False)
    # Those of `ways`, by the section ``travel`` of a methodology.
    _ways: dict[Travel, Ways] = field(default_factory=dict, init=False, repr=False, compare=False)

    _workers: Workers | None = field(default=None, init=False, repr=False, compare=False)

    def on(self, workers: Workers) -> TravelNetwork:
        """Return the network with its parts added up by workers, if it has parts.

        Parameters
        ----------
        workers : Workers
            Those of an executor; each opens the network at the same path. Sums are exact, so that
            results are the same.

        Raises
        ------
        InputDataError
            It is in one piece: workers would have nothing to divide.
        """
        if workers.are_here:
            return self
        if not self.rows.in_parts:
            raise InputDataError(Fault("network.not_in_parts", "network"))
        network = replace(self)
        object.__setattr__(network, "stored", self.stored)
        object.__setattr__(network, "_workers", workers)
        return network

    def stored_at(self, stored: Stored) -> TravelNetwork:
        """Return the same network, which lies on disk."""
        network = replace(self)
        object.__setattr__(network, "stored", stored)
        return network

    def __reduce__(self) -> tuple[Callable[..., TravelNetwork], tuple[Any, ...]]:
        if self.stored:
            return self.stored.load, (self.stored.path, self.stored.digest)
        # Without what was derived.
        given = {each.name: getattr(self, each.name) for each in fields(self) if each.init}
        return _restored, (given,)

    @property
    def pairs(self) -> int:
        """Return the number of ordered pairs within reach, each commune with itself included."""
        return self.rows.count

    @property
    def by_origin(self) -> Rows:
        """For each commune, the communes that its inhabitants can reach."""
        return self.rows.by_origin

    @property
    def by_destination(self) -> Rows:
        """For each commune, the communes whose inhabitants can reach it."""
        return self.rows.by_destination

    @cached_property
    def band_counts(self) -> Words:
        """Return the number of pairs of each band, int64 (2 n_edges,)."""
        if self.of_bands:
            return self.of_bands.counts
        counts = np.zeros(2 * len(self.edges), dtype=np.int64)
        pairs = self.by_origin.pairs
        for start in range(0, len(pairs), _AT_ONCE):
            bands = pairs[start : start + _AT_ONCE] >> np.uint32(COMMUNE_BITS)
            counts += np.bincount(bands, minlength=len(counts))
        return counts

    def pairs_of(self, band: int) -> tuple[Index, Index]:
        """Return origin and destination of each pair of a band, by origin, uint32 (n,)."""
        if self.of_bands and band in self.of_bands.pairs:
            return self.of_bands.pairs[band]
        rows = self.by_origin
        place = np.flatnonzero(rows.pairs >> np.uint32(COMMUNE_BITS) == band)
        origin = np.searchsorted(rows.pointers, place, side="right") - 1
        return origin.astype(np.uint32), rows.pairs[place] & np.uint32(MOST_COMMUNES - 1)

    def count_at(self, minutes: float) -> int:
        """Return the number of pairs that take exactly the minutes of an edge."""
        return int(self.band_counts[2 * int(np.searchsorted(self.edges, minutes)) + 1])

    def other_ends(self, methodology: Methodology) -> Iterator[tuple[str, Words]]:
        """Yield the other readings of the steps that differ only in which ends are included.

        Parameters
        ----------
        methodology : Methodology
            Its ``travel.steps``, which end on edges of the network.

        Yields
        ------
        str, int64 (2 n_edges,)
            The ends that change, and the change in the weight of each band.
        """
        yield from other_ends_of(methodology, self.edges)

    def keeping(self, methodology: Methodology) -> TravelNetwork:
        """Return the network with the pairs that other readings of the steps weigh otherwise."""
        bands = {
            int(band)
            for _, change in self.other_ends(methodology)
            for band in np.flatnonzero(change)
        }
        pairs = {band: self.pairs_of(band) for band in sorted(bands)}
        return replace(self, of_bands=BandPairs(self.band_counts, pairs))

    def as_dict(self) -> dict[str, Any]:
        """Return a description of the network as plain values, for JSON."""
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
        communes : pl.Series
            Codes.

        Raises
        ------
        InputDataError
            They differ.
        """
        known = enum_of(communes)
        # The categories of an Enum in its order are its text.
        text = (
            known.categories
            if known is not None and in_order(communes, known)
            else communes.cast(pl.String)
        )
        if not (self._has_views_of(text) or text.equals(self.communes)):
            raise InputDataError(Fault("network.other_communes", "network"))

    def _has_views_of(self, text: pl.Series) -> bool:
        """Return whether the codes are those of the network as far as their views tell."""
        known, done = self._views, 0
        if known is None or text.null_count():
            return False
        for views in text_views(text):
            part = views.view(np.uint64)
            if len(part) == len(known) and part.ctypes.data == known.ctypes.data:
                return True
            if not np.array_equal(part, known[done : done + len(part)]):
                return False
            done += len(part)
        return done == len(known)

    @cached_property
    def _views(self) -> npt.NDArray[np.uint64] | None:
        """The views of the codes, (2 n,), if they hold all of the text."""
        codes = self.communes
        if codes.null_count() or not (codes.str.len_bytes() <= MOST_IN_A_VIEW).all():
            return None
        # The memory of a single chunk remains that of the codes.
        parts = [*text_views(codes)] if codes.n_chunks() == 1 else []
        return parts[0].view(np.uint64) if parts else None

    def laid_out(self, threads: int | None = None) -> TravelNetwork:
        """Return the network with its layout in runs, derived if it has none.

        Parameters
        ----------
        threads : int, optional
            Number of threads; the result is the same for any number.
        """
        if self.layout or not self.built_for.any():
            return self
        layout = lay_out(self.by_origin, self.by_destination, self.built_for, threads)
        return replace(self, layout=layout)

    def ways(self, methodology: Methodology) -> Ways:
        """Return both directions with the weights of a methodology, in their fastest layout.

        Parameters
        ----------
        methodology : Methodology
            Its section ``travel`` gives the steps.

        Raises
        ------
        MethodologyError
            As from `weights`.
        """
        travel = methodology.travel
        # Its fractions take a while to hash.
        ways = self._ways.get(travel)
        if ways is None:
            ways = self._ways[travel] = self._weighted(self.weights(methodology))
        return ways

    def _weighted(self, weights: Words) -> Ways:
        fits = self.layout is not None and np.array_equal(weights, self.layout.weights)
        ways = self.rows.weighted(weights, self.layout if fits else None)
        return self.rows.divided(ways, self._workers, self) if self._workers else ways

    def weights(self, methodology: Methodology) -> Words:
        """Return the weight of each band, times the common denominator: whole numbers.

        Parameters
        ----------
        methodology : Methodology
            Its section ``travel`` gives the steps.

        Returns
        -------
        int64 (2 n_edges,)
            0 beyond the last step.

        Raises
        ------
        MethodologyError
            A step does not end on an edge of the network or ends beyond its reach, or the rules on
            pairs differ from those that it was built by; or the weights have no common
            denominator of 16 384 or less.
        """
        rules = methodology.travel
        faults = [
            Fault(
                "network.other_rule",
                methodology.id,
                key=f"travel.{key}",
                details={"built_with": self.built_by[key], "asked": _plain(rules, key)},
            )
            for key in BUILT_BY
            if _plain(rules, key) != self.built_by[key]
        ]
        ends = [float(step.to) for step in rules.steps]
        if absent := tuple(end for end in ends if end not in self.edges):
            details = {"minutes": absent, "reach": float(self.edges[-1])}
            faults.append(
                Fault(
                    "network.step_not_on_edge", methodology.id, key="travel.steps", details=details
                )
            )
        if rules.denominator > MOST_DENOMINATOR:
            details = {"denominator": rules.denominator, "most": MOST_DENOMINATOR}
            faults.append(
                Fault(
                    "network.weights_too_fine", methodology.id, key="travel.steps", details=details
                )
            )
        if faults:
            raise MethodologyError(faults)
        return weights_of(rules, self.edges)


def other_ends_of(methodology: Methodology, edges: Float) -> Iterator[tuple[str, Words]]:
    """Yield the other readings of the steps as `TravelNetwork.other_ends` does."""
    rules = methodology.travel
    own = weights_of(rules, edges)
    parameter = next(p for p in methodology.parameters if p.key == "travel.steps")
    for other in map(steps, parameter.others):
        if [(step.to, step.weight) for step in other] != [
            (step.to, step.weight) for step in rules.steps
        ]:
            continue
        changed = (
            f"{float(step.to):g} {'included' if step.included else 'excluded'}"
            for step, before in zip(other, rules.steps, strict=True)
            if step.included != before.included
        )
        yield ", ".join(changed), weights_of(replace(rules, steps=other), edges) - own


def _restored(given: Mapping[str, Any]) -> TravelNetwork:
    return TravelNetwork(**given)


def weights_of(rules: Travel, edges: Float) -> Words:
    """Return the weight of each band, times the common denominator, int64 (2 n_edges,).

    Parameters
    ----------
    rules : Travel
        Its steps, which end on edges.
    edges : float64 (n_edges,)
        See `TravelNetwork`.
    """
    weights, start = np.zeros(2 * len(edges), dtype=np.int64), 0
    for step in rules.steps:
        # The band of the edge itself is the first beyond the step, unless it is included.
        stop = 2 * int(np.searchsorted(edges, float(step.to))) + 1 + step.included
        weights[start:stop] = int(step.weight * rules.denominator)
        start = stop
    return weights


@check_arguments(methodology=Methodology, reach=(Real, None))
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
    travel_times : pl.DataFrame
        As checked by `read_inputs`, in any order.
    communes : pl.DataFrame
        As checked by `read_inputs`, sorted by code.
    methodology : Methodology
        See its section ``travel``.
    reach : float, optional
        Pairs farther than this are left out, minutes; by default, the end of the last step. A
        longer reach serves methodologies with longer steps too, and changes no figure of this one.
    threads : int, optional
        Number of threads; the result is the same for any number.

    Returns
    -------
    TravelNetwork

    Raises
    ------
    InputDataError
        A table cannot be used, a time is no quantity or a pair is given twice within reach, there
        are more communes than a network can hold, or `reach` is below the last step, or too far
        for every minute to be an edge.
    """
    check_threads(threads)
    if travel_times is None:
        raise InputDataError(Fault("travel_times.not_read", "travel_times"))
    rules = methodology.travel
    edges = edges_of(rules, reach)
    communes, codes = communes_of(communes)
    check_size(communes.height)
    ends = {"origin": codes, "destination": codes}
    travel_times = table_of(travel_times, TRAVEL_TIMES, TRAVEL_TIMES.names, ends)
    notes: list[Note] = []
    if (rules.two_way_pairs, rules.one_way_pairs) != ("as_given", "as_given"):
        travel_times, notes = _both_ways(travel_times, rules)
    pairs, replaced = commune_pairs(travel_times, rules, edges)
    own, long = own_pairs(pairs, communes.height, rules, edges)
    names = codes.categories.alias("commune")
    network = connect(
        names, [*pairs, own], rules, edges, threads, replaced=replaced, long_own_times=long
    )
    _check_pairs(network.by_origin)
    return replace(network, notes=(*notes, *network.notes))


def check_size(communes: int) -> None:
    """Refuse more communes than the bits of a pair can number."""
    if communes > MOST_COMMUNES:
        details = {"communes": communes, "most": MOST_COMMUNES}
        raise InputDataError(Fault("network.too_many_communes", "communes", details=details))


def _check_pairs(rows: Rows) -> None:
    """Refuse pairs that are given twice: the demand of one would count twice."""
    firsts = np.zeros(_AT_ONCE + 1, dtype=bool)
    for start in range(0, len(rows.pairs) - 1, _AT_ONCE):
        ends = rows.pairs[start : start + _AT_ONCE + 1] & np.uint32(MOST_COMMUNES - 1)
        low, high = np.searchsorted(rows.pointers, (start + 1, start + len(ends)))
        firsts[:] = False
        firsts[rows.pointers[low:high] - start] = True
        if (~firsts[1 : len(ends)] & (ends[1:] == ends[:-1])).any():
            raise InputDataError(duplicate_fault(TRAVEL_TIMES))


def edges_of(rules: Travel, reach: float | None = None) -> Float:
    """Return the edges of bands of minutes: whole minutes, and the end of every step.

    If these are too many, the ends of the steps alone.

    Parameters
    ----------
    rules : Travel
        Its steps.
    reach : float, optional
        The last edge, minutes; by default, the end of the last step.

    Returns
    -------
    float64 (n_edges,)
        Minutes, increasing.

    Raises
    ------
    InputDataError
        `reach` is out of range.
    """
    ends = {float(step.to) for step in rules.steps}
    last = max(ends)
    if reach is not None and not last <= reach <= MOST_EDGES:
        details = {"low": last, "high": MOST_EDGES, "value": reach}
        raise InputDataError(Fault("argument.out_of_range", "reach", details=details))
    far = reach or last
    whole = {float(minute) for minute in range(1, int(min(far, MOST_EDGES)) + 1)}
    edges = ends | whole | {far}
    return np.array(sorted(edges if len(edges) <= MOST_EDGES else ends))


def connect(
    communes: pl.Series,
    parts: Sequence[CommunePairs],
    rules: Travel,
    edges: Float,
    threads: int | None = None,
    left_out: int = 0,
    replaced: int = 0,
    long_own_times: Sequence[int] = (),
) -> TravelNetwork:
    """Make a network of pairs.

    Parameters
    ----------
    communes : pl.Series
        Codes, sorted.
    parts : sequence of CommunePairs
        As from `commune_pairs`; the last one as from `own_pairs`.
    rules : Travel
        The rules that the pairs were made by.
    edges : float64 (n_edges,)
        See `TravelNetwork`.
    threads : int, optional
        Number of threads; the result is the same for any number.
    left_out : int
        Number of pairs beyond reach that were dropped from the parts.
    replaced : int
        Sum of the counts of `commune_pairs`.
    long_own_times : sequence of int
        As from `own_pairs`.

    Returns
    -------
    TravelNetwork
    """
    beyond = 2 * len(edges)
    rows = RowsBothWays(*rows_both_ways(parts, len(communes), beyond, threads))
    network = TravelNetwork(communes, rows, edges, built_by_of(rules), weights_of(rules, edges))
    outcome = Outcome(
        communes, network.pairs,
        alone=int(np.count_nonzero(np.diff(network.by_origin.pointers) <= 1)),
        imputed=len(parts[-1].bands), replaced=replaced, long=long_own_times,
        beyond=left_out + sum(len(part.bands) for part in parts) - network.pairs,
    )  # fmt: skip
    notes = network_notes(PairsInMemory(parts[:-1]), outcome, rules, edges)
    return replace(network, notes=tuple(notes))


def built_by_of(rules: Travel) -> dict[str, str]:
    """Return the rules on pairs that a network is built by, as text."""
    return {key: _plain(rules, key) for key in BUILT_BY}


def _plain(rules: Travel, key: str) -> str:
    value = getattr(rules, key)
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)


def commune_pairs(
    travel_times: pl.DataFrame, rules: Travel, edges: Float
) -> tuple[list[CommunePairs], int]:
    """Return travel times as pairs of row numbers and bands, in parts that are copied little.

    Parameters
    ----------
    travel_times : pl.DataFrame
        As checked: ``origin`` and ``destination`` as Enums of the communes, ``minutes``.
    rules : Travel
        With ``same_commune`` "always", its minutes replace the time of a commune to itself.
    edges : float64 (n_edges,)
        See `TravelNetwork`.

    Returns
    -------
    list of CommunePairs, int
        And the number of times to oneself that were replaced.
    """
    parts, replaced = [], 0
    for rows in chunks_of(travel_times):
        origin, destination = row_numbers(rows["origin"]), row_numbers(rows["destination"])
        minutes = numbers(rows["minutes"])
        if rules.same_commune == "always":
            own = origin == destination
            minutes = np.where(own, float(rules.same_commune_minutes), minutes)
            replaced += int(own.sum())
        parts.append(CommunePairs(origin, destination, time_bands(minutes, edges)))
    return parts, replaced


def own_pairs(
    given: Sequence[CommunePairs], size: int, rules: Travel, edges: Float
) -> tuple[CommunePairs, list[int]]:
    """Return pairs that give a time to itself to each commune without one.

    Parameters
    ----------
    given : sequence of CommunePairs
        All pairs of the table.
    size : int
        Number of communes.
    rules : Travel
        Its ``same_commune_minutes``.
    edges : float64 (n_edges,)
        See `TravelNetwork`.

    Returns
    -------
    CommunePairs, list of int
        And the communes whose time to themselves weighs less than the first step, or is beyond
        reach.
    """
    own = OwnTimes(size, weights_of(rules, edges))
    for part in given:
        own.add(part)
    place = np.flatnonzero(own.absent).astype(np.uint32)
    minutes = np.full(len(place), float(rules.same_commune_minutes))
    return CommunePairs(place, place, time_bands(minutes, edges)), sorted(own.long)


class OwnTimes:
    """Which communes have a time to themselves.

    Attributes
    ----------
    absent : bool (n_communes,)
        Whether a commune has none.
    long : list of int
        Those whose time weighs less than the first step, or is beyond reach.
    again : set of int
        Those that have several.
    """

    def __init__(self, size: int, weights: Words) -> None:
        self.absent, self.long = np.ones(size, dtype=bool), list[int]()
        self.again = set[int]()
        self._weights = np.append(weights, 0)

    def add(self, part: CommunePairs) -> int:
        """Note the times of some pairs; return the number of times to oneself."""
        here = np.flatnonzero(part.origin == part.destination)
        own, bands = part.origin[here], part.bands[here]
        distinct, counts = np.unique(own, return_counts=True)
        self.again.update(distinct[(counts > 1) | ~self.absent[distinct]].tolist())
        self.absent[own] = False
        self.long += own[self._weights[bands] < self._weights[0]].tolist()
        return len(own)


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
    notes = []
    if changed:
        details = {"rule": rules.two_way_pairs}
        notes.append(Note("travel_times.two_way_pairs_combined", changed, details=details))
    if added:
        notes.append(Note("travel_times.one_way_pairs_mirrored", added))
    return both.select("origin", "destination", minutes="combined"), notes
