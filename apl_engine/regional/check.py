"""A proposal held against annexe V, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import polars as pl

from ..method.result import Zoning
from .moves import adapted_own
from .proposal import Proposal
from .region import Country, Region, read_country
from .rules import RULES, Case, Verdict, judged
from .summary import shares_of


@dataclass(frozen=True)
class Finding:
    """How a proposal stands before one rule.

    Attributes
    ----------
    rule : its name, one of `RULES`.
    verdict : ok, broken, or not applicable.
    sentence : why.
    article : where the rule stands, with its words.
    figures : inhabitants, or % of the region where the name says so, exactly.
    """

    rule: str
    verdict: Verdict
    sentence: str
    article: str
    figures: Mapping[str, Fraction] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, for JSON; figures also as exact fractions."""
        return {
            "rule": self.rule,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "article": self.article,
            "figures": {
                name: {"value": float(value), "exact": str(value)}
                for name, value in self.figures.items()
            },
        }


@dataclass(frozen=True)
class Check:
    """What became of a proposal.

    Attributes
    ----------
    proposal, region : what was judged, and for which region.
    findings : one for each rule, in their order.
    before, after : shares by class, see `regional_summary`.
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
        """Return the findings that stand against it."""
        return tuple(found for found in self.findings if found.verdict == "broken")

    def as_dict(self) -> dict[str, Any]:
        """Return the check as plain values, for JSON."""
        return {
            "file": self.proposal.file,
            "sha256": self.proposal.sha256,
            "region": self.region.code,
            "region_name": self.region.name,
            "accepted": self.accepted,
            "findings": [found.as_dict() for found in self.findings],
            "before": self.before.to_dicts(),
            "after": self.after.to_dicts(),
        }


def check_proposal(zones: Zoning, proposal: Proposal) -> Check:
    """Judge a proposal by every rule of annexe V; limits themselves are allowed.

    Parameters
    ----------
    zones : a national result, as from `run`, `zone_published` or `read_result`.
    proposal : as from `read_proposal` or `propose`.

    Returns
    -------
    Check

    Raises
    ------
    InputDataError
        Its region is none of the result, or the zones were adapted already.

    Examples
    --------
    >>> check = check_proposal(zones, read_proposal("bretagne.toml"))  # doctest: +SKIP
    >>> [finding.sentence for finding in check.broken]  # doctest: +SKIP
    """
    return check_in(read_country(zones), proposal)


def check_in(country: Country, proposal: Proposal) -> Check:
    """Judge a proposal within a country that was read; see `check_proposal`."""
    region = country.region(proposal.region)
    case = Case(proposal, region, country.territories)
    articles = {entry.key: entry.article for entry in region.methodology.parameters}
    findings = tuple(
        Finding(rule, verdict, sentence, articles[RULES[rule]], figures)
        for rule, (verdict, sentence, figures) in zip(RULES, judged(case), strict=True)
    )
    return Check(
        proposal=proposal,
        region=region,
        findings=findings,
        before=shares_of(region, region.own),
        after=shares_of(region, adapted_own(region, proposal)),
    )
