"""Exact figures as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

_SHOWN = 3

# Enough for 2.5 % of a whole number.
_DECIMALS = 3


def inhabitants(people: Fraction) -> str:
    """Write inhabitants with spaces between thousands, and decimals where they are no whole."""
    text = f"{float(people):,.{_DECIMALS}f}".replace(",", " ")
    return text.rstrip("0").rstrip(".")


def percent(share: Fraction) -> str:
    """Write a share in %."""
    return f"{float(share):.{_DECIMALS}f}".rstrip("0").rstrip(".") + " %"


def listed(items: Iterable[str]) -> str:
    """Return the first few of several, and how many there are more."""
    every = list(items)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
