"""Results, inputs and networks to files."""

from .comparison import comparison_record, write_comparison
from .inputs import write_inputs
from .network import save_network
from .record import make_record
from .result import write_result
from .scenarios import write_scenarios

__all__ = [
    "comparison_record",
    "make_record",
    "save_network",
    "write_comparison",
    "write_inputs",
    "write_result",
    "write_scenarios",
]
