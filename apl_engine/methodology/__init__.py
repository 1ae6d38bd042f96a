"""The methodology files, one per legal text, and how they are read."""

from .load import DEFAULT, list_methodologies, load_methodology
from .restore import restore_methodology
from .vary import vary

__all__ = ["DEFAULT", "list_methodologies", "load_methodology", "restore_methodology", "vary"]
