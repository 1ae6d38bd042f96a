"""The annex of a regional order: workbook, document and map."""

from .content import Annex, make_annex
from .write import annex_map, write_annex

__all__ = ["Annex", "annex_map", "make_annex", "write_annex"]
