"""Two results beside each other: zones, and what each change of zone comes from."""

from .compare import Comparison, compare, read_both
from .matching import passage_between
from .methodology_diff import Difference

__all__ = ["Comparison", "Difference", "compare", "passage_between", "read_both"]
