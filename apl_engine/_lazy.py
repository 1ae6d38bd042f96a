"""Names of a package that are imported when they are first used.

Importing the package, or one of its modules, then costs only what is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    homes : mapping of str to sequence of str
        The names that it exports, by module relative to it; under an empty module, its own
        submodules.
    """
    home_of = {name: module for module, names in homes.items() for name in names}
    exported = {name for name, home in home_of.items() if home}

    class Package(ModuleType):
        """A package in which a module does not take the place of an exported name."""

        def __setattr__(self, name: str, value: object) -> None:
            if not (name in exported and isinstance(value, ModuleType)):
                super().__setattr__(name, value)

    sys.modules[package].__class__ = Package

    def load(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = home_of[name]
        if not home:
            return import_module(f".{name}", package)
        value = getattr(import_module(f".{home}", package), name)
        setattr(sys.modules[package], name, value)
        return value

    names = sorted(home_of)
    return load, lambda: names, names
