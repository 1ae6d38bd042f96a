"""Files that are read whole, such as those in TOML: regular, and of a bounded size."""

from __future__ import annotations

import os
import stat
from pathlib import Path

# Records of results with many notes take some megabytes; no other comes near.
LARGEST = 64 * 1024**2
_KINDS = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a FIFO",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
    stat.S_ISSOCK: "a socket",
}


def other_kind(path: Path) -> str:
    """Return what a path leads to if it is no regular file, in words; otherwise "".

    The writer of a FIFO may never come, and a device may have no end. It is not opened.

    Raises
    ------
    OSError
        There is nothing.
    """
    mode = os.stat(path).st_mode
    return next((words for is_kind, words in _KINDS.items() if is_kind(mode)), "")


def read_small_file(path: Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    OSError
        It is missing, cannot be read, is no regular file, or is larger than any such file.
    """
    if (kind := other_kind(path)) not in ("", "a folder"):
        raise OSError(0, f"it is {kind}, not a regular file")
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(0, f"it is larger than {LARGEST // 1024**2} MiB")
    return content
