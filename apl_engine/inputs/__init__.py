"""The five input tables: read, validated, and held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .read import Inputs as Inputs
    from .read import has_every_table as has_every_table
    from .read import read_for as read_for
    from .read import read_inputs as read_inputs
    from .read import travel_times_beside as travel_times_beside
    from .scenarios import ScenarioTable as ScenarioTable
    from .scenarios import read_scenarios as read_scenarios

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "read": ["Inputs", "has_every_table", "read_for", "read_inputs", "travel_times_beside"],
        "scenarios": ["ScenarioTable", "read_scenarios"],
    },
)
