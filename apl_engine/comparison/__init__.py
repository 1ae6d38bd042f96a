"""Two results beside each other: zones, and what each change of zone comes from."""

from .comparing import Comparison, compare, read_both
from .matching import passage_between
from .rules import Difference

__all__ = ["Comparison", "Difference", "compare", "passage_between", "read_both"]
