"""The yearly communication of the figures of article VI to the agencies: table and files."""

from .content import Figures, Row, make_figures
from .write import write_figures

__all__ = ["Figures", "Row", "make_figures", "write_figures"]
