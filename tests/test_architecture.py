"""Who may import whom, which library belongs where, and what the code may not hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "apl_engine"
# Lowest first: a module imports only from layers before its own.
LAYERS = [
    {"apportion", "errors", "notes", "parameters", "schemas"},
    {"methodology"},
    {"aids", "methodologies", "kernels", "sources"},
    {"geography"},
    {"arrays"},
    {"parallel"},
    {"ranking", "rows"},
    {"supply", "demand", "network", "regions"},
    {"accessibility", "zoning"},
    {"disclosure", "network_file", "result", "scenarios"},
    {"places", "scenario_zones", "suppression", "what_if"},
    {"next_zone", "secrecy"},
    {"method", "published", "regional", "stored"},
    {"importing"},
    {"pipeline", "prepare"},
    {"comparison", "sweeps"},
    {"explaining"},
    {"publish"},
    {"cli"},
    {"entry"},
]
LEVEL = {unit: level for level, units in enumerate(LAYERS) for unit in units}
ONLY_IN = {
    "numba": {"kernels"},
    "llvmlite": {"kernels"},
    "platformdirs": {"kernels"},
    "click": {"cli"},
    "tomllib": {"aids", "methodologies", "importing", "regional"},
    "fastexcel": {"sources"},
    "scipy": {"disclosure", "geography", "publish"},
    "urllib3": {"geography"},
    "matplotlib": {"publish"},
    "xlsxwriter": {"publish"},
    "docx": {"publish"},
    "numpy": {"kernels", "geography", "arrays", "supply", "demand", "rows", "network"}
    | {"accessibility", "network_file", "prepare", "ranking", "regions", "scenario_zones"}
    | {"scenarios", "what_if", "zoning", "next_zone", "explaining", "comparison"}
    | {"disclosure", "publish", "regional", "secrecy", "suppression"},
    "polars": set(LEVEL)
    - {"kernels", "cli", "errors", "notes", "parameters", "schemas"}
    - {
        "methodology",
        "methodologies",
        "pipeline",
        "parallel",
        "rows",
        "ranking",
        "scenarios",
        "apportion",
        "disclosure",
        "suppression",
    },
}
MODULES = sorted(
    path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.name[:2] != "__"
)
MAX_LINES = 350


def unit(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def internal(path: Path) -> set[str]:
    """Return the units of ours that a module imports."""
    found = set()
    package = list(path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            home = package[: len(package) - node.level + 1]
            target = [*home, *(part for part in (node.module or "").split(".") if part)]
            found |= {target[0]} if target else {alias.name for alias in node.names}
    return found - {"__version__"}


def external(path: Path) -> set[str]:
    """Return the libraries that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    for name in internal(path):
        if name != unit(path):
            assert LEVEL[name] < LEVEL[unit(path)], f"{unit(path)} must not import {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_libraries_stay_where_they_belong(path: Path) -> None:
    for name in external(path) & ONLY_IN.keys():
        assert unit(path) in ONLY_IN[name], f"{name} belongs in {sorted(ONLY_IN[name])}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_fit_on_a_few_screens(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= MAX_LINES


def test_every_module_has_a_layer() -> None:
    assert {unit(path) for path in MODULES} == set(LEVEL)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_legal_number_in_code(path: Path) -> None:
    """The figures of the text live in the methodology files."""
    legal = {15, 20, 65, 40, 30, 10_000, 30_000, 100_000, 544, 3783, 6906, 2.5}
    # Kernels take every figure from outside; theirs count lanes and bits.
    if unit(path) in ("cli", "errors", "kernels"):
        return
    found = {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    }
    assert not found & legal


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
