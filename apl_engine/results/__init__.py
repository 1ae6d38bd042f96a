"""A result on disk: written, read, recorded and looked up."""

from .read import StoredResult, read_result
from .record import make_record
from .write import write_result

__all__ = [
    "StoredResult",
    "make_record",
    "read_result",
    "write_result",
]
