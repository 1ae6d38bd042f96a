"""The median and the 9th decile, under the four definitions of a quantile."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, floor

from .errors import EmptyReferencePopulationError, WrongParameterError
from .exact import ONE, ZERO, Number, exact


def quantile(values: Iterable[Fraction], level: Number, definition: str = "linear") -> Fraction:
    """Return the quantile of that level (annexe, IV, 4.1.1, which names no definition)."""
    ordered = sorted(values)
    q = exact(level)
    if not ordered:
        raise EmptyReferencePopulationError("no value to take a quantile of")
    if not ZERO <= q <= ONE:
        raise WrongParameterError(f"the level of a quantile is between 0 and 1: {level!r}")
    n = len(ordered)
    if definition == "linear":
        return value_at(ordered, 1 + (n - 1) * q)
    if definition == "weibull":
        return value_at(ordered, (n + 1) * q)
    if definition == "inverted_cdf":
        return ordinal(ordered, ceil(n * q))
    if definition == "averaged_inverted_cdf":
        # where n q is a whole number, the mean of that value and of the next; else the next
        return (ordinal(ordered, ceil(n * q)) + ordinal(ordered, floor(n * q) + 1)) / 2
    raise WrongParameterError(f"no such definition of a quantile: {definition!r}")


def ordinal(ordered: list[Fraction], position: int) -> Fraction:
    """Return the value at that position, counted from 1; the first or last beyond the ends."""
    return ordered[min(max(position, 1), len(ordered)) - 1]


def value_at(ordered: list[Fraction], position: Fraction) -> Fraction:
    """Return the value at that position from 1, on a line between its two neighbours."""
    below = floor(position)
    low, high = ordinal(ordered, below), ordinal(ordered, below + 1)
    return low + (position - below) * (high - low)
