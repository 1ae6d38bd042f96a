"""Where the command `apl` begins: an interruption while it loads is a word, and no traceback."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import NoReturn

_INTERRUPTED = 130


def leave_when_interrupted() -> None:
    """Let Ctrl-C end the process at once, until a command of ours takes it over.

    Nothing is written before; and an exception may be lost or reworded within the libraries that
    are being imported. Who ignores interruptions, as nohup does, goes on ignoring them.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    os.write(2, b"\nInterrupted; nothing was written.\n")
    os._exit(_INTERRUPTED)


def command() -> NoReturn:
    """Run the command `apl`."""
    leave_when_interrupted()
    from .cli import command as run

    run()
