"""Optional libraries of outputs, checked before work begins."""

from __future__ import annotations

from importlib.util import find_spec

from ..errors import AplError, Fault, missing_library


def require_libraries(*names: str, extra: str = "annex") -> None:
    """Check that libraries of an extra are installed.

    Raises
    ------
    AplError
        ``dependency.missing`` for each library that is not.
    """
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise AplError(
            Fault("dependency.missing", "output", details=missing_library(name, extra))
            for name in missing
        )
