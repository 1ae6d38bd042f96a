"""Why a commune or a territory has its APL and its zone, figure by figure."""

from .at_hand import check_network
from .explanation import Explanation, explain

__all__ = ["Explanation", "check_network", "explain"]
