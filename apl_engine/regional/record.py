"""The record of a result after regional adaptations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import Adapted, Check
from .proposal import DATES

# What the adaptation makes anew; all else of the record is that of the national result.
_ANEW = ("zones", "regions", "article_vi", "notes")
_OF_FILES = ("located", "outputs", "sha256")


def adapted_record(
    adapted: Adapted, national: Mapping[str, Any], anew: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the record of adapted zones.

    Parameters
    ----------
    adapted : as from `adapt`.
    national : the record of the national result.
    anew : a record of the adapted zones alone.

    Returns
    -------
    dict
        That of the national result with ``adaptation``: which proposals, by SHA-256, what they
        moved and how they stand before each rule, shares before and after.
    """
    return {
        **{key: value for key, value in national.items() if key not in _OF_FILES},
        **{key: anew[key] for key in _ANEW},
        "adaptation": {
            "national": national.get("sha256"),
            "forced": not all(check.accepted for check in adapted.checks),
            "proposals": [_applied(check) for check in adapted.checks],
            "shares": adapted.shares(),
        },
    }


def _applied(check: Check) -> dict[str, Any]:
    document = check.as_dict()
    names = ("file", "sha256", "region", "region_name", "accepted", "findings")
    proposal = check.proposal
    return {
        **{name: document[name] for name in names},
        **{name: (day := getattr(proposal, name)) and day.isoformat() for name in DATES},
        **{
            name: [
                {"territory": move.territory, "justification": move.justification}
                for move in getattr(proposal, name)
            ]
            for name in ("additions", "removals")
        },
    }
