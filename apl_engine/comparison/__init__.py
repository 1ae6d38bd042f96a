"""Two results compared: changes of zone, and what each of them is due to."""

from .attribution import round_parts
from .compare import Comparison, compare, read_both
from .contracts import Contracts
from .matching import commune_vintage, name_of, passage_between
from .methodology_diff import Difference, differences
from .official import OfficialComparison, compare_official, read_official

__all__ = [
    "Comparison",
    "Contracts",
    "Difference",
    "OfficialComparison",
    "commune_vintage",
    "compare",
    "compare_official",
    "differences",
    "name_of",
    "passage_between",
    "read_both",
    "read_official",
    "round_parts",
]
