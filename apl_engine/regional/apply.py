"""The national result after the agencies have adapted it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, ProposalRefusedError
from ..method.regions import regional_shares
from ..method.result import Rezoned, Zoning
from ..methodology.values import COUNTRY
from ..notes import Note, first
from .check import Check, check_in
from .moves import new_zones
from .proposal import Proposal
from .record import describe_adaptation
from .region import ADAPTED, read_country


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Adapted(Rezoned):
    """Zones after the adaptations of annexe V.

    Ranks, cumulative shares and cuts stay those of the national classification.

    Attributes
    ----------
    base : the national result.
    checks : what was applied, each with its findings.
    """

    checks: tuple[Check, ...]


def adapt(zones: Zoning, proposals: Sequence[Proposal], *, force: bool = False) -> Adapted:
    """Apply the proposals of one, several or all regions to the national zones.

    Arrêté of 20 March 2024, annexe, V. Territories and communes take their new class, the shares
    of regions and country are made again (IV, 4.3 and VI).

    Parameters
    ----------
    zones : a national result, as from `run`, `zone_published` or `read_result`.
    proposals : one a region.
    force : whether to apply what breaks a rule, as asked.

    Returns
    -------
    Adapted

    Raises
    ------
    ProposalRefusedError
        Proposals break rules, all of them told, and `force` is not given.
    InputDataError
        Two proposals for one region, a territory that is not known or in two of them.

    Examples
    --------
    >>> adapt(zones, [read_proposal("bretagne.toml")]).regions  # doctest: +SKIP
    """
    country = read_country(zones)
    checks = tuple(check_in(country, proposal) for proposal in proposals)
    _refuse_contradictions(country.territories, checks)
    refused = [
        Fault(code="legacy.fault", table=_called(check), details={"problem": found.sentence})
        for check in checks
        for found in check.broken
    ]
    if refused and not force:
        raise ProposalRefusedError(refused)
    territories, moved = _territories(zones, checks)
    zone = territories.select("territory", "zone")
    communes = zones.communes.drop("zone").join(
        zone, on="territory", how="left", maintain_order="left"
    )
    regions = regional_shares(zones.communes, territories, zones.methodology)
    return Adapted(
        **{
            field.name: getattr(zones, field.name)
            for field in fields(Zoning)
            if field.name not in ("communes", "territories", "regions", "notes")
        },
        communes=communes.select(zones.communes.columns),
        territories=territories,
        regions=regions,
        notes=(*zones.notes, *(_note(check, moved) for check in checks)),
        base=zones,
        adaptation=describe_adaptation(checks, _shares(zones, regions, checks)),
        checks=checks,
    )


def _shares(before: Zoning, after: pl.DataFrame, checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Return the shares that changed, in %: of the regions adapted, then of the country."""
    changed = [*(check.region.code for check in checks), COUNTRY]
    new = after.select("region", "zone", population_after="population", after="share")
    old = before.regions.filter(pl.col("region").is_in(changed)).select(
        "region", "region_name", "zone", population_before="population", before="share"
    )
    return old.join(new, on=["region", "zone"], how="left", maintain_order="left").to_dicts()


def _called(check: Check) -> str:
    return check.proposal.file or f"region {check.region.code}"


def _refuse_contradictions(known: Collection[str], checks: Sequence[Check]) -> None:
    """Refuse what cannot be applied, whether rules forbid it or not."""
    regions = Counter(check.region.code for check in checks)
    codes = Counter(move.territory for check in checks for move in check.proposal.moves)
    faults = [
        Fault(
            code="legacy.fault",
            table="proposals",
            details={"problem": f"region {code} has {count} of them", "hint": "Give one a region."},
        )
        for code, count in regions.items()
        if count > 1
    ]
    faults += [
        Fault(
            code="legacy.fault",
            table="proposals",
            details={"problem": f"territory {code} is in {count} of them", "hint": "Keep one."},
        )
        for code, count in codes.items()
        if count > 1
    ]
    faults += [
        Fault(
            code="legacy.fault",
            table=_called(check),
            details={"problem": f"{move.territory} is no territory of the result"},
        )
        for check in checks
        for move in check.proposal.moves
        if move.territory not in known
    ]
    if faults:
        raise InputDataError(faults)


def _territories(
    zones: Zoning, checks: Sequence[Check]
) -> tuple[pl.DataFrame, Mapping[str, tuple[str, ...]]]:
    """Return the territories in their new classes, and those that each region moved."""
    new: dict[str, str] = {}
    reasons: dict[str, str] = {}
    moved: dict[str, tuple[str, ...]] = {}
    for check in checks:
        code = check.region.code
        new |= new_zones(check.region, check.proposal)
        for move in check.proposal.moves:
            why = move.justification or "no justification given"
            reasons[move.territory] = f"{ADAPTED} {code}: {why}"
        moved[code] = tuple(move.territory for move in check.proposal.moves)
    by_code = pl.col("territory")
    changed = zones.territories.with_columns(
        zone=by_code.replace_strict(new, default=pl.col("zone"), return_dtype=pl.String),
        zone_reason=by_code.replace_strict(
            reasons, default=pl.col("zone_reason"), return_dtype=pl.String
        ),
    )
    return (changed if new else zones.territories), moved


def _note(check: Check, moved: Mapping[str, tuple[str, ...]]) -> Note:
    codes = moved[check.region.code]
    text = f"{len(codes)} territories moved by region {check.region.code} (annexe, V)"
    if not check.accepted:
        text += f", against {', '.join(found.rule for found in check.broken)}"
    return Note(
        "adapted", len(codes), first(codes), warning=not check.accepted, details={"text": text}
    )
