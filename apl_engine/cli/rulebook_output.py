"""The values of a rulebook as a page, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from ..reports.page import Column, Page

if TYPE_CHECKING:
    from ..aids.rules.values import DatedValue
    from ..methodology.rulebook import CitedValue

Value = TypeVar("Value", bound="CitedValue")
# Values are shown whole.
_VALUE = Column(longest=10_000)


def rulebook_page(
    book: Any,
    mark: str,
    values: Iterable[Value],
    line: Callable[[Value], str],
    source: Callable[[Value], str],
) -> Page:
    """Return the sources and the values of a rulebook; `mark` explains ``?``."""
    page = Page(book.title)
    page.bullets(
        f"[{key}] {source['title']} {source.get('url', '')}".rstrip()
        for key, source in book.sources.items()
    )
    page.paragraph(f"? marks a point that {mark}.")
    for section, group in groupby(values, lambda value: value.key.split(".")[0]):
        listed = list(group)
        page.section(section)
        page.table([_VALUE], [[line(value)] for value in listed], details=list(map(source, listed)))
    return page


def value_line(value: CitedValue, shown: str) -> str:
    """Return a value with its key and unit."""
    mark = "?" if value.silent else " "
    unit = f" {value.unit}" if value.unit and "\n" not in shown else ""
    return f"{mark} {value.key.split('.')[1]} = {shown}{unit}"


def cited(rule: DatedValue, *, reason: bool = True) -> str:
    """Return the source of a value, and why it was inferred."""
    text = f"[{rule.source}] {rule.article} ({rule.confidence})"
    return f"{text} {rule.reason}" if reason and rule.reason else text
