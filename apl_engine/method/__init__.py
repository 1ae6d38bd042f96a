"""The eight lines of the method, from checked tables to zones."""

from .accessibility import Accessibility, compute_accessibility
from .demand import Demand, compute_demand
from .network import TravelNetwork, build_network
from .regions import attribute_regions, compare_with_published, regional_shares
from .result import Result, Suppression, Zoning
from .supply import Supply, compute_supply
from .zoning import Classification, Cut, aggregate_territories, classify

__all__ = [
    "Accessibility",
    "Classification",
    "Cut",
    "Demand",
    "Result",
    "Supply",
    "Suppression",
    "TravelNetwork",
    "Zoning",
    "aggregate_territories",
    "attribute_regions",
    "build_network",
    "classify",
    "compare_with_published",
    "compute_accessibility",
    "compute_demand",
    "compute_supply",
    "regional_shares",
]
