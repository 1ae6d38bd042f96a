"""Tables and results that several commands are tested on."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.tables import SAMPLES, small_world, write_csv

from apl_engine import run, write_result

VARIANT = 'id = "at-67"\nextends = "mk-2024"\n[etp.age_limit]\nvalue = 67\nreason = "x"\n'


@pytest.fixture(scope="session")
def region() -> Path:
    return SAMPLES / "pays-de-la-loire"


@pytest.fixture(scope="session")
def region_result(region: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("region") / "out"
    write_result(run(region), folder)
    return folder


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(small_world(), tmp_path_factory.mktemp("tables"))


@pytest.fixture
def variant(tmp_path: Path) -> Path:
    path = tmp_path / "variant.toml"
    path.write_text(VARIANT)
    return path
