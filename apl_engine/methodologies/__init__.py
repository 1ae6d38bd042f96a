"""The methodology files, one per legal text, and how they are read."""

from .loading import available, load_methodology

__all__ = ["available", "load_methodology"]
