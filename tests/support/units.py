"""Units of work for tests of workers, which other processes import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from apl_engine import InputDataError
from apl_engine.errors import Fault


class Given(NamedTuple):
    values: np.ndarray
    folder: str = ""


def total(given: Given, unit: tuple[int, int]) -> tuple[int, bool]:
    """Return the sum of a range, and whether the array is mapped from a file."""
    first, last = unit
    return int(given.values[first:last].sum()), not given.values.flags.writeable


def process(given: Given, unit: int) -> int:
    return os.getpid()


def refuse(given: Given, unit: int) -> int:
    if unit == 2:
        raise InputDataError(Fault("argument.empty", "methodologies"))
    return unit


def fail(given: Given, unit: int) -> int:
    raise ZeroDivisionError(unit)


def refuse_in_turn(given: Given, unit: int) -> int:
    """Fail at every unit from 2 on, the later the sooner."""
    if unit >= 2:
        time.sleep(max(0.0, 0.3 - 0.1 * unit))
        raise InputDataError(Fault("argument.empty", f"unit {unit}"))
    return unit


def slow(given: Given, unit: int) -> int:
    time.sleep(0.2)
    return unit


def die_once(given: Given, unit: int) -> int:
    """End the process that is first to do unit 1, as the system does if memory runs out."""
    mark = Path(given.folder) / "died"
    if unit == 1 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return unit


def die(given: Given, unit: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return unit
