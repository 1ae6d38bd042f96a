"""Results, inputs and networks to files."""

from .adapted import write_adapted
from .inputs import write_inputs
from .network import save_network
from .record import make_record
from .result import write_result
from .scenarios import write_scenarios

__all__ = [
    "make_record",
    "save_network",
    "write_adapted",
    "write_inputs",
    "write_result",
    "write_scenarios",
]
