"""The five input tables: read, validated, and held against each other."""

from .read import Inputs, has_every_table, read_for, read_inputs, travel_times_beside
from .scenarios import ScenarioTable, read_scenarios

__all__ = [
    "Inputs",
    "ScenarioTable",
    "has_every_table",
    "read_for",
    "read_inputs",
    "read_scenarios",
    "travel_times_beside",
]
