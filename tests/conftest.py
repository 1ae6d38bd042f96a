"""How all tests run: fast ones first, then slow ones; no deadline for what may compile."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from unittest import mock

import pytest
from coverage import Coverage
from hypothesis import settings

settings.register_profile("project", deadline=None, print_blob=True, max_examples=25)
settings.register_profile("nightly", settings.get_profile("project"), max_examples=400)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of this project."""
    parser.addoption("--rewrite-messages", action="store_true", help="write their sentences anew")
    parser.addoption("--nightly", action="store_true", help="run what takes minutes too")


def pytest_configure(config: pytest.Config) -> None:
    """Draw more at night."""
    settings.load_profile("nightly" if config.getoption("--nightly") else "project")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put slow tests last, heavy ones first in each part: none then runs alone at the end."""

    def marked(item: pytest.Item, name: str) -> bool:
        return item.get_closest_marker(name) is not None

    if not config.getoption("--nightly"):
        left_out = [item for item in items if marked(item, "nightly")]
        items[:] = [item for item in items if not marked(item, "nightly")]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: (marked(item, "slow"), not marked(item, "heavy")))
    if config.getoption("--rewrite-messages"):
        _rewrite_messages(items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Leave heavy tests and their processes out of coverage, which can double their time."""
    measuring = Coverage.current() if item.get_closest_marker("heavy") else None
    if measuring is None:
        return (yield)
    unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_PROCESS")}
    measuring.stop()
    try:
        with mock.patch.dict(os.environ, unmeasured, clear=True):
            return (yield)
    finally:
        measuring.start()


def _rewrite_messages(items: list[pytest.Item]) -> None:
    module = next(item.module for item in items if item.name == "test_a_code_that_is_not_there")  # type: ignore[attr-defined]
    data = [{**one, "sentence": module.sentence(one)} for one in module.snapshot()]
    data.sort(key=lambda one: one["code"])
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in data)
    module.SNAPSHOT.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
