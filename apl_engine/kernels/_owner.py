"""Whose files are: machine code that others could have written is never run."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

# A folder of this mode, such as /tmp, lets nobody rename what is another's.
_STICKY = stat.S_ISVTX


class UnsafeError(Exception):
    """A file or a folder that others than the user and root can write."""


def read_own(path: Path) -> bytes:
    """Return the content of a file that nobody but the user and root could have written.

    It is opened once, and what is checked is what was opened.

    Raises
    ------
    UnsafeError
        It is a link or no regular file, or others can write it or a folder above it.
    OSError
        It is missing, or cannot be read.
    """
    check_folder(path.parent)
    # A FIFO would wait for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or not _is_own(status):
            raise UnsafeError(path)
        return file.read()


def check_folder(folder: Path) -> None:
    """Refuse a folder in which others than the user and root can put files.

    Raises
    ------
    UnsafeError
        They can write it, or replace it because they can write one above it.
    OSError
        It is missing.
    """
    whole = folder.resolve(strict=True)
    if not _is_own(whole.stat()):
        raise UnsafeError(folder)
    for above in whole.parents:
        status = above.stat()
        if not _is_own(status) and not (_is_ours(status) and status.st_mode & _STICKY):
            raise UnsafeError(folder)


def _is_own(status: os.stat_result) -> bool:
    """Return whether only the user and root can write what has this status."""
    if not hasattr(os, "geteuid"):
        return True
    mode = status.st_mode
    by_others = mode & stat.S_IWOTH or (mode & stat.S_IWGRP and not _is_group_of_owner(status))
    return _is_ours(status) and not by_others


def _is_ours(status: os.stat_result) -> bool:
    geteuid: Callable[[], int] | None = getattr(os, "geteuid", None)
    return geteuid is None or status.st_uid in (geteuid(), 0)


def _is_group_of_owner(status: os.stat_result) -> bool:
    """Return whether the group is the owner's own: of the same name, without other members."""
    import grp
    import pwd

    try:
        owner, group = pwd.getpwuid(status.st_uid), grp.getgrgid(status.st_gid)
    except KeyError:
        return False
    alone = group.gr_name == owner.pw_name and owner.pw_gid == group.gr_gid
    return alone and set(group.gr_mem) <= {owner.pw_name}
