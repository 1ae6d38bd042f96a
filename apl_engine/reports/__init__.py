"""Pages, tables for people, pictures, and the annex of a regional order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .annex.content import Annex as Annex
    from .annex.content import make_annex as make_annex
    from .annex.write import annex_map as annex_map
    from .annex.write import write_annex as write_annex
    from .comparison import write_comparison as write_comparison
    from .explanation import explanation_page as explanation_page
    from .inputs import write_inputs as write_inputs
    from .scenarios import write_scenarios as write_scenarios

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "annex.content": ["Annex", "make_annex"],
        "annex.write": ["annex_map", "write_annex"],
        "comparison": ["write_comparison"],
        "explanation": ["explanation_page"],
        "inputs": ["write_inputs"],
        "scenarios": ["write_scenarios"],
    },
)
