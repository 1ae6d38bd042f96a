"""Methodologies: one file for each legal text, and how it is read, varied and restored."""

from .load import DEFAULT, list_methodologies, load_methodology
from .model import Methodology
from .restore import restore_methodology
from .vary import for_year, vary

__all__ = [
    "DEFAULT",
    "Methodology",
    "for_year",
    "list_methodologies",
    "load_methodology",
    "restore_methodology",
    "vary",
]
