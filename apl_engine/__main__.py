"""The command ``apl``, which ``python -m apl_engine`` is too.

An interruption while the command loads ends it with a message instead of a traceback.
"""

from __future__ import annotations

import gc
import os
import signal
from types import FrameType
from typing import NoReturn

_INTERRUPTED = 130


def leave_when_interrupted() -> None:
    """Let Ctrl-C end the process at once, until a command handles interruptions itself.

    Nothing is written before, and libraries that are being imported may swallow an exception. A
    process that ignores interruptions, as under nohup, keeps ignoring them.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    os.write(2, b"\nInterrupted; nothing was written.\n")
    os._exit(_INTERRUPTED)


def command() -> NoReturn:
    """Run the command ``apl``.

    It is short-lived: collecting reference cycles would only take time. No step multiplies
    matrices, so that NumPy need not start threads for that.
    """
    leave_when_interrupted()
    gc.disable()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from .cli import command as run

    run()


if __name__ == "__main__":
    command()
