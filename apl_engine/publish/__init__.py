"""Results, inputs and networks to files."""

from .annex_content import Annex, make_annex
from .annex_files import annex_map, write_annex
from .inputs import write_inputs
from .network import save_network
from .record import make_record
from .result import write_result
from .scenarios import write_scenarios

__all__ = [
    "Annex",
    "annex_map",
    "make_annex",
    "make_record",
    "save_network",
    "write_annex",
    "write_inputs",
    "write_result",
    "write_scenarios",
]
