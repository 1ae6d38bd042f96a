"""Why a commune or a territory has its APL and its zone, figure by figure."""

from .explanation import Explanation, explain
from .sources import AtHand, at_hand, check_network

__all__ = ["AtHand", "Explanation", "at_hand", "check_network", "explain"]
