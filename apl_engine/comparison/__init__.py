"""Two results compared: changes of zone, and what each of them is due to."""

from .attribution import round_parts
from .compare import Comparison, compare, read_both
from .contracts import Contracts
from .matching import commune_vintage, name_of, passage_between
from .methodology_diff import Difference, differences

__all__ = [
    "Comparison",
    "Contracts",
    "Difference",
    "commune_vintage",
    "compare",
    "differences",
    "name_of",
    "passage_between",
    "read_both",
    "round_parts",
]
