"""Rulebooks of one's own for tests, and the faults they raise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apl_engine import Fault, MethodologyError


def load_text(load: Callable[[Path], Any], folder: Path, text: str) -> Any:
    """Write a file ``own.toml`` and load it."""
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def refused(load: Callable[[Path], Any], folder: Path, text: str) -> tuple[Fault, ...]:
    """Return the faults of a file that is refused."""
    with pytest.raises(MethodologyError) as caught:
        load_text(load, folder, text)
    assert str(caught.value), "every code has its words"
    assert all(Path(fault.table).name in ("own.toml", "mk.toml") for fault in caught.value.faults)
    return caught.value.faults


def keyed(faults: tuple[Fault, ...]) -> list[tuple[str, str | None]]:
    """Return code and key of each fault."""
    return [(fault.code, fault.key) for fault in faults]
