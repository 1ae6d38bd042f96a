"""Outlines of communes and territories: those of the package, or of files of geodata."""

from ..._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__, {"read": ["read_boundaries"], "shipped": ["shipped_boundaries"]}
)
