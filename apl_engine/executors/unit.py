"""A unit of work as a worker carries it out."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from .._version import __version__
from ..errors import ExecutorError, Fault
from ..forks import begin_reading
from .shared import read_shared


@cache
def edition() -> str:
    """Return what tells this code from any other: its version, and a digest of its modules."""
    root, digest = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return f"{__version__} ({digest.hexdigest()[:8]})"


def carry_out(asked: str, function: str, shared: str, unit: Any) -> Any:
    """Call a function by its name on a shared object and a unit.

    Parameters
    ----------
    asked : str
        The edition of the process that asks.
    function : str
        Module and name.
    shared : str
        File of the shared object.
    unit : object

    Raises
    ------
    ExecutorError
        This process has another edition, or no such file.
    """
    begin_reading()
    if asked != edition():
        details = {"asked": asked, "here": edition()}
        raise ExecutorError(Fault("executor.other_edition", platform.node(), details=details))
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)(read_shared(shared), unit)
