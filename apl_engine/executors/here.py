"""What only the process that asks can call."""

from __future__ import annotations

from typing import Any

from ..errors import OnStep


class Here:
    """What is called as steps begin, or nothing; in other processes, nothing."""

    def __init__(self, on_step: OnStep | None = None) -> None:
        self._on_step = on_step

    def __bool__(self) -> bool:
        return self._on_step is not None

    def __call__(self, step: str) -> None:
        """Tell that a step begins."""
        if self._on_step:
            self._on_step(step)

    def __reduce__(self) -> tuple[type[Here], tuple[Any, ...]]:
        return Here, ()
