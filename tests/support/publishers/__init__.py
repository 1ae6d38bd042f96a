"""Raw files as publishers deliver them, made from the tidy tables: the yardstick of readers.

Nothing here imports a reader of the package, nor any other part of it.
"""

from __future__ import annotations

from .raw import RawFiles, write_raw

__all__ = ["RawFiles", "write_raw"]
