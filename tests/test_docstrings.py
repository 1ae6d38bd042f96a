"""What the docstrings of public functions say of parameters and of names is so."""

from __future__ import annotations

import builtins
import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import apl_engine
from apl_engine.cli import _COMMANDS as COMMANDS

ROOMS = [
    "aids", "comparison", "disclosure_control", "explanation", "geography", "imports", "inputs",
    "method", "methodology", "networks", "regional", "reports", "results", "runs", "scenarios",
]  # fmt: skip


def public() -> Iterator[tuple[str, Any]]:
    """Yield every public function and class, by the path from which it is imported."""
    seen = set()
    for room in ("", *ROOMS):
        module = importlib.import_module(f"apl_engine.{room}".rstrip("."))
        names = module.__all__ if not room else [n for n in dir(module) if not n.startswith("_")]
        for name in names:
            thing = getattr(module, name)
            if callable(thing) and str(thing.__module__).startswith("apl_engine"):
                if thing not in seen:
                    yield f"{room}.{name}".lstrip("."), thing
                seen.add(thing)


THINGS = dict(public())
FUNCTIONS = {
    path: thing
    for path, thing in THINGS.items()
    if inspect.isfunction(thing) and "Parameters\n" in (thing.__doc__ or "")
} | {path: thing for path, thing in THINGS.items() if inspect.isfunction(thing)}


def section(doc: str, title: str) -> str:
    """Return the text of a section of a NumPy docstring."""
    match = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", doc, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


@pytest.mark.parametrize("path", FUNCTIONS)
def test_every_parameter_is_documented(path: str) -> None:
    function: Callable[..., Any] = FUNCTIONS[path]
    doc = inspect.cleandoc(function.__doc__ or "")
    headings = re.findall(r"^(?:\*{0,2}\w+)(?:, \*{0,2}\w+)*(?= :|$)", section(doc, "Parameters"),
                          re.MULTILINE)  # fmt: skip
    documented = {name.strip("* ") for line in headings for name in line.split(",")}
    parameters = inspect.signature(function).parameters
    assert documented == set(parameters)


@pytest.mark.parametrize("path", THINGS)
def test_names_in_docstrings_can_be_imported(path: str) -> None:
    """A name in single backticks is a parameter, an attribute, or imported from a room."""
    thing = THINGS[path]
    docs = [thing.__doc__ or ""]
    known = {name for other in THINGS for name in (other, other.rpartition(".")[2])}
    known |= set(ROOMS)
    if inspect.isfunction(thing):
        known |= set(inspect.signature(thing).parameters)
    else:
        known |= set(dir(thing)) | set(getattr(thing, "__annotations__", {}))
        docs += [member.__doc__ or "" for _, member in inspect.getmembers(thing, callable)]
        known |= {
            name for _, member in inspect.getmembers(thing, inspect.isfunction)
            for name in inspect.signature(member).parameters
        }  # fmt: skip
    for name in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", docs[0]):
        assert name in known or importable(name), f"{path}: {name}"


@functools.cache
def names() -> frozenset[str]:
    """Return what modules of the package define, and the attributes of their classes."""
    known = set(vars(builtins))
    for info in pkgutil.walk_packages(apl_engine.__path__, "apl_engine."):
        if ".cli" in info.name or info.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            if not name.startswith("_"):
                known |= {name, f"{info.name.rpartition('.')[2]}.{name}"}
            if inspect.isclass(value) and value.__module__.startswith("apl_engine"):
                own = {*dir(value), *getattr(value, "__dataclass_fields__", {})}
                known |= own | {f"{name}.{attribute}" for attribute in own}
    return frozenset(known)


def importable(name: str) -> bool:
    """Return whether a name is of the package, of a parameter of a methodology, or a command."""
    if name.startswith("apl "):
        return name.split()[1] in COMMANDS
    if (section := name.partition(".")[0]) in vars(apl_engine.load_methodology("mk-2024")):
        return section == name or name in names() or name.partition(".")[2] in names()
    return name in names()


def test_the_public_functions_are_found() -> None:
    assert {"run", "explain", "imports.import_files"} <= FUNCTIONS.keys()
    assert apl_engine.run is FUNCTIONS["run"]
