"""What imports cost, and what is public."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
    assert not {"polars", "numpy", "numba"} & modules_after("import apl_engine.cli")


def test_public_names_are_there_and_described() -> None:
    import apl_engine

    for name in apl_engine.__all__:
        assert name == "__version__" or getattr(apl_engine, name).__doc__
    assert set(dir(apl_engine)) == set(apl_engine.__all__)
    with pytest.raises(AttributeError, match="no attribute 'apl'"):
        apl_engine.apl  # noqa: B018
