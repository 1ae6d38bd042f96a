"""Ctrl-C and termination: a message and an exit code, even while a library waits for a drive.

Python runs the handler of a signal between two of its own instructions. While it waits in the code
of a library, such as a query that reads from a network drive that does not answer, a second thread
that the system tells of the signal ends the process.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType

import click

from .. import unfinished

INTERRUPTED, TERMINATED = 130, 143
# Seconds until a handler has to run, and until what it raises has to end the command.
_UNTIL_HANDLED, _UNTIL_ENDED = 1.0, 10.0
_ENDING = frozenset(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_handled = threading.Event()
_is_watched = False


def handle() -> None:
    """Let signals that end the command raise, so that unfinished files are removed.

    A process that ignores interruptions, as under nohup, keeps ignoring them.
    """
    # Only the main thread may handle signals.
    with suppress(ValueError):
        for number in _ENDING:
            if number != signal.SIGINT:
                signal.signal(number, _terminate)
            elif signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _interrupt)


def watch() -> None:
    """End this process if it does not end by itself soon after a signal; for processes of `apl`."""
    global _is_watched
    # On Windows the system tells sockets only.
    if sys.platform != "win32":
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=_watch, args=(reader,), name="signals", daemon=True).start()
        _is_watched = True


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    if not _is_ending():
        raise KeyboardInterrupt


def _terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    if not _is_ending():
        click.echo("\nTerminated; nothing was written.", err=True)
        sys.exit(TERMINATED)


def _is_ending() -> bool:
    """Return whether the thread that watches ends the process, as a signal came before."""
    was_handled = _handled.is_set()
    _handled.set()
    return was_handled and _is_watched


def _watch(reader: int) -> None:
    while (number := os.read(reader, 1)[0]) not in _ENDING:
        pass
    if _handled.wait(_UNTIL_HANDLED):
        # A second signal ends it at once.
        select.select([reader], [], [], _UNTIL_ENDED)
    else:
        words = "Interrupted" if number == signal.SIGINT else "Terminated"
        os.write(2, f"\n{words}; nothing was written.\n".encode())
    unfinished.remove_all()
    os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)
