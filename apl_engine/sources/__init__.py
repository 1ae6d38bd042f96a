"""Files in the world's formats to checked tables."""

from .reading import Inputs, read_for, read_inputs

__all__ = ["Inputs", "read_for", "read_inputs"]
