"""What may be published: small counts suppressed, and an audit of what remains."""

from .apply import suppress_small_counts, suppressed_figures

__all__ = [
    "suppress_small_counts",
    "suppressed_figures",
]
