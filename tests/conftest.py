"""How all tests run: fast ones first, no deadline for what may compile."""

from __future__ import annotations

import json

import pytest
from hypothesis import settings

settings.register_profile("project", deadline=None, print_blob=True)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites the snapshot of messages."""
    parser.addoption("--rewrite-messages", action="store_true", help="write their sentences anew")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put slow tests last; the others keep their order."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
    if config.getoption("--rewrite-messages"):
        _rewrite_messages(items)


def _rewrite_messages(items: list[pytest.Item]) -> None:
    module = next(item.module for item in items if item.name == "test_a_code_that_is_not_there")  # type: ignore[attr-defined]
    data = [{**one, "sentence": module.sentence(one)} for one in module.snapshot()]
    data.sort(key=lambda one: one["code"])
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in data)
    module.SNAPSHOT.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
