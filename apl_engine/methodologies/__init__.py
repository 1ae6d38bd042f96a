"""The methodology files, one per legal text, and how they are read."""

from .loading import DEFAULT, available, load_methodology
from .restoring import restore_methodology
from .varying import vary

__all__ = ["DEFAULT", "available", "load_methodology", "restore_methodology", "vary"]
