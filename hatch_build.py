"""Puts machine code of the kernels into a wheel, so that its first run compiles nothing."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What compiles the kernels; in the versions that the package requires.
COMPILERS = ("llvmlite", "numba", "numpy")


class KernelsHook(BuildHookInterface):
    """Compile the kernels for every target; without compilers, build the wheel without them."""

    def dependencies(self) -> list[str]:
        """Return what must be installed to build a wheel."""
        return [text for text in self.metadata.core.dependencies if text.startswith(COMPILERS)]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the machine code to the content of the wheel."""
        # The source of an editable installation changes.
        if version == "editable":
            return
        # Deleted with this object, once the wheel is written.
        self._folder = tempfile.TemporaryDirectory()
        sys.path.insert(0, self.root)
        try:
            from apl_engine import kernels

            files = kernels.build(Path(self._folder.name))
        except Exception as error:
            self.app.display_warning(
                f"The kernels cannot be compiled here ({type(error).__name__}: {error}). "
                "The wheel has no machine code: they are compiled in the first run."
            )
            return
        finally:
            sys.path.remove(self.root)
        for file in files:
            build_data["force_include"][str(file)] = f"apl_engine/kernels/compiled/{file.name}"
