"""How the values of a rulebook are printed, each with its source."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ..methodology.rulebook import CitedValue

_WIDTH = 90

Value = TypeVar("Value", bound="CitedValue")
_Lines = Callable[[Value], Iterable[str]]


def wrapped(text: str, indent: int, first: str | None = None) -> str:
    """Return a text in indented lines; `first` begins the first of them."""
    space = " " * indent
    head = space if first is None else first
    return textwrap.fill(text, _WIDTH, initial_indent=head, subsequent_indent=space)


def values_page(book: Any, mark: str, values: Iterable[Value], lines_of: _Lines[Value]) -> str:
    """Return the sources and the values of a rulebook as a page; `mark` explains ``?``."""
    lines = [book.title, ""]
    for key, source in book.sources.items():
        text = f"[{key}] {source['title']} {source.get('url', '')}"
        lines.append(wrapped(text.rstrip(), 2))
    lines += ["", f"  ? marks a point that {mark}."]
    section = ""
    for value in values:
        if value.key.split(".")[0] != section:
            section = value.key.split(".")[0]
            lines += ["", section]
        lines += lines_of(value)
    return "\n".join(lines)


def value_head(value: CitedValue, shown: str) -> str:
    """Return the first line of a value."""
    mark = "?" if value.silent else " "
    unit = f" {value.unit}" if value.unit and "\n" not in shown else ""
    return f"{mark} {value.key.split('.')[1]} = {shown}{unit}"
