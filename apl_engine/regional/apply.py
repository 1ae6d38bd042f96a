"""Apply the adaptations of the agencies to a national result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, Note, ProposalRefusedError, check_arguments, first
from ..method.regions import regional_shares
from ..method.result import Rezoned, Zoning
from ..methodology.values import COUNTRY
from .check import Check, check_in
from .proposal import Proposal
from .record import describe_adaptation
from .region import ADAPTED, UNJUSTIFIED, Territory, read_country
from .rules import faults_of, unknown_territories


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Adapted(Rezoned):
    """Zones after the adaptations of annexe V.

    Ranks, cumulative shares and cuts remain those of the national classification.

    Attributes
    ----------
    base : Zoning
        The national result.
    checks : tuple of Check
        The proposals that were applied, with their findings.
    """

    checks: tuple[Check, ...]


@check_arguments(proposals=Sequence)
def adapt(zones: Zoning, proposals: Sequence[Proposal], *, force: bool = False) -> Adapted:
    """Apply the proposals of one, several or all regions to the national zones.

    Arrêté of 20 March 2024, annexe, V. Territories and communes take their new class, and the
    shares of regions and country are computed again (IV, 4.3 and VI).

    Parameters
    ----------
    zones : Zoning
        A national result, as from `run`, `zone_published` or `read_result`.
    proposals : sequence of Proposal
        One for each region.
    force : bool
        Whether to apply proposals that break a rule.

    Returns
    -------
    Adapted

    Raises
    ------
    ProposalRefusedError
        Proposals break rules and `force` is not set; lists every broken rule.
    InputDataError
        A region has two proposals, or a territory is unknown or in two of them.

    Examples
    --------
    >>> adapt(zones, [read_proposal("bretagne.toml")]).regions  # doctest: +SKIP
    """
    country = read_country(zones)
    checks = tuple(check_in(country, proposal) for proposal in proposals)
    if faults := list(_contradictions(country.territories, checks)):
        raise InputDataError(faults)
    refused = [fault for check in checks for fault in check.faults]
    if refused and not force:
        raise ProposalRefusedError(refused)
    territories = _adapted_territories(zones, checks)
    communes = zones.communes.drop("zone").join(
        territories.select("territory", "zone"), on="territory", how="left", maintain_order="left"
    )
    regions = regional_shares(zones.communes, territories, zones.methodology)
    same = {field.name: getattr(zones, field.name) for field in fields(Zoning)}
    return Adapted(
        **same
        | {
            "communes": communes.select(zones.communes.columns),
            "territories": territories,
            "regions": regions,
            "notes": (*zones.notes, *map(_note, checks)),
        },
        base=zones,
        adaptation=describe_adaptation(
            checks, _shares(zones, regions, checks), country.territories
        ),
        checks=checks,
    )


def _shares(before: Zoning, after: pl.DataFrame, checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Return the shares before and after, in %, of the adapted regions and of the country."""
    changed = [*(check.region.code for check in checks), COUNTRY]
    new = after.select("region", "zone", population_after="population", after="share")
    old = before.regions.filter(pl.col("region").is_in(changed)).select(
        "region", "region_name", "zone", population_before="population", before="share"
    )
    return old.join(new, on=["region", "zone"], how="left", maintain_order="left").to_dicts()


def _contradictions(known: Mapping[str, Territory], checks: Sequence[Check]) -> Iterator[Fault]:
    """Return the faults for which proposals cannot be applied even by force."""
    moves = [move for check in checks for move in check.proposal.moves]
    for kind, key, codes in (
        ("same_region", "region", [check.region.code for check in checks]),
        ("territory_in_several", "territory", [move.territory for move in moves]),
    ):
        for code, number in Counter(codes).items():
            if number > 1:
                details = {key: code, "number": number}
                yield Fault(f"proposal.{kind}", "proposals", details=details)
    for check in checks:
        yield from faults_of(check.proposal, unknown_territories(check.proposal.moves, known))


def _adapted_territories(zones: Zoning, checks: Sequence[Check]) -> pl.DataFrame:
    """Return the territories in their new classes."""
    new: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for check in checks:
        new |= check.proposal.zones(check.region)
        for move in check.proposal.moves:
            why = move.justification or UNJUSTIFIED
            reasons[move.territory] = f"{ADAPTED} {check.region.code}: {why}"
    if not new:
        return zones.territories
    return zones.territories.with_columns(
        pl.col("territory")
        .replace_strict(values, default=pl.col(name), return_dtype=pl.String)
        .alias(name)
        for name, values in (("zone", new), ("zone_reason", reasons))
    )


def _note(check: Check) -> Note:
    codes = [move.territory for move in check.proposal.moves]
    broken = tuple(finding.rule for finding in check.broken)
    details: dict[str, object] = {"region": check.region.code}
    if broken:
        details |= {"rules": broken, "number": len(broken)}
    kind = "adapted_against_rules" if broken else "adapted"
    return Note(f"proposal.{kind}", len(codes), first(codes), warning=bool(broken), details=details)
