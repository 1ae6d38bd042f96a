"""What a proposal makes of the classes of territories, right or wrong."""

from __future__ import annotations

from dataclasses import replace

from .proposal import Proposal
from .region import Region, Territory


def new_zones(region: Region, proposal: Proposal) -> dict[str, str]:
    """Return the class that each territory of a proposal takes, right or wrong."""
    rules = region.methodology.regional
    return {
        **{move.territory: rules.lower_zone for move in proposal.additions},
        **{move.territory: rules.upper_zone for move in proposal.removals},
    }


def adapted_own(region: Region, proposal: Proposal) -> list[Territory]:
    """Return the territories of a region in the classes that a proposal gives them."""
    new = new_zones(region, proposal)
    return [replace(one, zone=new.get(one.code, one.zone)) for one in region.own]
