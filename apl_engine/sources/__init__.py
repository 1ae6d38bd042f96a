"""Files in the world's formats to checked tables."""

from .formats.imported import Imported
from .reading import Inputs, read_for, read_inputs, travel_times_beside

__all__ = ["Imported", "Inputs", "read_for", "read_inputs", "travel_times_beside"]
