"""Choose territories within a margin: the longest prefix, each that fits, or the largest sum."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

import numpy as np

from .region import Territory

# Unless populations are whole numbers, sums are counted in tenths of an inhabitant.
TENTHS = 10


def longest_prefix(candidates: Sequence[Territory], room: Fraction) -> list[Territory]:
    """Return the longest prefix of the candidates whose inhabitants are within `room`."""
    sums = accumulate(one.population for one in candidates)
    return [one for one, people in zip(candidates, sums, strict=True) if people <= room]


def each_that_fits(candidates: Sequence[Territory], room: Fraction) -> list[Territory]:
    """Return each candidate that fits, in turn, into the room left by the earlier ones."""
    chosen, left = [], room
    for one in candidates:
        if one.population <= left:
            chosen.append(one)
            left -= one.population
    return chosen


def by_rank(candidates: Sequence[Territory], room: Fraction, order: str) -> list[Territory]:
    """Return the candidates that fit into `room` by their rank.

    Parameters
    ----------
    candidates : sequence of Territory
        In order of their rank; those without an APL have none, and are left out.
    room : Fraction
        Inhabitants.
    order : str
        ``strict`` ends before the first that does not fit; any other passes over it.

    Returns
    -------
    list of Territory
        In the same order.
    """
    ranked = [one for one in candidates if one.apl is not None]
    return (longest_prefix if order == "strict" else each_that_fits)(ranked, room)


def units_of(candidates: Sequence[Territory]) -> int:
    """Return the number of units in an inhabitant that `largest_within` counts in: 1 or 10."""
    return 1 if all(one.population.denominator == 1 for one in candidates) else TENTHS


def largest_within(candidates: Sequence[Territory], room: Fraction) -> list[Territory]:
    """Return the set of candidates with the most inhabitants within `room`.

    Of sets with as many, the one whose last candidate comes first in the order given, then the
    last but one, and so on. Populations that are not whole numbers are counted in tenths of an
    inhabitant, each rounded up: the sum is never above `room`, but a set that comes nearer to it
    by less than a tenth for each candidate may be missed.

    Parameters
    ----------
    candidates : sequence of Territory
        In order of preference.
    room : Fraction
        Inhabitants.

    Returns
    -------
    list of Territory
        In the same order.
    """
    parts = units_of(candidates)
    most = int(room * parts)
    sizes = [-int(-one.population * parts // 1) for one in candidates]
    reached_by = _first_to_reach(sizes, most)
    left = int(np.flatnonzero(reached_by >= 0)[-1]) if (reached_by >= 0).any() else 0
    chosen = []
    while left:
        last = int(reached_by[left])
        chosen.append(candidates[last])
        left -= sizes[last]
    return chosen[::-1]


def _first_to_reach(sizes: Sequence[int], most: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Return, for each sum up to `most`, the candidate with which it is first reached, or -1.

    The rest of the sum is reached by earlier candidates, so that each is used once.
    """
    reached_by = np.full(most + 1, -1, np.int32)
    reached = np.zeros(most + 1, np.bool_)
    reached[0] = True
    highest = 0
    for place, size in enumerate(sizes):
        if not 0 < size <= most:
            continue
        highest = min(most, highest + size)
        new = reached[: highest - size + 1] & ~reached[size : highest + 1]
        reached_by[size : highest + 1][new] = place
        reached[size : highest + 1] |= new
        if reached[most]:
            # Nothing is larger, and a later candidate would come later in the order.
            break
    return reached_by
