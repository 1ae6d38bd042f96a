"""Maps of zones, of the APL and of changes, as pictures."""

from ..._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {"map": ["DrawnMap", "draw_map"]})
