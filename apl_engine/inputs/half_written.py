"""What a killed command left between two states is refused until a command finishes it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..errors import Fault
from ..small_files import read_small_file

# Lists the names of its folder that are being changed together, and lies there only meanwhile.
JOURNAL = ".apl-engine.journal"


def half_written(path: Path) -> Fault | None:
    """Return the fault of a file or folder that was not written to its end, if it was not."""
    try:
        path = Path(os.path.abspath(path))
    except OSError:
        return None
    for folder in (path, path.parent):
        try:
            text = read_small_file(folder / JOURNAL).decode()
        except (OSError, ValueError):
            continue
        try:
            journal = json.loads(text)
            names, command = [move["target"] for move in journal["moves"]], journal["command"]
        except (ValueError, KeyError, TypeError):
            names, command = [path.name], "apl"
        if folder == path or path.name in names:
            details = {"folder": str(folder), "command": command}
            return Fault("inputs.half_written", path.name, details=details)
    return None
