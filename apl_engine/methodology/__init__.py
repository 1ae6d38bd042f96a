"""The methodology files, one per legal text, and how they are read."""

from .load import DEFAULT, available, load_methodology
from .restore import restore_methodology
from .vary import vary

__all__ = ["DEFAULT", "available", "load_methodology", "restore_methodology", "vary"]
