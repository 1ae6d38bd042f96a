"""Two results that differ, for the reports on them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.compared import (
    country,
    with_other_mesh,
    with_other_population,
    with_other_supply,
)
from support.tables import write_csv

from apl_engine import run, write_result


@pytest.fixture(scope="session")
def two_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two results, a and b, and their inputs, in-a and in-b."""
    folder = tmp_path_factory.mktemp("results")
    second = with_other_mesh(with_other_supply(with_other_population(country())))
    for name, world in (("a", country()), ("b", second)):
        write_result(run(write_csv(world, folder / f"in-{name}")), folder / name)
    return folder
