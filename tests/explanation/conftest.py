"""A result of a region that was written, with its inputs where they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.tables import SAMPLES, frames, small_world

from apl_engine import explain, read_result, run, write_result
from apl_engine.disclosure_control import publish
from apl_engine.explanation import Explanation
from apl_engine.results import StoredResult

REGION = SAMPLES / "pays-de-la-loire"


@pytest.fixture(scope="session")
def zones(tmp_path_factory: pytest.TempPathFactory) -> StoredResult:
    folder = tmp_path_factory.mktemp("explain") / "out"
    write_result(run(REGION), folder)
    return read_result(folder)


@pytest.fixture(scope="session")
def laval(zones: StoredResult) -> Explanation:
    return explain(zones, "53130")


@pytest.fixture(scope="session")
def protected(tmp_path_factory: pytest.TempPathFactory) -> StoredResult:
    folder = tmp_path_factory.mktemp("protected") / "out"
    write_result(publish(run(REGION), step=20, territory_step=5), folder)
    return read_result(folder)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with the tables of a small world, ``in``, and their result, ``out``."""
    (tmp_path / "in").mkdir()
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / "in" / f"{name}.parquet")
    write_result(run(tmp_path / "in"), tmp_path / "out")
    return tmp_path
