"""The eight lines of the method, from checked tables to zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .accessibility import Accessibility as Accessibility
    from .accessibility import compute_accessibility as compute_accessibility
    from .demand import Demand as Demand
    from .demand import compute_demand as compute_demand
    from .network import TravelNetwork as TravelNetwork
    from .network import build_network as build_network
    from .regions import attribute_regions as attribute_regions
    from .regions import compare_with_published as compare_with_published
    from .regions import regional_shares as regional_shares
    from .result import Publication as Publication
    from .result import Result as Result
    from .result import Zoning as Zoning
    from .supply import Supply as Supply
    from .supply import compute_supply as compute_supply
    from .zoning import Classification as Classification
    from .zoning import Cut as Cut
    from .zoning import aggregate_territories as aggregate_territories
    from .zoning import classify as classify

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "accessibility": ["Accessibility", "compute_accessibility"],
        "demand": ["Demand", "compute_demand"],
        "network": ["TravelNetwork", "build_network"],
        "regions": ["attribute_regions", "compare_with_published", "regional_shares"],
        "result": ["Result", "Publication", "Zoning"],
        "supply": ["Supply", "compute_supply"],
        "zoning": ["Classification", "Cut", "aggregate_territories", "classify"],
    },
)
