"""The catalogue of messages: the words of every fault and note, by code.

A code is ``subject.kind``. ``en/<subject>.toml`` has a table for each kind, with the templates
``problem`` and ``hint`` of a fault, or ``text`` of a note. A kind that many tables share, such as
``missing_column``, stands once in ``en/table.toml``.

A template names the facts that it states in braces: ``{year}``, ``{minutes:g}``. ``{count|row
is|rows are}`` chooses by number, ``{people:,.0f}`` separates thousands by spaces. A list of several
values is joined by commas.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGE = "en"
SHARED = "table"

_FOLDER = Path(__file__).parent


def render(code: str, part: str, facts: Mapping[str, object]) -> str:
    """Return one sentence of a fault or a note.

    Parameters
    ----------
    code : str
        ``subject.kind``.
    part : str
        ``problem``, ``hint`` or ``text``.
    facts : mapping of str to object
        What the template may state.

    Returns
    -------
    str
        Empty if the code has no such part.

    Raises
    ------
    KeyError
        The code is not in the catalogue, or its template names a fact that is not given.
    """
    return _FORMATTER.vformat(entry(code).get(part, ""), (), facts)


def entry(code: str) -> Mapping[str, str]:
    """Return the templates of a code.

    Raises
    ------
    KeyError
        The code is not in the catalogue.
    """
    subject, _, kind = code.partition(".")
    own = subject_messages(subject)
    if kind in own:
        return own[kind]
    try:
        return subject_messages(SHARED)[kind]
    except KeyError:
        raise KeyError(f"{code} is not in the catalogue of messages") from None


@cache
def subject_messages(subject: str) -> Mapping[str, Mapping[str, str]]:
    """Return the templates of a subject, by kind; none if it has no file of its own."""
    path = _FOLDER / LANGUAGE / f"{subject}.toml"
    if not path.is_file():
        return {}
    return tomllib.loads(path.read_text("utf-8"))


class _Formatter(string.Formatter):
    """`str.format` that chooses words by number and joins lists."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        name, *forms = field_name.split("|")
        value, first = super().get_field(name, args, kwargs)
        if forms:
            one, many = forms
            return (one if value == 1 else many), first
        return value, first

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(self.format_field(one, format_spec) for one in value)
        text = str(super().format_field(value, format_spec))
        # Thousands are separated as on pages.
        return text.replace(",", " ") if "," in format_spec else text


_FORMATTER = _Formatter()
