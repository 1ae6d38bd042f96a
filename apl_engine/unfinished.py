"""Drafts, copies and locks of this process; whatever ends the process removes them."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

_paths: dict[Path, None] = {}


def begin(path: Path) -> None:
    """Note a file or folder that is to be removed if the process ends before `end` is called."""
    _paths[path] = None


def end(path: Path) -> None:
    """Forget a file or folder: it was removed, or what it holds is being put in place."""
    _paths.pop(path, None)


def remove_all() -> None:
    """Remove what was begun and has not ended, the last first."""
    while _paths:
        path, _ = _paths.popitem()
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
