"""How long the steps of a run take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ..errors import OnStep
from ..steps import announce


@dataclass
class Clock:
    """Times the steps of a run, and announces each."""

    on_step: OnStep | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _step: str = ""
    _since: float = 0.0

    def begin(self, step: str) -> None:
        """End the current step and begin another."""
        self.stop()
        self._step, self._since = step, time.perf_counter()
        announce(step, self.on_step)

    def stop(self) -> None:
        """End the current step."""
        if self._step:
            self.seconds[self._step] = time.perf_counter() - self._since
