"""Why a commune or a territory has its APL and its zone, figure by figure."""

from ..runs.reproduce import LocatedInputs, Missing, locate_inputs
from .contributions import Sum
from .explain import Explanation, explain
from .sensitivity import Reading, other_readings

__all__ = [
    "Explanation",
    "LocatedInputs",
    "Missing",
    "Reading",
    "Sum",
    "explain",
    "locate_inputs",
    "other_readings",
]
