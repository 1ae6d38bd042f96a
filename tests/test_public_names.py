"""What imports cost, and what is public."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import apl_engine

ROOT = Path(__file__).parents[1] / "apl_engine"


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT.parent
    )
    return set(done.stdout.split())


def test_importing_the_package_is_light() -> None:
    assert not {"polars", "numpy", "numba", "click"} & modules_after("import apl_engine")


def test_public_names_need_no_kernel_to_import() -> None:
    loaded = modules_after("from apl_engine import *")
    assert "polars" in loaded
    assert not {"numba", "scipy", "click", "pandas", "pyarrow"} & loaded
    assert not {"matplotlib", "docx", "xlsxwriter"} & loaded


def test_help_needs_no_table() -> None:
    commands = "apl_engine.cli, apl_engine.cli.explain, apl_engine.cli.what_if"
    assert not {"polars", "numpy", "numba"} & modules_after(f"import {commands}")


def documented() -> set[str]:
    """Return the names of the first table of the page on the library."""
    page = (ROOT.parent / "docs" / "python.md").read_text("utf-8")
    table = page.partition("| name |")[2].partition("\n\n")[0]
    return set(re.findall(r"`(\w+)`", table))


def test_public_names_are_documented_and_there() -> None:
    assert set(apl_engine.__all__) == documented() | {"__version__"}
    assert len(apl_engine.__all__) <= 25
    for name in documented():
        assert getattr(apl_engine, name).__doc__
    assert set(dir(apl_engine)) >= documented()
    with pytest.raises(AttributeError):
        apl_engine.no_such_name  # noqa: B018


def test_names_of_the_rooms_are_documented_and_there() -> None:
    page = (ROOT.parent / "docs" / "python.md").read_text("utf-8")
    rooms = re.findall(r"^\| `apl_engine\.(\w+)` \| (.*) \|$", page, re.MULTILINE)
    assert len(rooms) >= 10
    for room, names in rooms:
        for name in re.findall(r"`(\w+)`", names):
            assert getattr(getattr(apl_engine, room), name).__doc__, (room, name)
