"""What may be published: small counts suppressed, and an audit of what remains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .apply import suppress_small_counts as suppress_small_counts
    from .apply import suppressed_figures as suppressed_figures

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "apply": ["suppress_small_counts", "suppressed_figures"],
    },
)
