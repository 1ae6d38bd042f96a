"""Real open data, where they lie beside the checkout; tests that need one skip by its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("APL_ENGINE_OPEN_DATA", Path(__file__).parents[3] / "shared" / "data"))


def open_data(name: str) -> Path:
    """Return a file of open data, or skip the test that asks for it."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{name} is not in the folder of open data ({FOLDER})")
    return path
