"""What an adaptation moved and why, as plain values for the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .check import Check
from .proposal import DATES


def describe_adaptation(
    checks: Sequence[Check], shares: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the proposals applied, by SHA-256, with their findings and moves.

    Parameters
    ----------
    checks : sequence of Check
        The proposals applied, with their findings.
    shares : sequence of mapping
        Shares by class, before and after.

    Returns
    -------
    dict
        Plain values.
    """
    return {
        "forced": not all(check.accepted for check in checks),
        "proposals": [_applied(check) for check in checks],
        "shares": list(shares),
    }


def _applied(check: Check) -> dict[str, Any]:
    data = check.as_dict()
    shown = ("file", "sha256", "region", "region_name", "accepted", "findings")
    proposal = check.proposal
    return {
        **{key: data[key] for key in shown},
        **{name: (day := getattr(proposal, name)) and day.isoformat() for name in DATES},
        **{
            name: [asdict(move) for move in getattr(proposal, name)]
            for name in ("additions", "removals")
        },
    }
