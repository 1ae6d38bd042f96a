"""Zones after regional adaptations to a folder, as a result that `read_result` reads."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from ..regional import Adapted, Check
from ..result import Zones
from ..stored import Stored
from .folder import whole_folder
from .record import make_record
from .result import write_content

# What the adaptation makes anew; all else of the record is that of the national result.
_ANEW = ("zones", "regions", "article_vi", "notes")
_OF_FILES = ("located", "outputs", "sha256")


def write_adapted(adapted: Adapted, folder: str | Path, *, replace: bool = False) -> dict[str, Any]:
    """Write adapted zones to a folder: all of it, or nothing.

    Parameters
    ----------
    adapted : as from `adapt`.
    folder : a new or empty folder; its parents are made.
    replace : whether an earlier result there gives way.

    Returns
    -------
    dict
        The record, as written: that of the national result with ``adaptation`` (which proposals,
        by SHA-256, what they moved and how they stand before each rule, shares before and after).

    Raises
    ------
    OutputError
        The folder cannot be written to, or holds something already.
    """
    with whole_folder(Path(folder), replace=replace) as draft:
        return write_adapted_files(adapted, draft)


def write_adapted_files(adapted: Adapted, folder: Path) -> dict[str, Any]:
    """Write the files of adapted zones into a folder that is there; see `write_adapted`."""
    return write_content(adapted, adapted_record(adapted), folder, _located(adapted.base))


def adapted_record(adapted: Adapted) -> dict[str, Any]:
    """Return the record of adapted zones, without the digests of files."""
    base = adapted.base
    record = dict(base.record) if isinstance(base, Stored) else make_record(base)
    told = {key: value for key, value in record.items() if key not in _OF_FILES}
    anew = make_record(Zones(**{field.name: getattr(adapted, field.name)
                                for field in fields(Zones)}))  # fmt: skip
    return {
        **told,
        **{key: anew[key] for key in _ANEW},
        "adaptation": {
            "national": record.get("sha256"),
            "forced": not all(check.accepted for check in adapted.checks),
            "proposals": [_applied(check) for check in adapted.checks],
            "shares": adapted.shares(),
        },
    }


def _applied(check: Check) -> dict[str, Any]:
    told = check.as_dict()
    kept = ("file", "sha256", "region", "region_name", "accepted", "findings")
    proposal = check.proposal
    return {
        **{key: told[key] for key in kept},
        "concertation": _day(proposal.concertation),
        "commission_paritaire_regionale": _day(proposal.commission_paritaire_regionale),
        **{
            name: [
                {"territory": move.territory, "justification": move.justification}
                for move in getattr(proposal, name)
            ]
            for name in ("additions", "removals")
        },
    }


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None


def _located(base: Zones) -> dict[str, Path]:
    if isinstance(base, Stored):
        found = {what: base.located(what) for what in ("inputs", "network")}
        return {what: place for what, place in found.items() if place}
    return dict(getattr(base, "located", {}))
