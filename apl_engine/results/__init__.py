"""A result on disk: written, read, recorded and looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .read import StoredResult as StoredResult
    from .read import read_result as read_result
    from .record import make_record as make_record
    from .tables import TableFormats as TableFormats
    from .write import write_result as write_result

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "read": ["StoredResult", "read_result"],
        "record": ["make_record"],
        "tables": ["TableFormats"],
        "write": ["write_result"],
    },
)
