"""Why a commune or a territory has its APL and its zone, figure by figure."""

from .contributions import Sum
from .explain import Explanation, explain
from .sensitivity import Reading, other_readings

__all__ = ["Explanation", "Reading", "Sum", "explain", "other_readings"]
