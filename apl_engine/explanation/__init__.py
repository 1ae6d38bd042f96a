"""Why a commune or a territory has its APL and its zone, figure by figure."""

from ..runs.explained_inputs import AtHand, at_hand, check_network
from .explain import Explanation, explain

__all__ = ["AtHand", "Explanation", "at_hand", "check_network", "explain"]
