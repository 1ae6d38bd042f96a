"""Headers: the columns that a publisher's table has, and which column of a header each is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...inputs.names import plain


@dataclass(frozen=True)
class Field:
    """A column of a layout.

    Attributes
    ----------
    name : str
        Name that this package gives it.
    patterns : tuple of str
        Regular expressions on the plain header (see `plain`), the most certain first.
    kind : str
        text, code of a commune, number, or number of people.
    required : bool
        Whether a table without the column is of another layout.
    usual : str
        The usual header, if the first pattern does not give it.
    most : float or None
        Of people: the largest possible value of a cell; None for that of a commune.
    every_cell : bool
        Of people: whether a cell without a figure is a fault.
    newest : bool
        Whether the newest of several columns is taken, if their names differ in the year alone.
    """

    name: str
    patterns: tuple[str, ...]
    kind: Literal["text", "code", "number", "people"] = "text"
    required: bool = True
    usual: str = ""
    most: float | None = None
    every_cell: bool = False
    newest: bool = False

    @property
    def is_number(self) -> bool:
        """Whether its cells are figures."""
        return self.kind in ("number", "people")


@dataclass(frozen=True)
class Layout:
    """A table as one of its publishers lays it out.

    Attributes
    ----------
    title : str
        What it is, for people.
    fields : tuple of Field
        Its columns.
    family : str
        Pattern of a whole family of further columns of people; "" for none.
    family_usual : str
        The usual headers of the family.
    most : float or None
        The largest number of people in a cell of the family; None for that of a commune.
    """

    title: str
    fields: tuple[Field, ...]
    family: str = ""
    family_usual: str = ""
    most: float | None = None

    @property
    def expected(self) -> str:
        """The usual headers of its required columns."""
        names = [
            field.usual or re.sub(r"[\^$]", "", field.patterns[0]).upper()
            for field in self.fields
            if field.required
        ]
        return ", ".join(names + ([self.family_usual] if self.family else []))


def match_columns(
    header: Sequence[str], fields: Sequence[Field], named: Mapping[str, str]
) -> dict[str, list[int]]:
    """Return which columns of a header each field may be.

    Parameters
    ----------
    header : sequence of str
        The plain names of the columns.
    fields : sequence of Field
        What is wanted; a column goes to the first field that it matches.
    named : mapping of str to str
        Columns that the user names, by field; one that the header has takes precedence over the
        patterns.

    Returns
    -------
    dict of str to list of int
        Indices of the columns that match the first pattern of the field with any match, by field;
        without the fields that match none.
    """
    columns: dict[str, list[int]] = {}
    taken: set[int] = set()
    for field in fields:
        patterns = field.patterns
        if (name := plain(named.get(field.name, ""))) in header and name:
            patterns = (f"^{re.escape(name)}$",)
        for pattern in patterns:
            indices = [
                index for index, name in enumerate(header)
                if index not in taken and name and re.search(pattern, name)
            ]  # fmt: skip
            if indices:
                columns[field.name] = indices
                taken.update(indices)
                break
    return columns
