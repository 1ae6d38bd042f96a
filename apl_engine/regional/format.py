"""Exact figures as a person reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

_SHOWN = 3
# Enough for 2.5 % of a whole number; and as many as a float has.
_DECIMALS, _MOST_DECIMALS = 3, 16


def inhabitants(people: Fraction, decimals: int = _DECIMALS) -> str:
    """Write inhabitants with spaces between thousands, and decimals where they are no whole."""
    return _short(f"{float(people):,.{decimals}f}".replace(",", " "))


def percent(share: Fraction, decimals: int = _DECIMALS) -> str:
    """Write a share in %."""
    return _short(f"{float(share):.{decimals}f}") + " %"


def points(difference: Fraction, decimals: int = _DECIMALS) -> str:
    """Write a difference of two shares."""
    return _short(f"{float(difference):.{decimals}f}") + " points"


def apart(write: Callable[[Fraction, int], str], one: Fraction, other: Fraction) -> tuple[str, str]:
    """Write two figures with as many decimals as it takes to tell them apart."""
    for decimals in range(_DECIMALS, _MOST_DECIMALS):
        texts = write(one, decimals), write(other, decimals)
        if one == other or texts[0] != texts[1]:
            return texts
    return f"hardly {'more' if one > other else 'less'} than {texts[1]}", texts[1]


def _short(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def listed(items: Iterable[str], mark: str = ", ", most: int = _SHOWN) -> str:
    """Return the first few of several, and how many there are more."""
    every = list(items)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return mark.join(every[:most]) + more
