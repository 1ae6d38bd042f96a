"""Results of other supplies: scenarios, what-if, margins to the next zone."""

from .batch import Scenarios, scenario_accessibility
from .changes import ChangedRows, ChangedSupply
from .classes import ScenarioClasses, scenario_classes
from .draws import Draws, SupplyModels
from .margins import Distance, distances, zone_margins
from .what_if import SupplyChange, WhatIf
from .zones import ScenarioZones, zone_scenarios

__all__ = [
    "ChangedRows",
    "ChangedSupply",
    "Distance",
    "Draws",
    "ScenarioClasses",
    "ScenarioZones",
    "Scenarios",
    "SupplyChange",
    "SupplyModels",
    "WhatIf",
    "distances",
    "scenario_accessibility",
    "scenario_classes",
    "zone_margins",
    "zone_scenarios",
]
