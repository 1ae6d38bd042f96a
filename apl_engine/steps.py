"""The steps of long computations, as they begin: for the caller, and in the standard log."""

from __future__ import annotations

import logging

from .errors import OnStep

# No handler is added: an application shows it, or not.
_LOG = logging.getLogger("apl_engine")


def announce(step: str, on_step: OnStep | None = None) -> None:
    """Log that a step begins, and call `on_step` with the same words."""
    _LOG.info(step)
    if on_step:
        on_step(step)
