"""Why a commune or a territory has its APL and its zone, figure by figure."""

from ..runs.explained_inputs import LocatedInputs, check_network, locate_inputs
from .explain import Explanation, explain

__all__ = ["Explanation", "LocatedInputs", "check_network", "explain", "locate_inputs"]
