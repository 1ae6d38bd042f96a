"""The tables that benchmarks use, and the check that all tools agree on them."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "bench" / "peers"))

FRANCE = ROOT / "data_samples" / "france"


@pytest.fixture(scope="session")
def frames() -> dict[str, pl.DataFrame]:
    """Return the five tables of France, with codes as text."""
    from check_peers import read

    return read(FRANCE)


@pytest.fixture(scope="session")
def agreed(frames: dict[str, pl.DataFrame]) -> None:
    """Check that all tools compute the same, before any of them is timed."""
    import check_peers
    import numpy as np
    import polars_query

    import apl_engine

    result = apl_engine.run(frames)
    query = polars_query.commune_apl_of(frames).sort("commune")
    assert query["commune"].equals(result.communes["commune"])
    np.testing.assert_allclose(
        query["apl"].to_numpy(), result.communes["apl"].to_numpy(), rtol=1e-12, atol=1e-12
    )
    zones = polars_query.zones_of(frames).sort("territory").select("territory", "zone")
    assert zones.rows() == result.territories.select("territory", "zone").rows()
    differences = check_peers.commune_differences(frames)
    assert max(differences.values()) < check_peers.RTOL
    assert check_peers.zones_agree(FRANCE, frames)
