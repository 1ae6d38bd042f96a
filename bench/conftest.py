"""The tables that benchmarks use."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[1]
FRANCE = ROOT / "data_samples" / "france"


@pytest.fixture(scope="session")
def frames() -> dict[str, pl.DataFrame]:
    """Return the five tables of France, with codes as text."""
    return {path.stem: pl.read_parquet(path) for path in FRANCE.glob("*.parquet")}
