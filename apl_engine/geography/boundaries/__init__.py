"""Outlines of communes and territories: arcs between them, each once."""

from .boundaries import Boundaries
from .frames import FRAMES, Frame
from .insets import Inset

__all__ = ["FRAMES", "Boundaries", "Frame", "Inset"]
