"""Why territories have the zones that they have, where it is not by their rank."""

from __future__ import annotations

from typing import Any

from ...method.result import Zoning
from ...method.zoning import NO_DEMAND, NOBODY, RANKED
from ...regional.region import ADAPTED
from .. import french


def zone_reasons(zones: Zoning) -> tuple[list[dict[str, str]], list[int]]:
    """Return the reasons of zones, and which of them each territory has.

    Parameters
    ----------
    zones : Zoning
        A result.

    Returns
    -------
    list of dict
        Each reason once: ``kind`` (``ranked``, ``nobody``, ``adapted`` or ``imposed``), ``text``
        in French and ``text_en``.
    list of int
        The number of the reason of each territory.
    """
    reasons: dict[tuple[str, str], int] = {}
    listed: list[dict[str, str]] = []
    numbers = []
    for row in zones.territories.iter_rows(named=True):
        reason = str(row["zone_reason"])
        # What is imposed names the region of the territory.
        key = (reason, "" if reason == RANKED else str(row["region"]))
        if key not in reasons:
            reasons[key] = len(listed)
            listed.append(_reason(zones, row, reason))
        numbers.append(reasons[key])
    return listed, numbers


def _reason(zones: Zoning, row: dict[str, Any], reason: str) -> dict[str, str]:
    if reason == RANKED:
        return {"kind": "ranked", "text": "", "text_en": ""}
    kind = "imposed"
    if reason in (NOBODY, NO_DEMAND):
        kind = "nobody"
    elif reason.startswith(ADAPTED):
        kind = "adapted"
    english = reason.removeprefix("imposed:").strip()
    return {"kind": kind, "text": french.zone_reason(zones, row), "text_en": english}
