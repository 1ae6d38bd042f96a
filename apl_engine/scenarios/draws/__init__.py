"""Many draws of supply, or scenarios larger than memory, reduced to counts as they are computed."""

from .counts import StepCounts
from .models import RandomSupply, SupplyModels
from .reduce import Counted, Plan, count_draws
from .result import Draws, draws_of
from .table import TableSupply, open_scenarios

__all__ = [
    "Counted",
    "Draws",
    "Plan",
    "RandomSupply",
    "StepCounts",
    "SupplyModels",
    "TableSupply",
    "count_draws",
    "draws_of",
    "open_scenarios",
]
