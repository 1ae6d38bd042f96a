"""Files in the world's formats to checked tables."""

from ..readers.common.imported import Imported
from .read import Inputs, has_every_table, read_for, read_inputs, travel_times_beside
from .scenarios import ScenarioTable, read_scenarios

__all__ = [
    "Imported",
    "Inputs",
    "ScenarioTable",
    "has_every_table",
    "read_for",
    "read_inputs",
    "read_scenarios",
    "travel_times_beside",
]
