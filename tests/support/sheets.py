"""A small layout, and the reading of files that have it, for tests of the readers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from apl_engine.errors import Fault, InputDataError
from apl_engine.readers.common.cells import read_cells
from apl_engine.readers.common.headers import Field, Layout
from apl_engine.readers.common.issues import Issues
from apl_engine.readers.common.match import find

PEOPLE = Layout(
    "a table of people",
    (
        Field("commune", (r"^codgeo$", r"^code"), "code"),
        Field("name", (r"^libgeo$",), required=False),
        Field("people", (r"^pop",), "number"),
        Field("area", (r"^surface",), "number", required=False),
    ),
)


def write_text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def read(path: Path) -> tuple[pl.DataFrame, Issues]:
    issues = Issues(path.name)
    return read_cells(find(path, [PEOPLE])[0], issues), issues


def faults_of(action: Callable[[], object]) -> tuple[Fault, ...]:
    """Return the faults with which an action is refused."""
    with pytest.raises(InputDataError) as caught:
        action()
    return caught.value.faults


def fault_of(action: Callable[[], object]) -> Fault:
    """Return the one fault with which an action is refused."""
    (fault,) = faults_of(action)
    return fault


def refused(path: Path) -> str:
    """Return the code of the one fault of a file."""
    return fault_of(lambda: read(path)).code
