"""Processes forked from one that has read tables, in which reading would never end.

Polars keeps threads, which a fork does not copy: the child would wait for them for ever.
"""

from __future__ import annotations

import os

from .errors import Fault, InputDataError

_has_read = False
_forked = False


def _mark_child() -> None:
    global _forked
    _forked = _has_read


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_mark_child)


def begin_reading() -> None:
    """Note that this process reads tables.

    Raises
    ------
    InputDataError
        It was forked from one that had.
    """
    global _has_read
    if _forked:
        raise InputDataError(Fault("argument.forked_process", "process"))
    _has_read = True
