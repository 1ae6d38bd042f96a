"""A server for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.osrm_server import Server, running


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as made:
        yield made
