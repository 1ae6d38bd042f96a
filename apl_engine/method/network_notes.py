"""What a network reports of its travel times: what was left out, and signs of a wrong unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from ..errors import Note, first
from ..kernels.types import Float, Words
from ..methodology.model import Travel
from .sparse_rows import CommunePairs

# Fewer pairs prove little.
_ENOUGH_PAIRS = 30
# Communes that a note names.
_NAMED = 12


class GivenPairs(Protocol):
    """The pairs of a table, as far as notes count them."""

    @property
    def count(self) -> int:
        """Number of pairs."""

    @property
    def are_apart(self) -> bool:
        """Whether any is of two communes."""

    @property
    def highest(self) -> int:
        """The highest band; 0 without a pair."""

    def below(self, band: int) -> int:
        """Return the number of pairs of lower bands."""


@dataclass(frozen=True)
class PairsInMemory:
    """Pairs that are counted when a note asks."""

    parts: Sequence[CommunePairs]

    @property
    def count(self) -> int:  # noqa: D102
        return sum(len(part.bands) for part in self.parts)

    @property
    def are_apart(self) -> bool:  # noqa: D102
        return any((part.origin != part.destination).any() for part in self.parts)

    @property
    def highest(self) -> int:  # noqa: D102
        return max((int(part.bands.max()) for part in self.parts if len(part.bands)), default=0)

    def below(self, band: int) -> int:  # noqa: D102
        return sum(int(np.count_nonzero(part.bands < band)) for part in self.parts)


@dataclass(frozen=True)
class CountedPairs:
    """Pairs that were counted as they were read.

    Attributes
    ----------
    counts : int64 (n_bands,)
        Pairs of each band.
    own : int
        How many of them are of a commune and itself.
    """

    counts: Words
    own: int

    @property
    def count(self) -> int:  # noqa: D102
        return int(self.counts.sum())

    @property
    def are_apart(self) -> bool:  # noqa: D102
        return self.count > self.own

    @property
    def highest(self) -> int:  # noqa: D102
        return int(np.flatnonzero(self.counts).max(initial=0))

    def below(self, band: int) -> int:  # noqa: D102
        return int(self.counts[:band].sum())


@dataclass(frozen=True)
class Outcome:
    """What became of the pairs of a table.

    Attributes
    ----------
    communes : pl.Series
        Codes.
    pairs, alone, imputed, replaced, beyond : int
        Pairs of the network; communes that reach no other; times to oneself that were given to
        communes without one, or replaced; pairs beyond reach.
    long : sequence of int
        As from `OwnTimes`.
    """

    communes: pl.Series
    pairs: int
    alone: int
    imputed: int
    replaced: int
    beyond: int
    long: Sequence[int]


def network_notes(
    given: GivenPairs, outcome: Outcome, rules: Travel, edges: Float
) -> Iterator[Note]:
    """Yield what was replaced, imputed or left out, or looks like another unit."""
    if len(outcome.long) and rules.same_commune != "always":
        named = first(outcome.communes[list(outcome.long)[:_NAMED]], _NAMED)
        code, details = "travel_times.long_own_times", {"minutes": float(rules.steps[0].to)}
        yield Note(code, len(outcome.long), named, warning=True, details=details)
    own_minutes = {"minutes": float(rules.same_commune_minutes)}
    if outcome.replaced:
        yield Note("travel_times.own_times_replaced", outcome.replaced, details=own_minutes)
    if outcome.imputed:
        yield Note("travel_times.own_times_imputed", outcome.imputed, details=own_minutes)
    reach, size = float(edges[-1]), len(outcome.communes)
    if outcome.beyond:
        yield Note("network.beyond_reach", outcome.beyond, details={"reach": reach})
    if unit := _other_unit(given, outcome, edges, float(rules.steps[0].to)):
        seen = {"unit": unit, "communes": size, "reach": reach}
        yield Note("travel_times.not_minutes", outcome.alone, warning=True, details=seen)
        return
    end = float(rules.steps[-1].to)
    if not outcome.beyond and (longest := _truncated_at(given, size, edges, end)) is not None:
        details = {"longest": longest, "reach": end}
        yield Note("travel_times.truncated", warning=True, details=details)


def _truncated_at(given: GivenPairs, size: int, edges: Float, reach: float) -> float | None:
    """Return where the times of a table end that seems to lack longer ones; None if it does not.

    Of a whole table some pairs take nearly as long as counts, unless it has every pair.
    """
    if given.count < _ENOUGH_PAIRS or given.count >= size * (size - 1):
        return None
    # Band 2 e is below edges[e], band 2 e + 1 is edges[e]: the last minute may well be empty.
    end = given.highest // 2
    return float(edges[end]) if edges[end] < reach - 1 else None


def _other_unit(given: GivenPairs, outcome: Outcome, edges: Float, first_step: float) -> str:
    """Return the unit that times seem to be in; empty for minutes.

    Seconds leave most communes without a neighbour; hours put every pair into the first step.
    """
    if 2 * outcome.alone > len(outcome.communes):
        return "seconds" if outcome.beyond or given.are_apart else ""
    if outcome.beyond or given.highest >= 2 * int(np.searchsorted(edges, first_step)) + 1:
        return ""
    short = given.below(2 * int(np.searchsorted(edges, 1.0)) + 1)
    return "hours" if 2 * short > given.count else ""
