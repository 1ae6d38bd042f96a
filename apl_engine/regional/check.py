"""Check a proposal against annexe V, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from ..errors import Fault, check_arguments
from ..method.result import Zoning
from ..methodology.values import plain_fields
from .proposal import Proposal
from .region import Country, Region, read_country
from .rules import Finding, judge
from .summary import shares_by_zone


@dataclass(frozen=True)
class Check:
    """The outcome of the check of a proposal.

    Attributes
    ----------
    proposal : Proposal
        What was checked.
    region : Region
        Its region.
    findings : tuple of Finding
        One for each rule, in their order.
    before, after : pl.DataFrame
        Shares by class, see `RegionalSummary`.
    """

    proposal: Proposal
    region: Region
    findings: tuple[Finding, ...]
    before: pl.DataFrame
    after: pl.DataFrame

    @property
    def accepted(self) -> bool:
        """Return whether no rule is broken."""
        return not self.broken

    @property
    def broken(self) -> tuple[Finding, ...]:
        """Return the findings of the rules that are broken."""
        return tuple(finding for finding in self.findings if finding.verdict == "broken")

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return the faults of the rules that are broken."""
        return tuple(fault for finding in self.broken for fault in finding.faults)

    def as_dict(self) -> dict[str, Any]:
        """Return the check as plain values, for JSON."""
        return {
            **plain_fields(self.proposal, "file", "sha256"),
            "region": self.region.code,
            "region_name": self.region.name,
            **plain_fields(self, "accepted", "findings"),
            "before": self.before.to_dicts(),
            "after": self.after.to_dicts(),
        }


def check_proposal(zones: Zoning, proposal: Proposal) -> Check:
    """Check a proposal against every rule of annexe V; the limits themselves are allowed.

    Parameters
    ----------
    zones : Zoning
        A national result, as from `run`, `zone_published` or `read_result`.
    proposal : Proposal
        As from `read_proposal` or `propose`.

    Returns
    -------
    Check

    Raises
    ------
    InputDataError
        Its region is not in the result, or the zones were already adapted.

    Examples
    --------
    >>> check = check_proposal(zones, read_proposal("bretagne.toml"))  # doctest: +SKIP
    >>> [fault.code for fault in check.faults]  # doctest: +SKIP
    """
    return check_in(read_country(zones), proposal)


@check_arguments(proposal=Proposal)
def check_in(country: Country, proposal: Proposal) -> Check:
    """Check a proposal within a country that was already read; see `check_proposal`."""
    region = country.region(proposal.region)
    return Check(
        proposal=proposal,
        region=region,
        findings=judge(proposal, region, country.territories),
        before=shares_by_zone(region, region.own),
        after=shares_by_zone(region, proposal.adapted(region)),
    )
