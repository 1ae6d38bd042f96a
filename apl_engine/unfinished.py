"""Folders of this process that hold nothing finished; whatever ends the process removes them."""

from __future__ import annotations

import shutil
from pathlib import Path

_folders: dict[Path, None] = {}


def begin(folder: Path) -> None:
    """Note a folder that is to be removed if the process ends before `end` is called."""
    _folders[folder] = None


def end(folder: Path) -> None:
    """Forget a folder: it was removed, or what it holds is being put in place."""
    _folders.pop(folder, None)


def remove_all() -> None:
    """Remove what was begun and has not ended."""
    while _folders:
        shutil.rmtree(_folders.popitem()[0], ignore_errors=True)
