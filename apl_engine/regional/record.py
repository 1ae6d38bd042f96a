"""What an adaptation moved and why, as plain values for the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .check import Check
from .proposal import DATES, Move
from .region import Territory


def describe_adaptation(
    checks: Sequence[Check],
    shares: Sequence[Mapping[str, Any]],
    territories: Mapping[str, Territory],
) -> dict[str, Any]:
    """Return the proposals applied, by SHA-256, with their findings and moves.

    Parameters
    ----------
    checks : sequence of Check
        The proposals applied, with their findings.
    shares : sequence of mapping
        Shares by class, before and after.
    territories : mapping of str to Territory
        As they are classed nationally, by code.

    Returns
    -------
    dict
        Plain values.
    """
    return {
        "forced": not all(check.accepted for check in checks),
        "proposals": [_applied(check, territories) for check in checks],
        "shares": list(shares),
    }


def _applied(check: Check, territories: Mapping[str, Territory]) -> dict[str, Any]:
    data = check.as_dict()
    shown = ("file", "sha256", "region", "region_name", "accepted", "findings")
    proposal, rules = check.proposal, check.region.methodology.regional
    ways = {"additions": rules.lower_zone, "removals": rules.upper_zone}
    return {
        **{key: data[key] for key in shown},
        **{name: (day := getattr(proposal, name)) and day.isoformat() for name in DATES},
        **{
            name: [
                _moved(move, territories[move.territory], zone) for move in getattr(proposal, name)
            ]
            for name, zone in ways.items()
        },
    }


def _moved(move: Move, territory: Territory, zone: str) -> dict[str, Any]:
    """Return a territory that moves, with its class before and after."""
    return {
        "territory": territory.code,
        "territory_name": territory.name,
        "apl": territory.apl,
        "population": float(territory.population),
        "zone_before": territory.zone,
        "zone_after": zone,
        "justification": move.justification,
    }
