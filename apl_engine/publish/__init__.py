"""A result to files, and the record of how it came about."""

from .inputs import write_inputs
from .record import make_record
from .result import write_result

__all__ = ["make_record", "write_inputs", "write_result"]
