"""How all tests run: fast ones first, no deadline for what may compile."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("project", deadline=None, print_blob=True)
settings.load_profile("project")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow tests last; the others keep their order."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
